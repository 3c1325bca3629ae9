"""The desk's page as tests use it: opened, watched for errors, and worked with as an agent and a customer would."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from infra.local.front.page import DESK
from infra.local.stack.settings import DESK_ORIGIN
from tests.e2e.chat_client import ChatClient

VIEW = ViewportSize(width=1400, height=860)


@contextmanager
def watched(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """The page in a browser of its own; a script error or a refused resource fails the test."""
    context = browser.new_context(**{"locale": "en-GB", "viewport": VIEW, **options})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" and _ours(line.text) else None)
    page.goto(url)
    try:
        yield page
    finally:
        context.close()
    assert not problems


def served_elsewhere(browser: Browser) -> Page:
    """The desk's built files as another host would serve them."""
    context = browser.new_context(locale="en-GB", viewport=VIEW)
    # Chromium asks its user before a page of elsewhere may call this machine; on the Internet it does not.
    context.grant_permissions(["local-network-access"], origin=DESK_ORIGIN)
    context.route(
        f"{DESK_ORIGIN}/**",
        lambda asked: asked.fulfill(path=DESK / (asked.request.url.rpartition("/")[2] or "index.html")),
    )
    page = context.new_page()
    page.goto(f"{DESK_ORIGIN}/")
    return page


def _ours(text: str) -> bool:
    """A refused call is noted by the browser as an error too, and one that a test cuts off; the page handles them."""
    return "the server responded with a status of 4" not in text and "net::ERR_FAILED" not in text


def open_conversation(page: Page, text: str) -> None:
    """Opens the conversation whose last message has the text."""
    page.locator("#conversations").get_by_text(text).first.click()
    expect(page.locator("#messages")).to_contain_text(text)


def answer(page: Page, text: str) -> None:
    page.locator("#reply-text").fill(text)
    page.locator("#reply-text").press("Enter")
    expect(page.locator("#messages .ours").get_by_text(text).last).to_be_visible()


def wechat_follower(page: Page, name: str) -> None:
    """A new WeChat user who follows the account, on the phone."""
    page.get_by_role("tab", name="WeChat").click()
    page.locator("#wechat-name").fill(name)
    page.locator("#wechat-name").press("Enter")
    expect(page.locator("#wechat-user option:checked")).to_contain_text(name)
    page.locator("#wechat-follow").click()
    expect(page.locator("#wechat-messages")).to_contain_text("followed the account")


def wechat_says(page: Page, text: str) -> None:
    page.locator("#wechat-text").fill(text)
    page.locator("#wechat-text").press("Enter")
    expect(page.locator("#wechat-messages")).to_contain_text(text)


def slack_person(page: Page, name: str) -> None:
    """Somebody new in the Slack workspace, on the phone; until they are chosen, it is somebody else who writes."""
    page.get_by_role("tab", name="Slack").click()
    page.locator("#slack-name").fill(name)
    page.locator("#slack-name").press("Enter")
    expect(page.locator("#slack-user option:checked")).to_contain_text(name)


def say(visitor: ChatClient, text: str) -> None:
    visitor.send({"type": "message", "client_id": uuid.uuid4().hex, "parts": [{"type": "text", "text": text}]})
    visitor.next("accepted")


def line(page: Page, text: str) -> Locator:
    """The conversation in the list whose last message has the text."""
    return page.locator("#conversations .conversation").filter(has_text=text)


def route(page: Page, channel: str) -> Locator:
    return page.locator(f"#reply .route[data-channel={channel}]")
