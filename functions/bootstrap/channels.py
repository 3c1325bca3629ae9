"""What needs a channel's connector and what it runs on: sending, profiles, typing, and the files of messages."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from functions.bootstrap import environment, objects, store

if TYPE_CHECKING:
    from shared.aws.channel_contexts import ChannelContexts
    from shared.core.delivery import Deliver
    from shared.core.media import EraseMedia, FetchMedia
    from shared.core.profiles import LearnProfile
    from shared.core.sending import SendOnRoute
    from shared.core.telling import TellBrowsers


@cache
def channel_contexts() -> ChannelContexts:
    from functions.bootstrap import web_chat
    from shared.aws.channel_contexts import ChannelContexts
    from shared.aws.connections import ConnectedSockets
    from shared.aws.mail import SesMailer
    from shared.aws.media_bucket import SentFiles
    from shared.http.outgoing import GuardedClient, ProviderClient

    web = GuardedClient()
    return ChannelContexts(
        environment.client(),
        environment.setting("TABLE_NAME"),
        accounts=environment.accounts(),
        http=ProviderClient(),
        web=web,
        media=SentFiles(objects.media_bucket(), web),
        sockets=ConnectedSockets(web_chat.connections(), web_chat.connection_poster(), time.time),
        mailer=SesMailer(environment.client(), environment.setting("MAIL_CONFIGURATION_SET")),
        originals=objects.originals(),
        seals=environment.seals(),
        clock=time.time,
    )


@cache
def deliver() -> Deliver:
    from connectors import registry
    from shared.core.delivery import Deliver
    from shared.core.ladder import Ladder
    from shared.core.pushing import PushMessage
    from shared.core.refusals import FollowRefusal

    log, deliveries, connector_of = store.conversation_log(), store.deliveries(), registry.connector
    push = PushMessage(log, objects.media_addresses(), connector_of=connector_of, context_of=channel_contexts())
    return Deliver(
        log,
        deliveries,
        push=push,
        send_on_route=send_on_route(),
        ladder=Ladder(log, deliveries, connector_of, time.time),
        follow_refusal=FollowRefusal(log, store.people(), store.account_health(), time.time),
        clock=time.time,
    )


@cache
def send_on_route() -> SendOnRoute:
    from connectors import registry
    from shared.core.sending import SendOnRoute

    return SendOnRoute(
        log=store.conversation_log(),
        people=store.people(),
        deliveries=store.deliveries(),
        health=store.account_health(),
        connector_of=registry.connector,
        context_of=channel_contexts(),
        addresses=objects.media_addresses(),
        clock=time.time,
    )


@cache
def learn_profile() -> LearnProfile:
    from connectors import registry
    from functions.bootstrap import conversations
    from shared.core.profiles import LearnProfile

    return LearnProfile(
        store.people(), conversations.linking().prove, connector_of=registry.connector, context_of=channel_contexts()
    )


@cache
def tell_browsers() -> TellBrowsers:
    from connectors import registry
    from shared.core.telling import TellBrowsers

    return TellBrowsers(
        store.conversation_log(), store.people(), connector_of=registry.connector, context_of=channel_contexts()
    )


@cache
def fetch_media() -> FetchMedia:
    from connectors import registry
    from shared.aws.media_entries import DynamoMediaEntries
    from shared.core.media import FetchMedia

    entries = DynamoMediaEntries(
        environment.client(), environment.setting("TABLE_NAME"), store.conversation_log(), time.time
    )
    contexts = channel_contexts()
    return FetchMedia(
        entries,
        objects.media_bucket(),
        lambda channel, account, reference: registry.connector(channel).fetch_media(
            reference, contexts(channel, account)
        ),
    )


@cache
def erase_media() -> EraseMedia:
    from shared.core.media import EraseMedia

    return EraseMedia(objects.media_bucket())
