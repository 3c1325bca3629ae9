"""The desk beside a bot: it says who answers in a conversation, takes it over, and hands it back."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from infra.local.stack.lifecycle import LocalStack
from tests.e2e.chat_client import ChatClient
from tests.e2e.desk_page import line, open_conversation, say, watched
from tests.e2e.outside import Outside, eventually
from tests.e2e.test_control import new_key
from tests.e2e.test_desk_accessibility import violations

PHONE = ViewportSize(width=390, height=844)
NOTE = "wants a refund for 4711"


class Colleague:
    """A bot, or somebody at another desk: a party with a key of its own."""

    def __init__(self, outside: Outside, key: str, kind: str, name: str) -> None:
        self._outside = outside
        self._key = key
        self._kind = kind
        self._name = name

    def control(self, conversation: str, action: str, **more: object) -> dict[str, Any]:
        value = {"action": action, "as": self._kind, "name": self._name, **more}
        answer = self._outside.call("POST", f"/v1/conversations/{conversation}/control", value, token=self._key)
        assert answer.status == 200, answer.body
        shown: dict[str, Any] = answer.json()["conversation"]
        return shown

    def replies(self, conversation: str, text: str) -> int:
        """The status of the answer."""
        author = {"type": "bot" if self._kind == "bot" else "agent", "name": self._name}
        value = {"parts": [{"type": "text", "text": text}], "author": author}
        path = f"/v1/conversations/{conversation}/messages"
        return self._outside.call("POST", path, value, token=self._key).status


@pytest.fixture(scope="module")
def keys(stack: LocalStack) -> dict[str, str]:
    return {name: new_key(stack, name)["key"] for name in ("berta", "kim")}


@pytest.fixture
def berta(outside: Outside, keys: dict[str, str]) -> Colleague:
    return Colleague(outside, keys["berta"], "bot", "Berta")


@pytest.fixture
def kim(outside: Outside, keys: dict[str, str]) -> Colleague:
    return Colleague(outside, keys["kim"], "desk", "Kim")


@pytest.fixture
def asked(outside: Outside, visitor: ChatClient, mark: str) -> str:
    """The conversation in which a visitor has asked something."""
    say(visitor, f"Hello {mark}")
    return outside.conversation_with(f"Hello {mark}")


def told(outside: Outside, conversation: str) -> list[tuple[str, str | None]]:
    """Who had control and what was sent, in the order of the log."""
    entries = outside.call("GET", f"/v1/conversations/{conversation}/events?limit=100").json()["items"]
    changes = {"conversation.control_changed": "action", "message.sent": "message"}
    found = [(each["type"], each["data"]) for each in entries if each["type"] in changes]
    return [(data["action"], data["by"]["type"]) if "action" in data else ("reply", None) for _, data in found]


def state_of(outside: Outside, conversation: str) -> dict[str, Any]:
    shown: dict[str, Any] = outside.call("GET", f"/v1/conversations/{conversation}").json()
    return shown


def test_a_bot_offers_the_desk_takes_over_by_sending_and_hands_back(
    desk: Page, outside: Outside, visitor: ChatClient, berta: Colleague, asked: str, mark: str
) -> None:
    control, lines, send = desk.locator("#control"), desk.locator("#messages"), desk.locator("#reply [type=submit]")
    # while nobody controls the conversation, nothing is said
    open_conversation(desk, mark)
    expect(send).to_have_text("Send")
    expect(control.get_by_role("status")).to_be_empty()
    expect(desk.locator("#reply-bot")).to_be_visible()

    # when a bot answers, then the desk says so, in the thread as well
    berta.control(asked, "take")
    assert berta.replies(asked, f"I am a bot {mark}") == 202
    expect(control.get_by_role("status")).to_have_text("Berta is answering")
    expect(lines).to_contain_text("Berta took over")
    expect(send).to_have_text("Take over and send")
    expect(desk.locator("#reply-bot")).to_have_count(0)
    expect(line(desk, mark).locator(".offered")).to_have_count(0)

    # when it gives a sign of life, then the thread does not tell of it
    berta.control(asked, "take")
    # and when it offers the customer to the desk, then the list and the box say so, with the note
    berta.control(asked, "offer", to="desk", note=NOTE)
    expect(control.get_by_role("status")).to_have_text(f"Offered to the desk: {NOTE}")
    expect(line(desk, mark).locator(".offered")).to_have_text("for the desk")
    expect(lines).to_contain_text("Berta offered the conversation to the desk")
    expect(lines.get_by_text("Berta took over")).to_have_count(1)

    # when the agent just sends, then they take over first
    desk.locator("#reply-text").fill(f"I am not {mark}")
    desk.locator("#reply-text").press("Enter")
    assert visitor.message(f"I am not {mark}")
    expect(control.get_by_role("status")).to_have_text("You are answering")
    expect(lines).to_contain_text("You took over from Berta")
    expect(lines.get_by_text(NOTE)).to_have_count(1)
    expect(send).to_have_text("Send")
    expect(line(desk, mark).locator(".offered")).to_have_count(0)
    actions = [("take", "bot"), ("reply", None), ("take", "bot"), ("offer", "bot"), ("take", "desk"), ("reply", None)]
    assert told(outside, asked) == actions
    assert berta.replies(asked, "me too") == 409

    # when they hand back, then a bot may have it, and nobody has it until then
    control.get_by_role("button", name="Hand back to the bot").click()
    expect(lines).to_contain_text("You handed the conversation to the bot")
    expect(control.get_by_role("status")).to_be_empty()
    expect(desk.locator("#thread-title")).to_be_focused()
    handed = state_of(outside, asked)
    assert handed["offered_to"] == {"type": "bot"}
    assert "controller" not in handed


def test_a_bot_that_is_faster_than_the_desk_is_explained_and_the_text_stays(
    desk: Page, visitor: ChatClient, berta: Colleague, asked: str, mark: str
) -> None:
    open_conversation(desk, mark)
    box, problem = desk.locator("#reply-text"), desk.locator("#reply-problem")

    # given a bot that takes over between the agent's keystroke and the API
    def bot_first(route: Route) -> None:
        berta.control(asked, "take")
        route.continue_()

    desk.route("**/messages", bot_first, times=1)
    box.fill(f"One moment {mark}")
    box.press("Enter")
    # then the page says why nothing was sent, and what now
    expect(problem).to_have_text("Not sent: somebody else answers here now. It is still in the box.")
    expect(box).to_have_value(f"One moment {mark}")
    expect(desk.locator("#control").get_by_role("status")).to_have_text("Berta is answering")
    # when the agent sends it again, then it gets through, once
    desk.get_by_role("button", name="Take over and send").click()
    expect(box).to_have_value("")
    expect(problem).to_be_empty()
    assert visitor.message(f"One moment {mark}")
    assert [each["text"] for each in visitor.history()].count(f"One moment {mark}") == 1


def test_it_is_taken_over_and_released_by_keyboard(
    desk: Page, outside: Outside, berta: Colleague, asked: str, mark: str
) -> None:
    berta.control(asked, "take")
    open_conversation(desk, mark)
    expect(desk.locator("#take-over")).to_be_visible()
    # when t is pressed, then the agent has it, and can write
    desk.keyboard.press("t")
    expect(desk.locator("#control").get_by_role("status")).to_have_text("You are answering")
    expect(desk.locator("#reply-text")).to_be_focused()
    assert state_of(outside, asked)["controller"]["type"] == "desk"
    # when they release it, then nobody has it
    desk.locator("#release").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#messages")).to_contain_text("You let go of the conversation")
    assert "controller" not in state_of(outside, asked)
    # and t does nothing any more
    expect(desk.locator("#thread-title")).to_be_focused()
    desk.keyboard.press("t")
    expect(desk.locator("#take-over")).to_have_count(0)
    assert told(outside, asked)[-1] == ("release", "desk")


def test_another_desk_is_not_taken_over_from_until_it_offers(
    desk: Page, visitor: ChatClient, kim: Colleague, asked: str, mark: str
) -> None:
    kim.control(asked, "take")
    open_conversation(desk, mark)
    control = desk.locator("#control")
    expect(control.get_by_role("status")).to_have_text("Kim is answering")
    expect(control.get_by_role("button")).to_have_count(0)
    desk.locator("#reply-text").fill(f"Hi {mark}")
    expect(desk.locator("#reply [type=submit]")).to_be_disabled()
    # when they offer it, then it can be had
    kim.control(asked, "offer", to="desk", note="my shift is over")
    control.get_by_role("button", name="Take over").click()
    expect(desk.locator("#messages")).to_contain_text("You took over from Kim")
    desk.locator("#reply-text").press("Enter")
    assert visitor.message(f"Hi {mark}")


def test_a_take_that_comes_too_late_is_explained(desk: Page, kim: Colleague, asked: str, mark: str) -> None:
    # given a conversation that is offered to every desk
    kim.control(asked, "offer", to="desk")
    open_conversation(desk, mark)

    # when the other desk is faster
    def kim_first(route: Route) -> None:
        kim.control(asked, "take")
        route.continue_()

    desk.route("**/control", kim_first, times=1)
    desk.locator("#take-over").click()
    expect(desk.get_by_text("Not done: another desk answers here now")).to_be_visible()
    expect(desk.locator("#control").get_by_role("status")).to_have_text("Kim is answering")


def test_a_silent_bot_a_gap_and_a_late_message_are_told(
    desk: Page, outside: Outside, berta: Colleague, asked: str, mark: str
) -> None:
    # given a log that says so: two entries in the place of real ones
    berta.control(asked, "take")
    berta.control(asked, "release")
    berta.control(asked, "take")

    def rewritten(route: Route) -> None:
        answer = route.fetch()
        value = answer.json()
        changes = [each for each in value["items"] if each["type"] == "conversation.control_changed"]
        for each in changes:
            if each["data"]["action"] == "release":
                each["data"] |= {"reason": "timeout", "previous": {"type": "bot", "id": "0f3a9c17b2de"}}
                del each["data"]["by"]
        if changes:
            changes[0]["type"] = "conversation.gap"
            changes[0]["data"] = {"channel": "webchat", "account": "main", "reason": "ValueError", "where": "inbound"}
        route.fulfill(response=answer, json=value)

    def late(route: Route) -> None:
        answer = route.fetch()
        value = answer.json()
        for each in value["items"]:
            each["late"] = True
        route.fulfill(response=answer, json=value)

    desk.route(f"**/{asked}/events*", rewritten)
    desk.route(f"**/{asked}/messages*", late)
    open_conversation(desk, mark)
    lines = desk.locator("#messages")
    expect(lines).to_contain_text("The bot did not answer in time")
    expect(lines.locator(".gap")).to_contain_text("Something came in by Web chat that could not be stored")
    expect(lines.locator(".message .late")).to_have_text("arrived late")


def test_axe_finds_nothing_whoever_answers(
    desk: Page, outside: Outside, berta: Colleague, asked: str, mark: str
) -> None:
    open_conversation(desk, mark)
    berta.control(asked, "take")
    expect(desk.locator("#control")).to_contain_text("Berta is answering")
    assert violations_in_light_and_dark(desk) == []
    berta.control(asked, "offer", to="desk", note=NOTE)
    expect(desk.locator("#control")).to_contain_text(NOTE)
    expect(line(desk, mark).locator(".offered")).to_be_visible()
    assert violations_in_light_and_dark(desk) == []
    desk.locator("#take-over").click()
    expect(desk.locator("#release")).to_be_visible()
    assert violations_in_light_and_dark(desk) == []


def violations_in_light_and_dark(page: Page) -> list[str]:
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    found = []
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += violations(page)
    return found


def test_on_a_phone_in_chinese_a_long_note_widens_nothing(
    browser: Browser, outside: Outside, berta: Colleague, asked: str, mark: str
) -> None:
    berta.control(asked, "take")
    berta.control(asked, "offer", to="desk", note=f"{'x' * 400} {mark}")
    with watched(browser, outside.url, viewport=PHONE, locale="zh-CN") as page:
        page.locator(f"[data-conversation={asked}]").click()
        control = page.locator("#control")
        expect(control.get_by_role("status")).to_contain_text("等待人工接手：xxx")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert page.locator("#messages").evaluate("each => each.scrollWidth <= each.clientWidth")
        page.get_by_role("button", name="接手", exact=True).click()
        expect(control.get_by_role("status")).to_have_text("您正在接待")
        eventually(lambda: state_of(outside, asked)["controller"]["type"] == "desk")
        assert violations(page) == []
