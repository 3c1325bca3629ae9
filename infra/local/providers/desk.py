"""What the stand-ins of all helpdesks have: calls that are noted and may go wrong, and a control interface that shows
and does what agents would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol

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


@dataclass(frozen=True)
class Demo:
    """What a stand-in's module ``demo`` makes, given where the stand-in is and where its webhooks go: ``secret`` is
    the account as the adapter knows it, ``stand_in`` as the stand-in does."""

    secret: dict[str, Any]
    stand_in: dict[str, Any]


class StandIn(Protocol):
    """A helpdesk's stand-in as one thing: ``api`` is mounted where accounts' ``api_base`` points."""

    api: web.Application
    control: web.Application


def stand_in(name: str, accounts: Mapping[str, Any], *, public_url: str, folder: Path) -> StandIn:
    """The stand-in of that name, out of its package: ``AccountSettings``, which ``accounts`` are given as, and the
    class whose name ends in ``Provider``. ``folder`` keeps its memory between runs."""
    package = import_module(f"{__package__}.{name}")
    provider = getattr(package, next(each for each in package.__all__ if each.endswith("Provider")))
    told = {account: msgspec.convert(given, package.AccountSettings) for account, given in accounts.items()}
    made: StandIn = provider(told, public_url=public_url, folder=folder)
    return made


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
