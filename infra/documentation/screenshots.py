"""The pictures of the page in the README: ``python -m infra.documentation.screenshots``, with a local stack running.

It plays a short scene on each channel, and photographs it: web chat and WeChat in light and dark, in English and
Chinese, and on a phone; mail and Slack once each.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.local.stack.settings import Settings

IMAGES = Path(__file__).parents[2] / "docs" / "images"
DESK = {"width": 1400, "height": 820}
PHONE = {"width": 390, "height": 844}


def main() -> None:
    settings = Settings.from_environment()
    url = json.loads(settings.local_file.read_text())["url"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = _open(browser, url, "en-GB", "light")
        _web_chat(
            page, "Hello! My parcel 4711 has not come yet.", "Good morning! It left Hamburg today. Shall we call?"
        )
        _wechat(page, "王芳", "你好，我的订单什么时候到？", "您好！明天下午送到。")
        page.screenshot(path=IMAGES / "page.png")
        _mail(page, "Order 4711", "Could you send it to my office instead?", "Of course. It goes to your office now.")
        page.screenshot(path=IMAGES / "page-mail.png")
        _slack(page, "Nora", "Is the invoice for March ready?", "It is. You find it in your account.")
        page.screenshot(path=IMAGES / "page-slack.png")
        for name, locale, scheme in (("page-dark.png", "en-GB", "dark"), ("page.zh-CN.png", "zh-CN", "light")):
            other = _open(browser, url, locale, scheme)
            other.locator("#conversations li button").first.click()
            other.get_by_role("tab").nth(1).click()
            other.wait_for_timeout(1500)
            other.screenshot(path=IMAGES / name)
        phone = _open(browser, url, "en-GB", "light", PHONE)
        phone.locator("#conversations li button").first.click()
        phone.wait_for_timeout(1500)
        phone.screenshot(path=IMAGES / "page-phone.png")
        browser.close()


def _open(browser: Browser, url: str, locale: str, scheme: str, size: dict[str, int] | None = None) -> Page:
    view = size or DESK
    context = browser.new_context(
        viewport={"width": view["width"], "height": view["height"]},
        locale=locale,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(url)
    return page


def _web_chat(page: Page, question: str, answer: str) -> None:
    expect(page.locator("#webchat-state")).to_have_text("online")
    page.locator("#webchat-text").fill(question)
    page.locator("#webchat-form button[type=submit]").click()
    page.locator("#conversations").get_by_text(question).first.click()
    page.locator("#reply-text").fill(answer)
    page.locator("#reply button[type=submit]").click()
    expect(page.locator("#webchat-messages")).to_contain_text(answer)


def _wechat(page: Page, name: str, question: str, answer: str) -> None:
    page.get_by_role("tab").nth(1).click()
    page.locator("#wechat-name").fill(name)
    page.locator("#wechat-new button").click()
    page.locator("#wechat-text").fill(question)
    page.locator("#wechat-form button[type=submit]").click()
    page.locator("#conversations").get_by_text(question).first.click()
    page.locator("#reply-text").fill(answer)
    page.locator("#reply-choices").evaluate("field => { field.value = '改地址\\n改时间'; }")
    page.locator("#reply button[type=submit]").click()
    expect(page.locator("#wechat-messages")).to_contain_text(answer)
    page.wait_for_timeout(1500)


def _mail(page: Page, subject: str, question: str, answer: str) -> None:
    page.locator("#tab-email").click()
    page.locator("#email-new").click()
    page.locator("#email-write-subject").fill(subject)
    page.locator("#email-body").fill(question)
    page.locator("#email-write button[type=submit]").click()
    _answer(page, question, answer)
    page.locator("#email-mails").get_by_text(f"Re: {subject}").first.click()
    expect(page.locator("#email-text")).to_contain_text(answer)
    page.wait_for_timeout(1500)


def _slack(page: Page, name: str, question: str, answer: str) -> None:
    page.locator("#tab-slack").click()
    page.locator("#slack-name").fill(name)
    page.locator("#slack-new button[type=submit]").click()
    page.locator("#slack-text").fill(question)
    page.locator("#slack-form button[type=submit]").click()
    _answer(page, question, answer)
    expect(page.locator("#slack-messages")).to_contain_text("It is.")
    page.wait_for_timeout(1500)


def _answer(page: Page, question: str, answer: str) -> None:
    """The agent opens the conversation and answers."""
    page.locator("#conversations").get_by_text(question).first.click()
    page.locator("#reply-text").fill(answer)
    page.locator("#reply button[type=submit]").click()


if __name__ == "__main__":
    main()
