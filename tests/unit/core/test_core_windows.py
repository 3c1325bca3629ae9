"""Send windows by WeChat's rules: five messages in 48 hours after a message, three in a minute after a menu click, a
follow or a scan (developers.weixin.qq.com, "Sending customer service messages")."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import registry
from shared.core.records import Head, RouteState, Window
from shared.core.windows import LONGEST_LEAD, describe, describe_all, due_at, next_closing, opened, used
from shared.model.capabilities import Capabilities, WindowRule
from shared.model.conversation import Route
from shared.model.timestamps import rfc3339
from tests.support.channels import CHANNELS

RULES = registry.connector("wechat").capabilities.windows
NOW = 1_800_000_000.0
HOURS_48 = 172_800
FRESH = RouteState(channel="wechat", account="main")


def shown(route: RouteState, now: float) -> Route:
    return describe("idn_1", route, RULES, now)


def test_nobody_can_be_written_to_before_they_did_anything() -> None:
    route = shown(FRESH, NOW)
    assert (route.can_reply, route.reason, route.remaining, route.closes_at) == (False, "window_closed", None, None)


@pytest.mark.parametrize(
    ("opens", "seconds", "sends"),
    [("message", HOURS_48, 5), ("menu_click", 60, 3), ("follow", 60, 3), ("scan", 60, 3)],
)
def test_a_window_lasts_and_allows_what_wechat_says(opens: str, seconds: int, sends: int) -> None:
    route = opened(FRESH, opens, NOW)
    open_route = shown(route, NOW)
    assert (open_route.can_reply, open_route.remaining) == (True, sends)
    assert open_route.closes_at == rfc3339(NOW + seconds)
    assert shown(route, NOW + seconds - 0.001).can_reply
    assert not shown(route, NOW + seconds).can_reply
    assert shown(used(route, RULES, sends - 1, NOW), NOW).remaining == 1
    assert shown(used(route, RULES, sends, NOW), NOW).reason == "window_closed"


def test_the_windows_add_up_and_the_one_that_closes_first_is_used_first() -> None:
    route = opened(opened(FRESH, "message", NOW), "menu_click", NOW)
    assert shown(route, NOW).remaining == 8
    assert shown(route, NOW).closes_at == rfc3339(NOW + HOURS_48)
    route = used(route, RULES, 4, NOW + 1)
    assert {name: window.used for name, window in route.windows.items()} == {"message": 1, "menu_click": 3}
    assert shown(route, NOW + 61).remaining == 4


def test_the_customers_next_message_opens_the_window_anew() -> None:
    route = used(opened(FRESH, "message", NOW), RULES, 5, NOW)
    assert not shown(route, NOW).can_reply
    route = opened(route, "message", NOW + 10)
    assert (shown(route, NOW + 10).remaining, shown(route, NOW + 10).closes_at) == (5, rfc3339(NOW + 10 + HOURS_48))


def test_a_message_that_arrives_late_does_not_give_back_what_was_used() -> None:
    route = used(opened(FRESH, "message", NOW), RULES, 5, NOW)
    assert opened(route, "message", NOW - 60) == route


def test_a_message_of_the_same_second_opens_the_window_anew() -> None:
    """WeChat's clock counts whole seconds."""
    route = used(opened(FRESH, "message", NOW), RULES, 5, NOW)
    assert shown(opened(route, "message", NOW), NOW).remaining == 5


def test_a_message_that_was_written_before_replies_and_arrives_after_them_gives_back_only_what_was_sent_before_it() -> (
    None
):
    route = used(used(opened(FRESH, "message", NOW), RULES, 2, NOW + 10), RULES, 3, NOW + 30)
    assert not shown(route, NOW + 40).can_reply

    late = shown(opened(route, "message", NOW + 20), NOW + 40)

    assert (late.remaining, late.closes_at) == (2, rfc3339(NOW + 20 + HOURS_48))


def test_a_message_that_was_written_before_all_replies_moves_the_end_of_the_window_and_gives_back_nothing() -> None:
    route = used(opened(FRESH, "message", NOW), RULES, 4, NOW + 10)

    late = shown(opened(route, "message", NOW + 5), NOW + 40)

    assert (late.remaining, late.closes_at) == (1, rfc3339(NOW + 5 + HOURS_48))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_however_late_messages_arrive_never_more_is_sent_than_wechat_allows(data: st.DataObject) -> None:
    """WeChat counts what was sent since the customer's last message, whether we have heard of that or not."""
    route, now, latest, sent = opened(FRESH, "message", NOW), NOW, NOW, 0
    on_their_way: list[float] = []
    for act in data.draw(st.lists(st.sampled_from(["write", "arrive", "send", "send"]), max_size=40)):
        now += 1
        if act == "write":
            on_their_way.append(now)
            latest, sent = now, 0
        elif act == "arrive" and on_their_way:
            place = data.draw(st.integers(0, len(on_their_way) - 1))
            route = opened(route, "message", on_their_way.pop(place))
        elif act == "send" and shown(route, now).can_reply:
            route = used(route, RULES, 1, now)
            sent += 1
            assert sent <= 5, "WeChat would have refused this send"
        assert (shown(route, now).remaining or 0) <= 5 - sent
    for written in data.draw(st.permutations(on_their_way)):
        route = opened(route, "message", written)
    assert (shown(route, now).remaining or 0) == 5 - sent
    assert route.windows["message"].opened_at == latest


