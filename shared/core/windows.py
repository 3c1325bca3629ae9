"""Send windows: on some channels a company may only write for a while, or a few times, after the customer did
something."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shared.core.control.parties import lease_end
from shared.core.records import Head, RouteState, Window
from shared.model.conversation import Route
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.model.capabilities import Capabilities, WindowRule

SHORTEST_ANNOUNCED = 3600
"""Seconds. Nobody can do anything about the end of a shorter window."""

CLOCK_STEP = 1.0
"""Seconds. Providers give whole ones: what was sent within the second in which the customer wrote counts as earlier."""

LONGEST_LEAD = 7200.0
"""Seconds: a window is announced this long before it shuts, but not before three quarters of it are over."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The last window of a route, in which the customer was not answered yet. Times are in seconds: ``due_at`` is when
    it is to be said that it shuts at ``closes_at``."""

    identity_id: str
    opens_on: str
    closes_at: float
    due_at: float


def opened(route: RouteState, opens: str | None, at: float) -> RouteState:
    """The route after the customer did what opens a window: the same kind of window starts anew, and what was sent
    since counts in it, for it may have been sent before we heard of this.

    What was done before the window was last opened opens nothing.
    """
    known = None if opens is None else route.windows.get(opens)
    if opens is None or (known is not None and known.opened_at > at):
        return route
    sent_at = () if known is None else tuple(sent for sent in known.sent_at if sent >= at + CLOCK_STEP)
    return replace(route, windows={**route.windows, opens: Window(at, sent_at=sent_at, before=len(sent_at))})


def used(route: RouteState, rules: tuple[WindowRule, ...], sends: int, now: float) -> RouteState:
    """The route after ``sends`` calls to the provider were accepted for it: taken from the window that closes first."""
    for _ in range(sends):
        usable = _usable(route, rules, now)
        if not usable:
            break
        rule, window = min(usable, key=lambda each: each[1].opened_at + each[0].seconds)
        route = replace(route, windows={**route.windows, rule.opens_on: _sent(window, rule, now)})
    return route


def _sent(window: Window, rule: WindowRule, now: float) -> Window:
    """The window after one more message; of one that allows any number, the last is remembered."""
    sent_at = (*window.sent_at, now)
    forgotten = max(0, len(sent_at) - (rule.sends or 1))
    return replace(window, sent_at=sent_at[forgotten:], before=max(0, window.before - forgotten))


def describe(identity_id: str, route: RouteState, rules: tuple[WindowRule, ...], now: float) -> Route:
    """The route as the API shows it: whether it can be used, until when, and how often."""
    shown = Route(
        identity_id=identity_id, channel=route.channel, account=route.account, thread_id=route.thread_id, can_reply=True
    )
    if route.blocked is not None:
        shown.can_reply, shown.reason = False, route.blocked
        return shown
    if not rules:
        return shown
    usable = _usable(route, rules, now)
    if not usable:
        shown.can_reply, shown.reason = False, "window_closed"
        return shown
    shown.closes_at = rfc3339(max(window.opened_at + rule.seconds for rule, window in usable))
    limited = [rule.sends - window.used for rule, window in usable if rule.sends is not None]
    if len(limited) == len(usable):
        shown.remaining = sum(limited)
    return shown


def describe_all(head: Head, capabilities_of: Callable[[str], Capabilities], now: float) -> list[Route]:
    """All routes of a conversation, the active one first."""
    ordered = sorted(head.routes.items(), key=lambda item: item[0] != head.active_identity)
    return [describe(name, route, capabilities_of(route.channel).windows, now) for name, route in ordered]


def next_closing(head: Head, rules_of: Callable[[str], tuple[WindowRule, ...]], now: float) -> Closing | None:
    """The window that has to be announced next, of those that are open now: ``due_at`` is not before now. None when
    nobody waits, or nothing is left to be said."""
    if head.waiting_since is None or head.status == "closed":
        return None
    first: Closing | None = None
    for identity_id, route in head.routes.items():
        if route.blocked is None and route.windows:
            closing = _closing(identity_id, route, rules_of(route.channel), now)
            if closing is not None and (first is None or closing.due_at < first.due_at):
                first = closing
    return first


def due_at(head: Head, rules_of: Callable[[str], tuple[WindowRule, ...]]) -> float | None:
    """When somebody has to look at the conversation, as it was last written: see Head.due_at."""
    return next_look(head, rules_of, head.updated_at)


def next_look(head: Head, rules_of: Callable[[str], tuple[WindowRule, ...]], now: float) -> float | None:
    """When somebody has to look at the conversation next, not before now: a window has to be announced, or a controller
    is waited for in vain. None when there is nothing to look for."""
    closing, end = next_closing(head, rules_of, now), lease_end(head)
    looks = [] if closing is None else [closing.due_at]
    if end is not None:
        looks.append(max(end, now))
    return min(looks, default=None)


def _closing(identity_id: str, route: RouteState, rules: tuple[WindowRule, ...], now: float) -> Closing | None:
    """The end of a route: as long as a later window is open, an earlier one that shuts takes nothing away."""
    last: tuple[WindowRule, Window] | None = None
    closes_at = now
    for rule, window in _usable(route, rules, now):
        if window.opened_at + rule.seconds > closes_at:
            last, closes_at = (rule, window), window.opened_at + rule.seconds
    if last is None:
        return None
    rule, window = last
    if rule.seconds < SHORTEST_ANNOUNCED or window.answered or window.announced:
        return None
    lead = min(LONGEST_LEAD, rule.seconds / 4)
    return Closing(identity_id, rule.opens_on, closes_at, max(closes_at - lead, now))


def _usable(route: RouteState, rules: tuple[WindowRule, ...], now: float) -> list[tuple[WindowRule, Window]]:
    """The windows that are open now and not used up, each with its rule."""
    found = [(rule, route.windows[rule.opens_on]) for rule in rules if rule.opens_on in route.windows]
    return [
        (rule, window)
        for rule, window in found
        if now < window.opened_at + rule.seconds and (rule.sends is None or window.used < rule.sends)
    ]
