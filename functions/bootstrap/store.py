"""What the table keeps of conversations, people and accounts."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from functions.bootstrap import environment

if TYPE_CHECKING:
    from shared.aws.account_health import DynamoAccountHealth
    from shared.aws.active_conversations import DynamoActiveConversations
    from shared.aws.conversation_log import DynamoConversationLog
    from shared.aws.deliveries import DynamoDeliveries
    from shared.aws.link_codes import DynamoLinkCodes
    from shared.aws.links import DynamoLinks
    from shared.aws.notices import DynamoNotices
    from shared.aws.people import DynamoPeople


@cache
def conversation_log() -> DynamoConversationLog:
    from shared.aws.conversation_log import DynamoConversationLog

    return DynamoConversationLog(environment.client(), environment.setting("TABLE_NAME"), time.time)


@cache
def people() -> DynamoPeople:
    from shared.aws.people import DynamoPeople

    return DynamoPeople(environment.client(), environment.setting("TABLE_NAME"))


@cache
def links() -> DynamoLinks:
    from shared.aws.links import DynamoLinks

    return DynamoLinks(environment.client(), environment.setting("TABLE_NAME"), time.time)


@cache
def link_codes() -> DynamoLinkCodes:
    from shared.aws.link_codes import DynamoLinkCodes

    return DynamoLinkCodes(environment.client(), environment.setting("TABLE_NAME"), time.time)


@cache
def deliveries() -> DynamoDeliveries:
    from shared.aws.deliveries import DynamoDeliveries

    return DynamoDeliveries(environment.client(), environment.setting("TABLE_NAME"), time.time)


@cache
def account_health() -> DynamoAccountHealth:
    from shared.aws.account_health import DynamoAccountHealth

    return DynamoAccountHealth(environment.client(), environment.setting("TABLE_NAME"))


@cache
def notices() -> DynamoNotices:
    from shared.aws.notices import DynamoNotices

    return DynamoNotices(environment.client(), environment.setting("TABLE_NAME"))


@cache
def active_conversations() -> DynamoActiveConversations:
    from shared.aws.active_conversations import DynamoActiveConversations

    return DynamoActiveConversations(environment.client(), environment.setting("TABLE_NAME"), conversation_log())
