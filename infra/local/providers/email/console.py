"""The part of the control interface that looks at SES itself: what it took and told, its account, and its failures."""

from __future__ import annotations

import msgspec
from aiohttp import web

from infra.local.providers.control import answer, asked
from infra.local.providers.email.service import Service
from infra.local.providers.email.state import AccountState
from infra.local.providers.faults import fault_routes
from infra.local.providers.journal import journal_routes


class Verification(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    verified: bool


class Console:
    """Routes of ``/_control/email`` that need nothing but the service."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/arrivals", self.arrivals),
            web.get("/events", self.events),
            web.post("/account", self.set_account),
            web.post("/identities/{identity}", self.set_identity),
            *fault_routes(self.service.faults),
            *journal_routes(self.service.journal),
        ]

    async def arrivals(self, request: web.Request) -> web.Response:
        """What the SMTP listener has taken, the oldest first."""
        return answer({"items": list(self.service.arrivals)})

    async def events(self, request: web.Request) -> web.Response:
        """What was published, the oldest first; ``?message_id=`` of one mail."""
        wanted = request.query.get("message_id")
        events = [event for event in self.service.events if wanted in (None, event["mail"]["messageId"])]
        return answer({"items": events})

    async def set_account(self, request: web.Request) -> web.Response:
        """What is left out goes back to its default."""
        self.service.state.account = await asked(request, AccountState)
        self.service.changed()
        return answer(self.service.state.account)

    async def set_identity(self, request: web.Request) -> web.Response:
        name, wanted = request.match_info["identity"].lower(), await asked(request, Verification)
        state = self.service.state
        state.verified = [one for one in state.verified if one != name] + ([name] if wanted.verified else [])
        state.unverified = [one for one in state.unverified if one != name] + ([] if wanted.verified else [name])
        self.service.changed()
        return answer({"identity": name, "verified": wanted.verified})
