"""Sending through SES, against a real server that answers what SES answers."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from shared.aws.client import AwsClient, Credentials
from shared.aws.mail import SesMailer
from shared.errors import DeliveryError
from shared.ports.connector import Finding
from shared.ports.mailer import OutgoingMail

if TYPE_CHECKING:
    from tests.unit.aws.conftest import ScriptedServer

MAIL = OutgoingMail(
    raw=b"From: help@shop.example\r\n\r\n\xff\x00hello",
    sender="help@shop.example",
    recipients=("ann@example.com", "bob@example.com"),
    tags={"account": "main", "message": "msg_1"},
    own_id="msg_1.1",
)
VERIFIED = {
    "VerifiedForSendingStatus": True,
    "DkimAttributes": {"SigningEnabled": True, "Status": "SUCCESS"},
    "MailFromAttributes": {"MailFromDomain": "bounce.shop.example", "MailFromDomainStatus": "SUCCESS"},
}
OUT_OF_THE_SANDBOX = {
    "ProductionAccessEnabled": True,
    "SendingEnabled": True,
    "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0},
}


def refused(mailer: SesMailer, api_base: str | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as raised:
        mailer.send(MAIL, api_base)
    return raised.value


def answer(server: ScriptedServer, value: dict[str, Any], status: int = 200, error: str | None = None) -> None:
    server.answer(status, json.dumps(value).encode(), {"x-amzn-errortype": error} if error else None)


def test_a_mail_is_one_signed_call_with_everything_that_ses_is_told(client: AwsClient, server: ScriptedServer) -> None:
    answer(server, {"MessageId": "0102-1"})

    assert SesMailer(client, "events").send(MAIL, None) == "0102-1"

    [request] = server.received
    assert (request.method, request.target) == ("POST", "/v2/email/outbound-emails")
    assert request.headers["content-type"] == "application/json"
    assert "/eu-west-1/ses/aws4_request" in request.headers["authorization"]
    body = json.loads(request.body)
    assert base64.b64decode(body.pop("Content")["Raw"]["Data"]) == MAIL.raw
    assert body == {
        "FromEmailAddress": "help@shop.example",
        "Destination": {"ToAddresses": ["ann@example.com", "bob@example.com"]},
        "ConfigurationSetName": "events",
        "EmailTags": [{"Name": "account", "Value": "main"}, {"Name": "message", "Value": "msg_1"}],
    }


def test_without_a_configuration_set_none_is_named(client: AwsClient, server: ScriptedServer) -> None:
    answer(server, {"MessageId": "1"})

    SesMailer(client, "").send(MAIL, None)

    assert "ConfigurationSetName" not in json.loads(server.received[0].body)


def test_an_account_may_have_a_provider_of_its_own(server: ScriptedServer, unused_url: str) -> None:
    answer(server, {"MessageId": "1"})
    client = AwsClient("eu-west-1", Credentials("A", "s"), unused_url)

    SesMailer(client).send(MAIL, f"{server.url}/providers/email")

    assert server.received[0].target == "/providers/email/v2/email/outbound-emails"


@pytest.mark.parametrize(
    ("region", "host"),
    [("eu-west-1", "email.eu-west-1.amazonaws.com"), ("cn-north-1", "email.cn-north-1.amazonaws.com.cn")],
)
def test_the_host_of_ses_is_the_one_for_mail(region: str, host: str) -> None:
    asked: list[str] = []

    class Client(AwsClient):
        def request(self, *arguments: Any, **named: Any) -> Any:
            asked.append(named["endpoint"])
            raise DeliveryError("retry", "stop", "here")

    refused(SesMailer(Client(region, Credentials("A", "s"))))

    assert asked == [f"https://{host}"]


def test_a_lost_answer_leaves_it_unknown_and_nothing_is_sent_twice(client: AwsClient, server: ScriptedServer) -> None:
    server.drop()

    error = refused(SesMailer(client))

    assert (error.error_class, error.code) == ("unknown", "provider_timeout")
    assert len(server.received) == 1


def test_a_kept_connection_is_not_trusted_with_a_mail(client: AwsClient, server: ScriptedServer) -> None:
    """When a kept connection breaks, the request is repeated: harmless for all other calls, and a second mail here."""
    answer(server, VERIFIED)
    answer(server, OUT_OF_THE_SANDBOX)
    SesMailer(client).check("shop.example", None)
    server.drop()

    assert refused(SesMailer(client)).error_class == "unknown"
    assert [request.connection for request in server.received] == [1, 1, 2]


def test_nobody_listening_means_that_nothing_was_sent(unused_url: str) -> None:
    error = refused(SesMailer(AwsClient("eu-west-1", Credentials("A", "s"), unused_url)))

    assert (error.error_class, error.code) == ("retry", "provider_unreachable")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failure_of_ses_is_for_the_queue_to_repeat(client: AwsClient, server: ScriptedServer, status: int) -> None:
    answer(server, {}, status)

    assert refused(SesMailer(client)).error_class == "retry"
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("status", "name", "message", "error_class", "code"),
    [
        (429, "TooManyRequestsException", "Maximum sending rate exceeded.", "retry", "rate_limited"),
        (429, "TooManyRequestsException", "Daily message quota exceeded.", "account", "daily_quota"),
        (400, "Throttling", "Daily message quota exceeded", "account", "daily_quota"),
        (400, "LimitExceededException", "", "retry", "rate_limited"),
        (400, "AccountSuspendedException", "", "account", "account_suspended"),
        (400, "SendingPausedException", "", "account", "sending_paused"),
        (400, "MailFromDomainNotVerifiedException", "", "account", "mail_from_not_verified"),
        (400, "MessageRejected", "Email address is not verified.", "account", "not_verified"),
        (400, "MessageRejected", "Illegal content", "permanent", "mail_rejected"),
        (400, "BadRequestException", "Missing final '@domain'", "permanent", "mail_refused"),
        (404, "NotFoundException", "Configuration set does not exist", "account", "not_set_up"),
        (403, "AccessDeniedException", "", "account", "not_permitted"),
        (403, "SignatureDoesNotMatch", "", "account", "not_permitted"),
    ],
)
def test_a_refusal_is_classed(
    client: AwsClient, server: ScriptedServer, status: int, name: str, message: str, error_class: str, code: str
) -> None:
    answer(server, {"message": message}, status, name)

    error = refused(SesMailer(client))

    assert (error.error_class, error.code) == (error_class, code)
    assert "ann@example.com" not in str(error)
    assert len(server.received) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"MessageId": 7}', b'{"MessageId": ""}', b"[" * 100_000])
def test_an_answer_without_an_id_leaves_it_unknown(client: AwsClient, server: ScriptedServer, body: bytes) -> None:
    server.answer(200, body)

    assert (error := refused(SesMailer(client))).error_class == "unknown"
    assert error.code == "provider_garbled"


def test_the_message_ids_that_ses_writes_are_known() -> None:
    mailer = SesMailer(AwsClient("eu-west-1", Credentials("A", "s")))

    assert mailer.message_ids("0102-1") == ("<0102-1@eu-west-1.amazonses.com>", "<0102-1@email.amazonses.com>")


def test_a_verified_domain_out_of_the_sandbox_is_all_fine(client: AwsClient, server: ScriptedServer) -> None:
    answer(server, {}, 404, "NotFoundException")
    answer(server, VERIFIED)
    answer(server, OUT_OF_THE_SANDBOX)

    findings = SesMailer(client).check("help+x@shop.example", None)

    assert findings == [
        Finding(True, "identity", "shop.example is verified with SES"),
        Finding(True, "DKIM", "mail is signed"),
        Finding(True, "MAIL FROM", "bounce.shop.example: SPF is aligned with the sender"),
        Finding(True, "sandbox", "left: 50000 mails a day, 14 a second"),
    ]
    assert [request.target for request in server.received] == [
        "/v2/email/identities/help%2Bx%40shop.example",
        "/v2/email/identities/shop.example",
        "/v2/email/account",
    ]


def test_a_verified_parent_domain_counts(client: AwsClient, server: ScriptedServer) -> None:
    for _ in range(2):
        answer(server, {}, 404, "NotFoundException")
    answer(server, VERIFIED)
    answer(server, OUT_OF_THE_SANDBOX)

    [identity, *_] = SesMailer(client).check("help@mail.shop.example", None)

    assert identity == Finding(True, "identity", "shop.example is verified with SES")


def test_what_is_not_done_yet_is_said(client: AwsClient, server: ScriptedServer) -> None:
    answer(
        server,
        {
            "VerifiedForSendingStatus": False,
            "VerificationStatus": "PENDING",
            "DkimAttributes": {"SigningEnabled": True, "Status": "PENDING"},
            "MailFromAttributes": {"MailFromDomain": "bounce.shop.example", "MailFromDomainStatus": "PENDING"},
        },
    )
    answer(server, {"ProductionAccessEnabled": False, "SendingEnabled": False})

    findings = SesMailer(client).check("help@shop.example", None)

    assert [(each.ok, each.subject) for each in findings] == [
        (False, "identity"),
        (False, "DKIM"),
        (False, "MAIL FROM"),
        (False, "sandbox"),
        (False, "sending"),
    ]


def test_a_sender_that_ses_does_not_know_is_said(client: AwsClient, server: ScriptedServer) -> None:
    for _ in range(2):
        answer(server, {}, 404, "NotFoundException")
    answer(server, OUT_OF_THE_SANDBOX)

    [identity, *_] = SesMailer(client).check("help@shop.example", None)

    assert identity.ok is False
    assert identity.detail == "SES knows neither help@shop.example nor shop.example in eu-west-1"


def test_a_check_that_is_not_allowed_is_an_error(client: AwsClient, server: ScriptedServer) -> None:
    answer(server, {}, 403, "AccessDeniedException")

    with pytest.raises(DeliveryError) as raised:
        SesMailer(client).check("help@shop.example", None)

    assert raised.value.code == "not_permitted"
