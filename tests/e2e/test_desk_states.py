"""The desk when all is not well: it loads, nobody answers it, a message fails, names and lists are long."""

from __future__ import annotations

import uuid

from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.chat_client import ChatClient
from tests.e2e.desk_page import VIEW, answer, line, open_conversation, say
from tests.e2e.outside import Outside

LONG_NAME = "Charlotte-Elisabeth von Hohenstein-Wittelsbach zu Ansbach-Bayreuth"
CALLS = "**/v1/**"


def cut_off(route: Route) -> None:
    route.abort()


def test_until_the_first_answer_it_says_that_it_loads_and_that_nobody_answers(
    browser: Browser, outside: Outside, visitor: ChatClient, mark: str
) -> None:
    # given an API that does not answer
    say(visitor, f"Hello {mark}")
    context = browser.new_context(locale="en-GB", viewport=VIEW)
    context.route(CALLS, cut_off)
    page = context.new_page()
    page.goto(outside.url)
    # then the list is not empty but on its way, and the top says why nothing comes
    expect(page.get_by_role("status", name="Loading…")).to_be_visible()
    expect(page.locator("#connection")).to_have_text("No connection, trying again (no answer)")
    expect(page.get_by_text("Nobody has written yet")).to_have_count(0)
    # when it answers, then all is there, and the notice is gone
    context.unroute(CALLS)
    expect(line(page, mark)).to_be_visible()
    expect(page.locator("#connection")).to_be_empty()
    expect(page.get_by_role("status", name="Loading…")).to_have_count(0)
    context.close()


def test_a_reply_that_did_not_get_through_stays_in_the_box_and_is_sent_once(
    desk: Page, visitor: ChatClient, mark: str
) -> None:
    say(visitor, f"Hello {mark}")
    open_conversation(desk, mark)

    # given a network that takes the reply there, and loses the answer on its way back
    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    desk.context.route("**/messages", lose_the_answer)
    desk.locator("#reply-text").fill(f"Good morning {mark}")
    desk.locator("#reply-text").press("Enter")
    expect(desk.locator("#reply-problem")).to_have_text("Not sent: no answer. It is still in the box.")
    expect(desk.locator("#reply-text")).to_have_value(f"Good morning {mark}")
    # when the agent sends it again
    desk.context.unroute("**/messages")
    desk.locator("#reply-text").press("Enter")
    # then it is there once
    expect(desk.locator("#reply-text")).to_have_value("")
    visitor.message(f"Good morning {mark}")
    assert [each["text"] for each in visitor.history()].count(f"Good morning {mark}") == 1
    expect(desk.locator("#messages .message.ours")).to_have_count(1)


def test_a_message_that_the_provider_refuses_says_so_and_why(desk: Page, outside: Outside, mark: str) -> None:
    openid = outside.wechat_user(f"Li Na {mark}")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"hello {mark}"})
    open_conversation(desk, mark)
    outside.wechat("fail", {"path": "/cgi-bin/message/custom/send", "times": 1, "errcode": 48001})
    answer(desk, f"lost {mark}")
    failed = desk.locator("#messages .message.failed")
    expect(failed).to_contain_text(f"lost {mark}")
    expect(failed.get_by_role("img", name="failed")).to_be_visible()
    expect(failed.locator(".refusal")).to_contain_text("failed: ")


def test_what_somebody_did_is_told_in_words_and_is_no_unread_message(desk: Page, outside: Outside, mark: str) -> None:
    openid = outside.wechat_user(f"Li Na {mark}")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"hello {mark}"})
    expect(line(desk, mark).get_by_label("1 unread")).to_be_visible()
    conversation = outside.conversation_with(f"hello {mark}")
    shown = desk.locator(f"[data-conversation={conversation}]")
    # when they write no more, but unfollow
    outside.wechat(f"customers/{openid}/unfollow", {})
    # then the list says so, and only what they wrote is unread
    expect(shown).to_contain_text("unfollowed the account")
    expect(shown.get_by_label("1 unread")).to_be_visible()


def test_long_names_are_cut_and_widen_nothing(desk: Page, outside: Outside, visitor: ChatClient, mark: str) -> None:
    # given two customers with long names, and a long word
    say(visitor, f"{'x' * 400} {mark}")
    customers = [
        outside.call("GET", f"/v1/conversations/{outside.conversation_with(f'{"x" * 400} {mark}')}").json()[
            "customer_id"
        ]
    ]
    with ChatClient(outside) as other:
        say(other, f"other {mark}")
        found = outside.conversation_with(f"other {mark}")
        customers.append(outside.call("GET", f"/v1/conversations/{found}").json()["customer_id"])
    for customer in customers:
        outside.call("PATCH", f"/v1/customers/{customer}", {"name": f"{LONG_NAME} {mark}"})
    open_conversation(desk, f"other {mark}")
    desk.locator("#toggle-profile").click()
    # then the agent still sees everything, in the page and in its dialogs
    for opener in ("#continue", "#merge"):
        desk.locator(opener).click()
        dialog = desk.get_by_role("dialog")
        if opener == "#merge":
            dialog.locator("#merge-into").select_option(customers[0])
            expect(dialog.locator(".preview-box")).to_be_visible()
        assert dialog.evaluate("each => each.scrollWidth <= each.clientWidth")
        assert dialog.locator("button").evaluate_all("all => Math.max(...all.map(each => each.offsetHeight))") < 40
        desk.keyboard.press("Escape")
    assert desk.locator("#profile").evaluate("each => each.scrollWidth <= each.clientWidth")
    assert desk.locator("#conversations").evaluate("each => each.scrollWidth <= each.clientWidth")
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_list_is_of_what_is_open_pending_or_closed(desk: Page, outside: Outside, mark: str) -> None:
    # given a conversation that somebody set aside
    with ChatClient(outside) as visitor:
        say(visitor, f"Hello {mark}")
        conversation = outside.conversation_with(f"Hello {mark}")
    expect(line(desk, mark).get_by_role("img", name="Web chat")).to_be_visible()
    outside.call("PATCH", f"/v1/conversations/{conversation}", {"status": "pending", "tags": [f"billing-{mark}"]})
    # then it is only where such ones are, with its status and tags
    expect(line(desk, mark)).to_have_count(0)
    desk.get_by_role("button", name="Pending").click()
    expect(line(desk, mark).locator(".status")).to_have_text("Pending")
    expect(line(desk, mark)).to_contain_text(f"billing-{mark}")
    desk.get_by_role("button", name="Closed", exact=True).click()
    expect(line(desk, mark)).to_have_count(0)
    desk.get_by_role("button", name="All", exact=True).click()
    expect(line(desk, mark)).to_be_visible()


def test_twenty_conversations_are_listed_with_the_latest_first(desk: Page, outside: Outside) -> None:
    mark = uuid.uuid4().hex[:8]
    for number in range(20):
        with ChatClient(outside) as visitor:
            say(visitor, f"{number:02} of {mark}")
    for number in range(20):
        outside.conversation_with(f"{number:02} of {mark}")
    shown = desk.locator("#conversations .conversation").filter(has_text=mark)
    expect(shown).to_have_count(20)
    expect(shown.locator(".name .blank")).to_have_count(0)
    times = shown.locator("time").evaluate_all("all => all.map(each => each.dateTime)")
    assert times == sorted(times, reverse=True)
