"""Customers' mailboxes and what they write, through the control interface and the real SMTP listener."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, default
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from infra.local.front.server import front_application
from infra.local.front.settings import FrontSettings, ProviderSettings
from tests.unit.local.mail_stage import ADDRESS, ANN, REPLY_DOMAIN, MailStage, mail_of, on_mail_stage

PICTURE = b"\x89PNG\r\n\x1a\n picture"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[MailStage]:
    async with on_mail_stage(tmp_path) as made:
        yield made


def rich_mail() -> bytes:
    """Text, HTML with a picture of its own and of others, and a file."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = f"Läden <{ADDRESS}>", ANN, "订单 7"
    message["Reply-To"] = f"reply+token@{REPLY_DOMAIN}"
    message.set_content("Dear Ann")
    message.add_alternative(
        '<p>Dear <b>Ann</b></p><img src="cid:pic"><img src="cid:none"><script>x</script>', subtype="html"
    )
    page = message.get_body(("html",))
    assert page is not None
    page.add_related(PICTURE, "image", "png", cid="<pic>", filename="p.png")
    message.add_attachment(b"1,2", maintype="text", subtype="csv", filename="Preise €.csv")
    return message.as_bytes()


async def written(stage: MailStage, **writing: Any) -> tuple[dict[str, Any], EmailMessage]:
    """The answer of the control interface, and the mail below SES's block."""
    before = set(stage.aws.objects)
    answer = await stage.control("POST", "messages", {"from": ANN, **writing})
    (key,) = set(stage.aws.objects) - before
    assert key == f"/mail-bucket/mail/{answer['received_id']}"
    message = message_from_bytes(stage.aws.objects[key], policy=default)
    assert isinstance(message, EmailMessage)
    return answer, message


def text_of(part: EmailMessage | MIMEPart | None) -> str:
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


async def test_a_mail_is_shown_decoded_with_its_files(stage: MailStage) -> None:
    message_id = await stage.sent(rich_mail())
    mail = await stage.control("GET", f"messages/{message_id}")
    assert (mail["subject"], mail["from"], mail["text"]) == ("订单 7", f"Läden <{ADDRESS}>", "Dear Ann\n")
    assert "<b>Ann</b>" in mail["html"]
    assert [(file["filename"], file["mime_type"]) for file in mail["attachments"]] == [
        ("p.png", "image/png"),
        ("Preise €.csv", "text/csv"),
    ]
    index = mail["attachments"][1]["index"]
    url = f"{stage.url}/_control/email/messages/{message_id}"
    async with stage.session.get(f"{url}/attachments/{index}") as answer:
        assert (await answer.read(), answer.content_type) == (b"1,2", "application/octet-stream")
        assert answer.headers["Content-Disposition"] == "attachment"
    async with stage.session.get(f"{url}/raw") as answer:
        assert (await answer.read()).startswith(b"From: ")


async def test_html_comes_under_a_policy_that_lets_it_do_nothing(stage: MailStage) -> None:
    message_id = await stage.sent(rich_mail())
    async with stage.session.get(f"{stage.url}/_control/email/messages/{message_id}/html") as answer:
        policy, markup = answer.headers["Content-Security-Policy"], await answer.text()
    assert policy.startswith("sandbox; default-src 'none'; img-src data:;")
    assert f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}" in markup
    assert "cid:none" in markup


async def test_a_new_mail_goes_to_the_account(stage: MailStage) -> None:
    _, mail = await written(stage, subject="Frage 问题", text="Wo ist meine Bestellung?\n.\n你好")
    assert (mail["To"], mail["From"], mail["Subject"]) == (ADDRESS, ANN, "Frage 问题")
    assert "dmarc=pass" in mail["Authentication-Results"]
    assert text_of(mail) == "Wo ist meine Bestellung?\n.\n你好\n"


async def test_an_answer_is_what_a_mail_program_makes_of_it(stage: MailStage) -> None:
    # given a mail in Ann's mailbox
    message_id = await stage.sent(rich_mail())
    # when she answers it
    _, mail = await written(stage, in_reply_to_message=message_id, text="Thank you <3")
    # then it goes to where answers are asked for, in the thread, with the quoted mail below
    ses_id = f"<{message_id}@eu-west-1.amazonses.com>"
    assert (mail["To"], mail["Subject"]) == (f"reply+token@{REPLY_DOMAIN}", "Re: 订单 7")
    assert (mail["In-Reply-To"], mail["References"]) == (ses_id, ses_id)
    text, page = text_of(mail.get_body(("plain",))), text_of(mail.get_body(("html",)))
    assert re.fullmatch(
        rf"Thank you <3\n\nOn \w{{3}}, \d+ \w{{3}} \d{{4}} at \d\d:\d\d, Läden <{ADDRESS}> wrote:\n\n> Dear Ann\n", text
    )
    assert page.startswith('<div dir="ltr">Thank you &lt;3</div><br><div class="gmail_quote">')
    assert "<blockquote" in page


async def test_an_answer_to_an_answer_keeps_the_whole_thread(stage: MailStage) -> None:
    message_id = await stage.sent(mail_of("References: <first@trusted.example>\r\n <second@shop.example>"))
    _, mail = await written(stage, in_reply_to_message=message_id, text="ok", quote=False, language="zh")
    assert mail["References"].split() == [
        "<first@trusted.example>",
        "<second@shop.example>",
        f"<{message_id}@eu-west-1.amazonses.com>",
    ]
    assert text_of(mail) == "ok\n"


