"""The pictures of the desk and the widget in the README, taken from a local stack that was just started:
``python -m infra.documentation.screenshots``.

It plays the tour of the README: a visitor writes in the web chat, goes on on WeChat by a scanned code, and somebody
else writes a mail. Then it photographs both pages: light, dark, on a phone, and in Chinese.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, FrameLocator, Page, ViewportSize, expect, sync_playwright

from infra.local.stack.settings import Settings

IMAGES = Path(__file__).parents[2] / "docs" / "images"
DESK = ViewportSize(width=1440, height=860)
PHONE = ViewportSize(width=390, height=800)

PATIENCE = 30_000
"""Milliseconds: a stack that was just started is slow at first."""

Scheme = Literal["light", "dark"]

WIDGET_WORDS = {
    "en": {
        "open": "Open chat",
        "question": "Hi! Does the storm lantern work outdoors?",
        "answer": "It does. It is made for rain and wind, and burns for twelve hours.",
        "read": "Read",
    },
    "zh-CN": {
        "open": "打开聊天",
        "question": "你好，黄铜台灯还有货吗？",
        "answer": "您好，有货。今天中午前下单，当天就能发出。",
        "read": "已读",
    },
}


def main() -> None:
    settings = Settings.from_environment()
    url = json.loads(settings.local_file.read_text())["url"]
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = _open(browser, url)
        _mail(page, "Order 4711", "Could you send it to my office instead?")
        _web_chat(
            page, "Hello! Is the brass lamp in stock?", "Good morning! Yes, it leaves today if you order before noon."
        )
        page.screenshot(path=IMAGES / "widget.png")
        _switch(page, "王芳", "I am on my way. Send me a photo?", "With pleasure, here it is in the evening light.")
        page.screenshot(path=IMAGES / "desk.png")
        _mail_answered(
            page, "Order 4711", "Could you send it to my office instead?", "Of course. It goes to your office now."
        )
        page.screenshot(path=IMAGES / "desk-mail.png")
        _slack(page, "Nora", "Is the invoice for March ready?", "It is. You find it in your account.")
        page.screenshot(path=IMAGES / "desk-slack.png")
        page.context.close()
        _desk_again(browser, url, "desk-dark.png", scheme="dark")
        _desk_again(browser, url, "desk.zh-CN.png", locale="zh-CN")
        _desk_again(browser, url, "desk-phone.png", size=PHONE)
        _widget_alone(browser, url, "widget-dark.png", scheme="dark")
        _widget_alone(browser, url, "widget.zh-CN.png", locale="zh-CN")
        browser.close()


def _open(
    browser: Browser,
    url: str,
    *,
    locale: str = "en-GB",
    scheme: Scheme = "light",
    size: ViewportSize = DESK,
) -> Page:
    page = browser.new_context(viewport=size, locale=locale, color_scheme=scheme).new_page()
    page.goto(url)
    return page


def _widget(page: Page) -> FrameLocator:
    return page.frame_locator("#webchat-frame")


def _web_chat(page: Page, question: str, answer: str) -> None:
    page.get_by_role("tab").nth(0).click()
    widget = _widget(page)
    widget.get_by_role("button", name="Open chat").click()
    widget.get_by_role("textbox").fill(question)
    widget.get_by_role("textbox").press("Enter")
    page.locator("#conversations").get_by_text(question).click()
    _answer(page, answer)
    expect(widget.get_by_text(answer)).to_be_visible()


def _switch(page: Page, name: str, words: str, answer: str) -> None:
    page.get_by_role("tab").nth(1).click()
    page.locator("#wechat-name").fill(name)
    page.locator("#wechat-name").press("Enter")
    expect(page.locator("#wechat-user option:checked")).to_contain_text(name)
    page.locator("#continue").click()
    expect(page.locator(".qr")).to_be_visible()
    page.screenshot(path=IMAGES / "desk-link.png")
    page.locator("#to-phone").click()
    page.locator("#wechat-scan").click()
    page.locator("#wechat-codes button").first.click()
    expect(page.locator("#messages .switch")).to_be_visible()
    page.locator("#wechat-text").fill(words)
    page.locator("#wechat-text").press("Enter")
    expect(page.locator("#messages")).to_contain_text(words)
    _answer(page, answer)
    expect(page.locator("#wechat-messages")).to_contain_text(answer)


def _mail(page: Page, subject: str, question: str) -> None:
    page.get_by_role("tab").nth(2).click()
    page.locator("#email-new").click()
    page.locator("#email-write [name=subject]").fill(subject)
    page.locator("#email-write [name=text]").fill(question)
    page.locator("#email-write .main").click()
    expect(page.locator("#conversations")).to_contain_text(question)


def _mail_answered(page: Page, subject: str, question: str, answer: str) -> None:
    page.locator("#conversations").get_by_text(question).first.click()
    expect(page.locator("#messages")).to_contain_text(question)
    _answer(page, answer)
    page.get_by_role("tab").nth(2).click()
    page.locator("#email-mails").get_by_text(f"Re: {subject}").first.click()
    expect(page.frame_locator(".mail-frame").locator("body")).to_contain_text(answer)


def _slack(page: Page, name: str, question: str, answer: str) -> None:
    page.get_by_role("tab").nth(3).click()
    page.locator("#slack-name").fill(name)
    page.locator("#slack-name").press("Enter")
    page.locator("#slack-text").fill(question)
    page.locator("#slack-text").press("Enter")
    page.locator("#conversations").get_by_text(question).first.click()
    expect(page.locator("#messages")).to_contain_text(question)
    _answer(page, answer)
    expect(page.locator("#slack-messages")).to_contain_text(answer)


def _answer(page: Page, text: str) -> None:
    page.locator("#reply-text").fill(text)
    page.locator("#reply-text").press("Enter")
    sent = page.locator("#messages .line.ours").filter(has_text=text)
    expect(sent.locator(".tick-sent, .tick-delivered, .tick-read")).to_be_visible()


def _desk_again(
    browser: Browser,
    url: str,
    name: str,
    *,
    locale: str = "en-GB",
    scheme: Scheme = "light",
    size: ViewportSize = DESK,
) -> None:
    """The desk as somebody else sees it afterwards, with the conversation open that went from channel to channel."""
    page = _open(browser, url, locale=locale, scheme=scheme, size=size)
    page.locator("#conversations .conversation").filter(has_text="evening light").click()
    expect(page.locator("#messages .switch")).to_be_visible()
    if size == DESK:
        page.get_by_role("tab").nth(1).click()
        expect(page.locator("#wechat-messages .bubble").first).to_be_visible()
    page.screenshot(path=IMAGES / name)
    page.context.close()


def _widget_alone(browser: Browser, url: str, name: str, *, locale: str = "en-GB", scheme: Scheme = "light") -> None:
    """The made-up shop on a phone, with the chat open and a question that an agent has answered."""
    language = "zh-CN" if locale.startswith("zh") else "en"
    words = WIDGET_WORDS[language]
    page = _open(browser, f"{url}/shop/?lang={language}", locale=locale, scheme=scheme, size=PHONE)
    page.get_by_role("button", name=words["open"]).click()
    box = page.get_by_role("textbox")
    box.fill(words["question"])
    box.press("Enter")
    desk = _open(browser, url)
    desk.locator("#conversations").get_by_text(words["question"]).first.click()
    _answer(desk, words["answer"])
    expect(page.get_by_role("log")).to_contain_text(words["answer"])
    expect(page.get_by_role("log")).to_contain_text(words["read"])
    page.screenshot(path=IMAGES / name)
    desk.context.close()
    page.context.close()


if __name__ == "__main__":
    main()
