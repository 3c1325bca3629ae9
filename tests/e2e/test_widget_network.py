"""The chat widget where the network comes and goes, and in several tabs."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Route, expect

from tests.e2e.made_up import some, text
from tests.e2e.outside import Outside
from tests.e2e.shop import Shop, Visitor, visitor


def test_several_tabs_are_in_step(ann: Visitor, shop: Shop, outside: Outside) -> None:
    other = Visitor(shop, ann.page.context.new_page())
    other.goes_to()
    other.opens()
    # when one tab writes, both show it once; when the other reads the answer, neither counts it as unread
    words = some("From the first tab")
    conversation = ann.wrote(words)
    expect(other.own(words)).to_have_count(1)
    ann.widget.get_by_role("button", name="Close").first.click()
    outside.reply(conversation, text("Seen in the second"))
    expect(other.log.get_by_text("Seen in the second")).to_be_visible()
    ann.page.wait_for_function("() => Object.keys(localStorage).some(name => name.endsWith(':seen'))")
    expect(ann.launcher).to_have_accessible_name("Open chat")
    # and both are the same visitor
    assert len([message for message in outside.messages(conversation) if message["direction"] == "inbound"]) == 1


def test_what_is_written_without_a_network_is_sent_once_and_in_order(
    ann: Visitor, shop: Shop, outside: Outside
) -> None:
    # given a visitor with two tabs whose network goes away
    conversation = ann.wrote(some("Before the tunnel"))
    other = Visitor(shop, ann.page.context.new_page())
    other.goes_to()
    other.opens()
    ann.page.context.set_offline(True)
    expect(ann.widget.get_by_role("status")).to_contain_text("No connection")
    # when they write in both
    written = [some(f"In the tunnel, {number}") for number in range(4)]
    for words, tab in zip(written, (ann, ann, other, ann), strict=True):
        tab.writes(words)
        expect(ann.own(words)).to_contain_text("Waiting to be sent")
    # then nothing is sent until the network is back, and then everything, once and in order
    ann.page.context.set_offline(False)
    expect(ann.own(written[-1])).to_contain_text("Delivered")
    expect(other.own(written[-1])).to_contain_text("Delivered")
    inbound = [message["text"] for message in outside.messages(conversation) if message["direction"] == "inbound"]
    assert inbound[1:] == written
    for words in written:
        expect(ann.own(words)).to_have_count(1)


def test_what_waits_is_sent_by_the_next_page(ann: Visitor, outside: Outside) -> None:
    conversation = ann.wrote(some("Before the tunnel"))
    ann.page.context.set_offline(True)
    words = some("Left in the tunnel")
    ann.writes(words)
    expect(ann.own(words)).to_contain_text("Waiting to be sent")
    ann.page.context.set_offline(False)
    ann.page.goto("about:blank")
    ann.goes_to()
    expect(ann.own(words)).to_contain_text("Delivered")
    assert [message["text"] for message in outside.messages(conversation)].count(words) == 1


def test_what_was_missed_is_resumed(ann: Visitor, outside: Outside) -> None:
    conversation = ann.wrote(some("Hello"))
    ann.page.context.set_offline(True)
    expect(ann.widget.get_by_role("status")).to_contain_text("No connection")
    for number in range(3):
        outside.reply(conversation, text(f"Missed {number}"))
    ann.page.context.set_offline(False)
    expect(ann.log.get_by_text(re.compile(r"^Missed \d$"))).to_have_text(["Missed 0", "Missed 1", "Missed 2"])
    expect(ann.widget.get_by_role("status")).to_be_empty()


def test_without_websockets_everything_goes_over_http(shop: Shop, browser: Browser, outside: Outside) -> None:
    shop.put()
    with visitor(shop, browser) as new:
        new.page.add_init_script(
            "window.WebSocket = class { static OPEN = 1; close() {} constructor() { setTimeout(() => this.onclose()) }}"
        )
        new.goes_to()
        new.opens()
        conversation = new.wrote(some("Through the proxy"))
        outside.reply(conversation, text("And back"))
        expect(new.log.get_by_text("And back")).to_be_visible()


def test_it_asks_ever_more_seldom_while_nobody_answers(shop: Shop, browser: Browser) -> None:
    # given a server that is gone, and a visitor who waits; the clock is the test's
    shop.put()
    with visitor(shop, browser, expected="ERR_FAILED") as new:
        new.page.clock.install()
        asked: list[str] = []

        def refuse(route: Route) -> None:
            asked.append(route.request.url)
            route.abort()

        new.page.route("**/chat/**", refuse)
        new.goes_to()
        new.opens()
        tries: list[int] = []
        for _ in range(10):
            before = len(asked)
            for _ in range(60):
                new.page.clock.run_for(1_000)
            tries.append(len(asked) - before)
        # then it tries often at first, and after that about twice to four times a minute
        assert 6 <= tries[0] <= 14
        assert all(1 <= each <= 5 for each in tries[1:]), tries