async def test_a_chinese_mail_program_quotes_in_chinese(stage: MailStage) -> None:
    _, mail = await written(stage, in_reply_to_message=await stage.sent(), text="谢谢", language="zh")
    text = text_of(mail.get_body(("plain",)))
    assert re.search(r"于\d{4}年\d+月\d+日周[一二三四五六日] \d\d:\d\d写道：\n\n> Hello", text)


async def test_files_and_pictures_are_attached(stage: MailStage) -> None:
    files = [
        {"filename": "合同.pdf", "mime_type": "application/pdf", "data": base64.b64encode(b"%PDF").decode()},
        {"filename": "a.png", "mime_type": "image/png", "data": base64.b64encode(PICTURE).decode(), "content_id": "a"},
    ]
    _, mail = await written(stage, text="see", html='<img src="cid:a">', attachments=files)
    (contract,) = list(mail.iter_attachments())
    assert (contract.get_filename(), contract.get_content()) == ("合同.pdf", b"%PDF")
    assert [part["Content-ID"] for part in mail.walk() if part["Content-ID"]] == ["<a>"]


async def test_a_machine_s_mail_can_be_played(stage: MailStage) -> None:
    headers = {"Auto-Submitted": "auto-replied", "Message-ID": "<own@trusted.example>"}
    _, mail = await written(stage, text="I am away", headers=headers, envelope_sender="")
    assert (mail["Return-Path"], mail["Auto-Submitted"]) == ("<>", "auto-replied")
    assert mail.get_all("Message-ID") == ["<own@trusted.example>"]


async def test_what_a_customer_wrote_lies_in_their_own_mailbox(stage: MailStage) -> None:
    await written(stage, subject="one", **{"from": "Ann <Ann@Trusted.Example>"})
    await stage.sent()
    mails = (await stage.control("GET", f"mailboxes/{ANN}"))["items"]
    assert [(mail["direction"], mail["subject"]) for mail in mails] == [
        ("sent", "one"),
        ("received", "About your order"),
    ]


@pytest.mark.parametrize(
    ("writing", "status"),
    [
        ({"from": ANN, "to": ["nobody@shop.example"]}, 409),
        ({"from": ANN, "subject": "a\r\nBcc: x@y.example"}, 400),
        ({"from": ANN, "in_reply_to_message": "unknown"}, 404),
        ({"text": "x"}, 400),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_a_reason(
    stage: MailStage, writing: dict[str, Any], status: int
) -> None:
    answered, content = await stage.asked_control("POST", "messages", writing)
    assert answered == status
    assert content["error"]
    assert stage.aws.objects == {}


async def test_mailboxes_can_be_cleared_one_by_one_and_together(stage: MailStage) -> None:
    both = [ANN, "ben@other.example"]
    message_id = await stage.sent(Destination={"ToAddresses": both})
    await stage.control("DELETE", f"mailboxes/{ANN}")
    assert (await stage.control("GET", "mailboxes"))["items"] == [{"address": both[1], "messages": 1}]
    await stage.control("DELETE", "messages")
    assert (await stage.control("GET", "mailboxes"))["items"] == []
    assert (await stage.asked_control("GET", f"messages/{message_id}"))[0] == 404


async def test_mail_is_there_after_a_restart(tmp_path: Path) -> None:
    async with on_mail_stage(tmp_path) as stage:
        message_id = await stage.sent()
    async with on_mail_stage(tmp_path) as stage:
        assert (await stage.control("GET", f"messages/{message_id}"))["text"] == "Hello\n"


async def test_it_says_where_its_smtp_listener_is(stage: MailStage) -> None:
    settings = await stage.control("GET", "settings")
    assert settings["smtp"] == {"host": "127.0.0.1", "port": stage.smtp_port}
    assert settings["accounts"]["main"]["address"] == ADDRESS


@pytest.mark.parametrize("path", ["messages/x/attachments/0", "messages/../email.json", "messages/x/html"])
async def test_there_is_nothing_but_kept_mail(stage: MailStage, path: str) -> None:
    async with stage.session.get(f"{stage.url}/_control/email/{path}") as answer:
        assert answer.status == 404


async def test_the_front_server_serves_it_and_lets_the_page_frame_nothing_foreign(tmp_path: Path) -> None:
    async with on_mail_stage(tmp_path) as stage:
        settings = FrontSettings(
            gateway_url="http://127.0.0.1:1",
            api_key="key",
            providers=ProviderSettings(email=stage.provider.service.settings),
            folder=str(tmp_path / "front"),
        )
        async with TestServer(front_application(settings, "http://127.0.0.1")) as server:
            async with stage.session.get(server.make_url("/_control/email/settings")) as answer:
                assert (await answer.json())["smtp"]["port"] not in (0, stage.smtp_port)
            async with stage.session.get(server.make_url("/providers/email/v2/email/account")) as answer:
                assert answer.status == 403
            async with stage.session.get(server.make_url("/")) as answer:
                assert "frame-src 'self';" in answer.headers["Content-Security-Policy"]
