"""A reply from the helpdesk's side: accepted as one more entry of the log; sending it is somebody else's work."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from shared.core.changes import TRIES, pause
from shared.core.messages import stored_form
from shared.core.records import AlreadyAnswered, Head, IdempotencyRecord, NewEntry, Raced, RouteState
from shared.core.windows import describe, used
from shared.errors import Conflict, NotFound, RequestError, Unprocessable, WriteConflict
from shared.model import identifiers
from shared.model.conversation import Route
from shared.model.message import Author, Channel, Message, ReplyTo
from shared.model.parts import Part, UnsupportedPart, decode_part, media_of
from shared.model.text import flatten
from shared.model.timestamps import rfc3339
from shared.model.uploads import agent_upload_key
from shared.ports import Recipient, Rendering

if TYPE_CHECKING:
    from shared.core.storage import ConversationLog
    from shared.ports import Clock, Connector

MOST_PARTS = 20
LARGEST_REPLY = 100_000
"""Bytes of JSON. An event with it still fits the stream, and an entry the table."""


class MailFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a reply may say of the mail it becomes, if it becomes one."""

    subject: str


class ReplyRequest(msgspec.Struct, kw_only=True):
    """The body of POST /v1/conversations/{id}/messages."""

    parts: list[dict[str, Any]]
    author: Author | None = None
    route: str | dict[str, str] | None = None
    fallback: str | list[str] | None = None
    degrade: str | None = None
    reply_to: ReplyTo | None = None
    email: MailFields | None = None
    metadata: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The route a reply takes."""

    identity_id: str
    state: RouteState
    shown: Route


class Reply:
    """Accepts replies. The answer says which route was taken and what the message will lose on it."""

    def __init__(
        self,
        log: ConversationLog,
        connector_of: Callable[[str], Connector],
        clock: Clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._log = log
        self._connector_of = connector_of
        self._clock = clock
        self._sleep = sleep

    def __call__(
        self, conversation_id: str, request: ReplyRequest, key_id: str, idempotency_key: str | None
    ) -> dict[str, Any]:
        """The 202 answer {message_id, sequence, status, route, degradations}.

        Raises NotFound, Conflict(``window_closed``, ``window_exceeded``, ``route_closed``, ``conversation_closed``,
        ``no_route``), Unprocessable, WriteConflict.
        """
        parts = read_parts(request.parts)
        request_hash = _hash(conversation_id, request)
        for attempt in range(TRIES):
            head = self._log.head(conversation_id)
            if head is None:
                raise NotFound("unknown_conversation", "there is no such conversation")
            try:
                following, entry, answer = self._prepare(head, parts, request)
            except RequestError:
                # The first call under this key may itself have used up what this one is refused for.
                earlier = None if idempotency_key is None else self._log.answered(key_id, idempotency_key)
                if earlier is None:
                    raise
                return _repeated(earlier, request_hash)
            record = None
            if idempotency_key is not None:
                record = IdempotencyRecord(key_id, idempotency_key, request_hash, answer)
            outcome = self._log.append(following, entry, idempotency=record)
            if isinstance(outcome, AlreadyAnswered):
                return _repeated(outcome, request_hash)
            if not isinstance(outcome, Raced):
                return answer
            pause(attempt, self._sleep)
        raise WriteConflict("the conversation is being written to by too many")

    def _prepare(self, head: Head, parts: list[Part], request: ReplyRequest) -> tuple[Head, NewEntry, dict[str, Any]]:
        if head.status == "closed":
            raise Conflict("conversation_closed", "the conversation is closed; reopen it before replying")
        now = self._clock()
        sources = _uploads(parts)
        chosen, message, calls = self._choose(head, parts, request, now)
        rules = self._connector_of(chosen.state.channel).capabilities.windows
        state = used(chosen.state, rules, calls, now)
        following = replace(
            head, sequence=message.sequence, updated_at=now, routes={**head.routes, chosen.identity_id: state}
        )
        others_live = any(
            self._connector_of(route.channel).capabilities.live
            for name, route in head.routes.items()
            if name != chosen.identity_id
        )
        entry = NewEntry(
            type="message.sent",
            at=now,
            data={"message": stored_form(message)},
            message_id=message.id,
            channel=chosen.state.channel,
            account=chosen.state.account,
            origin=message.origin,
            tasks=("send", *(("push",) if others_live else ()), *(("media",) if sources else ())),
            media_sources=sources,
        )
        answer = {
            "message_id": message.id,
            "sequence": message.sequence,
            "status": "queued",
            "route": msgspec.to_builtins(describe(chosen.identity_id, state, rules, now)),
            "degradations": msgspec.to_builtins(message.degradations),
        }
        return following, entry, answer

    def _choose(self, head: Head, parts: list[Part], request: ReplyRequest, now: float) -> tuple[Chosen, Message, int]:
        """The message on the named route, else on the one the customer wrote from last; when that cannot take it, on
        the first fallback that can. With it, how many calls to the provider it needs."""
        named = _named(head, request.route)
        refusals: list[Conflict] = []
        for identity_id in (named, *_fallbacks(head, request.fallback, named)):
            chosen = self._chosen(head, identity_id, now)
            try:
                return chosen, *self._rendered(head, chosen, parts, request, now)
            except Conflict as refusal:
                refusals.append(refusal)
        raise refusals[0]

    def _rendered(
        self, head: Head, chosen: Chosen, parts: list[Part], request: ReplyRequest, now: float
    ) -> tuple[Message, int]:
        """The message as it goes over a route, and its number of calls. Raises Conflict when the route cannot take
        it now."""
        shown = chosen.shown
        if not shown.can_reply:
            code = "window_closed" if shown.reason == "window_closed" else "route_closed"
            raise Conflict(code, "the customer cannot be written to on this route", route=msgspec.to_builtins(shown))
        message = _message(head, chosen, parts, request, now)
        connector = self._connector_of(chosen.state.channel)
        rendering = connector.render(message, Recipient(chosen.identity_id, "", chosen.state.thread_id))
        message.degradations = _accepted_losses(rendering, request)
        calls = len(rendering.requests)
        if shown.remaining is not None and calls > shown.remaining:
            detail = f"the message takes {calls} sends on this route, and {shown.remaining} are left"
            raise Conflict("window_exceeded", detail, route=msgspec.to_builtins(shown))
        return message, calls

    def _chosen(self, head: Head, identity_id: str, now: float) -> Chosen:
        state = head.routes[identity_id]
        rules = self._connector_of(state.channel).capabilities.windows
        return Chosen(identity_id, state, describe(identity_id, state, rules, now))


def read_parts(values: list[dict[str, Any]]) -> list[Part]:
    """The parts of a reply, checked. Raises Unprocessable naming the part that is wrong."""
    if not 1 <= len(values) <= MOST_PARTS:
        raise Unprocessable("bad_parts", f"a message has 1 to {MOST_PARTS} parts")
    parts: list[Part] = []
    for index, value in enumerate(values):
        try:
            part = decode_part(value)
        except msgspec.ValidationError as error:
            raise Unprocessable("bad_part", f"part {index}: {error}") from error
        if isinstance(part, UnsupportedPart):
            raise Unprocessable("unknown_part_type", f"part {index}: {part.provider_type!r} is not a part type")
        parts.append(part)
    if len(msgspec.json.encode(parts)) > LARGEST_REPLY:
        raise Unprocessable("message_too_large", f"a message has at most {LARGEST_REPLY} bytes; send files as media")
    if not flatten(parts).strip():
        raise Unprocessable("empty_message", "the message says nothing")
    return parts


def _message(head: Head, chosen: Chosen, parts: list[Part], request: ReplyRequest, now: float) -> Message:
    author = request.author or Author(type="agent")
    if author.type == "customer":
        raise Unprocessable("bad_author", "a reply is written by an agent, a bot or the system")
    return Message(
        id=identifiers.message_id(now),
        conversation_id=head.conversation_id,
        sequence=head.sequence + 1,
        direction="outbound",
        origin=author.type,
        author=author,
        channel=Channel(type=chosen.state.channel, account=chosen.state.account, thread_id=chosen.state.thread_id),
        identity_id=chosen.identity_id,
        parts=parts,
        text=flatten(parts),
        reply_to=request.reply_to,
        email=None if request.email is None else {"subject": request.email.subject},
        metadata=request.metadata,
        status="queued",
        occurred_at=rfc3339(now),
        received_at=rfc3339(now),
    )


def _uploads(parts: list[Part]) -> dict[str, dict[str, str]]:
    """The files that the agent has uploaded, by media id, so that they are looked at like any other."""
    named = [media for part in parts for media in media_of(part) if media.media_id is not None]
    try:
        sources = {name: {"upload": agent_upload_key(name)} for name in (media.media_id or "" for media in named)}
    except ValueError as error:
        raise Unprocessable("unknown_media", "media_id is one that POST /v1/media gave") from error
    for media in named:
        media.state = "pending"
    return sources


def _accepted_losses(rendering: Rendering, request: ReplyRequest) -> list[Any]:
    if request.degrade not in (None, "allow", "refuse"):
        raise Unprocessable("bad_degrade", "degrade is 'allow' or 'refuse'")
    if rendering.degradations and request.degrade == "refuse":
        losses = msgspec.to_builtins(rendering.degradations)
        raise Unprocessable("would_degrade", "the channel cannot show all of this message", degradations=losses)
    return rendering.degradations


def _named(head: Head, route: str | dict[str, str] | None) -> str:
    """The identity that the request names, by its id or by its channel; the active one when it names none."""
    if route is None:
        if head.active_identity is None:
            raise Conflict("no_route", "the customer has not written in this conversation yet")
        return head.active_identity
    if isinstance(route, str):
        route = {"identity_id": route}
    identity_id = route.get("identity_id") or _on_channel(head, route.get("channel"))
    if identity_id not in head.routes:
        raise Unprocessable("unknown_route", "the conversation has no such route")
    return identity_id


def _on_channel(head: Head, channel: str | None) -> str:
    """The identity of a channel, the active one first."""
    found = [name for name, route in head.routes.items() if route.channel == channel]
    if head.active_identity in found:
        return head.active_identity
    return found[-1] if found else ""


def _fallbacks(head: Head, fallback: str | list[str] | None, tried: str) -> list[str]:
    if fallback in (None, "none"):
        return []
    others = [name for name in reversed(head.routes) if name != tried]
    if fallback == "auto":
        return others
    if isinstance(fallback, str):
        raise Unprocessable("bad_fallback", "fallback is a list of channels, 'auto' or 'none'")
    return [name for channel in fallback for name in others if head.routes[name].channel == channel]


def _repeated(earlier: AlreadyAnswered, request_hash: str) -> dict[str, Any]:
    """What the first call under the same Idempotency-Key was answered. Raises Unprocessable when it was another one."""
    if earlier.request_hash != request_hash:
        raise Unprocessable("idempotency_key_reused", "this Idempotency-Key was used for another request")
    return earlier.response


def _hash(conversation_id: str, request: ReplyRequest) -> str:
    value = json.dumps([conversation_id, msgspec.to_builtins(request)], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(value.encode()).hexdigest()
