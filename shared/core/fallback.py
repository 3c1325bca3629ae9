"""The routes that a reply may take, in order, and whether one of them can take it now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from shared.core.records import Head, RouteName, RouteState
from shared.core.windows import describe
from shared.errors import Conflict, RequestError, Unprocessable
from shared.model import identifiers
from shared.model.message import Attempt, Author, Channel, Message
from shared.model.parts import Part
from shared.model.text import flatten
from shared.model.timestamps import rfc3339
from shared.ports.connector import Recipient, Rendering

if TYPE_CHECKING:
    from shared.core.reply import ReplyRequest
    from shared.model.conversation import Route
    from shared.ports.connector import Connector


@dataclass(frozen=True, slots=True)
class Chosen:
    """The route a reply takes, the message as it goes over it in ``calls`` sends, and the routes that are left."""

    state: RouteState
    message: Message
    calls: int
    rest: tuple[RouteName, ...] = ()


class ChooseRoute:
    """Decides which way a reply goes, and which ways are left if that one fails."""

    def __init__(self, connector_of: Callable[[str], Connector]) -> None:
        self._connector_of = connector_of

    def __call__(self, head: Head, parts: list[Part], request: ReplyRequest, now: float) -> Chosen:
        """The message on the named route, else on the one the customer wrote from last; when that cannot take it, on
        the first fallback that can.

        Raises Conflict (``no_route``, ``window_closed``, ``route_closed``, ``window_exceeded``), Unprocessable.
        """
        named = named_route(head, request.route)
        ladder = [named, *further_routes(head, request.fallback, named)]
        refusals: list[RequestError] = []
        attempts: list[Attempt] = []
        for place, identity_id in enumerate(ladder):
            state = head.routes[identity_id]
            try:
                message, calls = self._on_route(head, identity_id, parts, request, now)
            except (Conflict, Unprocessable) as refusal:
                if identity_id == named and isinstance(refusal, Unprocessable):
                    raise
                refusals.append(refusal)
                attempts.append(refused(identity_id, state.channel, state.account, refusal, now))
                continue
            message.attempts = attempts
            rest = ladder[place + 1 :]
            left = tuple(self._able(head, rest, parts, request, now))
            return Chosen(state, message, calls, left)
        raise refusals[0]

    def _able(
        self, head: Head, rest: list[str], parts: list[Part], request: ReplyRequest, now: float
    ) -> Iterator[RouteName]:
        """The routes without those that can never take the message. What is closed now may be open when its turn
        comes: a mail bounces hours later."""
        for identity_id in rest:
            with suppress(Unprocessable):
                with suppress(Conflict):
                    self._on_route(head, identity_id, parts, request, now)
                yield RouteName(identity_id, head.routes[identity_id].channel, head.routes[identity_id].account)

    def _on_route(
        self, head: Head, identity_id: str, parts: list[Part], request: ReplyRequest, now: float
    ) -> tuple[Message, int]:
        """The message as it goes over a route, and its number of calls. Raises Conflict or Unprocessable when the route
        cannot take it now."""
        state = head.routes[identity_id]
        connector = self._connector_of(state.channel)
        route = describe(identity_id, state, connector.capabilities.windows, now)
        message = _message(head, route, parts, request, now)
        rendering = rendered(connector, route, message, lossless=request.degrade == "refuse")
        message.degradations = rendering.degradations
        return message, len(rendering.requests)


def _message(head: Head, route: Route, parts: list[Part], request: ReplyRequest, now: float) -> Message:
    author = request.author or Author(type="agent")
    return Message(
        id=identifiers.message_id(now),
        conversation_id=head.conversation_id,
        sequence=head.sequence + 1,
        direction="outbound",
        origin=author.type,
        author=author,
        channel=Channel(type=route.channel, account=route.account, thread_id=route.thread_id),
        identity_id=route.identity_id,
        parts=parts,
        text=flatten(parts),
        reply_to=request.reply_to,
        email=None if request.email is None else {"subject": request.email.subject},
        metadata=request.metadata,
        status="queued",
        occurred_at=rfc3339(now),
        received_at=rfc3339(now),
    )


def named_route(head: Head, route: str | dict[str, str] | None) -> str:
    """The identity that a request names, by its id or by its channel; the active one when it names none.

    Raises Conflict (``no_route``), Unprocessable (``unknown_route``).
    """
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


def further_routes(head: Head, fallback: str | list[str] | None, named: str) -> list[str]:
    """The identities to fall back on, each once: of the channels in their order, or all, the one that wrote last
    first. Raises Unprocessable (``bad_fallback``)."""
    if fallback in (None, "none"):
        return []
    others = [name for name in reversed(head.routes) if name != named]
    if fallback == "auto":
        return others
    if isinstance(fallback, str):
        raise Unprocessable("bad_fallback", "fallback is a list of channels, 'auto' or 'none'")
    return [name for channel in dict.fromkeys(fallback) for name in others if head.routes[name].channel == channel]


def moved(message: Message, route: Route) -> Message:
    """The message as it goes over another route."""
    channel = Channel(type=route.channel, account=route.account, thread_id=route.thread_id)
    return msgspec.structs.replace(message, channel=channel, identity_id=route.identity_id, degradations=[])


def rendered(connector: Connector, route: Route, message: Message, *, lossless: bool) -> Rendering:
    """The message as its route can take it now; ``lossless``: only if it shows all of it.

    Raises Conflict (``window_closed``, ``route_closed``, ``window_exceeded``) or Unprocessable (``would_degrade``, and
    what the connector calls it when it can show nothing).
    """
    if not route.can_reply:
        code = "window_closed" if route.reason == "window_closed" else "route_closed"
        raise Conflict(code, "the customer cannot be written to on this route", route=msgspec.to_builtins(route))
    rendering = connector.render(message, Recipient(route.identity_id, "", route.thread_id))
    if lossless and rendering.degradations:
        losses = msgspec.to_builtins(rendering.degradations)
        raise Unprocessable("would_degrade", "the channel cannot show all of this message", degradations=losses)
    calls = len(rendering.requests)
    if route.remaining is not None and calls > route.remaining:
        detail = f"the message takes {calls} sends on this route, and {route.remaining} are left"
        raise Conflict("window_exceeded", detail, route=msgspec.to_builtins(route))
    return rendering


def refused(identity_id: str, channel: str, account: str, refusal: RequestError, now: float) -> Attempt:
    """A route that could not take the message, and why: nothing was sent on it."""
    route = refusal.members.get("route")
    closed = route.get("reason") if refusal.code == "route_closed" and isinstance(route, dict) else None
    return Attempt(
        identity_id=identity_id,
        channel=channel,
        account=account,
        status="failed",
        reason=closed or refusal.code,
        at=rfc3339(now),
    )
