"""The SMTP listener plays SES receiving: what it takes, what it puts on top, and what ends up in the bucket."""

from __future__ import annotations

import asyncio
import re
import smtplib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.local.providers.email.verdicts import GTUBE
from tests.unit.local.mail_stage import ADDRESS, ANN, REPLY_DOMAIN, MailStage, on_mail_stage

BLOCK = [
    "Return-Path",
    "Received",
    "X-SES-Spam-Verdict",
    "X-SES-Virus-Verdict",
    "Received-SPF",
    "Authentication-Results",
    "X-SES-RECEIPT",
    "X-SES-DKIM-SIGNATURE",
]
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[MailStage]:
    async with on_mail_stage(tmp_path) as made:
        yield made


def written(sender: str = ANN, *lines: str, body: bytes = b"Where is my order?\r\n") -> bytes:
    return "\r\n".join([f"From: {sender}", f"To: {ADDRESS}", "Subject: Order", *lines, "", ""]).encode() + body


def head_names(raw: bytes) -> list[str]:
    head = raw.partition(b"\r\n\r\n")[0].decode()
    return [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith(" ")]


def field(raw: bytes, name: str) -> str:
    """The topmost field of this name, unfolded."""
    found = re.search(rb"(?m)^%b: ([^\r]*(?:\r\n [^\r]*)*)" % name.encode(), raw)
    assert found is not None
    return found[1].decode().replace("\r\n", "")


async def test_what_was_sent_stands_unchanged_below_the_block_of_ses(stage: MailStage) -> None:
    # given a mail with 8-bit text and lines that begin with dots
    raw = written(body="你好\r\n.\r\n..two\r\n.end\r\n".encode())
    # when it is handed in
    stored = await stage.hand_in(raw)
    # then it is in the bucket byte by byte, below the block
    assert stored.endswith(raw)
    assert head_names(stored)[: len(BLOCK)] == BLOCK
    assert head_names(stored)[len(BLOCK) :] == ["From", "To", "Subject"]


async def test_the_object_s_name_is_the_id_that_the_sender_is_told(stage: MailStage) -> None:
    stored = await stage.hand_in(written())
    (path,) = stage.aws.objects
    found = re.fullmatch(r"/mail-bucket/mail/([0-9a-z]{40})", path)
    assert found is not None
    received = field(stored, "Received")
    assert f"inbound-smtp.eu-west-1.amazonaws.com with SMTP id {found[1]} for {ADDRESS};" in received
    assert received.startswith("from mail.trusted.example (mail.trusted.example [127.0.0.1])")


async def test_forged_copies_of_the_block_stay_below_the_true_ones(stage: MailStage) -> None:
    forged = "Authentication-Results: amazonses.com; spf=pass; dkim=pass header.i=@bank.example; dmarc=pass"
    stored = await stage.hand_in(written("boss@bank.example", forged, "X-SES-Spam-Verdict: PASS"), "boss@bank.example")
    assert head_names(stored)[:8] == BLOCK
    assert head_names(stored).index("Authentication-Results", 8) > head_names(stored).index("From")
    assert "dmarc=none header.from=bank.example;" in field(stored, "Authentication-Results")


@pytest.mark.parametrize(
    ("author", "sender", "verdicts"),
    [
        (ANN, ANN, ("pass", "pass header.i=@trusted.example", "pass")),
        ("Ann <ANN@Trusted.Example>", "bounces@trusted.example", ("pass", "pass header.i=@trusted.example", "pass")),
        (ANN, "", ("none", "pass header.i=@trusted.example", "pass")),
        (ANN, "thief@evil.example", ("none", "none header.i=unknown", "fail")),
        (f"{ANN}, thief@evil.example", "thief@evil.example", ("none", "none header.i=unknown", "fail")),
        (f"{ANN}\r\nFrom: thief@evil.example", ANN, ("pass", "none header.i=unknown", "fail")),
        ("bob@other.example", "bob@other.example", ("none", "none header.i=unknown", "none")),
        ("bob@other.example", ANN, ("pass", "none header.i=unknown", "none")),
        ("x@sub.trusted.example", "x@sub.trusted.example", ("none", "none header.i=unknown", "none")),
        ("not an address", ANN, ("pass", "none header.i=unknown", "none")),
    ],
)
async def test_who_is_believed(stage: MailStage, author: str, sender: str, verdicts: tuple[str, str, str]) -> None:
    stored = await stage.hand_in(written(author), sender)
    spf, dkim, dmarc = verdicts
    results = field(stored, "Authentication-Results")
    assert results.startswith(f"amazonses.com; spf={spf} (spfCheck: ")
    assert f" dkim={dkim}; dmarc={dmarc} header.from=" in results
    assert field(stored, "Received-SPF").startswith(f"{spf} (spfCheck: ")
    assert field(stored, "Return-Path") == f"<{sender}>"