def test_what_opens_nothing_changes_nothing() -> None:
    assert opened(FRESH, None, NOW) is FRESH


def test_a_channel_without_windows_can_be_written_to_at_any_time() -> None:
    route = describe("idn_1", RouteState(channel="letters", account="main"), (), NOW)
    assert (route.can_reply, route.closes_at, route.remaining) == (True, None, None)


def test_whoever_blocked_us_cannot_be_written_to_however_open_the_window() -> None:
    route = shown(RouteState("wechat", "main", windows={"message": Window(NOW)}, blocked="inactive"), NOW)
    assert (route.can_reply, route.reason) == (False, "inactive")


def test_the_routes_of_a_conversation_begin_with_the_active_one() -> None:
    routes = {"idn_a": RouteState("letters", "main"), "idn_b": RouteState("lounge", "main", thread_id="t1")}
    head = Head("conv_1", "cus_1", "open", 1, NOW, NOW, routes=routes, active_identity="idn_b")
    capabilities: dict[str, Capabilities] = CHANNELS
    found = describe_all(head, capabilities.__getitem__, NOW)
    assert [(route.identity_id, route.can_reply) for route in found] == [("idn_b", False), ("idn_a", True)]
    assert found[0].thread_id == "t1"


ACTS = st.one_of(
    st.tuples(st.just("do"), st.sampled_from(["message", "menu_click", "follow", "scan"])),
    st.tuples(st.just("send"), st.integers(1, 4)),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 20.0, 61.0, 90_000.0])),
)


@settings(max_examples=150, deadline=None)
@given(acts=st.lists(ACTS, max_size=40))
def test_never_more_is_sent_than_wechat_allows(acts: list[tuple[str, object]]) -> None:
    """WeChat's side is counted by itself: a send needs a window that is open there and not used up."""
    route, now = FRESH, NOW
    theirs: dict[str, tuple[float, int]] = {}
    limits: dict[str, tuple[int, int]] = {rule.opens_on: (rule.seconds, rule.sends or 0) for rule in RULES}
    for act, value in acts:
        if act == "wait" and isinstance(value, float):
            now += value
        elif act == "do" and isinstance(value, str):
            route = opened(route, value, now)
            theirs[value] = (now, limits[value][1])
        elif isinstance(value, int):
            sends = min(value, shown(route, now).remaining or 0) if shown(route, now).can_reply else 0
            route = used(route, RULES, sends, now)
            for _ in range(sends):
                usable = [each for each in limits if _usable_there(theirs.get(each), limits[each][0], now)]
                assert usable, "WeChat would have refused this send"
                first = min(usable, key=lambda name: theirs[name][0] + limits[name][0])
                theirs[first] = (theirs[first][0], theirs[first][1] - 1)
        open_there = sum(left for name, (at, left) in theirs.items() if now < at + limits[name][0])
        assert (shown(route, now).remaining or 0) == open_there


# --- the announcement that a window is about to shut -----------------------------------------------------------------

HOUR = 3600
SHORT = (WindowRule(opens_on="message", seconds=HOUR - 1),)
HOURLY = (WindowRule(opens_on="message", seconds=HOUR),)
DAILY = (WindowRule(opens_on="message", seconds=24 * HOUR),)
TWO = (*DAILY, WindowRule(opens_on="session", seconds=72 * HOUR))
RULES_OF = {"wechat": RULES, "short": SHORT, "hourly": HOURLY, "daily": DAILY, "two": TWO, "letters": ()}


def waiting(**routes: RouteState) -> Head:
    """A conversation whose customer has written now and was not answered."""
    return Head("conv_1", "cus_1", "open", 2, NOW, NOW, routes=dict(routes), waiting_since=NOW)


def on(channel: str, opens: str = "message", at: float = NOW) -> RouteState:
    return opened(RouteState(channel, "main"), opens, at)


