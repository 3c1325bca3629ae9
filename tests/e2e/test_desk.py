"""The desk in a real browser, against the whole local stack: the list, the thread, and the reply box."""

from __future__ import annotations

import base64
import re
import uuid

from playwright.sync_api import Browser, Page, expect

from tests.e2e.chat_client import ChatClient
from tests.e2e.desk_page import answer, line, open_conversation, route, say, served_elsewhere
from tests.e2e.outside import Outside, eventually

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP8z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
)


def test_a_new_message_comes_up_unread_and_waiting_and_is_answered(desk: Page, visitor: ChatClient, mark: str) -> None:
    # given an open desk, when a visitor writes
    say(visitor, f"Where is my order? {mark}")
    # then it comes up by itself, unread, and it says for how long they have waited
    waiting = line(desk, mark)
    expect(waiting.get_by_label("1 unread")).to_be_visible()
    expect(waiting).to_contain_text("waiting for")
    # when the agent opens it
    waiting.click()
    expect(waiting.get_by_label("1 unread")).to_be_hidden()
    expect(desk.locator("#messages")).to_contain_text(mark)
    # then it is read, here and after the page was opened again
    desk.reload()
    expect(line(desk, mark)).to_contain_text("waiting for")
    expect(line(desk, mark).locator(".count")).to_have_count(0)
    # when the agent answers it
    line(desk, mark).click()
    answer(desk, f"It leaves today. {mark}")
    # then nobody waits any more, and the visitor has it
    expect(line(desk, mark)).not_to_contain_text("waiting for")
    assert visitor.message(f"It leaves today. {mark}")["direction"] == "outbound"


def test_ticks_say_how_far_a_message_came(desk: Page, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Hello {mark}")
    open_conversation(desk, mark)
    answer(desk, f"Good morning {mark}")
    sent = desk.locator("#messages .ours").filter(has_text=mark)
    expect(sent.get_by_role("img", name="sent")).to_be_visible()
    # when the visitor's browser says that it was read
    visitor.send({"type": "read", "sequence": visitor.message(f"Good morning {mark}")["sequence"]})
    expect(sent.get_by_role("img", name="read")).to_be_visible()


def test_the_reply_box_knows_the_window_and_offers_another_way(
    desk: Page, outside: Outside, visitor: ChatClient, mark: str
) -> None:
    # given a customer on the web and on WeChat, who wrote on WeChat last
    say(visitor, f"Hello {mark}")
    outside.conversation_with(f"Hello {mark}")
    code = visitor.link_code()
    openid = outside.wechat_user(f"Li Na {mark}")
    url = next(each["qr"] for each in code["links"] if each["channel"] == "wechat" and each["account"] == "main")
    outside.wechat(f"customers/{openid}/scan", {"url": url})
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"on the phone {mark}"})
    open_conversation(desk, f"on the phone {mark}")
    # then the box says what is left there
    expect(route(desk, "wechat")).to_have_text(re.compile(r"47 hr left · \d+ left"))
    expect(route(desk, "webchat")).to_contain_text("always open")
    before = route(desk, "wechat").inner_text()
    answer(desk, f"one {mark}")
    expect(route(desk, "wechat")).not_to_have_text(before)
    # when the customer unfollows
    outside.wechat(f"customers/{openid}/unfollow", {})
    # then that way is greyed and says why, and the other is offered
    expect(route(desk, "wechat")).to_have_attribute("aria-disabled", "true")
    expect(route(desk, "wechat")).to_contain_text("unfollowed")
    desk.locator("#reply-text").fill(f"two {mark}")
    expect(desk.locator("#reply button[type=submit]")).to_be_disabled()
    # when a fallback is allowed, then the reply finds its own way, which the thread tells
    desk.locator("#reply-fallback").check()
    desk.locator("#reply button[type=submit]").click()
    assert visitor.message(f"two {mark}")
    expect(desk.locator("#messages .ours .way")).to_contain_text("WeChat: unfollowed")
    # and the agent can choose that way
    desk.locator("#reply-fallback").uncheck()
    desk.get_by_role("button", name="Send by Web chat").click()
    expect(route(desk, "webchat")).to_have_attribute("aria-checked", "true")
    answer(desk, f"three {mark}")
    assert visitor.message(f"three {mark}")


def test_what_a_message_lost_on_its_way_is_told(desk: Page, outside: Outside, mark: str) -> None:
    openid = outside.wechat_user(f"Li Na {mark}")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"which lamp? {mark}"})
    conversation = outside.conversation_with(f"which lamp? {mark}")
    open_conversation(desk, mark)
    card = {"type": "card", "title": f"Lamp {mark}", "actions": [{"title": "Buy", "url": "https://shop.example/"}]}
    outside.reply(conversation, card)
    shown = desk.locator("#messages .ours").filter(has_text=f"Lamp {mark}")
    expect(shown.locator(".losses")).to_contain_text("card shown as text")
    expect(shown.locator(".losses")).to_contain_text("lost: layout")


