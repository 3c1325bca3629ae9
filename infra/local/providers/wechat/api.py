"""WeChat's API as an account's server calls it: HTTP 200 with ``errcode`` in the JSON, whatever happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from aiohttp import BodyPartReader, hdrs, web

from infra.local.providers.control import Handler
from infra.local.providers.faults import Fault, played, spoiled_answer
from infra.local.providers.journal import Received
from infra.local.providers.wechat import media, qrcode, samples, tokens, window
from infra.local.providers.wechat.documents import fields, json_document
from infra.local.providers.wechat.errors import ApiError
from infra.local.providers.wechat.messages import read_message
from infra.local.providers.wechat.profiles import profile
from infra.local.providers.wechat.service import Service
from infra.local.providers.wechat.state import Customer

MAXIMUM_UPLOAD = 11 << 20
RECORD = web.RequestKey("record", Received)


def json_answer(content: Mapping[str, Any]) -> web.Response:
    body = json.dumps(content, ensure_ascii=False).encode()
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: "application/json; encoding=utf-8"})


class WeChatApi:
    """The calls under ``/cgi-bin``."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self.answered])
        calls: dict[str, Handler] = {
            "/cgi-bin/stable_token": self.stable_token,
            "/cgi-bin/token": self.token,
            "/cgi-bin/message/custom/send": self.send,
            "/cgi-bin/message/custom/typing": self.typing,
            "/cgi-bin/media/upload": self.upload,
            "/cgi-bin/media/get": self.download,
            "/cgi-bin/user/info": self.user,
            "/cgi-bin/qrcode/create": self.qrcode,
            "/cgi-bin/showqrcode": self.picture,
            "/files/{media_id}": self.file,
            "/{other:.*}": self.unknown,
        }
        for path, handler in calls.items():
            application.router.add_route("*", path, handler)
        return application

    @web.middleware
    async def answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record the call, play the fault planned for it, and turn ApiError into WeChat's answer."""
        entry = Received(
            at=self.service.wall_clock(),
            method=request.method,
            path=request.path[max(request.path.find("/cgi-bin"), 0) :],
            query=dict(request.query),
            headers=dict(request.headers),
        )
        self.service.journal.add(entry)
        if not request.content_type.startswith("multipart/"):
            entry.body = (await request.read()).decode("utf-8", "replace")
        request[RECORD] = entry
        fault = self.service.faults.take(request.path)
        answer = await played(fault, request, partial(self._true_answer, handler=handler), _spoiled)
        entry.status = answer.status
        if isinstance(answer, web.Response) and "json" in answer.headers.get(hdrs.CONTENT_TYPE, ""):
            entry.answer = answer.text or ""
        return answer

    async def _true_answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return json_answer(error.body())
        finally:
            self.service.changed()

    async def stable_token(self, request: web.Request) -> web.Response:
        document = await json_document(request)
        known = {"grant_type": str, "appid": str, "secret": str}
        fields(document, "request", {}, {**known, "force_refresh": bool})
        account = self._account_by_secret(request, document)
        forced = document.get("force_refresh", False)
        now = self.service.clock.now()
        return json_answer(tokens.stable_token(self.service.state, account, force_refresh=forced, now=now))

    async def token(self, request: web.Request) -> web.Response:
        _only_get(request)
        account = self._account_by_secret(request, request.query)
        return json_answer(tokens.rotating_token(self.service.state, account, self.service.clock.now()))

    def _account_by_secret(self, request: web.Request, given: Mapping[str, Any]) -> str:
        if given.get("grant_type") != "client_credential":
            raise ApiError(40002)
        return tokens.account_of(self.service.accounts, given.get("appid"), given.get("secret"), request.remote)

    def _account(self, request: web.Request) -> str:
        return tokens.account_of_token(self.service.state, request.query.get("access_token"), self.service.clock.now())

    def _customer(self, account: str, openid: object) -> Customer:
        customer = self.service.state.customers.get(openid) if isinstance(openid, str) else None
        if customer is None or customer.account != account:
            raise ApiError(40003)
        return customer

    async def send(self, request: web.Request) -> web.Response:
        account = self._account(request)
        document = await json_document(request)
        settings, now = self.service.accounts[account], self.service.clock.now()
        if not settings.verified:
            raise ApiError(48001)

        def find_media(media_id: str, kinds: tuple[str, ...]) -> None:
            media.find(self.service.state, account, media_id, kinds, now)

        message = read_message(document, settings, find_media)
        customer = self._customer(account, message.openid)
        window.spend(customer, now)
        entry = customer.add(self.service.wall_clock(), "received", message.type, message.content)
        entry.ai, entry.kf_account = message.ai, message.kf_account
        return json_answer({"errcode": 0, "errmsg": "ok"})

    async def typing(self, request: web.Request) -> web.Response:
        account = self._account(request)
        document = fields(await json_document(request), "request", {"touser": str, "command": str})
        if not self.service.accounts[account].verified:
            raise ApiError(48001)
        customer = self._customer(account, document["touser"])
        window.show_typing(customer, document["command"], self.service.clock.now())
        return json_answer({"errcode": 0, "errmsg": "ok"})

    async def upload(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            raise ApiError(43002)
        account = self._account(request)
        kind = request.query.get("type", "")
        if request.content_type != "multipart/form-data":
            raise ApiError(41005)
        part, data = await _only_part(request)
        declared = part.headers.get(hdrs.CONTENT_TYPE)
        summary = {"name": part.name, "filename": part.filename, "content_type": declared, "size": len(data)}
        request[RECORD].parts.append(summary)
        mime_type = media.check_upload(kind, part.filename, declared, data)
        item = self.service.keep_media(
            data, account=account, kind=kind, filename=part.filename or "", mime_type=mime_type
        )
        name = "thumb_media_id" if kind == "thumb" else "media_id"
        return json_answer({"type": kind, name: item.media_id, "created_at": int(item.created_at)})

    async def download(self, request: web.Request) -> web.Response:
        _only_get(request)
        account = self._account(request)
        media_id = request.query.get("media_id", "")
        if not media_id:
            raise ApiError(41006)
        item = media.find(self.service.state, account, media_id, tuple(media.KINDS), self.service.clock.now())
        if item.kind == "video":
            return json_answer({"video_url": f"{self.service.public_url}/files/{media_id}"})
        disposition = f'attachment; filename="{media_id}{media.EXTENSIONS[item.mime_type][0]}"'
        headers = {hdrs.CONTENT_TYPE: item.mime_type, hdrs.CONTENT_DISPOSITION: disposition}
        return web.Response(body=self.service.media.read(media_id), headers=headers)

    async def file(self, request: web.Request) -> web.Response:
        """Where ``video_url`` and ``PicUrl`` point to: no token needed, as on WeChat's file servers."""
        item = self.service.state.media.get(request.match_info["media_id"])
        if item is None:
            return web.Response(status=404)
        return web.Response(body=self.service.media.read(item.media_id), content_type=item.mime_type)

    async def user(self, request: web.Request) -> web.Response:
        _only_get(request)
        account = self._account(request)
        openid = request.query.get("openid")
        if not openid:
            raise ApiError(41009)
        settings = self.service.accounts[account]
        if not settings.verified:
            raise ApiError(48001)
        return json_answer(profile(self._customer(account, openid), bound=settings.open_platform))

    async def qrcode(self, request: web.Request) -> web.Response:
        account = self._account(request)
        document = await json_document(request)
        if not self.service.accounts[account].verified:
            raise ApiError(48001)
        return json_answer(qrcode.create(self.service.state, account, document, self.service.clock.now()))

    async def picture(self, request: web.Request) -> web.Response:
        """Of a QR code, for whoever has its ticket, as on WeChat's public host."""
        ticket = self.service.state.tickets.get(request.query.get("ticket", ""))
        if request.method != "GET" or ticket is None or qrcode.expired(ticket, self.service.clock.now()):
            return web.Response(status=404)
        return web.Response(body=samples.png(), content_type="image/png")

    async def unknown(self, request: web.Request) -> web.Response:
        raise ApiError(40066)


async def _spoiled(fault: Fault, request: web.Request, answer: web.StreamResponse | None) -> web.StreamResponse:
    if fault.errcode is not None:
        answer = json_answer(ApiError(fault.errcode, text=fault.errmsg).body())
    return await spoiled_answer(fault, request, answer)


def _only_get(request: web.Request) -> None:
    if request.method != "GET":
        raise ApiError(43001)


async def _only_part(request: web.Request) -> tuple[BodyPartReader, bytes]:
    """The one part of the form, named ``media``, and its bytes, read no further than to see that they are too many."""
    found: tuple[BodyPartReader, bytes] | None = None
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name != "media" or found is not None:
                raise ApiError(41005, "one part named media")
            data = bytearray()
            while len(data) <= MAXIMUM_UPLOAD and (piece := await part.read_chunk(1 << 16)):
                data += piece
            found = part, bytes(data)
    except ValueError as error:
        raise ApiError(41005) from error
    if found is None:
        raise ApiError(41005)
    return found
