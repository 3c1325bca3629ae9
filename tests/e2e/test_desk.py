"""The desk in a real browser, against the whole local stack: what an agent sees and does."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.chat_client import ChatClient
from tests.e2e.desk_page import answer, open_conversation, served_elsewhere, wechat_says
from tests.e2e.outside import Outside, eventually

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP8z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
)


@pytest.fixture
def mark() -> str:
    """What tells this test's texts from those of others."""
    return uuid.uuid4().hex[:8]


@pytest.fixture
def visitor(outside: Outside) -> Iterator[ChatClient]:
    with ChatClient(outside) as opened:
        yield opened


def say(visitor: ChatClient, text: str) -> None:
    visitor.send({"type": "message", "client_id": uuid.uuid4().hex, "parts": [{"type": "text", "text": text}]})
    visitor.next("accepted")


def line(page: Page, text: str) -> Locator:
    """The conversation in the list whose last message has the text."""
    return page.locator("#conversations .conversation").filter(has_text=text)


def route(page: Page, channel: str) -> Locator:
    return page.locator(f"#reply .route[data-channel={channel}]")


def test_a_new_message_comes_up_unread_and_waiting_and_is_answered(desk: Page, visitor: ChatClient, mark: str) -> None:
    # given an open desk, when a visitor writes
    say(visitor, f"Where is my order? {mark}")
    # then it comes up by itself, unread, and it says for how long they have waited
    waiting = line(desk, mark)
    expect(waiting.get_by_label("1 unread")).to_be_visible()
    expect(waiting).to_contain_text("waiting for")
    # when the agent opens and answers it
    waiting.click()
    expect(waiting.get_by_label("1 unread")).to_be_hidden()
    answer(desk, f"It leaves today. {mark}")
    # then nobody waits any more, and the visitor has it
    expect(line(desk, mark)).not_to_contain_text("waiting for")
    assert visitor.message(f"It leaves today. {mark}")["direction"] == "outbound"
    # and it is not unread after the page was opened again
    desk.reload()
    expect(line(desk, mark)).to_be_visible()
    expect(line(desk, mark).locator(".count")).to_have_count(0)


def test_ticks_say_how_far_a_message_came(desk: Page, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Hello {mark}")
    open_conversation(desk, mark)
    answer(desk, f"Good morning {mark}")
    sent = desk.locator("#messages .ours").filter(has_text=mark)
    expect(sent.get_by_role("img", name="sent")).to_be_visible()
    # when the visitor's browser says that it was read
    visitor.send({"type": "read", "sequence": visitor.message(f"Good morning {mark}")["sequence"]})
    expect(sent.get_by_role("img", name="read")).to_be_visible()


def test_a_customer_moves_by_a_scanned_code_and_the_thread_shows_where(
    desk: Page, visitor: ChatClient, mark: str
) -> None:
    # given a visitor in conversation, and somebody with WeChat
    say(visitor, f"I have to go {mark}")
    open_conversation(desk, mark)
    desk.get_by_role("tab", name="WeChat").click()
    desk.locator("#wechat-name").fill(f"Li Na {mark}")
    desk.locator("#wechat-name").press("Enter")
    expect(desk.locator("#wechat-user option:checked")).to_contain_text(mark)
    # when the agent offers to go on elsewhere
    desk.locator("#continue").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="QR code for WeChat")).to_be_visible()
    code = dialog.locator(".code").inner_text()
    dialog.locator("#to-phone").click()
    # and the customer scans it
    desk.locator("#wechat-scan").click()
    desk.locator("#wechat-codes").get_by_role("button", name=f"Code {code}").click()
    # then the thread shows the move, and a reply goes to the phone
    expect(desk.locator("#messages .switch").last).to_contain_text("from Web chat to WeChat")
    expect(route(desk, "wechat")).to_have_attribute("aria-checked", "true")
    wechat_says(desk, f"here I am {mark}")
    expect(desk.locator("#messages")).to_contain_text(f"here I am {mark}")
    answer(desk, f"Welcome {mark}")
    expect(desk.locator("#wechat-messages")).to_contain_text(f"Welcome {mark}")
    # and the link, with its evidence, is with the customer
    desk.locator("#toggle-profile").click()
    expect(desk.locator("#profile")).to_contain_text("linked by code")


