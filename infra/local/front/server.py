"""The front server put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from infra.local.front.guard import WIDGET, local_only
from infra.local.front.page import desk, shop
from infra.local.front.proxy import Proxy
from infra.local.front.settings import FrontSettings
from infra.local.providers.desk import stand_in
from infra.local.providers.email import EmailProvider
from infra.local.providers.slack import SlackProvider
from infra.local.providers.wechat import WeChatProvider

MAXIMUM_LOCAL_BODY = 24 << 20
"""For the control interface's files in base64; the API's limit is lower and checked by the proxy."""
PROXIED = ("/hooks/{rest:.*}", "/chat/{rest:.*}", "/v1/{rest:.*}", "/helpdesks/{rest:.*}", WIDGET)


def front_application(settings: FrontSettings, url: str) -> web.Application:
    """The whole server. ``url`` is where it listens: the stand-ins' own links begin with it."""
    application = web.Application(middlewares=[local_only], client_max_size=MAXIMUM_LOCAL_BODY)
    _add_proxy(application, settings)
    _add_local(application, settings)
    _add_page(application, settings)
    _add_providers(application, settings, url)
    return application


def _add_proxy(application: web.Application, settings: FrontSettings) -> None:
    proxy = Proxy(settings.gateway_url, settings.gateway_host)

    async def connected(application: web.Application) -> AsyncIterator[None]:
        async with proxy.open_session():
            yield
        proxy.session = None

    application.cleanup_ctx.append(connected)
    for path in PROXIED:
        application.router.add_route("*", path, proxy.handle)


def _add_local(application: web.Application, settings: FrontSettings) -> None:
    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def page_settings(request: web.Request) -> web.Response:
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return web.json_response(settings.for_page(), headers=headers)

    application.router.add_get("/_local/health", health)
    application.router.add_get("/_local/settings.json", page_settings)


def _add_page(application: web.Application, settings: FrontSettings) -> None:
    shown = desk(settings)
    site = shop(settings)
    application.router.add_get("/shop/", site.index)
    application.router.add_get("/shop/{name}", site.file)
    application.router.add_get("/", shown.index)
    application.router.add_get("/{name}", shown.file)


def _add_providers(application: web.Application, settings: FrontSettings, url: str) -> None:
    folder = Path(settings.folder)
    if settings.providers.slack is not None:
        slack = SlackProvider(settings.providers.slack.accounts, public_url=f"{url}/providers/slack", folder=folder)
        application.add_subapp("/providers/slack", slack.api)
        application.add_subapp("/_control/slack", slack.control)
    if settings.providers.wechat is not None:
        wechat = WeChatProvider(settings.providers.wechat.accounts, public_url=f"{url}/providers/wechat", folder=folder)
        application.add_subapp("/providers/wechat", wechat.api)
        application.add_subapp("/_control/wechat", wechat.control)
    if settings.providers.email is not None:
        email = EmailProvider(settings.providers.email, folder=folder)
        application.add_subapp("/providers/email", email.api)
        application.add_subapp("/_control/email", email.control)
    for name, accounts in settings.providers.helpdesks.items():
        helpdesk = stand_in(name, accounts, public_url=f"{url}/providers/{name}", folder=folder)
        application.add_subapp(f"/providers/{name}", helpdesk.api)
        application.add_subapp(f"/_control/{name}", helpdesk.control)
