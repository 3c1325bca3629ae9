"""The desk for everybody: axe finds nothing, in light and dark, in each of its states."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.frontend.toolchain import MODULES
from tests.e2e.chat_client import ChatClient
from tests.e2e.desk_page import (
    answer,
    open_conversation,
    served_elsewhere,
    slack_person,
    watched,
    wechat_follower,
    wechat_says,
)
from tests.e2e.outside import Outside

AXE = MODULES / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now; frames are pages of their own."""
    page.evaluate(AXE.read_text())
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"], "iframes": False}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, outside: Outside) -> Iterator[Page]:
    scheme: Literal["light", "dark"] = request.param
    with watched(browser, outside.url, color_scheme=scheme) as opened:
        yield opened


def test_axe_finds_nothing_at_the_desk(page: Page, outside: Outside) -> None:
    mark = uuid.uuid4().hex[:8]
    with ChatClient(outside) as visitor:
        visitor.send({"type": "message", "client_id": "a", "parts": [{"type": "text", "text": f"Hello {mark}"}]})
        open_conversation(page, mark)
        answer(page, f"https://shop.example/ {mark}")
        assert violations(page) == []
        # the customer beside it
        page.locator("#toggle-profile").click()
        expect(page.locator("#profile")).to_be_visible()
        assert violations(page) == []
        # the dialogs
        page.locator("#continue").click()
        expect(page.locator(".qr")).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.locator("#merge").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Escape")
        page.locator("#help").click()
        assert violations(page) == []


def test_axe_finds_nothing_on_the_phones(page: Page) -> None:
    mark = uuid.uuid4().hex[:8]
    wechat_follower(page, f"王芳 {mark}")
    wechat_says(page, f"你好 {mark}")
    page.locator("#wechat-scan").click()
    assert violations(page) == []
    page.get_by_role("tab", name="Email").click()
    expect(page.locator("#email-mails")).to_be_attached()
    assert violations(page) == []
    page.locator("#email-new").click()
    assert violations(page) == []
    slack_person(page, f"Nora {mark}")
    page.locator("#slack-text").fill(f"Hello {mark}")
    page.locator("#slack-text").press("Enter")
    expect(page.locator("#slack-messages")).to_contain_text(f"Hello {mark}")
    assert violations(page) == []


def test_axe_finds_nothing_on_a_small_screen_in_chinese(browser: Browser, outside: Outside) -> None:
    with watched(browser, outside.url, viewport={"width": 390, "height": 844}, locale="zh-CN") as page:
        expect(page.locator("#search")).to_be_visible()
        assert violations(page) == []


def test_the_sign_in_form_is_for_everybody_too(browser: Browser) -> None:
    page = served_elsewhere(browser)
    expect(page.locator("#sign-in")).to_be_visible()
    assert violations(page) == []
