"""What the stand-ins of all helpdesks have: calls that are noted and may go wrong, and a control interface that shows
and does what agents would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from infra.local.providers.clock import clock_routes
from infra.local.providers.control import Handler, RefusedError, refusals
from infra.local.providers.faults import fault_routes, played, spoiled_answer
from infra.local.providers.journal import Received, journal_routes
from infra.local.providers.service import AccountService
from infra.local.providers.webhooks import Outgoing

LARGEST_CONTROL_BODY = 30 << 20

AnyService = AccountService[Any, Any]
Status = Literal["open", "pending", "closed"]


class GivenFile(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``content`` is base64."""

    name: str
    type: str
    content: str


class AgentReply(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``public`` false is a note among agents."""

    ticket: str
    text: str = ""
    public: bool = True
    author: str = "Ada"
    files: list[GivenFile] = []


class StatusChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ticket: str
    status: Status


class Deletion(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    ticket: str | None = None
    contact: str | None = None


async def noted(
    request: web.Request, true_answer: Handler, service: AnyService, *, prefix: str, unnoted: str
) -> web.StreamResponse:
    """The answer to a call of the API, with the fault that a test asked for. The path is noted from ``prefix`` on, and
    the header ``unnoted`` (whose token it is) is left out."""
    entry = Received(
        at=service.clock.now(),
        method=request.method,
        path=request.path[max(request.path.find(prefix), 0) :],
        query=dict(request.query),
        headers={name.lower(): value for name, value in request.headers.items() if name.lower() != unnoted.lower()},
    )
    service.journal.add(entry)
    if request.content_type == "application/json":
        entry.body = (await request.read()).decode("utf-8", "replace")
    response = await played(service.faults.take(request.path), request, true_answer, spoiled_answer)
    entry.status = response.status
    return response


def control_application(routes: list[web.RouteDef], service: AnyService, *middlewares: Middleware) -> web.Application:
    """The control interface: ``routes``, and what all stand-ins have."""
    application = web.Application(middlewares=[refusals, *middlewares], client_max_size=LARGEST_CONTROL_BODY)
    application.add_routes(
        [
            *routes,
            *clock_routes(service.clock, service.move_clock),
            *fault_routes(service.faults),
            *journal_routes(service.journal),
        ]
    )
    return application


def carried_out(webhooks: Outgoing, *refused: type[Exception]) -> Middleware:
    """What an agent did is answered when its webhooks were, and those of what was before; how the helpdesk has
    ``refused`` it becomes a 409."""

    @web.middleware
    async def carry_out(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except refused as error:
            raise RefusedError(409, str(error)) from error
        await webhooks.settled()
        return response

    return carry_out


def kept_running(application: web.Application, service: AnyService, webhooks: Outgoing) -> None:
    """The stand-in's memory is kept, and its webhooks go out, while ``application`` runs."""

    async def running(_: web.Application) -> AsyncIterator[None]:
        async with webhooks.running(), service.file.kept():
            yield

    application.cleanup_ctx.append(running)
