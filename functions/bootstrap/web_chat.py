"""The conversation with a visitor's browser: its session, its history and its connections."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from functions.bootstrap import environment, objects, receiving, store

if TYPE_CHECKING:
    from shared.aws.chat_history import DynamoTyping, LoggedHistory
    from shared.aws.connections import DynamoConnections
    from shared.aws.sockets import ConnectionPoster
    from shared.core.chat.service import ChatService
    from shared.core.chat.sessions import Sessions


@cache
def connections() -> DynamoConnections:
    from shared.aws.connections import DynamoConnections

    return DynamoConnections(environment.client(), environment.setting("TABLE_NAME"), time.time)


@cache
def connection_poster() -> ConnectionPoster:
    from shared.aws.sockets import ConnectionPoster

    return ConnectionPoster(environment.client(), environment.setting("SOCKET_MANAGEMENT_URL"))


@cache
def history() -> LoggedHistory:
    from shared.aws.chat_history import LoggedHistory

    return LoggedHistory(store.conversation_log(), store.people(), objects.media_addresses())


@cache
def typing() -> DynamoTyping:
    from shared.aws.chat_history import DynamoTyping

    return DynamoTyping(environment.client(), environment.setting("TABLE_NAME"), time.time)


@cache
def sessions() -> Sessions:
    from shared.core.chat.sessions import Sessions

    def session_secrets() -> list[bytes]:
        return [environment.accounts().text(environment.setting("SESSION_SECRET")).encode()]

    return Sessions(environment.accounts(), session_secrets, time.time)


@cache
def chat_service() -> ChatService:
    from shared.aws.chat_history import PostToConnection
    from shared.core.chat.service import ChatService

    return ChatService(
        sessions=sessions(),
        queue=receiving.inbound_queue(),
        connections=connections(),
        history_of=history(),
        sockets=PostToConnection(connection_poster()),
        typing=typing(),
        upload_forms=objects.media_bucket(),
        socket_url=environment.setting("SOCKET_URL"),
        now=time.time,
    )
