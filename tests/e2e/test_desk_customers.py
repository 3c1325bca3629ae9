"""The desk and who a customer is: moving between channels, merging, taking apart, names and tags."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.camera import scan
from tests.e2e.chat_client import ChatClient
from tests.e2e.desk_page import answer, line, open_conversation, route, say, wechat_says
from tests.e2e.outside import Outside


def test_a_customer_moves_by_a_scanned_code_and_the_thread_shows_where(
    desk: Page, visitor: ChatClient, mark: str
) -> None:
    # given a visitor in conversation, and somebody with WeChat
    say(visitor, f"I have to go {mark}")
    open_conversation(desk, mark)
    desk.get_by_role("tab", name="WeChat").click()
    desk.locator("#wechat-name").fill(f"Li Na {mark}")
    desk.locator("#wechat-name").press("Enter")
    expect(desk.locator("#wechat-user option:checked")).to_contain_text(mark)
    # when the agent offers to go on elsewhere
    desk.locator("#continue").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="QR code for WeChat")).to_be_visible()
    code = dialog.locator(".code").inner_text()
    dialog.locator("#to-phone").click()
    # and the customer scans it
    desk.locator("#wechat-scan").click()
    desk.locator("#wechat-codes").get_by_role("button", name=f"Code {code}").click()
    # then the thread shows the move, and a reply goes to the phone
    expect(desk.locator("#messages .switch").last).to_contain_text("from Web chat to WeChat")
    expect(route(desk, "wechat")).to_have_attribute("aria-checked", "true")
    wechat_says(desk, f"here I am {mark}")
    expect(desk.locator("#messages")).to_contain_text(f"here I am {mark}")
    answer(desk, f"Welcome {mark}")
    expect(desk.locator("#wechat-messages")).to_contain_text(f"Welcome {mark}")
    # and the link, with its evidence, is with the customer
    desk.locator("#toggle-profile").click()
    expect(desk.locator("#profile")).to_contain_text("linked by code")


def test_the_code_can_be_sent_to_the_customer(desk: Page, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Mail would be better {mark}")
    open_conversation(desk, mark)
    desk.keyboard.press("Escape")
    desk.locator("#continue").click()
    dialog = desk.get_by_role("dialog")
    dialog.locator(".link-channels [data-channel=email]").click()
    code = dialog.locator(".code").inner_text()
    dialog.locator("#link-send").click()
    expect(dialog.get_by_role("status")).to_have_text("Sent.")
    assert visitor.message(f"Continue on Email: send us the code {code} there.")


def test_two_customers_are_merged_after_a_look_at_what_happens_and_parted_again(
    desk: Page, outside: Outside, visitor: ChatClient, mark: str
) -> None:
    # given two customers, each in a conversation
    say(visitor, f"on the web {mark}")
    outside.conversation_with(f"on the web {mark}")
    openid = outside.wechat_user(f"Li Na {mark}")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"on WeChat {mark}"})
    known = outside.conversation_with(f"on WeChat {mark}")
    target = outside.call("GET", f"/v1/conversations/{known}").json()["customer_id"]
    expect(line(desk, f"on WeChat {mark}")).to_be_visible()
    open_conversation(desk, f"on the web {mark}")
    # when the agent asks what a merge would do
    desk.locator("#toggle-profile").click()
    desk.locator("#merge").click()
    dialog = desk.get_by_role("dialog")
    dialog.locator("#merge-into").select_option(target)
    expect(dialog.locator(".preview-box")).to_contain_text("Moving to")
    expect(dialog.locator(".preview-box")).to_contain_text("The other open conversation is closed")
    # then nothing has happened yet
    assert outside.call("GET", f"/v1/customers/{target}").json().get("links", []) == []
    # when they do it
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(desk.locator(".notice")).to_contain_text("Merged.")
    # then both are one, in the conversation that goes on
    expect(desk.locator("#messages")).to_contain_text(f"on WeChat {mark}")
    expect(desk.locator("#profile .identity")).to_have_count(2)
    expect(desk.locator("#profile")).to_contain_text("an agent's merge")
    # and it can be taken back
    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator("#profile .identity")).to_have_count(1)
    expect(desk.locator("#profile .links")).to_contain_text("taken back")


def test_a_link_is_taken_apart_after_a_look_at_what_happens(
    desk: Page, outside: Outside, visitor: ChatClient, mark: str
) -> None:
    say(visitor, f"Hello {mark}")
    outside.conversation_with(f"Hello {mark}")
    code = visitor.link_code()
    openid = outside.wechat_user(f"Li Na {mark}")
    url = next(each["qr"] for each in code["links"] if each["channel"] == "wechat" and each["account"] == "main")
    outside.wechat(f"customers/{openid}/scan", {"url": url})
    visitor.next("channel_switched")
    open_conversation(desk, mark)
    desk.locator("#toggle-profile").click()
    desk.get_by_role("button", name="Take WeChat apart").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.locator(".preview-box")).to_contain_text("Leaving")
    dialog.get_by_role("button", name="Take apart").click()
    expect(desk.locator("#profile .identity")).to_have_count(1)


def test_names_and_tags_are_changed(desk: Page, outside: Outside, visitor: ChatClient, mark: str) -> None:
    say(visitor, f"Hello {mark}")
    open_conversation(desk, mark)
    desk.locator("#toggle-profile").click()
    desk.locator("#customer-name").fill(f"Ann {mark}")
    desk.locator("#customer-name").press("Enter")
    expect(desk.locator("#thread-title")).to_have_text(f"Ann {mark}")
    desk.get_by_label("Tags: Add a tag", exact=True).fill("vip")
    desk.get_by_label("Tags: Add a tag", exact=True).press("Enter")
    expect(desk.locator("#customer-tags")).to_contain_text("vip")
    desk.get_by_role("button", name="Remove the tag vip").click()
    expect(desk.locator("#customer-tags")).not_to_contain_text("vip")
    customer = outside.call("GET", f"/v1/conversations/{outside.conversation_with(f'Hello {mark}')}").json()[
        "customer_id"
    ]
    assert outside.call("GET", f"/v1/customers/{customer}").json()["name"] == f"Ann {mark}"


def test_a_camera_reads_the_codes_off_the_screen(desk: Page, outside: Outside, visitor: ChatClient, mark: str) -> None:
    # given the codes to go on elsewhere
    say(visitor, f"I have to go {mark}")
    open_conversation(desk, mark)
    desk.locator("#continue").click()
    dialog = desk.get_by_role("dialog")
    code = dialog.locator(".code").inner_text().replace("-", "").lower()
    # then the mail's says what the link beside it says, as far as a code needs it
    dialog.locator(".link-channels [data-channel=email]").click()
    mail = scan(dialog.get_by_role("img", name="QR code for Email"))
    assert dialog.locator(".address").inner_text().startswith(mail)
    assert re.match(rf"mailto:link%2B{code}\b", mail)
    # and whoever scans WeChat's goes on there
    dialog.get_by_role("button", name="WeChat main").click()
    openid = outside.wechat_user(f"Li Na {mark}")
    outside.wechat(f"customers/{openid}/scan", {"url": scan(dialog.get_by_role("img", name="QR code for WeChat"))})
    expect(desk.locator("#messages .switch")).to_contain_text("from Web chat to WeChat")


def test_who_may_be_the_same_person_is_suggested_and_merged_from_there(desk: Page, outside: Outside, mark: str) -> None:
    # given a mail that proves its address, and a visitor who says it is theirs
    address = f"ann.{mark}@trusted.example"
    desk.get_by_role("tab", name="Email").click()
    desk.locator("#email-address").fill(f"Ann Lee <{address}>")
    desk.locator("#email-address").press("Tab")
    desk.locator("#email-new").click()
    desk.locator("#email-write [name=subject]").fill(f"Order {mark}")
    desk.locator("#email-write [name=text]").fill(f"by mail {mark}")
    desk.locator("#email-write").get_by_role("button", name="Send").click()
    expect(line(desk, f"by mail {mark}")).to_be_visible()
    with ChatClient(outside, claims={"email": address}) as visitor:
        say(visitor, f"on the web {mark}")
        # when the agent looks at the visitor, then it is suggested, with what speaks for it
        open_conversation(desk, f"on the web {mark}")
        desk.locator("#toggle-profile").click()
        expect(desk.locator(".suggestions")).to_contain_text(f"said Email {address}, which Ann Lee has proven")
        # and merged from there, after a look at what happens
        desk.locator(".suggestions").get_by_role("button", name="Merge…").click()
        dialog = desk.get_by_role("dialog")
        expect(dialog.locator(".preview-box")).to_contain_text("Ann Lee")
        dialog.get_by_role("button", name="Merge", exact=True).click()
        expect(desk.locator("#profile .identity")).to_have_count(2)
        expect(desk.locator("#messages")).to_contain_text(f"by mail {mark}")