def test_files_are_picked_pasted_or_dropped_and_arrive(desk: Page, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Which one? {mark}")
    open_conversation(desk, mark)
    # when the agent picks a picture, drops a text and pastes another
    desk.locator("#reply-file").set_input_files(
        {"name": f"lamp-{mark}.png", "mimeType": "image/png", "buffer": PICTURE}
    )
    drop = """name => {
        const data = new DataTransfer();
        data.items.add(new File(["hello"], name, {type: "text/plain"}));
        return data;
    }"""
    data = desk.evaluate_handle(drop, f"terms-{mark}.txt")
    desk.locator("#reply").dispatch_event("drop", {"dataTransfer": data})
    files = desk.get_by_role("list", name="Attachments").get_by_role("listitem")
    expect(files).to_have_count(2)
    expect(files.first.locator("img")).to_have_js_property("naturalWidth", 2)
    paste = """(element, data) => element.dispatchEvent(
        new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}))"""
    desk.locator("#reply-text").evaluate(paste, desk.evaluate_handle(drop, f"notes-{mark}.txt"))
    expect(files).to_have_count(3)
    answer(desk, f"This one {mark}")
    # then they are in one message
    received = eventually(
        lambda: next(
            (each for each in visitor.history() if mark in each["text"] and each["direction"] == "outbound"), None
        )
    )
    assert [part["type"] for part in received["parts"]] == ["image", "file", "file", "text"]
    expect(desk.locator("#messages .ours img").last).to_be_visible()
    expect(files).to_have_count(0)


def test_choices_are_asked_and_the_answer_is_shown(desk: Page, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Can you call me? {mark}")
    open_conversation(desk, mark)
    desk.locator("#reply").get_by_role("button", name="Choices").click()
    desk.locator("#reply-choices").fill("Today\nTomorrow")
    answer(desk, f"When? {mark}")
    options = visitor.message(f"When? {mark}\n1. Today\n2. Tomorrow")["parts"][0]["options"]
    visitor.send({"type": "message", "client_id": uuid.uuid4().hex, "parts": [{"type": "choice", **options[1]}]})
    expect(desk.locator("#messages .theirs").last).to_contain_text("Chose: Tomorrow")


def test_a_conversation_is_closed_found_again_and_opened(desk: Page, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Thank you {mark}")
    open_conversation(desk, mark)
    desk.locator("#toggle-status").click()
    expect(desk.locator(".reply-closed")).to_be_visible()
    expect(line(desk, mark)).to_have_count(0)
    # when it is searched for, then it is found though it is closed
    desk.locator("#search").fill(f"thank {mark}")
    expect(line(desk, mark)).to_be_visible()
    desk.locator("#search").fill(f"nothing like this {mark}")
    expect(line(desk, mark)).to_have_count(0)
    desk.locator("#toggle-status").click()
    expect(desk.locator("#reply-text")).to_be_visible()


def test_what_customers_write_never_becomes_markup(desk: Page, visitor: ChatClient, mark: str) -> None:
    hostile = f"<img src=x onerror=document.title='{mark}'><b>bold</b> javascript:alert(1) {mark}"
    say(visitor, hostile)
    open_conversation(desk, mark)
    expect(desk.locator("#messages .line.theirs")).to_contain_text(hostile)
    expect(desk.locator("#messages b, #messages img, #messages a")).to_have_count(0)
    assert mark not in desk.title()


def test_a_desk_of_plain_files_elsewhere_asks_for_address_and_key(
    browser: Browser, outside: Outside, visitor: ChatClient, mark: str
) -> None:
    # given the built files on another host
    say(visitor, f"Hello {mark}")
    page = served_elsewhere(browser)
    # when the agent signs in with a wrong key, then it is said
    page.get_by_label("Address of the API").fill(outside.url)
    page.get_by_label("API key").fill("ot_000000000000_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("bad_key")
    # when with the right one, then the desk works, without customers beside it
    page.get_by_label("API key").fill(outside.local["api_key"])
    page.get_by_role("button", name="Sign in").click()
    open_conversation(page, mark)
    answer(page, f"Hi {mark}")
    assert visitor.message(f"Hi {mark}")
    expect(page.get_by_role("tablist", name="Be a customer")).to_have_count(0)
    # and the key is this tab's alone
    assert outside.local["api_key"] in page.evaluate("JSON.stringify({...sessionStorage})")
    assert outside.local["api_key"] not in page.evaluate("JSON.stringify({...localStorage})")
    page.reload()
    expect(page.locator("#search")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#sign-in")).to_be_visible()
