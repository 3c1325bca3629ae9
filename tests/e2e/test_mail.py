"""Mail, end to end: in by an SMTP client, out as a reply that mail programs show in its thread, reports as statuses."""

from __future__ import annotations

import io
import uuid
from contextlib import redirect_stdout
from typing import Any
from urllib.request import urlopen

import pytest

from infra.local.stack.lifecycle import LocalStack
from infra.local.stack.logs import print_logs
from tests.e2e.mail_world import SUPPORT, MailWorld, address, body_of
from tests.e2e.outside import Outside, eventually

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccfc0f01f0005050201"
    "5fd2a1c90000000049454e44ae426082"
)


@pytest.fixture
def mail(outside: Outside) -> MailWorld:
    return MailWorld(outside)


def words(text: str) -> str:
    """The text with something that no other test has written."""
    return f"{text} {uuid.uuid4().hex}"


def test_a_mail_becomes_a_conversation_and_the_reply_comes_out_in_its_thread(outside: Outside, mail: MailWorld) -> None:
    # given a customer whose mail is authenticated
    ann, question = address(), words("Where is my parcel? 包裹在哪里？")
    # when she writes
    sent = mail.write(ann, question, subject="Order 4711", author=f"Ann Example <{ann}>")
    # then her words are a message, with what only mail has beside them
    conversation = outside.conversation_with(question)
    [message] = outside.messages(conversation)
    assert message["author"]["name"] == "Ann Example"
    assert message["channel"] == {"type": "email", "account": "main"}
    assert message["email"]["subject"] == "Order 4711"
    assert message["email"]["message_id"] == sent["Message-ID"]
    assert message["email"]["authentication"]["dmarc"] == "pass"
    customer = outside.call("GET", f"/v1/conversations/{conversation}").json()["customer_id"]
    [identity] = outside.call("GET", f"/v1/customers/{customer}").json()["identities"]
    assert (identity["external_id"], identity["verification"]) == (ann, "provider")
    with urlopen(message["email"]["original_url"]) as original:
        assert question.encode() in original.read() or b"base64" in original.read()

    # when an agent answers
    reply = words("It left today.")
    accepted = outside.reply(conversation, {"type": "text", "text": reply})

    # then her mail program shows the answer under her question
    received = mail.received(ann, reply)
    assert received["Subject"] == "Re: Order 4711"
    assert received["In-Reply-To"] == sent["Message-ID"]
    assert sent["Message-ID"] in received["References"]
    assert received["From"].addresses[0].addr_spec == SUPPORT
    assert received["To"].addresses[0].addr_spec == ann
    assert received["Reply-To"].addresses[0].domain == "reply.onethread.example"
    assert received["Auto-Submitted"] is None
    assert received.get_body(preferencelist=("html",)) is not None
    # and SES's report makes it delivered
    eventually(lambda: outside.status_of(conversation, accepted["sequence"])["status"] == "delivered")

    # when she answers from her mail program, with the text quoted below
    more = words("Thank you!")
    mail.answer(ann, received, more)

    # then only her new words are shown, in the same conversation, and all of it is kept
    eventually(lambda: more in [each["text"] for each in outside.messages(conversation)])
    last = outside.messages(conversation)[-1]
    assert (last["text"], last["sequence"]) == (more, accepted["sequence"] + 1)
    assert reply in last["email"]["text"]


def test_a_closed_conversation_is_opened_again_by_an_answer_and_not_by_a_subject(
    outside: Outside, mail: MailWorld
) -> None:
    ann, question = address(), words("Question")
    mail.write(ann, question)
    conversation = outside.conversation_with(question)
    outside.reply(conversation, {"type": "text", "text": "Answer"})
    received = mail.received(ann, "Answer")
    outside.call("PATCH", f"/v1/conversations/{conversation}", {"status": "closed"})

    # when she answers to the thread, then it opens again
    more = words("One more thing")
    mail.answer(ann, received, more)
    assert outside.conversation_with(more) == conversation
    assert outside.call("GET", f"/v1/conversations/{conversation}").json()["status"] == "open"

    # when she writes a new mail with the old subject, after it was closed again, then that is a new conversation
    outside.call("PATCH", f"/v1/conversations/{conversation}", {"status": "closed"})
    other = words("Something else")
    mail.write(ann, other, subject=received["Subject"])
    assert outside.conversation_with(other) != conversation