def test_the_code_can_be_sent_to_the_customer(desk: Page, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Mail would be better {mark}")
    open_conversation(desk, mark)
    desk.keyboard.press("Escape")
    desk.locator("#continue").click()
    dialog = desk.get_by_role("dialog")
    dialog.locator(".link-channels [data-channel=email]").click()
    code = dialog.locator(".code").inner_text()
    dialog.locator("#link-send").click()
    expect(dialog.get_by_role("status")).to_have_text("Sent.")
    assert visitor.message(f"Continue on Email: send us the code {code} there.")


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
    expect(route(desk, "wechat")).to_contain_text("left")
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
    # when the agent picks a picture and drops a text
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
    answer(desk, f"This one {mark}")
    # then they are in one message
    received = eventually(
        lambda: next(
            (each for each in visitor.history() if mark in each["text"] and each["direction"] == "outbound"), None
        )
    )
    assert [part["type"] for part in received["parts"]] == ["image", "file", "text"]
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


def test_two_customers_are_merged_after_a_look_at_what_happens_and_parted_again(
    desk: Page, outside: Outside, visitor: ChatClient, mark: str
) -> None:
    # given two customers, each in a conversation
    say(visitor, f"on the web {mark}")
    outside.conversation_with(f"on the web {mark}")
    openid = outside.wechat_user(f"Li Na {mark}")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"on WeChat {mark}"})
    known = outside.conversation_with(f"on WeChat {mark}")
    target = outside.call("GET", f"/v1/conversations/{known}").json()["customer_id"]
    expect(line(desk, f"on WeChat {mark}")).to_be_visible()
    open_conversation(desk, f"on the web {mark}")
    # when the agent asks what a merge would do
    desk.locator("#toggle-profile").click()
    desk.locator("#merge").click()
    dialog = desk.get_by_role("dialog")
    dialog.locator("#merge-into").select_option(target)
    expect(dialog.locator(".preview-box")).to_contain_text("Web chat go to")
    expect(dialog.locator(".preview-box")).to_contain_text("The other open conversation is closed")
    # then nothing has happened yet
    assert outside.call("GET", f"/v1/customers/{target}").json().get("links", []) == []
    # when they do it
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(desk.locator(".notice")).to_contain_text("Merged.")
    # then both are one, in the conversation that goes on
    expect(desk.locator("#messages")).to_contain_text(f"on WeChat {mark}")
    expect(desk.locator("#profile .identity")).to_have_count(2)
    expect(desk.locator("#profile")).to_contain_text("an agent's merge")
    # and it can be taken back
    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator("#profile .identity")).to_have_count(1)
    expect(desk.locator("#profile .links")).to_contain_text("taken back")


def test_a_link_is_taken_apart_after_a_look_at_what_happens(
    desk: Page, outside: Outside, visitor: ChatClient, mark: str
) -> None:
    say(visitor, f"Hello {mark}")
    outside.conversation_with(f"Hello {mark}")
    code = visitor.link_code()
    openid = outside.wechat_user(f"Li Na {mark}")
    url = next(each["qr"] for each in code["links"] if each["channel"] == "wechat" and each["account"] == "main")
    outside.wechat(f"customers/{openid}/scan", {"url": url})
    visitor.next("channel_switched")
    open_conversation(desk, mark)
    desk.locator("#toggle-profile").click()
    desk.get_by_role("button", name="Take WeChat apart").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.locator(".preview-box")).to_contain_text("WeChat leave")
    dialog.get_by_role("button", name="Take apart").click()
    expect(desk.locator("#profile .identity")).to_have_count(1)


def test_names_and_tags_are_changed(desk: Page, outside: Outside, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Hello {mark}")
    open_conversation(desk, mark)
    desk.locator("#toggle-profile").click()
    desk.locator("#customer-name").fill(f"Ann {mark}")
    desk.locator("#customer-name").press("Enter")
    expect(desk.locator("#thread-title")).to_have_text(f"Ann {mark}")
    desk.get_by_label("Tags: Add a tag", exact=True).fill("vip")
    desk.get_by_label("Tags: Add a tag", exact=True).press("Enter")
    expect(desk.locator("#customer-tags")).to_contain_text("vip")
    desk.get_by_role("button", name="Remove the tag vip").click()
    expect(desk.locator("#customer-tags")).not_to_contain_text("vip")
    customer = outside.call("GET", f"/v1/conversations/{outside.conversation_with(f'Hello {mark}')}").json()[
        "customer_id"
    ]
    assert outside.call("GET", f"/v1/customers/{customer}").json()["name"] == f"Ann {mark}"


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


def test_everything_is_done_by_keyboard(desk: Page, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Hello {mark}")
    expect(line(desk, mark)).to_be_visible()
    # search, into the list, open
    desk.keyboard.press("/")
    expect(desk.locator("#search")).to_be_focused()
    desk.keyboard.type(mark)
    expect(desk.locator("#conversations .conversation")).to_have_count(1)
    desk.keyboard.press("Enter")
    expect(line(desk, mark)).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#messages")).to_contain_text(mark)
    # reply
    desk.keyboard.press("r")
    expect(desk.locator("#reply-text")).to_be_focused()
    desk.keyboard.type(f"Hi {mark}")
    desk.keyboard.press("Enter")
    expect(desk.locator("#messages .line.ours")).to_contain_text(f"Hi {mark}")
    expect(desk.locator("#reply-text")).to_be_focused()
    # back to the list, the customer, the keys
    desk.keyboard.press("Escape")
    expect(line(desk, mark)).to_be_focused()
    desk.keyboard.press("i")
    expect(desk.locator("#profile")).to_be_visible()
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keyboard")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(line(desk, mark)).to_be_focused()


def test_j_and_k_move_through_the_list(desk: Page, outside: Outside, mark: str) -> None:
    for number in (1, 2):
        with ChatClient(outside) as visitor:
            say(visitor, f"{number} of {mark}")
            outside.conversation_with(f"{number} of {mark}")
    expect(line(desk, f"1 of {mark}")).to_be_visible()
    buttons = desk.locator("#conversations .conversation")
    desk.keyboard.press("j")
    expect(buttons.nth(0)).to_be_focused()
    desk.keyboard.press("j")
    expect(buttons.nth(1)).to_be_focused()
    desk.keyboard.press("k")
    expect(buttons.nth(0)).to_be_focused()


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
