"""The page that make up serves, in a real browser: customer and agent at once, in English and Chinese."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.e2e.outside import Outside

WINDOW = ViewportSize(width=1400, height=860)
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one that playwright has installed for itself."""
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=installed, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, outside: Outside) -> Iterator[Page]:
    """The page, freshly opened; a script error or a refused resource fails the test."""
    context = browser.new_context(viewport=WINDOW, locale="en-GB")
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    opened.goto(outside.url)
    yield opened
    context.close()
    assert not problems


def test_a_visitor_writes_an_agent_answers_and_both_see_it(page: Page) -> None:
    # given the web chat on the page
    expect(page.locator("#webchat-state")).to_have_text("online")
    # when the visitor writes
    text = f"Where is my order? {uuid.uuid4().hex[:8]}"
    page.locator("#webchat-text").fill(text)
    page.locator("#webchat-form button[type=submit]").click()
    # then the conversation comes up for the agent, who answers
    page.locator("#conversations").get_by_text(text).click()
    expect(page.locator("#messages")).to_contain_text(text)
    page.locator("#reply-text").fill("It leaves today.")
    page.locator("#reply button[type=submit]").click()
    # and the visitor sees the answer
    expect(page.locator("#webchat-messages")).to_contain_text("It leaves today.")


def test_a_wechat_user_writes_and_is_answered_on_the_phone(page: Page) -> None:
    # given a new follower on the WeChat side
    page.get_by_role("tab", name="WeChat").click()
    name = f"王芳 {uuid.uuid4().hex[:4]}"
    page.locator("#wechat-name").fill(name)
    page.locator("#wechat-new button").click()
    expect(page.locator("#wechat-user option:checked")).to_contain_text(name)
    # when they write
    text = f"你好 {uuid.uuid4().hex[:8]}"
    page.locator("#wechat-text").fill(text)
    page.locator("#wechat-form button[type=submit]").click()
    # then the agent answers with a choice, and it is on the phone as a menu
    page.locator("#conversations").get_by_text(text).click()
    page.locator("#reply-text").fill("您好！")
    page.locator("#reply button[type=submit]").click()
    expect(page.locator("#wechat-messages")).to_contain_text("您好！")


def test_a_customer_mails_and_reads_the_answer_in_the_mailbox(page: Page) -> None:
    # given a mailbox of somebody's own
    page.get_by_role("tab", name="Email").click()
    mark = uuid.uuid4().hex[:8]
    page.locator("#email-address").fill(f"ann.{mark}@trusted.example")
    page.locator("#email-address").press("Tab")
    # when they write a mail
    page.locator("#email-new").click()
    page.locator("#email-write-subject").fill(f"Order {mark}")
    page.locator("#email-body").fill(f"Where is my order {mark}?")
    page.locator("#email-write button[type=submit]").click()
    # then the agent reads and answers it
    page.locator("#conversations").get_by_text(mark).first.click()
    expect(page.locator("#messages")).to_contain_text(f"Where is my order {mark}?")
    page.locator("#reply-text").fill("It leaves <b>today</b>.")
    page.locator("#reply button[type=submit]").click()
    # and the answer is in the mailbox, in the thread of the question
    page.locator("#email-mails").get_by_text(f"Re: Order {mark}").click()
    expect(page.frame_locator("#email-frame iframe").locator("body")).to_contain_text("It leaves <b>today</b>.")
    # when they answer that
    page.locator("#email-reply").click()
    page.locator("#email-body").fill(f"Thank you {mark}")
    page.locator("#email-write button[type=submit]").click()
    # then it continues the conversation, without what was quoted
    expect(page.locator("#messages")).to_contain_text(f"Thank you {mark}")
    expect(page.locator("#messages").get_by_text("wrote:")).to_have_count(0)


def test_what_customers_write_never_becomes_markup(page: Page) -> None:
    expect(page.locator("#webchat-state")).to_have_text("online")
    mark = uuid.uuid4().hex[:8]
    page.locator("#webchat-text").fill(f"<img src=x onerror=document.title='{mark}'><b>bold</b>")
    page.locator("#webchat-form button[type=submit]").click()
    page.locator("#conversations").get_by_text(mark).first.click()
    expect(page.locator("#messages")).to_contain_text("<b>bold</b>")
    assert page.title() == "onethread"


def test_the_page_speaks_chinese(page: Page) -> None:
    page.locator("#language").click()
    expect(page.locator("#list-title")).to_have_text("会话")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
