"""The chat widget and who the visitor is: signed in by the page, and on other channels and devices."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.e2e.camera import scan
from tests.e2e.made_up import some
from tests.e2e.outside import Outside, eventually
from tests.e2e.shop import Shop, Visitor, visitor


def test_who_is_logged_in_has_their_conversation_on_every_device_and_nobody_else(shop: Shop, browser: Browser) -> None:
    shop.put()
    ann = shop.identity_token(f"ann-{shop.account}", name="Ann Lee")
    bob = shop.identity_token(f"bob-{shop.account}", name="Bob")
    words = some("My order, please")
    with visitor(shop, browser) as laptop:
        # the page may say who it is before the widget has come
        laptop.page.add_init_script(f"window.onethread = {{ ready: chat => chat.identify({ann!r}) }}")
        laptop.goes_to()
        laptop.opens()
        conversation = laptop.wrote(words)
        customer = shop.outside.call("GET", f"/v1/conversations/{conversation}").json()["customer_id"]
        assert shop.outside.call("GET", f"/v1/customers/{customer}").json()["name"] == "Ann Lee"
    with visitor(shop, browser) as phone:
        phone.goes_to()
        phone.opens()
        phone.page.evaluate("token => onethread.identify(token)", ann)
        expect(phone.own(words)).to_be_visible()
        # when she logs out, and somebody else in
        phone.page.evaluate("onethread.identify(null)")
        expect(phone.own(words)).to_have_count(0)
        # then nothing of hers is left in this browser
        names = "Object.keys(localStorage).filter(name => /:session:./.test(name))"
        assert phone.page.evaluate(names) == []
        phone.page.evaluate("token => onethread.identify(token)", bob)
        phone.wrote(some("Hello"))
        expect(phone.own(words)).to_have_count(0)


def test_the_page_is_told_when_an_identity_token_is_over(shop: Shop, browser: Browser) -> None:
    shop.put()
    with visitor(shop, browser, expected="401") as late:
        late.goes_to()
        late.page.evaluate("onethread.on('identity_expired', () => window.over = true)")
        late.page.evaluate("token => onethread.identify(token)", shop.identity_token("late", exp=1_600_000_000))
        late.page.wait_for_function("() => window.over")
        # and a new one mends it
        late.page.evaluate("token => onethread.identify(token)", shop.identity_token("late"))
        late.opens()
        late.wrote(some("Here I am"))


def test_a_visitor_goes_on_on_wechat_by_scanning_and_by_mail_by_a_link(ann: Visitor, outside: Outside) -> None:
    # given a conversation, and the codes to go on with it elsewhere
    words = some("I have to catch a train")
    conversation = ann.wrote(words)
    ann.widget.get_by_role("button", name="Continue elsewhere").click()
    expect(ann.widget.get_by_role("img", name="QR: WeChat")).to_be_visible()
    expect(ann.widget.get_by_role("link", name="Email")).to_have_attribute("href", re.compile(r"^mailto:link%2B"))
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", ann.widget.locator(".sheet").inner_text())
    assert code is not None
    mail = scan(ann.widget.get_by_role("img", name="QR: Email"))
    assert mail.startswith(f"mailto:link%2B{code[0].replace('-', '').lower()}")
    # when the customer scans WeChat's, and writes there
    openid = outside.wechat_user("Ann")
    address = scan(ann.widget.get_by_role("img", name="QR: WeChat"))
    outside.wechat(f"customers/{openid}/scan", {"url": address})
    on_the_train = some("On the train now")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": on_the_train})
    # then it is the same conversation, and the page shows where it goes on
    eventually(lambda: outside.messages(conversation)[-1]["text"] == on_the_train)
    ann.widget.get_by_role("button", name="Back").click()
    expect(ann.own(on_the_train)).to_be_visible()
    expect(ann.log.get_by_text("Continued: WeChat")).to_be_visible()
    expect(ann.own(words)).to_be_visible()


def test_a_code_in_the_address_is_asked_about_before_it_is_used(ann: Visitor, shop: Shop, browser: Browser) -> None:
    # given a link to the page with a code of Ann's
    words = some("To be continued")
    conversation = ann.wrote(words)
    customer = shop.outside.call("GET", f"/v1/conversations/{conversation}").json()["customer_id"]
    links = shop.outside.call("POST", f"/v1/customers/{customer}/link-codes", {}).json()["links"]
    (url,) = [link["url"] for link in links if link["url"].startswith(shop.origin)]
    with visitor(shop, browser) as phone:
        # when it is opened elsewhere, then the address is clean at once, and nothing happens before the answer
        phone.goes_to(url.removeprefix(shop.origin))
        expect(phone.widget.get_by_role("heading", name="Is this your own link?")).to_be_focused()
        assert phone.page.url == f"{shop.origin}/"
        expect(phone.own(words)).to_have_count(0)
        # and with a yes the conversation is there
        phone.widget.get_by_role("button", name="Yes, continue").click()
        expect(phone.own(words)).to_be_visible()


def test_a_no_leaves_the_code_alone(shop: Shop, browser: Browser) -> None:
    shop.put()
    with visitor(shop, browser) as wary:
        wary.goes_to("/#onethread=K7QM-2XPD")
        wary.widget.get_by_role("button", name="No", exact=True).click()
        expect(wary.text).to_be_focused()
        assert wary.page.evaluate("Object.keys(localStorage).filter(name => name.includes(':out:'))") == []
