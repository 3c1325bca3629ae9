"""The trouble's side of the control interface: odd events, forgeries, failures, and a look at what happened."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
from aiohttp import web

from infra.local.providers.clock import clock_routes
from infra.local.providers.control import RefusedError, answer, asked
from infra.local.providers.faults import fault_routes
from infra.local.providers.journal import journal_routes
from infra.local.providers.slack.delivery import Attempt, Delivery, Sent
from infra.local.providers.slack.events import VERIFICATION_WORD, Events
from infra.local.providers.slack.limits import Buckets
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.settled import settled
from infra.local.providers.slack.wishes import (
    AccountChange,
    AccountChoice,
    Behaviour,
    Forging,
    RawEvent,
    RawPost,
    SlackFault,
)


class TroubleControl:
    """Only rate limits follow the clock that is moved here."""

    def __init__(self, service: Service, events: Events, buckets: Buckets) -> None:
        self.service = service
        self.events = events
        self.buckets = buckets

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/events", self.event),
            web.post("/posts", self.post),
            web.get("/deliveries", self.deliveries),
            web.delete("/deliveries", self.forget_deliveries),
            web.post("/deliveries/{id}", self.redeliver),
            web.post("/verify", self.verify),
            web.post("/accounts/{account}", self.change_account),
            web.post("/behaviour", self.behave),
            *fault_routes(self.service.faults, SlackFault),
            *journal_routes(self.service.journal),
            *clock_routes(self.service.clock, self.service.move_clock),
        ]

    async def event(self, request: web.Request) -> web.Response:
        raw = await asked(request, RawEvent)
        account, _ = self.service.account(raw.account)
        return await settled(request, {}, [self.events.raw(account, raw.event, raw.changes, shared=raw.shared)])

    async def post(self, request: web.Request) -> web.Response:
        """Any body at all, to the app's server."""
        wanted = await asked(request, RawPost)
        account, _ = self.service.account(wanted.account)
        sent = self._delivery().noted(account, "raw", wanted.body.encode(), wanted.content_type)
        return answer(await self._again(sent, wanted), 201)

    async def deliveries(self, request: web.Request) -> web.Response:
        kind = request.query.get("kind")
        return answer({"items": [sent for sent in self._delivery().sent if kind in (None, sent.kind)]})

    async def forget_deliveries(self, request: web.Request) -> web.Response:
        self._delivery().sent.clear()
        return answer({})

    async def redeliver(self, request: web.Request) -> web.Response:
        """The same body once more: with the same event_id, signed anew, or wrongly."""
        forging = await asked(request, Forging)
        for sent in self._delivery().sent:
            if sent.id == request.match_info["id"]:
                return answer(await self._again(sent, forging), 201)
        raise RefusedError(404, "no such delivery")

    async def _again(self, sent: Sent, forging: Forging) -> Attempt:
        attempt, _ = await self._delivery().post(
            self.service.accounts[sent.account],
            sent.body.encode(),
            sent.content_type,
            forging.headers,
            signing=forging.signing,
            clock_skew=forging.clock_skew,
        )
        sent.attempts.append(attempt)
        sent.accepted = sent.accepted or attempt.accepted
        sent.done = True
        return attempt

    async def verify(self, request: web.Request) -> web.Response:
        """What the app's page does when the request URL is entered: the answer must hold the challenge."""
        choice = await asked(request, AccountChoice)
        _, settings = self.service.account(choice.account)
        challenge = secrets.token_urlsafe(36)
        body = {"token": VERIFICATION_WORD, "challenge": challenge, "type": "url_verification"}
        attempt, _ = await self._delivery().post(settings, msgspec.json.encode(body), "application/json", {})
        attempt.accepted = attempt.accepted and _challenge(attempt.answer) == challenge
        return answer(attempt)

    async def change_account(self, request: web.Request) -> web.Response:
        """New scopes or subscriptions, or the end of the installation."""
        change = await asked(request, AccountChange)
        name, settings = self.service.account(request.match_info["account"])
        settings.scopes = settings.scopes if change.scopes is None else change.scopes
        settings.events = settings.events if change.events is None else change.events
        if change.standing is not None:
            self.service.state.standing[name] = change.standing
            self.service.changed()
        return answer({"account": name})

    async def behave(self, request: web.Request) -> web.Response:
        """Rate limits on or off; how long a webhook has, and the waits between the tries of an event."""
        wanted = await asked(request, Behaviour)
        delivery = self._delivery()
        if wanted.rate_limits is not None:
            self.service.state.rate_limits = wanted.rate_limits
            self.buckets.clear()
        if wanted.answer_seconds is not None:
            delivery.answer_seconds = wanted.answer_seconds
        if wanted.retry_seconds is not None:
            delivery.retry_seconds = tuple(wanted.retry_seconds)
        self.service.changed()
        return answer(
            {
                "rate_limits": self.service.state.rate_limits,
                "answer_seconds": delivery.answer_seconds,
                "retry_seconds": delivery.retry_seconds,
            }
        )

    def _delivery(self) -> Delivery:
        if self.events.delivery is None:
            raise RefusedError(409, "the stand-in is not running")
        return self.events.delivery


def _challenge(text: str) -> str:
    """The challenge in an answer: as text, as a form or as JSON."""
    try:
        document = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return text.strip().removeprefix("challenge=")
    return str(document.get("challenge"))
