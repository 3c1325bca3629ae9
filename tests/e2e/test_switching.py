"""One conversation while the customer moves: web chat, WeChat by a scanned code, mail, and back; and what is undone."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.e2e.chat_client import ChatClient
from tests.e2e.mail_world import MailWorld, address, body_of
from tests.e2e.outside import Outside, eventually


@pytest.fixture
def mail(outside: Outside) -> MailWorld:
    return MailWorld(outside)


def test_a_customer_goes_from_web_chat_to_wechat_to_mail_and_back_in_one_conversation(
    outside: Outside, mail: MailWorld
) -> None:
    mark = uuid.uuid4().hex[:12]
    with ChatClient(outside) as visitor:
        # given a visitor of the site who talks with an agent
        _say(visitor, f"Where is my parcel? {mark}")
        conversation = outside.conversation_with(f"Where is my parcel? {mark}")
        on_the_web = _answer(outside, conversation, f"Let me look. {mark}")
        assert on_the_web["route"]["channel"] == "webchat"
        assert _shown(visitor, on_the_web)["text"] == f"Let me look. {mark}"

        # when they ask to go on on WeChat, and scan the code with their phone
        code = visitor.link_code()
        link = next(each for each in code["links"] if each["channel"] == "wechat" and each["account"] == "main")
        assert code["deep_links"]["wechat"] == link["url"]
        openid = str(outside.wechat("customers", {"name": "Li Na", "account": "main"})["openid"])
        outside.wechat(f"customers/{openid}/scan", {"url": link["qr"]})

        # then the page is told, and replies follow to the phone
        assert visitor.next("channel_switched")["to"] == {"channel": "wechat"}
        at_wechat = _answer(outside, conversation, f"It left today. {mark}")
        assert at_wechat["route"]["channel"] == "wechat"
        eventually(lambda: _on_screen(outside, openid, f"It left today. {mark}"))
        # and what they write there is in the same conversation
        outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"什么时候到？{mark}"})
        assert outside.conversation_with(f"什么时候到？{mark}") == conversation
        assert visitor.message(f"什么时候到？{mark}")["channel"]["type"] == "wechat"

        # when the agent offers to go on by mail, and the customer follows the link with their mail program
        person = address()
        customer = outside.call("GET", f"/v1/conversations/{conversation}").json()["customer_id"]
        offered = outside.call("POST", f"/v1/customers/{customer}/link-codes", {"channel": "email"}).json()
        to, subject, body = _mailto(offered["deep_links"]["email"])
        mail.write(person, f"{body}\n\nPlease send me the invoice. {mark}", to=to, subject=subject)

        # then their mail is the next message, without the words that we put into it
        assert outside.conversation_with(f"Please send me the invoice. {mark}") == conversation
        by_mail = _answer(outside, conversation, f"Here it is. {mark}")
        assert by_mail["route"]["channel"] == "email"
        received = mail.received(person, f"Here it is. {mark}")
        # and the answer to that is in it too, by its reply address
        mail.answer(person, received, f"Thank you! {mark}")
        assert outside.conversation_with(f"Thank you! {mark}") == conversation

        # when they write on the web again
        _say(visitor, f"One more thing. {mark}")
        eventually(lambda: _has(outside, conversation, f"One more thing. {mark}"))
        back = _answer(outside, conversation, f"Yes? {mark}")
        assert back["route"]["channel"] == "webchat"
        assert _shown(visitor, back)["text"] == f"Yes? {mark}"

        # then the page shows all of it, once and in order
        visitor.send({"type": "resume", "after": 0})
        history = visitor.until_resumed()
    said = [message["text"].replace(mark, "").strip() for message in history]
    assert said == [
        "Where is my parcel?",
        "Let me look.",
        "It left today.",
        "什么时候到？",
        "Please send me the invoice.",
        "Here it is.",
        "Thank you!",
        "One more thing.",
        "Yes?",
    ]
    _is_whole(outside, conversation)
    # and each answer went where the customer was, and to nobody else
    assert not _on_screen(outside, openid, f"Here it is. {mark}")
    assert [body_of(each).count(mark) > 0 for each in mail.inbox(person)] == [True]
    log = outside.call("GET", f"/v1/conversations/{conversation}/events?limit=100").json()["items"]
    switches = [event["data"] for event in log if event["type"] == "conversation.channel_switched"]
    assert [(each["from"]["channel"], each["to"]["channel"]) for each in switches] == [
        ("webchat", "wechat"),
        ("wechat", "email"),
        ("email", "webchat"),
    ]
    links = [event["data"]["link"] for event in log if event["type"] == "identity.linked"]
    assert [(link["evidence"], link["by"]["type"]) for link in links] == [("code", "customer"), ("code", "customer")]


def test_two_customers_are_merged_after_a_look_and_the_merge_is_taken_back(outside: Outside, mail: MailWorld) -> None:
    # given one person who is two customers, each with an open conversation
    mark, person = uuid.uuid4().hex[:12], address()
    with ChatClient(outside) as visitor:
        _say(visitor, f"on the web {mark}")
        on_the_web = outside.conversation_with(f"on the web {mark}")
        mail.write(person, f"by mail {mark}", subject="Hello")
        by_mail = outside.conversation_with_part(f"by mail {mark}")
        target, source = (_customer(outside, each) for each in (on_the_web, by_mail))
        before = _people(outside, target), _people(outside, source)

        # when an agent looks at what a merge would do
        path = f"/v1/customers/{source}/merge"
        look = outside.call("POST", path, {"into": target, "dry_run": True}).json()
        # then nothing has moved
        assert look["dry_run"] is True
        assert look["closed_conversation_id"] == by_mail
        assert (_people(outside, target), _people(outside, source)) == before

        # when they merge
        done = outside.call("POST", path, {"into": target}).json()
        assert {**done, "link": {}, "dry_run": True} == {**look, "link": {}}
        # then mail can be written to in the one conversation that goes on, and the other is closed
        assert _status(outside, by_mail) == "closed"
        answer = _answer(outside, on_the_web, f"to your mail {mark}", route={"channel": "email"})
        assert answer["route"]["channel"] == "email"
        mail.received(person, f"to your mail {mark}")

        # when the merge turns out to be wrong
        identity = done["link"]["identity_ids"][0]
        undone = outside.call("DELETE", f"/v1/customers/{target}/identities/{identity}").json()
        # then both are what they were, and the mail goes to its own conversation again
        assert undone["reopened_conversation_id"] == by_mail
        assert (_people(outside, target), _people(outside, source)) == before
        assert (_status(outside, on_the_web), _status(outside, by_mail)) == ("open", "open")
        mail.write(person, f"again by mail {mark}")
        assert outside.conversation_with_part(f"again by mail {mark}") == by_mail
        # and the page shows nothing of the other's
        assert [message["text"] for message in visitor.history()] == [f"on the web {mark}"]
    _is_whole(outside, on_the_web)
    _is_whole(outside, by_mail)


def test_a_reply_takes_another_way_when_the_customer_has_left_wechat(outside: Outside, mail: MailWorld) -> None:
    # given a customer on WeChat who has linked their mail
    mark, person = uuid.uuid4().hex[:12], address()
    openid = outside.wechat_user("Chen")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"你好 {mark}"})
    conversation = outside.conversation_with(f"你好 {mark}")
    code = outside.call("POST", f"/v1/customers/{_customer(outside, conversation)}/link-codes", {}).json()
    to, subject, body = _mailto(code["deep_links"]["email"])
    mail.write(person, body, to=to, subject=subject)
    eventually(lambda: len(_conversation(outside, conversation)["routes"]) > 1)
    # and who has gone on on WeChat, and unfollowed the account there
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"还在 {mark}"})
    eventually(lambda: _has(outside, conversation, f"还在 {mark}"))
    outside.wechat(f"customers/{openid}/unfollow", {})
    eventually(lambda: not _route(outside, conversation, "wechat")["can_reply"])

    # when an agent answers, with mail to fall back on
    answer = _answer(outside, conversation, f"Still here for you. {mark}", fallback=["email"])

    # then it goes by mail at once, and the message says what was tried
    assert answer["route"]["channel"] == "email"
    mail.received(person, f"Still here for you. {mark}")
    message = outside.status_of(conversation, answer["sequence"])
    assert message["channel"]["type"] == "email"
    assert [each["channel"] for each in message["attempts"]] == ["wechat", "email"]


def test_a_mail_that_bounces_goes_out_by_the_next_way(outside: Outside, mail: MailWorld) -> None:
    # given a customer whose mailbox is gone, and whom an agent has found on WeChat as well
    mark = uuid.uuid4().hex[:12]
    mail.write(f"gone-{mark}@bounce.example", f"Is it repaired? {mark}")
    conversation = outside.conversation_with_part(f"Is it repaired? {mark}")
    openid = outside.wechat_user("Sun")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"你好 {mark}"})
    source = _customer(outside, outside.conversation_with(f"你好 {mark}"))
    merged = outside.call("POST", f"/v1/customers/{source}/merge", {"into": _customer(outside, conversation)})
    assert merged.status == 200, merged.body

    # when an agent answers, and the mail comes back
    answer = _answer(outside, conversation, f"Yes, it is. {mark}", fallback=["wechat"])
    assert answer["route"]["channel"] == "email"

    # then the same message arrives on WeChat, and says why
    eventually(lambda: _on_screen(outside, openid, f"Yes, it is. {mark}"))
    eventually(lambda: outside.status_of(conversation, answer["sequence"])["channel"]["type"] == "wechat")
    message = outside.status_of(conversation, answer["sequence"])
    assert [(each["channel"], each.get("reason")) for each in message["attempts"]] == [
        ("email", "mail_bounced"),
        ("wechat", None),
    ]
    assert message["status"] == "sent"
    _is_whole(outside, conversation)


def test_a_numbered_answer_by_mail_is_a_choice(outside: Outside, mail: MailWorld) -> None:
    # given a customer who is asked by mail, where options are a numbered list
    mark, person = uuid.uuid4().hex[:12], address()
    mail.write(person, f"I want to send it back {mark}")
    conversation = outside.conversation_with_part(f"I want to send it back {mark}")
    options = [{"id": "refund", "title": "Money back"}, {"id": "swap", "title": "Another one"}]
    outside.reply(conversation, {"type": "choices", "text": f"What would you like? {mark}", "options": options})
    asked = mail.received(person, f"What would you like? {mark}")
    # when they answer with a number
    mail.answer(person, asked, "2")
    # then the desk sees what they chose
    chosen = eventually(
        lambda: [part for each in outside.messages(conversation) for part in each["parts"] if part["type"] == "choice"]
    )
    assert chosen == [{"type": "choice", "id": "swap", "title": "Another one"}]


def test_a_person_who_follows_two_accounts_is_one_customer(outside: Outside) -> None:
    # given a follower of one account, and the same person on the other
    mark = uuid.uuid4().hex[:12]
    first = outside.wechat_user("Zhao", "main")
    outside.wechat(f"customers/{first}/messages", {"type": "text", "text": f"一 {mark}"})
    conversation = outside.conversation_with(f"一 {mark}")
    eventually(lambda: _unionid(outside, conversation))
    created = {"name": "Zhao", "account": "plain", "follow": True, "same_person_as": first}
    second = str(outside.wechat("customers", created)["openid"])
    # when they write there, after WeChat was asked who they are
    customer = _customer(outside, conversation)
    eventually(lambda: len(_people(outside, customer)["identities"]) == 2)
    outside.wechat(f"customers/{second}/messages", {"type": "text", "text": f"二 {mark}"})
    # then it is the same conversation
    assert outside.conversation_with(f"二 {mark}") == conversation


def _say(visitor: ChatClient, text: str) -> None:
    visitor.send({"type": "message", "client_id": uuid.uuid4().hex, "parts": [{"type": "text", "text": text}]})
    visitor.next("accepted")


def _shown(visitor: ChatClient, accepted: dict[str, Any]) -> dict[str, Any]:
    """The message that the page was shown for a reply."""
    message: dict[str, Any] = visitor.next("message")["message"]
    while message["id"] != accepted["message_id"]:
        message = visitor.next("message")["message"]
    return message


def _answer(outside: Outside, conversation: str, text: str, **fields: object) -> dict[str, Any]:
    return outside.reply(conversation, {"type": "text", "text": text}, **fields)


def _mailto(link: str) -> tuple[str, str, str]:
    """Whom a mail program writes to when the link is followed, and what it puts there."""
    parts = urlsplit(link)
    assert parts.scheme == "mailto"
    fields = parse_qs(parts.query)
    return unquote(parts.path), fields["subject"][0], fields["body"][0].replace("\r\n", "\n")


def _on_screen(outside: Outside, openid: str, text: str) -> bool:
    return text in [entry["content"].get("content") for entry in outside.wechat_screen(openid)]


def _has(outside: Outside, conversation: str, text: str) -> bool:
    return text in [message["text"] for message in outside.messages(conversation)]


def _conversation(outside: Outside, conversation: str) -> dict[str, Any]:
    found: dict[str, Any] = outside.call("GET", f"/v1/conversations/{conversation}").json()
    return found


def _customer(outside: Outside, conversation: str) -> str:
    return str(_conversation(outside, conversation)["customer_id"])


def _status(outside: Outside, conversation: str) -> str:
    return str(_conversation(outside, conversation)["status"])


def _route(outside: Outside, conversation: str, channel: str) -> dict[str, Any]:
    routes: list[dict[str, Any]] = _conversation(outside, conversation)["routes"]
    (found,) = [each for each in routes if each["channel"] == channel]
    return found


def _people(outside: Outside, customer: str) -> dict[str, Any]:
    """A customer as the API shows them, without the record of links."""
    found: dict[str, Any] = outside.call("GET", f"/v1/customers/{customer}").json()
    found.pop("links", None)
    return found


def _unionid(outside: Outside, conversation: str) -> bool:
    identities: list[dict[str, Any]] = _people(outside, _customer(outside, conversation))["identities"]
    return any("unionid" in each.get("aliases", {}) for each in identities)


def _is_whole(outside: Outside, conversation: str) -> None:
    """The log has every sequence once, from 1."""
    log = outside.call("GET", f"/v1/conversations/{conversation}/events?limit=100").json()["items"]
    assert [event["sequence"] for event in log] == list(range(1, len(log) + 1))
