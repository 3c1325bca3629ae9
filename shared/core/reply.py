"""A reply from the helpdesk's side: accepted as one more entry of the log; sending it is somebody else's work."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from shared.core.changes import TRIES, pause
from shared.core.control.entries import timed_out
from shared.core.control.moves import check_may_reply, replied
from shared.core.fallback import ChooseRoute, Chosen
from shared.core.messages import current_attempt, stored_form
from shared.core.records import AlreadyAnswered, Head, IdempotencyRecord, NewEntry, Raced, RouteState
from shared.core.windows import describe, used
from shared.errors import Conflict, NotFound, RequestError, Unprocessable, WriteConflict
from shared.model.message import Author, Message, ReplyTo
from shared.model.parts import ChoicesPart, Part, UnsupportedPart, decode_part, media_of
from shared.model.text import flatten
from shared.model.uploads import agent_upload_key

if TYPE_CHECKING:
    from shared.core.storage import ConversationLog
    from shared.model.capabilities import WindowRule
    from shared.ports.clock import Clock
    from shared.ports.connector import Connector

MOST_PARTS = 20
LARGEST_REPLY = 100_000
"""Bytes of JSON. An event with it still fits the stream, and an entry the table."""

UNREAD_AFTER = (60, 86_400)
"""Seconds: the shortest and the longest time after which an unread message takes its next route."""


class MailFields(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a reply may say of the mail it becomes, if it becomes one."""

    subject: str


class ReplyRequest(msgspec.Struct, kw_only=True):
    """The body of POST /v1/conversations/{id}/messages."""

    parts: list[dict[str, Any]]
    author: Author | None = None
    route: str | dict[str, str] | None = None
    fallback: str | list[str] | None = None
    unread_after: int | None = None
    degrade: str | None = None
    reply_to: ReplyTo | None = None
    email: MailFields | None = None
    metadata: dict[str, Any] = {}


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
        self._choose = ChooseRoute(connector_of)
        self._clock = clock
        self._sleep = sleep

    def __call__(
        self, conversation_id: str, request: ReplyRequest, key_id: str, idempotency_key: str | None
    ) -> dict[str, Any]:
        """The 202 answer {message_id, sequence, status, route, degradations, attempts?}.

        Raises NotFound, Conflict(``window_closed``, ``window_exceeded``, ``route_closed``, ``conversation_closed``,
        ``no_route``, ``not_controller``), Unprocessable, WriteConflict.
        """
        parts = read_parts(request.parts)
        _check(request)
        request_hash = _hash(conversation_id, request)
        for attempt in range(TRIES):
            head = self._log.head(conversation_id)
            if head is None:
                raise NotFound("unknown_conversation", "there is no such conversation")
            now = self._clock()
            controlled = self._without_the_absent(head, now)
            if controlled is None:
                pause(attempt, self._sleep)
                continue
            try:
                following, entry, answer = self._prepare(controlled, parts, request, key_id, now)
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

    def _without_the_absent(self, head: Head, now: float) -> Head | None:
        """The conversation after a controller that has let the customer wait in vain has lost it, by an entry of its
        own: otherwise the reply, which ends the waiting, would give it back to a party that is gone. None when the race
        for that was lost."""
        lost = timed_out(head, now, self._rules_of)
        if lost is None:
            return head
        return None if isinstance(self._log.append(lost.following, lost.entry), Raced) else lost.following

    def _rules_of(self, channel: str) -> tuple[WindowRule, ...]:
        return self._connector_of(channel).capabilities.windows

    def _prepare(
        self, head: Head, parts: list[Part], request: ReplyRequest, key_id: str, now: float
    ) -> tuple[Head, NewEntry, dict[str, Any]]:
        if head.status == "closed":
            raise Conflict("conversation_closed", "the conversation is closed; reopen it before replying")
        author = "agent" if request.author is None else request.author.type
        # Checked on the state that the reply is written onto: if somebody takes control first, the write fails.
        check_may_reply(head, author, key_id, now)
        sources = _uploads(parts)
        chosen = self._choose(head, parts, request, now)
        message = chosen.message
        rules = self._connector_of(chosen.state.channel).capabilities.windows
        state = used(chosen.state, rules, chosen.calls, now)
        following = replied(_following(head, message, state, now), author, key_id, now)
        entry = NewEntry(
            type="message.sent",
            at=now,
            data={"message": stored_form(message)},
            message_id=message.id,
            channel=chosen.state.channel,
            account=chosen.state.account,
            origin=message.origin,
            tasks=self._tasks(head, chosen, sources, request),
            media_sources=sources,
            fallback=chosen.rest,
            lossless=bool(chosen.rest) and request.degrade == "refuse",
            unread_after=request.unread_after if chosen.rest else None,
        )
        answer = {
            "message_id": message.id,
            "sequence": message.sequence,
            "status": "queued",
            "route": msgspec.to_builtins(describe(message.identity_id, state, rules, now)),
            "degradations": msgspec.to_builtins(message.degradations),
        }
        if message.attempts:
            answer["attempts"] = msgspec.to_builtins([*message.attempts, current_attempt(message, "queued")])
        return following, entry, answer

    def _tasks(
        self, head: Head, chosen: Chosen, sources: dict[str, dict[str, str]], request: ReplyRequest
    ) -> tuple[str, ...]:
        others_live = any(
            self._connector_of(route.channel).capabilities.live
            for name, route in head.routes.items()
            if name != chosen.message.identity_id
        )
        needed = {
            "send": True,
            "push": others_live,
            "media": bool(sources),
            "fallback": bool(chosen.rest),
            "timer": bool(chosen.rest) and request.unread_after is not None,
        }
        return tuple(task for task, is_needed in needed.items() if is_needed)


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


def _check(request: ReplyRequest) -> None:
    """Raises Unprocessable for a field that has a value which it cannot have on any route."""
    if request.author is not None and request.author.type == "customer":
        raise Unprocessable("bad_author", "a reply is written by an agent, a bot or the system")
    if request.degrade not in (None, "allow", "refuse"):
        raise Unprocessable("bad_degrade", "degrade is 'allow' or 'refuse'")
    if request.unread_after is None:
        return
    shortest, longest = UNREAD_AFTER
    if not shortest <= request.unread_after <= longest:
        raise Unprocessable("bad_unread_after", f"unread_after is {shortest} to {longest} seconds")
    if request.fallback in (None, "none", []):
        raise Unprocessable("bad_unread_after", "unread_after needs a fallback to go on to")


def _following(head: Head, message: Message, state: RouteState, now: float) -> Head:
    """The conversation's state after the reply: what the system says by itself is no answer to the customer."""
    answers = message.origin in ("agent", "bot")
    asks = any(isinstance(part, ChoicesPart) for part in message.parts)
    return replace(
        head,
        sequence=message.sequence,
        updated_at=now,
        routes={**head.routes, message.identity_id: state},
        waiting_since=None if answers else head.waiting_since,
        asked=message.sequence if asks else head.asked,
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


def _repeated(earlier: AlreadyAnswered, request_hash: str) -> dict[str, Any]:
    """What the first call under the same Idempotency-Key was answered. Raises Unprocessable when it was another one."""
    if earlier.request_hash != request_hash:
        raise Unprocessable("idempotency_key_reused", "this Idempotency-Key was used for another request")
    return earlier.response


def _hash(conversation_id: str, request: ReplyRequest) -> str:
    value = json.dumps([conversation_id, msgspec.to_builtins(request)], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(value.encode()).hexdigest()
