"""The chat widget on a shop's page, in a real browser, against the whole local stack."""

from __future__ import annotations

import base64
import re

from playwright.sync_api import Browser, FilePayload, expect

from tests.e2e.made_up import png, some, text, wav
from tests.e2e.outside import Outside, eventually
from tests.e2e.shop import Shop, Visitor, visitor

ANN = {"author": {"type": "agent", "name": "Ann"}}


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
    # and seen before they are sent: the picture as what it looks like, each with its size once it is up
    expect(ann.widget.locator(".files canvas")).to_have_count(1)
    draw = "element => [...element.getContext('2d').getImageData(0, 0, 1, 1).data]"
    assert ann.widget.locator(".files canvas").evaluate(draw) == [255, 128, 0, 255]
    expect(ann.widget.locator(".files").get_by_text("0.00 MB")).to_have_count(3)
    expect(ann.widget.get_by_role("progressbar")).to_have_count(0)
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
    outside.reply(conversation, text("Yes"), **ANN)
    expect(ann.launcher).to_have_accessible_name("Open chat (1 unread)")
    expect(ann.launcher.locator(".badge")).to_have_text("1")
    # and those who listen to the page instead hear it
    expect(ann.widget.locator("[aria-live=polite]")).to_have_text("Ann: Yes")
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
