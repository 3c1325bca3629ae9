"""What make up serves, in a real browser: a desk beside the phones of its customers, on one page."""

from __future__ import annotations

import uuid

from playwright.sync_api import Browser, Page, expect

from tests.e2e.desk_page import VIEW, answer, open_conversation, slack_person, watched, wechat_follower
from tests.e2e.outside import Outside


def test_a_wechat_user_writes_and_is_answered_on_the_phone(desk: Page) -> None:
    # given a new follower on the WeChat phone
    wechat_follower(desk, f"王芳 {uuid.uuid4().hex[:4]}")
    # when they write
    text = f"你好 {uuid.uuid4().hex[:8]}"
    desk.locator("#wechat-text").fill(text)
    desk.locator("#wechat-text").press("Enter")
    # then the agent answers, and it is on the phone
    open_conversation(desk, text)
    answer(desk, "您好！")
    expect(desk.locator("#wechat-messages")).to_contain_text("您好！")


def test_a_customer_mails_and_reads_the_answer_in_the_mailbox(desk: Page) -> None:
    # given a mailbox of somebody's own
    desk.get_by_role("tab", name="Email").click()
    mark = uuid.uuid4().hex[:8]
    desk.locator("#email-address").fill(f"ann.{mark}@trusted.example")
    desk.locator("#email-address").press("Tab")
    # when they write a mail
    desk.locator("#email-new").click()
    write = desk.locator("#email-write")
    write.locator("[name=subject]").fill(f"Order {mark}")
    write.locator("[name=text]").fill(f"Where is my order {mark}?")
    write.get_by_role("button", name="Send").click()
    # then the agent reads and answers it
    open_conversation(desk, mark)
    expect(desk.locator("#messages")).to_contain_text(f"Where is my order {mark}?")
    answer(desk, "It leaves <b>today</b>.")
    # and the answer is in the mailbox, in the thread of the question
    desk.locator("#email-mails").get_by_text(f"Re: Order {mark}").click()
    expect(desk.frame_locator(".mail-frame").locator("body")).to_contain_text("It leaves <b>today</b>.")
    # when they answer that
    desk.locator("#email-reply").click()
    write.locator("[name=text]").fill(f"Thank you {mark}")
    write.get_by_role("button", name="Send").click()
    # then it continues the conversation, without what was quoted
    expect(desk.locator("#messages")).to_contain_text(f"Thank you {mark}")
    expect(desk.locator("#messages").get_by_text("wrote:")).to_have_count(0)


def test_somebody_on_slack_writes_and_is_answered(desk: Page) -> None:
    slack_person(desk, f"Nora {uuid.uuid4().hex[:4]}")
    text = f"Is the invoice ready? {uuid.uuid4().hex[:8]}"
    desk.locator("#slack-text").fill(text)
    desk.locator("#slack-text").press("Enter")
    open_conversation(desk, text)
    answer(desk, "It *is*.")
    expect(desk.locator("#slack-messages")).to_contain_text("It is.")


def test_on_a_phone_one_thing_fills_the_screen(browser: Browser, outside: Outside) -> None:
    with watched(browser, outside.url, viewport={"width": 390, "height": 844}) as page:
        bar = page.get_by_role("navigation", name="Be a customer")
        expect(page.locator("#conversations")).to_be_visible()
        # when the visitor's side is asked for
        bar.get_by_role("button", name="Customers").click()
        expect(page.locator("#tab-wechat")).to_be_visible()
        expect(page.locator("#search")).to_be_hidden()
        # then one gets back, and nothing is wider than the screen
        bar.get_by_role("button", name="Desk").click()
        expect(page.locator("#search")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_speaks_chinese_and_remembers_it(browser: Browser, outside: Outside) -> None:
    with watched(browser, outside.url, viewport=VIEW) as page:
        page.locator("#language").click()
        expect(page.locator("#list-title")).to_have_text("会话")
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        page.reload()
        expect(page.locator("#list-title")).to_have_text("会话")


def test_a_browser_that_prefers_chinese_gets_it(browser: Browser, outside: Outside) -> None:
    with watched(browser, outside.url, locale="zh-CN", viewport=VIEW) as page:
        expect(page.get_by_role("tab", name="微信")).to_be_visible()
