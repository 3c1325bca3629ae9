"""The SES stand-in takes what SES takes, refuses what SES refuses, and reports what became of it."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local.providers.email.outgoing import mail_host
from tests.unit.local.mail_stage import ADDRESS, ANN, CONFIGURATION_SET, REPLY_DOMAIN, MailStage, mail_of, on_mail_stage

SIMULATOR = "simulator.amazonses.com"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[MailStage]:
    async with on_mail_stage(tmp_path) as made:
        yield made


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def with_file(filename: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = ADDRESS, ANN
    message.set_content("see the file")
    message.add_attachment(b"data", maintype="application", subtype="octet-stream", filename=filename)
    return message.as_bytes()


def boto_client(stage: MailStage) -> Any:
    return boto3.client(
        "sesv2",
        endpoint_url=stage.api_base,
        region_name="eu-west-1",
        aws_access_key_id="AKIATEST",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


async def test_amazon_s_own_client_can_send(stage: MailStage) -> None:
    def send() -> str:
        answer = boto_client(stage).send_email(
            FromEmailAddress=f"Shop <{ADDRESS}>",
            Destination={"ToAddresses": [ANN], "BccAddresses": ["boss@other.example"]},
            Content={"Raw": {"Data": mail_of("Cc: Ben <ben@other.example>")}},
            ConfigurationSetName=CONFIGURATION_SET,
            EmailTags=[{"Name": "account", "Value": "main"}],
        )
        return str(answer["MessageId"])

    message_id = await asyncio.to_thread(send)
    boxes = (await stage.control("GET", "mailboxes"))["items"]
    assert {box["address"] for box in boxes} == {ANN, "boss@other.example"}
    (mail,) = (await stage.control("GET", f"mailboxes/{ANN}"))["items"]
    assert mail["id"] == message_id


@pytest.mark.parametrize(
    ("operation", "arguments", "error"),
    [
        ("get_email_identity", {"EmailIdentity": "other.example"}, "NotFoundException"),
        (
            "send_email",
            {"FromEmailAddress": "x@other.example", "Content": {"Raw": {"Data": mail_of()}}},
            "MessageRejected",
        ),
        ("send_email", {"FromEmailAddress": ADDRESS, "Content": {"Raw": {"Data": b"none"}}}, "BadRequestException"),
    ],
)
async def test_amazon_s_own_client_knows_the_errors(
    stage: MailStage, operation: str, arguments: dict[str, Any], error: str
) -> None:
    with pytest.raises(ClientError) as refusal:
        await asyncio.to_thread(getattr(boto_client(stage), operation), **arguments)
    assert refusal.value.response["Error"]["Code"] == error


async def test_amazon_s_own_client_can_look_at_identities_and_account(stage: MailStage) -> None:
    client = boto_client(stage)
    identity = await asyncio.to_thread(client.get_email_identity, EmailIdentity="shop.example")
    account = await asyncio.to_thread(client.get_account)
    assert (identity["VerifiedForSendingStatus"], identity["DkimAttributes"]["Status"]) == (True, "SUCCESS")
    assert (account["SendingEnabled"], account["ProductionAccessEnabled"]) == (True, True)


async def test_the_mail_that_arrives_carries_the_id_and_date_of_ses_and_no_bcc(stage: MailStage) -> None:
    # given a mail with an id, a date and a blind copy of its own
    own = ["Message-ID: <own@shop.example>", "Date: Mon, 1 Jan 2001 00:00:00 +0000", "Bcc: boss@other.example"]
    # when it is sent
    message_id = await stage.sent(mail_of(*own))
    # then SES has written the first two anew and taken the third away
    mail = await stage.control("GET", f"messages/{message_id}")
    headers = dict(mail["headers"])
    assert headers["Message-ID"] == f"<{message_id}@eu-west-1.amazonses.com>"
    assert "2001" not in headers["Date"]
    assert "Bcc" not in headers
    assert headers["Subject"] == "About your order"
    assert mail["text"] == "Hello\n"


def test_us_east_1_writes_another_host_into_its_ids() -> None:
    assert mail_host("us-east-1") == "email.amazonses.com"


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"FromEmailAddress": "x@other.example"}, "MessageRejected", "Email address is not verified."),
        (
            {"Content": {"Raw": {"Data": encoded(mail_of(sender="x@other.example"))}}},
            "MessageRejected",
            "other.example",
        ),
        ({"Content": {"Simple": {"Subject": {"Data": "x"}, "Body": {}}}}, "BadRequestException", "exactly one"),
        ({"Content": {}}, "BadRequestException", "exactly one"),
        ({"Content": None}, "BadRequestException", "content"),
        ({"Content": {"Raw": {"Data": "***"}}}, "SerializationException", "base64"),
        ({"Destination": {"ToAddresses": "a@b.example"}}, "SerializationException", "Expected"),
        ({"Destination": {"ToAddresses": [ANN] * 51}}, "BadRequestException", "Recipient count exceeds 50."),
        ({"Destination": {"ToAddresses": ["jürgen@other.example"]}}, "BadRequestException", "Local address"),
        ({"Destination": {"ToAddresses": ["ann@bücher.example"]}}, "BadRequestException", "Domain"),
        ({"Destination": {"ToAddresses": ["ann@x_y"]}}, "BadRequestException", "Domain"),
        ({"Destination": {"ToAddresses": ["ann"]}}, "BadRequestException", "Missing final '@domain'"),
        ({"EmailTags": [{"Name": "a b", "Value": "x"}]}, "BadRequestException", "tag name"),
        ({"EmailTags": [{"Name": "a", "Value": "x@y"}]}, "BadRequestException", "tag value"),
        ({"EmailTags": [{"Name": "a", "Value": "x" * 257}]}, "BadRequestException", "tag value"),
        ({"EmailTags": [{"Name": f"a{n}", "Value": "x"} for n in range(51)]}, "BadRequestException", "Too many tags"),
        ({"ConfigurationSetName": "other"}, "NotFoundException", "Configuration set <other> does not exist."),
    ],
)
async def test_a_wrong_call_is_refused(stage: MailStage, changes: dict[str, Any], error: str, text: str) -> None:
    status, name, content = await stage.send(**changes)
    assert (status, name) == (404 if error == "NotFoundException" else 400, error)
    assert text in content["message"]
    assert (await stage.control("GET", "mailboxes"))["items"] == []


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"From: support@shop.example\r\nSubject: x\r\n", "empty line"),
        (mail_of().replace(b"From:", b"X-From:"), "Missing required header 'From'."),
        (mail_of("From: support@shop.example"), "Duplicate header 'From'."),
        (mail_of("TO: ann@trusted.example"), "Duplicate header 'TO'."),
        (mail_of("Date: x", "Date: x"), "Duplicate header 'Date'."),
        (mail_of("Message-ID: <a@b>", "Message-Id: <a@b>"), "Duplicate header 'Message-Id'."),
        (mail_of("Subject: again"), "Duplicate header 'Subject'."),
        (mail_of("no colon here"), "Illegal header"),
        (mail_of("Bad Name: x"), "Illegal header 'Bad Name'."),
        (mail_of(": x"), "Empty header names are illegal."),
        (mail_of("X-Name: Jürgen"), "7-bit"),
        (mail_of(body="Grüße\r\n"), "7-bit"),
        (mail_of(body="x" * 999 + "\r\n"), "more than 1000"),
        (mail_of("X-Long: " + "x" * 991), "more than 1000"),
        (mail_of("Content-Type: multipart/mixed"), "formatted properly"),
        (mail_of('Content-Type: multipart/mixed; boundary="b"', body="--b\r\n\r\nunfinished\r\n"), "formatted"),
        (with_file("setup.exe"), "Illegal filename 'setup.exe'."),
        (with_file("photo.jpg.JS"), "Illegal filename"),
    ],
)
async def test_a_wrong_mail_is_refused(stage: MailStage, raw: bytes, text: str) -> None:
    status, name, content = await stage.send(raw)
    assert (status, name) == (400, "BadRequestException")
    assert text in content["message"]


@pytest.mark.parametrize(
    "raw",
    [
        mail_of(body="x" * 998 + "\r\n"),
        mail_of().replace(b"\r\n", b"\n"),
        mail_of("Received: from a", "Received: from b"),
        with_file("exe"),
        with_file("price list.pdf"),
    ],
)
async def test_what_only_looks_wrong_is_sent(stage: MailStage, raw: bytes) -> None:
    assert await stage.sent(raw)


async def test_a_mail_of_more_than_40_mb_is_refused(stage: MailStage) -> None:
    status, name, content = await stage.send(mail_of(body=("x" * 998 + "\r\n") * 41944))
    assert (status, name) == (400, "BadRequestException")
    assert content["message"].startswith("Message length is more than 41943040 bytes long")


async def test_recipients_come_from_the_header_when_the_call_names_none(stage: MailStage) -> None:
    await stage.sent(mail_of("Cc: ben@other.example", "Bcc: eve@other.example"), Destination={})
    boxes = (await stage.control("GET", "mailboxes"))["items"]
    assert {box["address"] for box in boxes} == {ANN, "ben@other.example", "eve@other.example"}


@pytest.mark.parametrize("sender", [ADDRESS, "other@shop.example", f"x@{REPLY_DOMAIN}", "SUPPORT@SHOP.EXAMPLE"])
async def test_an_address_of_a_verified_domain_may_send(stage: MailStage, sender: str) -> None:
    assert await stage.sent(mail_of(sender=sender), FromEmailAddress=sender)


async def test_calls_have_to_be_signed_for_ses(stage: MailStage) -> None:
    path, body = "/v2/email/account", b""
    good = stage.signed("GET", path, body)
    cases = [
        ({}, "MissingAuthenticationTokenException"),
        ({**good, "Authorization": "Bearer x"}, "IncompleteSignatureException"),
        (stage.signed("GET", path, body, service="email"), "InvalidSignatureException"),
        (stage.signed("GET", path, body, region="us-east-1"), "InvalidSignatureException"),
        ({**good, "x-amz-date": "20200101T000000Z"}, "InvalidSignatureException"),
        ({**good, "x-amz-content-sha256": "0" * 64}, "InvalidSignatureException"),
    ]
    for headers, error in cases:
        async with stage.session.get(stage.api_base + path, headers=headers) as answer:
            assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (403, error)
    async with stage.session.get(stage.api_base + path, headers=good) as answer:
        assert answer.status == 200


async def test_operations_that_are_not_played_say_so(stage: MailStage) -> None:
    status, error, _ = await stage.ses("POST", "/v2/email/outbound-bulk-emails", {})
    assert (status, error) == (404, "UnknownOperationException")


async def test_sending_faster_than_the_quota_is_refused(stage: MailStage, monkeypatch: pytest.MonkeyPatch) -> None:
    # given two mails a second, and a clock that stands
    now = time.time()
    monkeypatch.setattr(stage.provider.service, "now", lambda: now)
    await stage.control("POST", "account", {"max_send_rate": 2})
    # when three are sent, then the third is one too many
    answers = [(await stage.send())[:2] for _ in range(3)]
    assert answers == [(200, ""), (200, ""), (429, "TooManyRequestsException")]
    # until a second has passed
    monkeypatch.setattr(stage.provider.service, "now", lambda: now + 1)
    assert (await stage.send())[0] == 200
    # and a day's quota counts all of them
    await stage.control("POST", "account", {"max_24_hour_send": 3})
    _, _, content = await stage.send()
    assert content["message"] == "Daily message quota exceeded."


async def test_a_paused_account_and_the_sandbox_refuse(stage: MailStage) -> None:
    await stage.control("POST", "account", {"sending_enabled": False})
    assert (await stage.send())[1] == "SendingPausedException"
    await stage.control("POST", "account", {"production_access": False})
    _, error, content = await stage.send()
    assert (error, ANN in content["message"]) == ("MessageRejected", True)
    await stage.control("POST", f"identities/{ANN}", {"verified": True})
    assert (await stage.send())[0] == 200


async def test_an_identity_can_lose_its_verification(stage: MailStage) -> None:
    for identity in ("shop.example", ADDRESS):
        await stage.control("POST", f"identities/{identity}", {"verified": False})
    _, _, identity_content = await stage.ses("GET", "/v2/email/identities/shop.example")
    assert identity_content["VerifiedForSendingStatus"] is False
    assert (await stage.send())[1] == "MessageRejected"


async def test_a_mail_that_arrives_is_reported_as_sent_and_delivered(stage: MailStage) -> None:
    # when a mail with tags is sent
    tags = [{"Name": "account", "Value": "main"}, {"Name": "message", "Value": "m-1"}]
    message_id = await stage.sent(mail_of("Message-ID: <own@shop.example>"), EmailTags=tags)
    # then the topic hears of it twice
    send, delivery = stage.aws.events
    assert (send["eventType"], send["send"]) == ("Send", {})
    assert delivery["eventType"] == "Delivery"
    assert delivery["delivery"]["recipients"] == [ANN]
    for event in (send, delivery):
        mail = event["mail"]
        assert (mail["messageId"], mail["source"], mail["destination"]) == (message_id, ADDRESS, [ANN])
        assert {"name": "Message-ID", "value": "<own@shop.example>"} in mail["headers"]
        assert mail["commonHeaders"]["subject"] == "About your order"
        assert mail["tags"]["account"] == ["main"]
        assert mail["tags"]["message"] == ["m-1"]
        assert mail["tags"]["ses:configuration-set"] == [CONFIGURATION_SET]


async def test_nothing_is_reported_without_a_configuration_set(stage: MailStage) -> None:
    await stage.sent(ConfigurationSetName=None)
    assert stage.aws.events == []


@pytest.mark.parametrize(
    ("recipient", "events", "arrives"),
    [
        (f"success@{SIMULATOR}", ["Send", "Delivery"], True),
        (f"bounce@{SIMULATOR}", ["Send", "Bounce"], False),
        (f"bounce+7@{SIMULATOR}", ["Send", "Bounce"], False),
        ("anybody@bounce.example", ["Send", "Bounce"], False),
        (f"suppressionlist@{SIMULATOR}", ["Send", "Bounce"], False),
        (f"complaint@{SIMULATOR}", ["Send", "Delivery", "Complaint"], True),
        ("anybody@slow.example", ["Send", "DeliveryDelay", "Delivery"], True),
    ],
)
async def test_the_address_decides_what_is_reported(
    stage: MailStage, recipient: str, events: list[str], arrives: bool
) -> None:
    await stage.sent(Destination={"ToAddresses": [recipient]})
    assert [event["eventType"] for event in stage.aws.events] == events
    assert bool((await stage.control("GET", f"mailboxes/{recipient}"))["items"]) is arrives
    if "Bounce" in events:
        bounce = stage.aws.events[-1]["bounce"]
        assert (bounce["bounceType"], bounce["bouncedRecipients"][0]["status"]) == ("Permanent", "5.1.1")
        assert bounce["bouncedRecipients"][0]["emailAddress"] == recipient
        assert bounce["bounceSubType"] == ("Suppressed" if "suppression" in recipient else "General")


async def test_a_virus_is_accepted_and_then_rejected(stage: MailStage) -> None:
    await stage.sent(mail_of(body="$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!\r\n"))
    assert [event["eventType"] for event in stage.aws.events] == ["Send", "Reject"]
    assert (await stage.control("GET", "mailboxes"))["items"] == []


async def test_somebody_out_of_the_office_answers_through_the_listener(stage: MailStage) -> None:
    message_id = await stage.sent(
        mail_of(f"Reply-To: reply+x@{REPLY_DOMAIN}"), Destination={"ToAddresses": [f"ooto@{SIMULATOR}"]}
    )
    (stored,) = stage.aws.objects.values()
    assert b"Return-Path: <>" in stored
    assert f"for reply+x@{REPLY_DOMAIN};".encode() in stored
    assert b"Auto-Submitted: auto-replied" in stored
    assert f"In-Reply-To: <{message_id}@eu-west-1.amazonses.com>".encode() in stored


async def test_a_mail_can_bounce_or_be_complained_about_later(stage: MailStage) -> None:
    message_id = await stage.sent()
    await stage.control("POST", f"messages/{message_id}/bounce", {"type": "Transient", "subtype": "MailboxFull"})
    await stage.control("POST", f"messages/{message_id}/complaint", {"recipient": ANN})
    bounce, complaint = stage.aws.events[-2:]
    assert (bounce["bounce"]["bounceType"], bounce["bounce"]["bounceSubType"]) == ("Transient", "MailboxFull")
    assert bounce["mail"]["messageId"] == message_id
    assert complaint["complaint"]["complainedRecipients"] == [{"emailAddress": ANN}]
    assert (await stage.asked_control("POST", f"messages/{message_id}/bounce", {"recipient": "x@y.example"}))[0] == 404


async def test_the_local_ses_gets_a_copy_about_which_nothing_is_reported(stage: MailStage) -> None:
    await stage.sent(mail_of(body="a copy\r\n"))
    assert stage.aws.identities == {ADDRESS, "shop.example", REPLY_DOMAIN}
    (call,) = stage.aws.handed_on
    assert (call["FromEmailAddress"], call["Destination"]) == (ADDRESS, {"ToAddresses": [ANN]})
    assert b"a copy" in base64.b64decode(call["Content"]["Raw"]["Data"])
    assert "ConfigurationSetName" not in call


async def test_a_fault_can_be_an_error_of_ses_or_a_lost_answer(stage: MailStage) -> None:
    await stage.control("POST", "fail", {"path": "outbound-emails", "error": "AccountSuspendedException"})
    assert (await stage.send())[:2] == (400, "AccountSuspendedException")
    await stage.control("POST", "fail", {"path": "outbound-emails", "http_status": 500, "when": "after"})
    body = json.dumps({"FromEmailAddress": ADDRESS, "Content": {"Raw": {"Data": encoded(mail_of())}}}).encode()
    headers = stage.signed("POST", "/v2/email/outbound-emails", body)
    url = f"{stage.api_base}/v2/email/outbound-emails"
    async with stage.session.post(url, data=body, headers=headers) as answer:
        assert answer.status == 500
    assert len((await stage.control("GET", f"mailboxes/{ANN}"))["items"]) == 1
    assert [call["status"] for call in (await stage.control("GET", "requests"))["items"]] == [400, 500]