@pytest.mark.parametrize(
    ("body", "spam", "virus"),
    [
        (b"hello\r\n", "PASS", "PASS"),
        (GTUBE + b"\r\n", "FAIL", "PASS"),
        (EICAR + b"\r\n", "PASS", "FAIL"),
        (b"WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNU\r\n", "PASS", "FAIL"),
    ],
)
async def test_test_marks_of_spam_and_virus_are_found(stage: MailStage, body: bytes, spam: str, virus: str) -> None:
    stored = await stage.hand_in(written(body=body))
    assert (field(stored, "X-SES-Spam-Verdict"), field(stored, "X-SES-Virus-Verdict")) == (spam, virus)


@pytest.mark.parametrize(
    "recipient",
    [ADDRESS, "SUPPORT@Shop.Example", "support+order-7@shop.example", f"reply+abc.def@{REPLY_DOMAIN}"],
)
async def test_mail_for_an_account_is_taken(stage: MailStage, recipient: str) -> None:
    stored = await stage.hand_in(written(), recipients=[recipient])
    assert f"for {recipient};" in field(stored, "Received")


@pytest.mark.parametrize("recipient", ["sales@shop.example", "support@other.example", "x@sub.reply.shop.example"])
async def test_mail_for_anybody_else_is_refused(stage: MailStage, recipient: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        await stage.hand_in(written(), recipients=[recipient])
    code, text = refusal.value.recipients[recipient]
    assert (code, text.startswith(b"5.1.1")) == (550, True)
    assert stage.aws.objects == {}


async def test_a_mail_to_several_recipients_is_one_object(stage: MailStage) -> None:
    stored = await stage.hand_in(written(), recipients=[f"reply+x@{REPLY_DOMAIN}", ADDRESS, "nobody@shop.example"])
    assert f"for reply+x@{REPLY_DOMAIN};" in field(stored, "Received")
    (arrival,) = (await stage.control("GET", "arrivals"))["items"]
    assert arrival["recipients"] == [f"reply+x@{REPLY_DOMAIN}", ADDRESS]


async def test_a_mail_that_cannot_be_stored_is_not_accepted(stage: MailStage) -> None:
    stage.aws.s3_status = 403
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        await stage.hand_in(written())
    assert refusal.value.smtp_code == 451
    assert (await stage.control("GET", "arrivals"))["items"] == []


async def test_commands_may_come_all_at_once(stage: MailStage) -> None:
    # given a client that does not wait for answers
    def talk() -> list[str]:
        with socket.create_connection(("127.0.0.1", stage.smtp_port), timeout=10) as connection:
            answers = connection.makefile("r", newline="\r\n")
            greeting = answers.readline()
            connection.sendall(b"EHLO mail.trusted.example\r\n")
            offered = [answers.readline()]
            while offered[-1][3] == "-":
                offered.append(answers.readline())
            connection.sendall(
                b"MAIL FROM:<ann@trusted.example>\r\nRCPT TO:<support@shop.example>\r\n"
                b"RCPT TO:<sales@shop.example>\r\nRCPT TO:<support+1@shop.example>\r\nDATA\r\n"
            )
            codes = [answers.readline()[:3] for _ in range(5)]
            connection.sendall(written() + b".\r\nMAIL FROM:<>\r\nRCPT TO:<support@shop.example>\r\nQUIT\r\n")
            return [greeting[:3], *(line[4:].strip() for line in offered), *codes, *(line[:3] for line in answers)]

    # when it talks
    heard = await asyncio.to_thread(talk)
    # then everything is answered in its turn
    assert {"SIZE 41943040", "8BITMIME", "PIPELINING"} <= set(heard)
    assert not {"SMTPUTF8", "STARTTLS"} & set(heard)
    assert heard[-9:] == ["250", "250", "550", "250", "354", "250", "250", "250", "221"]


async def test_a_mail_over_40_mb_is_refused_before_and_after_it_was_sent(stage: MailStage) -> None:
    def talk() -> tuple[int, int]:
        with smtplib.SMTP("127.0.0.1", stage.smtp_port, timeout=60) as client:
            client.ehlo("mail.trusted.example")
            announced, _ = client.mail(ANN, ["SIZE=41943041"])
            client.mail(ANN)
            client.rcpt(ADDRESS)
            sent, _ = client.data(written() + (b"x" * 998 + b"\r\n") * (41943040 // 1000))
            return announced, sent

    assert await asyncio.to_thread(talk) == (552, 552)
    assert stage.aws.objects == {}


async def test_a_large_mail_and_a_very_long_line_are_taken(stage: MailStage) -> None:
    raw = written(body=b"y" * 100_000 + b"\r\n" + (b"x" * 998 + b"\r\n") * 12_000)
    assert (await stage.hand_in(raw)).endswith(raw)


async def test_addresses_that_are_not_ascii_are_refused(stage: MailStage) -> None:
    def talk() -> int:
        with smtplib.SMTP("127.0.0.1", stage.smtp_port, timeout=10) as client:
            client.ehlo("mail.trusted.example")
            return client.docmd("MAIL", f"FROM:<{ANN}> SMTPUTF8")[0]

    assert await asyncio.to_thread(talk) == 501
