"""The SES API v2 as far as onethread calls it: SendEmail, GetEmailIdentity and GetAccount."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

import msgspec
from aiohttp import web

from infra.local.providers.control import Handler
from infra.local.providers.email.errors import ApiError
from infra.local.providers.email.outbox import Outbox
from infra.local.providers.email.service import Service
from infra.local.providers.email.signature import check_signature
from infra.local.providers.email.submission import read_submission
from infra.local.providers.faults import Fault, played, spoiled_answer
from infra.local.providers.journal import Received

MAXIMUM_BODY = 60 << 20
"""40 MB in base64, and the rest of the call."""
RECORDED_CHARACTERS = 4000
BODY = web.RequestKey("body", bytes)


class SesApi:
    """``/v2/email/...``, mounted where accounts' ``api_base`` points."""

    def __init__(self, service: Service, outbox: Outbox) -> None:
        self.service = service
        self.outbox = outbox

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self.answered])
        application.add_routes(
            [
                web.post("/v2/email/outbound-emails", self.send),
                web.get("/v2/email/identities/{identity}", self.identity),
                web.get("/v2/email/account", self.account),
                web.route("*", "/{other:.*}", self.unknown),
            ]
        )
        return application

    @web.middleware
    async def answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record the call, play the fault planned for it, and turn ApiError into SES's answer."""
        entry = Received(
            at=self.service.now(),
            method=request.method,
            path=request.path[max(request.path.find("/v2/"), 0) :],
            query=dict(request.query),
            headers=dict(request.headers),
        )
        self.service.journal.add(entry)
        # Not request.read(): the server's limit on bodies is made for smaller ones.
        body = bytearray()
        async for piece in request.content.iter_chunked(1 << 20):
            body += piece
            if len(body) > MAXIMUM_BODY:
                return error_answer(ApiError("BadRequestException", "The request is too large."))
        request[BODY] = bytes(body)
        entry.body = body[:RECORDED_CHARACTERS].decode("utf-8", "replace")
        fault = self.service.faults.take(request.path)
        answer = await played(fault, request, partial(self._true_answer, handler=handler), _spoiled)
        entry.status = answer.status
        if isinstance(answer, web.Response):
            entry.answer = answer.text or ""
        return answer

    async def _true_answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            check_signature(request.headers, request[BODY], self.service.region, self.service.now())
            return await handler(request)
        except ApiError as error:
            return error_answer(error)

    async def send(self, request: web.Request) -> web.Response:
        return json_answer({"MessageId": await self.outbox.accept(read_submission(request[BODY]))})

    async def identity(self, request: web.Request) -> web.Response:
        name = request.match_info["identity"]
        known = self.service.is_verified(name)
        if not known and name.lower() not in self.service.state.unverified:
            raise ApiError("NotFoundException", f"Email identity {name} does not exist.")
        state = "SUCCESS" if known else "PENDING"
        return json_answer(
            {
                "IdentityType": "EMAIL_ADDRESS" if "@" in name else "DOMAIN",
                "FeedbackForwardingStatus": True,
                "VerifiedForSendingStatus": known,
                "VerificationStatus": state,
                "DkimAttributes": {
                    "SigningEnabled": True,
                    "Status": state,
                    "SigningAttributesOrigin": "AWS_SES",
                    "Tokens": ["a" * 32, "b" * 32, "c" * 32],
                },
                "MailFromAttributes": {
                    "MailFromDomain": f"bounce.{name.rpartition('@')[2]}",
                    "MailFromDomainStatus": state,
                    "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
                },
                "Policies": {},
                "Tags": [],
            }
        )

    async def account(self, request: web.Request) -> web.Response:
        account = self.service.state.account
        return json_answer(
            {
                "DedicatedIpAutoWarmupEnabled": False,
                "EnforcementStatus": "HEALTHY",
                "ProductionAccessEnabled": account.production_access,
                "SendingEnabled": account.sending_enabled,
                "SendQuota": {
                    "Max24HourSend": account.max_24_hour_send,
                    "MaxSendRate": account.max_send_rate,
                    "SentLast24Hours": float(self.outbox.sent_today),
                },
                "SuppressionAttributes": {"SuppressedReasons": []},
            }
        )

    async def unknown(self, request: web.Request) -> web.Response:
        raise ApiError("UnknownOperationException", "This operation is not part of the stand-in.")


def json_answer(content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status,
        body=msgspec.json.encode(content),
        content_type="application/json",
        headers={"x-amzn-RequestId": str(uuid.uuid4()), **(headers or {})},
    )


def error_answer(error: ApiError) -> web.Response:
    return json_answer({"message": error.message}, error.status, {"x-amzn-ErrorType": error.name})


async def _spoiled(fault: Fault, request: web.Request, answer: web.StreamResponse | None) -> web.StreamResponse:
    if fault.error is not None:
        answer = error_answer(ApiError(fault.error, fault.errmsg or "injected failure"))
    return await spoiled_answer(fault, request, answer)
