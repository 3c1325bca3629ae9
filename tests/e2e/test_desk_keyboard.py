"""The desk without a mouse."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.chat_client import ChatClient
from tests.e2e.desk_page import line, say
from tests.e2e.outside import Outside


def test_everything_is_done_by_keyboard(desk: Page, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Hello {mark}")
    expect(line(desk, mark)).to_be_visible()
    # search, into the list, open
    desk.keyboard.press("/")
    expect(desk.locator("#search")).to_be_focused()
    desk.keyboard.type(mark)
    expect(desk.locator("#conversations .conversation")).to_have_count(1)
    desk.keyboard.press("Enter")
    expect(line(desk, mark)).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#messages")).to_contain_text(mark)
    # reply
    desk.keyboard.press("r")
    expect(desk.locator("#reply-text")).to_be_focused()
    desk.keyboard.type(f"Hi {mark}")
    desk.keyboard.press("Enter")
    expect(desk.locator("#messages .line.ours")).to_contain_text(f"Hi {mark}")
    expect(desk.locator("#reply-text")).to_be_focused()
    # back to the list, the customer, the keys
    desk.keyboard.press("Escape")
    expect(line(desk, mark)).to_be_focused()
    desk.keyboard.press("i")
    expect(desk.locator("#profile")).to_be_visible()
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keyboard")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(line(desk, mark)).to_be_focused()


def test_j_and_k_move_through_the_list(desk: Page, outside: Outside, mark: str) -> None:
    for number in (1, 2):
        with ChatClient(outside) as visitor:
            say(visitor, f"{number} of {mark}")
            outside.conversation_with(f"{number} of {mark}")
    expect(line(desk, f"1 of {mark}")).to_be_visible()
    buttons = desk.locator("#conversations .conversation")
    desk.keyboard.press("j")
    expect(buttons.nth(0)).to_be_focused()
    desk.keyboard.press("j")
    expect(buttons.nth(1)).to_be_focused()
    desk.keyboard.press("k")
    expect(buttons.nth(0)).to_be_focused()