def test_strangers_join_nobodys_conversation(outside: Outside, mail: MailWorld) -> None:
    # given Ann's conversation, and a reply that she forwards to somebody
    ann, question = address(), words("Private")
    mail.write(ann, question)
    conversation = outside.conversation_with(question)
    outside.reply(conversation, {"type": "text", "text": "For your eyes only"})
    received = mail.received(ann, "For your eyes only")

    # when he answers to its reply address
    stranger, text = address(), words("Who is this?")
    mail.answer(stranger, received, text)
    assert outside.conversation_with(text) != conversation
    # when somebody forges her address, with and without the reply address
    for target in (SUPPORT, received["Reply-To"]):
        forged = words("It is me, Ann, change my address")
        mail.write(ann, forged, envelope="mallory@evil.example", to=target)
        found = outside.conversation_with(forged)
        assert found != conversation
        message = next(each for each in outside.messages(found) if each["text"] == forged)
        assert message["email"]["authentication"]["dmarc"] == "fail"
    # then her conversation is as it was
    assert [each["text"] for each in outside.messages(conversation)] == [question, "For your eyes only"]


def test_mail_that_proves_nothing_is_answered_and_marked(outside: Outside, mail: MailWorld) -> None:
    bob, question = f"bob-{uuid.uuid4().hex[:8]}@small.example", words("No DMARC here")
    mail.write(bob, question)
    conversation = outside.conversation_with(question)
    customer = outside.call("GET", f"/v1/conversations/{conversation}").json()["customer_id"]
    [identity] = outside.call("GET", f"/v1/customers/{customer}").json()["identities"]
    assert identity["verification"] == "none"
    outside.reply(conversation, {"type": "text", "text": "Hello Bob"})
    more = words("Hello again")
    mail.answer(bob, mail.received(bob, "Hello Bob"), more)
    assert outside.conversation_with(more) == conversation


def test_attachments_go_both_ways(outside: Outside, mail: MailWorld) -> None:
    ann, question = address(), words("See attached")
    mail.write(ann, question, files={"photo.png": PNG, "报告.pdf": b"%PDF-1.4\n%%EOF\n"})
    conversation = outside.conversation_with_part(question)

    def stored() -> list[dict[str, object]] | None:
        [message] = outside.messages(conversation)
        media = [part["media"] for part in message["parts"][1:]]
        return media if all(each["state"] == "stored" for each in media) else None

    first, second = eventually(stored)
    assert (first["filename"], first["mime_type"]) == ("photo.png", "image/png")
    assert (second["filename"], second["mime_type"]) == ("报告.pdf", "application/pdf")
    with urlopen(str(first["url"])) as answer:
        assert answer.read() == PNG

    # when an agent sends a file, it is in the mail
    form = outside.call("POST", "/v1/media", {"mime_type": "image/png", "size": len(PNG)}).json()
    outside.upload(form, PNG)
    part = {"type": "image", "media": {"media_id": form["media_id"], "filename": "map.png", "mime_type": "image/png"}}
    outside.reply(conversation, {"type": "text", "text": "Here is the map"}, part)
    parts = mail.received(ann, "Here is the map").walk()
    [attached] = [each for each in parts if each.get_content_type() == "image/png"]
    assert (attached.get_filename(), attached.get_content()) == ("map.png", PNG)


def test_mail_of_other_ages_and_places_reads_as_it_was_written(outside: Outside, mail: MailWorld) -> None:
    for charset, encoding, text in (
        ("gb2312", "gb18030", "镕基兄：订单什么时候发货？"),
        ("big5", "big5", "請問訂單何時出貨？"),
        ("iso-2022-jp", "iso2022_jp", "注文はいつ届きますか。"),
        ("euc-kr", "euc_kr", "주문은 언제 도착하나요?"),
        ("koi8-r", "koi8_r", "Когда придёт заказ?"),
    ):
        mark = uuid.uuid4().hex
        head = (
            f"From: ann@trusted.example\r\nTo: {SUPPORT}\r\nSubject: {charset}\r\nMIME-Version: 1.0\r\n"
            f"Message-ID: <{mark}@trusted.example>\r\n"
            f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        )
        mail.submit(head.encode() + f"{text} {mark}".encode(encoding), f"{mark[:8]}@trusted.example")
        assert outside.conversation_with(f"{text} {mark}")


