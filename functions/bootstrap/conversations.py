"""What happens to a conversation: what came is taken in, control is handed over, and time passes."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from functions.bootstrap import environment, objects, store

if TYPE_CHECKING:
    from shared.core.control.leases import EndLease
    from shared.core.control.service import Control
    from shared.core.gaps import TellGap
    from shared.core.ingest import Ingest
    from shared.core.linking.wiring import Linking
    from shared.core.unread import FollowUnread
    from shared.core.watching import WindowWatch


@cache
def linking() -> Linking:
    from shared.core.linking.wiring import Linking

    levels = tuple(level for level in environment.setting("LINKED_HISTORY").split(",") if level)
    return Linking.on(
        store.conversation_log(), store.people(), store.links(), store.link_codes(), clock=time.time, shows_all=levels
    )


@cache
def ingest() -> Ingest:
    from connectors import registry
    from shared.core.ingest import Ingest

    return Ingest(
        log=store.conversation_log(),
        people=store.people(),
        deliveries=store.deliveries(),
        notices=store.notices(),
        linking=linking(),
        connector_of=registry.connector,
        originals=objects.originals(),
        clock=time.time,
    )


@cache
def tell_gap() -> TellGap:
    from connectors import registry
    from shared.core.gaps import TellGap

    return TellGap(
        log=store.conversation_log(),
        people=store.people(),
        notices=store.notices(),
        connector_of=registry.connector,
        originals=objects.originals(),
        clock=time.time,
    )


@cache
def control() -> Control:
    from connectors import registry
    from shared.aws.api_keys import DynamoApiKeys
    from shared.core.control.service import Control

    return Control(
        store.conversation_log(),
        DynamoApiKeys(environment.client(), environment.setting("TABLE_NAME"), time.time),
        lambda channel: registry.connector(channel).capabilities.windows,
        time.time,
    )


@cache
def end_lease() -> EndLease:
    from connectors import registry
    from shared.core.control.leases import EndLease

    return EndLease(
        store.conversation_log(), lambda channel: registry.connector(channel).capabilities.windows, time.time
    )


@cache
def window_watch() -> WindowWatch:
    from connectors import registry
    from shared.aws.due_conversations import DynamoDueConversations
    from shared.core.watching import WindowWatch

    log = store.conversation_log()
    return WindowWatch(
        log,
        DynamoDueConversations(environment.client(), environment.setting("TABLE_NAME"), log),
        lambda channel: registry.connector(channel).capabilities.windows,
        time.time,
    )


@cache
def follow_unread() -> FollowUnread:
    from shared.core.unread import FollowUnread

    return FollowUnread(store.conversation_log(), store.deliveries(), time.time)
