"""The chat widget on a shop's page, in a real browser, against the whole local stack."""

from __future__ import annotations

import base64
import re
import struct
import uuid
import zlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.e2e.outside import Outside, eventually
from tests.e2e.shop import Shop, Visitor, visitor

ANN = {"author": {"type": "agent", "name": "Ann"}}


def text(words: str, **fields: str) -> dict[str, str]:
    return {"type": "text", "text": words, **fields}


def some(words: str) -> str:
    return f"{words} {uuid.uuid4().hex[:8]}"


def png() -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\x80\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def wav() -> bytes:
    """A tenth of a second of silence."""
    samples = bytes(1600)
    about = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(samples))
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + about
        + (b"data" + struct.pack("<I", len(samples)) + samples)
    )


@pytest.fixture(scope="module")
def shop(outside: Outside) -> Iterator[Shop]:
    opened = Shop(outside)
    yield opened
    opened.close()


@pytest.fixture
def ann(shop: Shop, browser: Browser) -> Iterator[Visitor]:
    """A visitor with the chat open for the first time."""
    shop.put('data-name="Hats"')
    with visitor(shop, browser) as new:
        new.goes_to()
        new.opens()
        yield new


def test_nothing_is_asked_of_the_server_before_the_chat_is_opened(shop: Shop, browser: Browser) -> None:
    shop.put()
    with visitor(shop, browser) as new:
        asked: list[str] = []
        new.page.on("request", lambda request: asked.append(request.url))
        new.goes_to()
        expect(new.launcher).to_be_visible()
        assert [url for url in asked if "/chat/" in url] == []
        assert new.page.evaluate("JSON.stringify(localStorage)") == "{}"


def test_a_visitor_writes_is_answered_and_sees_how_far_it_came(ann: Visitor, outside: Outside) -> None:
    # given a first message
    question = some("Where is my hat?")
    conversation = ann.wrote(question)
    # when an agent types, and answers
    outside.call("POST", f"/v1/conversations/{conversation}/typing", {"active": True})
    expect(ann.log.get_by_text("is typing")).to_be_attached()
    outside.reply(
        conversation, text("It **left** _today_: [track it](https://hats.example/1)", format="markdown"), **ANN
    )
    # then the answer is there under the agent's name, formatted, and the question is read
    expect(ann.log.get_by_text("Ann", exact=True)).to_be_visible()
    expect(ann.log.locator("strong", has_text="left")).to_be_visible()
    link = ann.log.get_by_role("link", name="track it")
    expect(link).to_have_attribute("href", "https://hats.example/1")
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    expect(ann.own(question)).to_contain_text("Read")
    # and the agent's side knows that the visitor has read it
    eventually(lambda: outside.messages(conversation)[-1].get("status") == "read")


def test_files_are_picked_dropped_and_pasted(ann: Visitor, outside: Outside) -> None:
    # given three files, each brought in another way, and a line about them
    with ann.page.expect_file_chooser() as chooser:
        ann.widget.get_by_role("button", name="Attach files").click()
    chooser.value.set_files(FilePayload(name="receipt.txt", mimeType="text/plain", buffer=b"one hat"))
    expect(ann.widget.locator(".files li")).to_have_count(1)
    bring = """(element, [kind, name, type, content]) => {
        const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], name, {type}));
        const about = {bubbles: true, cancelable: true, composed: true};
        const isPaste = kind === "paste";
        const event = new (isPaste ? ClipboardEvent : DragEvent)(kind, {
            ...about, [isPaste ? "clipboardData" : "dataTransfer"]: data});
        element.dispatchEvent(event);
    }"""
    ann.dialog.evaluate(bring, ["drop", "hat.png", "image/png", base64.b64encode(png()).decode()])
    ann.text.evaluate(bring, ["paste", "voice.wav", "audio/wav", base64.b64encode(wav()).decode()])
    expect(ann.widget.locator(".files li")).to_have_count(3)
    # when the visitor sends them with a text
    words = some("All of it")
    ann.writes(words)
    # then they arrive as one message, and are shown and played where they were sent from
    conversation = outside.conversation_with_part(words)
    parts = outside.messages(conversation)[-1]["parts"]
    assert [part["type"] for part in parts] == ["text", "file", "image", "audio"]
    expect(ann.log.get_by_role("img", name="hat.png")).to_have_js_property("complete", True)
    expect(ann.log.get_by_role("link", name="receipt.txt")).to_be_visible()
    audio = ann.log.locator("audio")
    expect(audio).to_have_attribute("controls", "")
    audio.evaluate("element => element.play()")
    audio.evaluate("element => new Promise(done => element.ended ? done() : element.onended = done)")


