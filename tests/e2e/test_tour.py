"""The tour of the README, step by step, by the words that a reader finds there and clicks on the page."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.e2e.camera import scan
from tests.e2e.desk_page import watched
from tests.e2e.outside import Outside

ROOT = Path(__file__).parents[2]
TOURS = {
    "en-GB": ("README.md", "A switch of channel in 30 seconds"),
    "zh-CN": ("README.zh-CN.md", "30 秒体验一次渠道切换"),
}
NAMES = {
    "en-GB": {
        "open": "Open chat",
        "send": "Send",
        "wechat": "WeChat",
        "web": "Web chat",
        "person": "New person",
        "+": "Add",
    },
    "zh-CN": {"open": "打开聊天", "send": "发送", "wechat": "微信", "web": "网页聊天", "person": "新用户", "+": "添加"},
}
"""What the steps name without quoting it, by the language of the page; and what the sign + is called."""


def labels(readme: str, heading: str) -> list[str]:
    """What the steps below the heading tell to press, in order."""
    steps = re.search(rf"\*\*{heading}[:：]\*\*\n\n(.*?)\n\n", (ROOT / readme).read_text("utf-8"), re.S)
    assert steps is not None
    return re.findall(r"\*\*(.+?)\*\*", steps[1])


def written_in_the_shop(chat: Page | FrameLocator, names: dict[str, str], words: str) -> Locator:
    """Opens the widget and writes; the list of what was said."""
    chat.get_by_role("button", name=names["open"]).click()
    chat.get_by_role("textbox").fill(words)
    chat.get_by_role("button", name=names["send"]).click()
    log: Locator = chat.get_by_role("log")
    expect(log).to_contain_text(words)
    return log


def answered_at_the_desk(page: Page, question: str, words: str) -> None:
    page.get_by_role("navigation").get_by_role("button", name=question).click()
    reply(page, words)


def reply(page: Page, words: str) -> None:
    box = page.locator("#reply").get_by_role("textbox").first
    box.fill(words)
    box.press("Enter")
    expect(page.locator("#messages")).to_contain_text(words)


def somebody_on_wechat(page: Page, names: dict[str, str], plus: str) -> Locator:
    """The WeChat phone, with somebody of a new name."""
    phone = page.get_by_role("tabpanel", name=names["wechat"])
    person = f"Wang {uuid.uuid4().hex[:4]}"
    phone.get_by_role("textbox", name=names["person"]).fill(person)
    phone.get_by_role("button", name=names[plus]).click()
    expect(phone.get_by_role("combobox").locator("option:checked")).to_contain_text(person)
    return phone


@pytest.mark.parametrize("locale", TOURS)
def test_a_reader_moves_from_web_chat_to_wechat_by_the_steps_of_the_readme(
    locale: str, browser: Browser, outside: Outside
) -> None:
    names = NAMES[locale]
    continue_on, to_the_phone, plus, scan_label = labels(*TOURS[locale])
    mark = uuid.uuid4().hex[:8]
    with watched(browser, outside.url, locale=locale) as page:
        # 1. in the shop, open the chat and write; open the conversation and answer
        chat = written_in_the_shop(page.frame_locator("#webchat-frame"), names, f"Hello {mark}")
        answered_at_the_desk(page, mark, f"Good morning {mark}")
        expect(chat).to_contain_text(f"Good morning {mark}")
        # 2. continue on, and take it to the phone
        page.get_by_role("button", name=continue_on).click()
        page.get_by_role("dialog").get_by_role("button", name=to_the_phone).click()
        expect(page.get_by_role("tab", name=names["wechat"])).to_have_attribute("aria-selected", "true")
        # 3. a name and +, then scan the code
        phone = somebody_on_wechat(page, names, plus)
        phone.get_by_role("button", name=scan_label).click()
        phone.locator(".codes").get_by_role("button").first.click()
        # 4. the same conversation shows the move, and the answer goes to WeChat, with what is left there
        moved = page.locator("#messages .switch")
        expect(moved).to_contain_text(names["web"])
        expect(moved).to_contain_text(names["wechat"])
        phone.get_by_role("textbox", name="Wang").fill(f"On the phone {mark}")
        phone.get_by_role("textbox", name="Wang").press("Enter")
        expect(page.locator("#messages")).to_contain_text(f"On the phone {mark}")
        chosen = page.get_by_role("radio", name=names["wechat"], checked=True)
        expect(chosen).to_have_text(re.compile(r"47.*\d"))
        reply(page, f"Welcome {mark}")
        expect(phone).to_contain_text(f"Welcome {mark}")


def test_the_shop_stands_on_its_own_too_and_its_code_is_scanned_from_the_screen(
    browser: Browser, outside: Outside, mark: str
) -> None:
    # given a visitor at the shop, in a browser of their own, and an agent who answers
    names = NAMES["en-GB"]
    with watched(browser, f"{outside.url}/shop/?lang=en") as shop, watched(browser, outside.url) as page:
        chat = written_in_the_shop(shop, names, f"Hello {mark}")
        answered_at_the_desk(page, mark, f"Good morning {mark}")
        expect(chat).to_contain_text(f"Good morning {mark}")
        # when they go on elsewhere, and hold their phone's camera at the screen
        shop.get_by_role("button", name="Continue elsewhere").click()
        address = scan(shop.get_by_role("img", name="QR: WeChat"))
        openid = outside.wechat_user(f"Wang {mark}")
        outside.wechat(f"customers/{openid}/scan", {"url": address})
        # then both pages say where the conversation goes on
        expect(page.locator("#messages .switch")).to_contain_text("from Web chat to WeChat")
        shop.get_by_role("button", name="Back").click()
        expect(chat).to_contain_text("Continued: WeChat")