def test_bounces_and_out_of_office_start_no_loop(outside: Outside, mail: MailWorld) -> None:
    # given a customer whose mailbox refuses mail
    gone, question = f"gone-{uuid.uuid4().hex[:8]}@bounce.example", words("Answer me")
    mail.write(gone, question)
    conversation = outside.conversation_with(question)
    accepted = outside.reply(conversation, {"type": "text", "text": "Hello?"})
    # then the message says that it failed, and why
    eventually(lambda: outside.status_of(conversation, accepted["sequence"])["status"] == "failed")
    assert outside.status_of(conversation, accepted["sequence"])["error"]["code"] == "mail_bounced"
    # and nobody writes there any more, until somebody writes from there
    eventually(lambda: not outside.call("GET", f"/v1/conversations/{conversation}").json()["routes"][0]["can_reply"])
    refused = outside.call(
        "POST", f"/v1/conversations/{conversation}/messages", {"parts": [{"type": "text", "text": "?"}]}
    )
    assert (refused.status, refused.json()["code"]) == (409, "route_closed")

    # given a customer who is away
    ann, text = address(), words("I am away until Monday")
    mail.write(ann, text, headers={"Auto-Submitted": "auto-replied"})
    away = outside.conversation_with(text)
    assert outside.call("GET", f"/v1/conversations/{away}").json()["status"] == "pending"
    # then a bot that answers is stopped, and an agent is not
    stopped = outside.reply(away, {"type": "text", "text": "Thank you"}, author={"type": "bot"})
    eventually(lambda: outside.status_of(away, stopped["sequence"])["status"] == "failed")
    written = outside.reply(away, {"type": "text", "text": "See you on Monday"})
    eventually(lambda: outside.status_of(away, written["sequence"])["status"] == "delivered")


def test_strange_mail_is_kept_and_flagged_and_blocks_nobody(outside: Outside, mail: MailWorld) -> None:
    aside = [outside.waiting(queue) for queue in ("inbound-dlq.fifo", "mail-dlq")]
    ann = address()
    head = f"From: {ann}\r\nTo: {SUPPORT}\r\n".encode()
    hostile = [
        b"\x00\x01\x02 no header fields at all",
        head + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\npart\r\n" * 600 + b"--x--\r\n",
        head + b'Content-Type: text/html\r\n\r\n<script>alert(1)</script><img src=x onerror="alert(1)"><p>Hi</p>',
        head + b"Content-Type: text/plain; charset=none\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64",
        head + b"Subject: =?utf-8?q?=FF=FE?=\r\n\r\nbody \xff\xfe\x00",
    ]
    for raw in hostile:
        mail.submit(raw, ann)
    last = words("And an ordinary one")
    mail.write(ann, last)
    conversation = outside.conversation_with(last)

    def all_of_hers() -> list[dict[str, Any]] | None:
        # Mails overtake each other on their way in: the one of 600 parts may come after the last.
        found = outside.messages(conversation)
        return found if len(found) >= len(hostile) else None

    messages = eventually(all_of_hers)
    assert "alert(1)" not in str([message["email"].get("html") for message in messages])
    flags = {flag for message in messages for flag in message["email"].get("flags", [])}
    assert "too_many_parts" in flags
    assert [outside.waiting(queue) for queue in ("inbound-dlq.fifo", "mail-dlq")] == aside


def test_the_text_of_a_mail_is_in_no_log(stack: LocalStack, outside: Outside, mail: MailWorld) -> None:
    ann, secret = address(), words("canary")
    mail.write(ann, secret, subject=f"subject {secret}")
    conversation = outside.conversation_with(secret)
    outside.reply(conversation, {"type": "text", "text": f"answer {secret}"})
    mail.received(ann, f"answer {secret}")
    with redirect_stdout(io.StringIO()) as printed:
        print_logs(stack.settings, None, follow=False)
    logs = printed.getvalue() + "".join(path.read_text(errors="replace") for path in stack.settings.logs.iterdir())
    assert "mail_received" in logs
    assert secret not in logs
    assert ann not in logs


def test_what_the_mail_program_shows_has_no_secret_in_it(outside: Outside, mail: MailWorld) -> None:
    ann, question = address(), words("Question")
    mail.write(ann, question)
    conversation = outside.conversation_with(question)
    outside.reply(conversation, {"type": "text", "text": "Answer"})
    received = mail.received(ann, "Answer")
    local_part = received["Reply-To"].addresses[0].username
    assert len(local_part) <= 64
    assert ann.partition("@")[0] not in local_part
    assert "Answer" in body_of(received)
