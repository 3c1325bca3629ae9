"""Web chat's use cases, one method each: sessions, the socket, and the HTTP fallback of the socket."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.core.chat.claims import read_claims
from shared.core.chat.frames import (
    ClientFrame,
    LinkFrame,
    MessageFrame,
    PingFrame,
    ReadFrame,
    ResumeFrame,
    StoredFrame,
    TypingFrame,
    read_frame,
    read_object,
    read_posted,
)
from shared.core.chat.ports import Connection, ConnectionPost, Connections, History, Typing, UploadForms
from shared.core.chat.sessions import CHANNEL, Sessions
from shared.core.chat.tokens import Session
from shared.core.chat.uploads import read_upload
from shared.core.webhook import traceparent
from shared.errors import BadRequest, InfrastructureError, RequestError, Unauthorized
from shared.model.chat_frames import (
    accepted_frame,
    error_frame,
    failure_frame,
    message_frame,
    pong_frame,
    resumed_frame,
)
from shared.model.chat_view import customer_view
from shared.model.envelope import Envelope, QueuedEvent
from shared.model.identifiers import digest, media_id
from shared.model.uploads import upload_key
from shared.ports.clock import Clock
from shared.ports.ingress import InboundQueue

CONNECTION_SECONDS = 7_200 + 60
"""API Gateway closes a WebSocket after two hours (its quotas page); one minute more for clocks that differ."""

UPLOAD_SECONDS = 600
RESUME_PAGE = 50
RESUME_PAGES = 10
"""One resume sends at most 500 messages, well within the socket function's time; ``more`` tells the browser to go
on."""

MAXIMUM_HISTORY = 100

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChatService:
    """``socket_url`` is the address of the WebSocket API, without the token."""

    sessions: Sessions
    queue: InboundQueue
    connections: Connections
    history_of: History
    sockets: ConnectionPost
    typing: Typing
    upload_forms: UploadForms
    socket_url: str
    now: Clock

    def check_origin(self, account: str, origin: str | None) -> None:
        """Comes before every call on behalf of a page. Raises NotFound and Forbidden(``origin_not_allowed``)."""
        self.sessions.check_origin(account, origin)

    def open_session(self, account: str, body: bytes, earlier: str | None = None) -> dict[str, Any]:
        """From ``{identity_token?, claims?}``: ``{token, identity_id, conversation_id?, socket_url, expires_at}``.

        Raises BadRequest, Unprocessable(``bad_claims``) and what :meth:`Sessions.open` raises.
        """
        asked = read_object(body) if body.strip() else {}
        identity_token = asked.get("identity_token")
        if identity_token is not None and not isinstance(identity_token, str):
            raise BadRequest("bad_identity_token", "identity_token is a text")
        session = self.sessions.open(account, identity_token, earlier, read_claims(asked.get("claims")))
        answer: dict[str, Any] = {
            "token": self.sessions.token(session),
            "identity_id": session.identity_id,
            "socket_url": self.socket_url,
            "expires_at": session.expires_at,
        }
        view = self.history_of.view_of(session.identity_id)
        if view is not None:
            answer["conversation_id"] = view.conversation_id
        return answer

    def connect(self, connection_id: str, token: str, origin: str | None) -> None:
        """Admits a socket. Browsers let any page open a WebSocket anywhere, so the origin is checked here as well.

        Raises Unauthorized, NotFound, Forbidden.
        """
        session = self.sessions.prove(token)
        self.sessions.check_origin(session.account, origin)
        now = self.now()
        self.connections.add(
            Connection(
                connection_id=connection_id,
                identity_id=session.identity_id,
                account=session.account,
                external_id=session.external_id,
                verification=session.verification,
                name=session.name,
                email=session.email,
                claims=session.claims,
                connected_at=now,
                expires_at=now + CONNECTION_SECONDS,
            )
        )

    def disconnect(self, connection_id: str) -> None:
        self.connections.remove(connection_id)

    def receive(self, connection_id: str, raw: bytes) -> bytes | None:
        """Handles one frame; returns the frame to answer with, if any. Never raises RequestError: a refusal is a
        frame too.

        A message is answered ``accepted`` only when it is durable in the queue; after an ``unavailable`` the browser
        sends it again under the same ``client_id``.
        """
        frame: ClientFrame | None = None
        try:
            frame = read_frame(raw)
            return self._answer(connection_id, frame)
        except RequestError as error:
            return error_frame(error)
        except InfrastructureError as error:
            _log.error("web chat frame failed: %s", type(error).__name__)
            client_id = frame.client_id if isinstance(frame, MessageFrame | LinkFrame) else None
            return failure_frame("unavailable", "send it again", client_id)

    def post(self, connection_id: str, frame: bytes) -> None:
        """Sends a frame to one socket; a socket that is gone is forgotten."""
        if not self.sockets.post(connection_id, frame):
            self.connections.remove(connection_id)

    def post_message(self, account: str, token: str, body: bytes) -> dict[str, str]:
        """The HTTP form of a message or link frame. The same ``client_id`` over either way is the same message."""
        session = self.sessions.prove(token, account)
        frame = read_posted(body)
        self._enqueue(session, frame, frame.client_id)
        return {"type": "accepted", "client_id": frame.client_id}

    def history(self, account: str, token: str, after: int, limit: int) -> dict[str, Any]:
        """``{items, conversation_id?, cursor?}``: messages after a sequence, in order; the cursor is the ``after`` of
        the next page."""
        session = self.sessions.prove(token, account)
        view = self.history_of.view_of(session.identity_id)
        if view is None:
            return {"items": []}
        size = max(1, min(limit, MAXIMUM_HISTORY))
        messages = self.history_of.seen(view, after, size)
        answer: dict[str, Any] = {
            "items": [customer_view(message) for message in messages],
            "conversation_id": view.conversation_id,
        }
        if len(messages) == size:
            answer["cursor"] = str(messages[-1].sequence)
        return answer

    def open_upload(self, account: str, token: str, body: bytes) -> dict[str, Any]:
        """``{media_id, url, fields}``: post the fields and then the file to the url, and name the media id in a
        message."""
        session = self.sessions.prove(token, account)
        upload = read_upload(read_object(body))
        identifier = media_id(self.now())
        key = upload_key(session.account, session.identity_id, identifier)
        url, fields = self.upload_forms.upload_form(key, upload.mime_type, upload.size, UPLOAD_SECONDS)
        return {"media_id": identifier, "url": url, "fields": dict(fields)}

    def _answer(self, connection_id: str, frame: ClientFrame) -> bytes | None:
        if isinstance(frame, PingFrame):
            return pong_frame()
        connection = self.connections.find(connection_id)
        if connection is None:
            raise Unauthorized("not_connected", "this connection is not known any more; connect again")
        match frame:
            case MessageFrame() | LinkFrame():
                self._enqueue(connection, frame, frame.client_id)
                return accepted_frame(frame.client_id)
            case ReadFrame():
                self._enqueue(connection, frame, f"read {frame.sequence}")
            case TypingFrame():
                self.typing.customer_typing(connection.identity_id, frame.active)
            case ResumeFrame():
                return self._resume(connection, frame.after)
        return None

    def _resume(self, connection: Connection, after: int) -> bytes | None:
        """Posts what the browser has missed, in order. Live messages may arrive in between: their sequence places
        them."""
        view = self.history_of.view_of(connection.identity_id)
        if view is None:
            return resumed_frame(after, None, more=False)
        for _ in range(RESUME_PAGES):
            messages = self.history_of.seen(view, after, RESUME_PAGE)
            for message in messages:
                if not self.sockets.post(connection.connection_id, message_frame(message)):
                    self.connections.remove(connection.connection_id)
                    return None
                after = message.sequence
            if len(messages) < RESUME_PAGE:
                return resumed_frame(after, view.conversation_id, more=False)
        return resumed_frame(after, view.conversation_id, more=True)

    def _enqueue(self, visitor: Session | Connection, frame: StoredFrame | ReadFrame, name: str) -> None:
        """Queues a frame together with who sent it, as the session proves it: nothing in the frame says who the
        sender is."""
        session: dict[str, Any] = {
            "external_id": visitor.external_id,
            "identity_id": visitor.identity_id,
            "verification": visitor.verification,
        }
        if visitor.name:
            session["name"] = visitor.name
        if visitor.email:
            session["email"] = visitor.email
        if visitor.claims:
            session["claims"] = visitor.claims
        body = msgspec.json.encode({"session": session, "frame": frame})
        envelope = Envelope(CHANNEL, visitor.account, self.now(), body, traceparent=traceparent(None))
        group = digest(CHANNEL, visitor.account, visitor.external_id)
        self.queue.put([QueuedEvent(envelope, group, digest(visitor.identity_id, name))])