def test_a_file_that_cannot_be_sent_says_why_and_can_be_taken_out(shop: Shop, browser: Browser) -> None:
    shop.put()
    with visitor(shop, browser, expected="422") as new:
        new.goes_to()
        new.opens()
        with new.page.expect_file_chooser() as chooser:
            new.widget.get_by_role("button", name="Attach files").click()
        chooser.value.set_files(FilePayload(name="page.html", mimeType="text/html", buffer=b"<script>"))
        expect(new.widget.get_by_role("alert")).to_have_text("This type of file cannot be sent")
        new.widget.get_by_role("button", name="Remove page.html").click()
        expect(new.widget.locator(".files li")).to_have_count(0)


def test_choices_are_buttons_that_answer_once(ann: Visitor, outside: Outside) -> None:
    conversation = ann.wrote(some("A hat, please"))
    options = [{"id": "s", "title": "Small"}, {"id": "l", "title": "Large"}]
    outside.reply(conversation, {"type": "choices", "text": "Which size?", "options": options})
    ann.log.get_by_role("button", name="Large").click()
    expect(ann.own("Large")).to_contain_text("Delivered")
    expect(ann.log.get_by_role("button", name="Small")).to_be_disabled()
    expect(ann.log.get_by_role("button", name="Large")).to_have_attribute("aria-pressed", "true")
    assert outside.messages(conversation)[-1]["parts"] == [{"type": "choice", "id": "l", "title": "Large"}]


def test_cards_places_and_people_are_shown_as_what_they_are(ann: Visitor, outside: Outside) -> None:
    conversation = ann.wrote(some("What do you have?"))
    buy, ask = {"title": "Buy", "url": "https://hats.example/buy"}, {"title": "Ask", "id": "ask"}
    card = {
        "type": "card",
        "title": "Red hat",
        "description": "Wool",
        "url": "https://hats.example/red",
        "actions": [buy, ask],
    }
    outside.reply(conversation, card, {"type": "carousel", "cards": [{"title": "Blue"}, {"title": "Green"}]})
    place = {"type": "location", "latitude": 52.5, "longitude": 13.4, "name": "Our shop", "address": "Main Street 1"}
    outside.reply(conversation, place, {"type": "contact", "name": "Ann Lee", "phones": ["+44 20 7946"]})
    expect(ann.log.get_by_role("link", name="Red hat")).to_have_attribute("href", "https://hats.example/red")
    expect(ann.log.get_by_role("link", name="Buy")).to_have_attribute("href", "https://hats.example/buy")
    expect(ann.log.locator(".carousel .card")).to_have_count(2)
    expect(ann.log.get_by_role("link", name="Our shop")).to_be_visible()
    expect(ann.log.get_by_role("link", name="+44 20 7946")).to_have_attribute("href", "tel:+44207946")
    ann.log.get_by_role("button", name="Ask").click()
    eventually(lambda: outside.messages(conversation)[-1]["parts"] == [{"type": "choice", "id": "ask", "title": "Ask"}])


def test_what_came_while_the_chat_was_closed_is_counted_and_there_on_return(ann: Visitor, outside: Outside) -> None:
    # given a conversation, and a closed chat
    question = some("Are you there?")
    conversation = ann.wrote(question)
    ann.widget.get_by_role("button", name="Close").first.click()
    # when two answers come, one of them while the visitor is on another page
    outside.reply(conversation, text("Yes"))
    expect(ann.launcher).to_have_accessible_name("Open chat (1 unread)")
    ann.page.goto("about:blank")
    outside.reply(conversation, text("Still here"))
    ann.goes_to()
    # then both are counted, and read with everything before them once the chat is opened
    expect(ann.launcher).to_have_accessible_name("Open chat (2 unread)")
    ann.opens()
    expect(ann.own(question)).to_be_visible()
    expect(ann.log.get_by_text("Still here")).to_be_visible()
    eventually(lambda: outside.messages(conversation)[-1].get("status") == "read")
    ann.widget.get_by_role("button", name="Close").first.click()
    expect(ann.launcher).to_have_accessible_name("Open chat")
    # and no cookie was needed for any of it
    assert ann.page.context.cookies() == []


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