def due(head: Head) -> float | None:
    return due_at(head, RULES_OF.__getitem__)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("wechat", NOW + 46 * HOUR), ("daily", NOW + 22 * HOUR), ("hourly", NOW + 45 * 60), ("short", None)],
)
def test_a_window_is_announced_two_hours_before_it_shuts_or_after_three_quarters_of_it(
    channel: str, expected: float | None
) -> None:
    assert due(waiting(a=on(channel))) == expected


@pytest.mark.parametrize("opens", ["menu_click", "follow", "scan"])
def test_the_minutes_that_wechat_gives_after_a_click_are_not_announced(opens: str) -> None:
    assert due(waiting(a=on("wechat", opens))) is None


def test_a_channel_without_windows_is_never_due() -> None:
    assert due(waiting(a=on("letters"))) is None


def test_nobody_has_to_look_when_the_customer_does_not_wait_or_the_conversation_is_closed() -> None:
    head = waiting(a=on("wechat"))

    assert due(replace(head, waiting_since=None)) is None
    assert due(replace(head, status="closed")) is None
    assert due(replace(head, status="pending")) is not None


def test_a_window_in_which_something_was_sent_is_not_announced() -> None:
    assert due(waiting(a=used(on("wechat"), RULES, 1, NOW))) is None


def test_a_window_is_announced_once_and_the_customers_next_message_opens_another() -> None:
    said = replace(on("wechat"), windows={"message": Window(NOW, announced=True)})

    assert due(waiting(a=said)) is None
    assert due(waiting(a=opened(said, "message", NOW + 60))) == NOW + 60 + 46 * HOUR


def test_a_route_that_is_blocked_is_not_announced() -> None:
    assert due(waiting(a=replace(on("wechat"), blocked="blocked"))) is None


def test_of_several_routes_the_one_that_shuts_first_is_due_first() -> None:
    assert due(waiting(a=on("wechat"), b=on("hourly"), c=on("daily"))) == NOW + 45 * 60


def test_a_window_that_shuts_takes_nothing_away_while_a_later_one_of_its_route_is_open() -> None:
    route = opened(on("two"), "session", NOW)

    assert due(waiting(a=route)) == NOW + 70 * HOUR
    assert due(waiting(a=used(route, TWO, 1, NOW))) == NOW + 70 * HOUR  # taken from the one that shuts first


def test_a_window_that_shut_long_ago_does_not_hide_one_that_is_open() -> None:
    assert due(waiting(a=on("wechat", at=NOW - 90 * 24 * HOUR), b=on("daily"))) == NOW + 22 * HOUR


def test_a_window_whose_time_to_be_announced_is_over_is_due_at_once() -> None:
    assert due(waiting(a=on("wechat", at=NOW - 47 * HOUR))) == NOW


def test_the_rules_of_a_channel_are_asked_for_only_where_a_window_was_opened() -> None:
    assert due(waiting(a=RouteState("nobody knows this channel", "main"))) is None


@pytest.mark.parametrize("channel", ["wechat", "daily"])
def test_a_message_that_arrives_after_the_reply_it_was_written_before_is_announced_as_unanswered(channel: str) -> None:
    route = used(on(channel, at=NOW - 60), RULES_OF[channel], 1, NOW - 10)
    assert due(waiting(a=route)) is None

    late = opened(route, "message", NOW - 20)

    assert due(waiting(a=late)) is not None
    assert due(waiting(a=used(late, RULES_OF[channel], 1, NOW))) is None


@given(
    ages=st.lists(st.tuples(st.sampled_from(sorted(RULES_OF)), st.integers(0, 80 * HOUR)), max_size=5),
    later=st.integers(0, 80 * HOUR),
)
def test_what_is_due_is_open_long_enough_not_said_before_and_never_due_in_the_past(
    ages: list[tuple[str, int]], later: int
) -> None:
    head = waiting(**{f"r{place}": on(channel, at=NOW - age) for place, (channel, age) in enumerate(ages)})
    now = NOW + later
    closing = next_closing(head, RULES_OF.__getitem__, now)
    open_routes = {
        name: describe(name, route, RULES_OF[route.channel], now)
        for name, route in head.routes.items()
        if RULES_OF[route.channel] and max(rule.seconds for rule in RULES_OF[route.channel]) >= HOUR
    }
    reachable = {name: route for name, route in open_routes.items() if route.can_reply}

    if closing is None:
        assert not reachable
        return
    assert reachable[closing.identity_id].closes_at == rfc3339(closing.closes_at)
    assert now <= closing.due_at < closing.closes_at
    assert closing.due_at >= closing.closes_at - LONGEST_LEAD


def _usable_there(window: tuple[float, int] | None, seconds: int, now: float) -> bool:
    return window is not None and window[1] > 0 and now < window[0] + seconds
