"""The widget as a guest on somebody's page: how it looks, who can use it, and that neither harms the other."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.outside import Outside
from tests.e2e.shop import Shop, visitor

ATTACKS = (
    "<img src=x onerror=\"window.attacked='img'\"><script>window.attacked='script'</script>",
    "[click](javascript:window.attacked='link') <a href=\"javascript:window.attacked='a'\">a</a>",
    "[**x**](data:text/html,<script>window.attacked='data'</script>) <svg onload=\"window.attacked='svg'\">",
    "![i](x\"onerror=\"window.attacked='markdown') `</code><script>window.attacked='code'</script>`",
)


def test_what_agents_send_never_runs_and_never_becomes_markup(shop: Shop, browser: Browser, outside: Outside) -> None:
    shop.put()
    with visitor(shop, browser) as guest:
        guest.goes_to()
        guest.opens()
        conversation = guest.wrote("What can go wrong?")
        for form in ("plain", "markdown", "html"):
            for attack in ATTACKS:
                outside.reply(conversation, {"type": "text", "text": f"Look: {attack}", "format": form})
        outside.reply(conversation, {"type": "card", "title": ATTACKS[0], "description": ATTACKS[1]})
        options = [{"id": "1", "title": ATTACKS[0][:20]}]
        outside.reply(conversation, {"type": "choices", "text": ATTACKS[1], "options": options})
        expect(guest.log.locator("li.theirs")).to_have_count(14)
        assert guest.log.locator("script, iframe, object, embed, style, [onerror], [onload]").count() == 0
        addresses = guest.log.locator("a").evaluate_all("all => all.map(each => each.getAttribute('href'))")
        assert [each for each in addresses if not re.match(r"(https?|mailto|tel):", each)] == []
        assert guest.page.evaluate("window.attacked") is None


def test_a_page_with_the_strictest_policy_hosts_it(shop: Shop, browser: Browser) -> None:
    """Every test of the widget runs under this policy, and any refusal fails it; here it is what is looked at."""
    shop.put()
    with visitor(shop, browser) as guest:
        guest.page.add_init_script(
            "document.addEventListener('securitypolicyviolation', "
            "event => (window.refused ??= []).push(event.violatedDirective))"
        )
        guest.goes_to()
        guest.opens()
        guest.wrote("Hello")
        assert guest.page.evaluate("window.refused") is None
        assert guest.dialog.evaluate("element => getComputedStyle(element).borderTopLeftRadius") == "16px"
        assert "style-src" not in shop.policy
        assert "default-src 'none'" in shop.policy


HOSTILE = """<style>* { color: red !important; font: 40px serif !important; letter-spacing: 9px }
    onethread-widget { display: none; opacity: 0.1; transform: rotate(9deg) } button { display: none }</style>"""
LOOK = """() => JSON.stringify([...document.querySelectorAll('main, h1, p')].map(each =>
    Object.fromEntries([...getComputedStyle(each)].map(name => [name, getComputedStyle(each)[name]]))))"""


def test_styles_and_shortcuts_of_the_page_and_of_the_widget_keep_apart(shop: Shop, browser: Browser) -> None:
    shop.put(body=HOSTILE)
    with visitor(shop, browser, bypass_csp=True) as guest:
        guest.page.add_init_script("window.before = Object.keys(window)")
        guest.goes_to()
        before = guest.page.evaluate(LOOK)
        guest.page.evaluate(
            "window.heard = []; for (const name of ['keydown', 'keyup', 'input', 'paste'])"
            "document.addEventListener(name, event => heard.push(event.type))"
        )
        guest.opens()
        guest.wrote("s / ? are shortcuts of the page")
        # the page has heard nothing, looks as it did, and has one name more
        assert guest.page.evaluate("window.heard") == []
        assert guest.page.evaluate(LOOK) == before
        assert set(guest.page.evaluate("Object.keys(window).filter(name => !window.before.includes(name))")) == {
            "before",
            "heard",
            "onethread",
        }
        # and the widget looks as it does anywhere
        style = "element => ['fontSize', 'color', 'letterSpacing'].map(name => getComputedStyle(element)[name])"
        assert guest.text.evaluate(style) == ["15px", "rgb(24, 27, 33)", "normal"]


def test_the_page_does_not_move_when_it_comes(shop: Shop, browser: Browser) -> None:
    shop.put()
    with visitor(shop, browser) as guest:
        guest.page.add_init_script(
            "window.shift = 0;"
            "new PerformanceObserver(list => list.getEntries().forEach(each => window.shift += each.value))"
            ".observe({type: 'layout-shift', buffered: true})"
        )
        guest.goes_to()
        guest.opens()
        assert guest.page.evaluate("window.shift") == 0


LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 780}, "has_touch": True},
    "zoomed": {"viewport": {"width": 320, "height": 256}},
    "contrast": {"forced_colors": "active"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(look: str, shop: Shop, browser: Browser, outside: Outside) -> None:
    shop.put('data-name="Hats" data-color="#ffcc00"')
    with visitor(shop, browser, **LOOKS[look]) as guest:
        guest.goes_to()
        assert guest.violations() == []
        guest.opens()
        conversation = guest.wrote("Hello")
        options = [{"id": "s", "title": "Small"}, {"id": "l", "title": "Large"}]
        card = {
            "type": "card",
            "title": "Red hat",
            "url": "https://hats.example",
            "actions": [{"title": "Ask", "id": "a"}],
        }
        outside.reply(conversation, {"type": "choices", "text": "Which?", "options": options}, card)
        place = {"type": "location", "latitude": 1, "longitude": 2}
        outside.reply(conversation, {"type": "text", "text": "https://hats.example"}, place)
        expect(guest.log.get_by_role("link", name="1,2")).to_be_attached()
        assert guest.violations() == []
        guest.log.get_by_role("button", name="Small").click()
        expect(guest.own("Small")).to_contain_text("Delivered")
        assert guest.violations() == []
        guest.widget.get_by_role("button", name="Continue elsewhere").click()
        expect(guest.widget.get_by_role("img", name="QR: WeChat")).to_be_attached()
        assert guest.violations() == []


def test_everything_can_be_done_with_the_keyboard(shop: Shop, browser: Browser) -> None:
    shop.put()
    with visitor(shop, browser) as guest:
        guest.goes_to()
        keys = guest.page.keyboard
        keys.press("Tab")
        expect(guest.launcher).to_be_focused()
        keys.press("Enter")
        expect(guest.text).to_be_focused()
        keys.type("First line")
        keys.press("Shift+Enter")
        keys.type("second line")
        keys.press("Enter")
        expect(guest.own("First line\nsecond line")).to_contain_text("Delivered")
        guest.widget.get_by_role("button", name="Continue elsewhere").focus()
        keys.press("Enter")
        expect(guest.widget.get_by_role("heading", name="Continue elsewhere")).to_be_focused()
        keys.press("Escape")
        expect(guest.text).to_be_focused()
        keys.press("Escape")
        expect(guest.dialog).to_be_hidden()
        expect(guest.launcher).to_be_focused()


def test_on_a_phone_it_fills_the_screen_and_keeps_the_keyboard(shop: Shop, browser: Browser) -> None:
    shop.put(body='<a href="#x">A link of the page</a>')
    with visitor(shop, browser, viewport={"width": 390, "height": 780}) as guest:
        guest.goes_to()
        guest.opens()
        assert guest.dialog.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780}
        for _ in range(8):
            guest.page.keyboard.press("Tab")
            assert guest.page.evaluate("document.activeElement.tagName") in ("ONETHREAD-WIDGET", "BODY")


def test_names_colours_texts_and_places_are_the_pages(shop: Shop, browser: Browser) -> None:
    own = json.dumps({"write": "Ask us anything", "nothing": "x"})
    body = f'<script type="application/json" id="onethread-texts">{own}</script>'
    shop.put(
        'data-name="Hats &amp; Co" data-color="#ffcc00" data-position="start" data-greeting="Hi!" data-theme="dark"',
        body,
    )
    with visitor(shop, browser) as guest:
        guest.goes_to()
        assert guest.left_of(guest.launcher) == 20
        color = "element => [getComputedStyle(element).backgroundColor, getComputedStyle(element).color]"
        assert guest.launcher.evaluate(color) == ["rgb(255, 204, 0)", "rgb(0, 0, 0)"]
        guest.opens()
        expect(guest.dialog).to_have_accessible_name("Hats & Co")
        expect(guest.text).to_have_attribute("placeholder", "Ask us anything")
        expect(guest.widget.get_by_role("button", name="Send")).to_be_visible()
        expect(guest.log).to_contain_text("Hi!")
        assert guest.dialog.evaluate("element => getComputedStyle(element).backgroundColor") == "rgb(24, 27, 32)"


def test_a_page_can_have_a_button_of_its_own(shop: Shop, browser: Browser) -> None:
    shop.put('data-launcher="none"', '<button id="help">Help</button>')
    with visitor(shop, browser) as guest:
        guest.goes_to()
        expect(guest.launcher).to_be_hidden()
        guest.page.evaluate(
            "heard = [];"
            "for (const name of ['open', 'close', 'unread']) onethread.on(name, value => heard.push([name, value]));"
            "help.onclick = () => onethread.open(); 0"
        )
        guest.page.locator("#help").click()
        expect(guest.text).to_be_focused()
        guest.page.evaluate("onethread.close()")
        expect(guest.page.locator("#help")).to_be_focused()
        assert guest.page.evaluate("heard") == [["open", None], ["close", None]]


def test_it_speaks_chinese(shop: Shop, browser: Browser) -> None:
    shop.put(lang="zh-CN")
    with visitor(shop, browser) as guest:
        guest.goes_to()
        expect(guest.launcher).to_have_accessible_name("打开聊天")
        guest.opens()
        guest.writes("你好")
        expect(guest.own("你好")).to_contain_text("已送达")


def test_enter_does_not_send_while_a_word_is_being_composed(shop: Shop, browser: Browser) -> None:
    shop.put(lang="zh-CN")
    with visitor(shop, browser) as guest:
        guest.goes_to()
        guest.opens()
        guest.text.fill("nihao")
        about = "{key: 'Enter', isComposing: true, bubbles: true}"
        guest.text.evaluate(f"element => element.dispatchEvent(new KeyboardEvent('keydown', {about}))")
        expect(guest.text).to_have_value("nihao")


def test_it_stands_on_the_other_side_of_pages_that_read_from_right_to_left(shop: Shop, browser: Browser) -> None:
    shop.put(lang="ar")
    with visitor(shop, browser) as guest:
        guest.goes_to()
        assert guest.left_of(guest.launcher) == 20
        guest.opens()
        guest.wrote("أين طلبي؟")
        assert guest.left_of(guest.own("أين طلبي؟").locator(".bubble")) - guest.left_of(guest.log) < 20


def test_the_page_waits_for_nothing_of_it(shop: Shop, browser: Browser) -> None:
    # given a server that is slow to answer with the script
    shop.put()
    with visitor(shop, browser) as guest:
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        guest.page.route("**/widget.js", hold)
        # then the page is there and usable without it
        guest.page.goto(shop.origin, wait_until="domcontentloaded")
        expect(guest.page.get_by_role("heading", name="Hats")).to_be_visible()
        assert guest.page.evaluate("document.readyState") == "interactive"
        expect(guest.widget).to_have_count(0)
        # and when the script comes, so does the chat
        held[0].continue_()
        expect(guest.launcher).to_be_visible()