def test_who_is_logged_in_has_their_conversation_on_every_device_and_nobody_else(shop: Shop, browser: Browser) -> None:
    shop.put()
    ann = shop.identity_token(f"ann-{shop.account}", name="Ann Lee")
    bob = shop.identity_token(f"bob-{shop.account}", name="Bob")
    words = some("My order, please")
    with visitor(shop, browser) as laptop:
        # the page may say who it is before the widget has come
        laptop.page.add_init_script(f"window.onethread = {{ ready: chat => chat.identify({ann!r}) }}")
        laptop.goes_to()
        laptop.opens()
        conversation = laptop.wrote(words)
        customer = shop.outside.call("GET", f"/v1/conversations/{conversation}").json()["customer_id"]
        assert shop.outside.call("GET", f"/v1/customers/{customer}").json()["name"] == "Ann Lee"
    with visitor(shop, browser) as phone:
        phone.goes_to()
        phone.opens()
        phone.page.evaluate("token => onethread.identify(token)", ann)
        expect(phone.own(words)).to_be_visible()
        # when she logs out, and somebody else in
        phone.page.evaluate("onethread.identify(null)")
        expect(phone.own(words)).to_have_count(0)
        phone.page.evaluate("token => onethread.identify(token)", bob)
        phone.wrote(some("Hello"))
        expect(phone.own(words)).to_have_count(0)


def test_the_page_is_told_when_an_identity_token_is_over(shop: Shop, browser: Browser) -> None:
    shop.put()
    with visitor(shop, browser, expected="401") as late:
        late.goes_to()
        late.page.evaluate("onethread.on('identity_expired', () => window.over = true)")
        late.page.evaluate("token => onethread.identify(token)", shop.identity_token("late", exp=1_600_000_000))
        late.page.wait_for_function("() => window.over")
        # and a new one mends it
        late.page.evaluate("token => onethread.identify(token)", shop.identity_token("late"))
        late.opens()
        late.wrote(some("Here I am"))


def test_a_visitor_goes_on_on_wechat_by_scanning_and_by_mail_by_a_link(ann: Visitor, outside: Outside) -> None:
    # given a conversation, and the codes to go on with it elsewhere
    words = some("I have to catch a train")
    conversation = ann.wrote(words)
    ann.widget.get_by_role("button", name="Continue elsewhere").click()
    expect(ann.widget.get_by_role("img", name="QR: WeChat")).to_be_visible()
    expect(ann.widget.get_by_role("link", name="Email")).to_have_attribute("href", re.compile(r"^mailto:link%2B"))
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", ann.widget.locator(".sheet").inner_text())
    assert code is not None
    # when the customer brings the code to WeChat, and writes there
    openid = outside.wechat_user("Ann")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": code[0]})
    on_the_train = some("On the train now")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": on_the_train})
    # then it is the same conversation, and the page shows where it goes on
    eventually(lambda: outside.messages(conversation)[-1]["text"] == on_the_train)
    ann.widget.get_by_role("button", name="Back").click()
    expect(ann.own(on_the_train)).to_be_visible()
    expect(ann.log.get_by_text("Continued: WeChat")).to_be_visible()
    expect(ann.own(words)).to_be_visible()


def test_a_code_in_the_address_is_asked_about_before_it_is_used(ann: Visitor, shop: Shop, browser: Browser) -> None:
    # given a link to the page with a code of Ann's
    words = some("To be continued")
    conversation = ann.wrote(words)
    customer = shop.outside.call("GET", f"/v1/conversations/{conversation}").json()["customer_id"]
    links = shop.outside.call("POST", f"/v1/customers/{customer}/link-codes", {}).json()["links"]
    (url,) = [link["url"] for link in links if link["url"].startswith(shop.origin)]
    with visitor(shop, browser) as phone:
        # when it is opened elsewhere, then the address is clean at once, and nothing happens before the answer
        phone.goes_to(url.removeprefix(shop.origin))
        expect(phone.widget.get_by_role("heading", name="Is this your own link?")).to_be_focused()
        assert phone.page.url == f"{shop.origin}/"
        expect(phone.own(words)).to_have_count(0)
        # and with a yes the conversation is there
        phone.widget.get_by_role("button", name="Yes, continue").click()
        expect(phone.own(words)).to_be_visible()


def test_a_no_leaves_the_code_alone(shop: Shop, browser: Browser) -> None:
    shop.put()
    with visitor(shop, browser) as wary:
        wary.goes_to("/#onethread=K7QM-2XPD")
        wary.widget.get_by_role("button", name="No", exact=True).click()
        expect(wary.text).to_be_focused()
        assert wary.page.evaluate("Object.keys(localStorage).filter(name => name.includes(':out:'))") == []
