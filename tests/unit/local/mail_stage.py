"""The mail stand-in under test, in front of an AWS that writes down what it is given."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import smtplib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from infra.local.providers.email import AccountSettings, AwsSettings, EmailProvider, EmailSettings
from shared.aws.signing import Credentials, SigningRequest, sign

ADDRESS, REPLY_DOMAIN = "support@shop.example", "reply.shop.example"
REGION = "eu-west-1"
CONFIGURATION_SET = "shop-mail"
ANN = "ann@trusted.example"
PUBLISHED = """<PublishBatchResponse><PublishBatchResult><Successful><member><Id>0</Id></member></Successful>
</PublishBatchResult></PublishBatchResponse>"""


class RecordingAws:
    """S3, SNS and SES as far as the stand-in calls them. ``s3_status`` is what a PUT is answered."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.events: list[dict[str, Any]] = []
        self.handed_on: list[dict[str, Any]] = []
        self.identities: set[str] = set()
        self.s3_status = 200

    async def put(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.s3_status == 200:
            self.objects[request.path] = body
        return web.Response(status=self.s3_status)

    async def publish(self, request: web.Request) -> web.Response:
        form = parse_qs((await request.read()).decode())
        assert form["TopicArn"] == ["arn:aws:sns:eu-west-1:000000000000:mail"]
        self.events.append(json.loads(form["PublishBatchRequestEntries.member.1.Message"][0]))
        return web.Response(text=PUBLISHED, content_type="text/xml")

    async def send(self, request: web.Request) -> web.Response:
        self.handed_on.append(json.loads(await request.read()))
        return web.json_response({"MessageId": "other"})

    async def verify(self, request: web.Request) -> web.Response:
        self.identities.add((await request.json())["EmailIdentity"])
        return web.json_response({})

    def application(self) -> web.Application:
        application = web.Application(client_max_size=64 << 20)
        application.router.add_put("/mail-bucket/{key:.*}", self.put)
        application.router.add_post("/", self.publish)
        application.router.add_post("/v2/email/outbound-emails", self.send)
        application.router.add_post("/v2/email/identities", self.verify)
        return application


class MailStage:
    """Calls to the stand-in, as SES, as an SMTP client and through the control interface."""

    def __init__(self, url: str, session: aiohttp.ClientSession, provider: EmailProvider, aws: RecordingAws) -> None:
        self.url = url
        self.session = session
        self.provider = provider
        self.aws = aws

    @property
    def api_base(self) -> str:
        return f"{self.url}/ses"

    def signed(self, method: str, path: str, body: bytes, *, service: str = "ses", region: str = REGION) -> Any:
        """The headers of a call to SES."""
        host = self.url.removeprefix("http://")
        request = SigningRequest(method, host, f"/ses{path}", "", {"content-type": "application/json"}, body)
        return sign(request, Credentials("AKIATEST", "secret"), region, service, self.provider.service.now())

    async def ses(self, method: str, path: str, content: Any = None, **options: Any) -> tuple[int, str, dict[str, Any]]:
        """Status, error name and content of a signed call."""
        body = b"" if content is None else content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = self.signed(method, path, body, **options)
        async with self.session.request(method, self.api_base + path, data=body, headers=headers) as answer:
            return answer.status, answer.headers.get("x-amzn-ErrorType", ""), await answer.json()

    async def send(self, raw: bytes | None = None, **changes: Any) -> tuple[int, str, dict[str, Any]]:
        """SendEmail of a small mail to Ann; ``changes`` replace members of the call."""
        call = {
            "FromEmailAddress": ADDRESS,
            "Destination": {"ToAddresses": [ANN]},
            "Content": {"Raw": {"Data": base64.b64encode(raw if raw is not None else mail_of()).decode()}},
            "ConfigurationSetName": CONFIGURATION_SET,
            **changes,
        }
        return await self.ses("POST", "/v2/email/outbound-emails", call)

    async def sent(self, raw: bytes | None = None, **changes: Any) -> str:
        """The id of a mail that was accepted, after all of its events."""
        status, error, content = await self.send(raw, **changes)
        assert status == 200, (error, content)
        await self.provider.outbox.settle()
        return str(content["MessageId"])

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        status, content = await self.asked_control(method, path, body)
        assert status < 300, content
        return content

    async def asked_control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        url = f"{self.url}/_control/email/{path}"
        async with self.session.request(method, url, json=body if method == "POST" else None) as answer:
            return answer.status, await answer.json()

    @property
    def smtp_port(self) -> int:
        return self.provider.service.smtp_port

    async def hand_in(self, raw: bytes, sender: str = ANN, recipients: list[str] | None = None) -> bytes:
        """Sends a mail as smtplib does; what was stored for it."""
        before = set(self.aws.objects)
        await asyncio.to_thread(self._hand_in, raw, sender, recipients or [ADDRESS])
        (key,) = set(self.aws.objects) - before
        return self.aws.objects[key]

    def _hand_in(self, raw: bytes, sender: str, recipients: list[str]) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, local_hostname="mail.trusted.example", timeout=20) as client:
            client.sendmail(sender, recipients, raw)


def mail_of(*lines: str, body: str = "Hello\r\n", sender: str = f"Shop <{ADDRESS}>", to: str = ANN) -> bytes:
    """A small mail; ``lines`` are further header fields."""
    head = [f"From: {sender}", f"To: {to}", "Subject: About your order", *lines]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


@contextlib.asynccontextmanager
async def on_mail_stage(folder: Path, *, slow_seconds: float = 0.01) -> AsyncIterator[MailStage]:
    aws = RecordingAws()
    async with TestServer(aws.application()) as backing, aiohttp.ClientSession() as session:
        settings = EmailSettings(
            accounts={"main": AccountSettings(address=ADDRESS, reply_domain=REPLY_DOMAIN)},
            aws=AwsSettings(
                url=str(backing.make_url("")).rstrip("/"),
                region=REGION,
                access_key_id="AKIATEST",
                secret_access_key="secret",
                bucket="mail-bucket",
                topic_arn="arn:aws:sns:eu-west-1:000000000000:mail",
                configuration_set=CONFIGURATION_SET,
            ),
            smtp_port=0,
        )
        provider = EmailProvider(settings, folder=folder, slow_seconds=slow_seconds)
        application = web.Application(client_max_size=24 << 20)
        application.add_subapp("/ses", provider.api)
        application.add_subapp("/_control/email", provider.control)
        async with TestServer(application) as server:
            yield MailStage(str(server.make_url("")).rstrip("/"), session, provider, aws)
