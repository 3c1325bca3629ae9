"""Slack's Web API and its file server: HTTP 200 with ``ok`` in the JSON, whatever happened."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from aiohttp import hdrs, web

from infra.local.providers.control import Handler
from infra.local.providers.faults import Fault, played, spoiled_answer
from infra.local.providers.journal import Received
from infra.local.providers.slack.access import Caller, bearer, caller
from infra.local.providers.slack.arguments import Arguments, read_arguments
from infra.local.providers.slack.chat_methods import ChatMethods
from infra.local.providers.slack.errors import ApiError
from infra.local.providers.slack.file_methods import FileMethods
from infra.local.providers.slack.limits import Buckets, spend_method
from infra.local.providers.slack.messages import Messages
from infra.local.providers.slack.people_methods import PeopleMethods
from infra.local.providers.slack.rotation import ARGUMENTS, refresh
from infra.local.providers.slack.service import Service

Method = Callable[[Caller, Arguments], Awaitable[dict[str, Any]]]
CONTENT = "text blocks attachments channel metadata parse link_names reply_broadcast unfurl_links unfurl_media mrkdwn"
POST = f"{CONTENT} thread_ts username icon_emoji icon_url as_user"


class Entry(msgspec.Struct):
    """A method: what does it, the arguments it knows, and whether it reads JSON; the others read forms only."""

    work: Method
    arguments: str
    takes_json: bool = True

    def known(self) -> frozenset[str]:
        return frozenset(self.arguments.split())


def json_answer(
    content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    body = json.dumps(content, ensure_ascii=False).encode()
    fixed = {hdrs.CONTENT_TYPE: "application/json; charset=utf-8", "X-Slack-Req-Id": secrets.token_hex(16)}
    return web.Response(status=status, body=body, headers={**fixed, **(headers or {})})


class SlackApi:
    """``/api/<method>`` and ``/files/...``."""

    def __init__(self, service: Service, messages: Messages) -> None:
        self.service = service
        self.buckets = Buckets()
        chat = ChatMethods(service, messages, self.buckets)
        people = PeopleMethods(service)
        self.files = FileMethods(service, messages)
        self.methods = {
            "auth.test": Entry(people.test, ""),
            "chat.postMessage": Entry(chat.post, POST),
            "chat.update": Entry(chat.update, f"{CONTENT} ts as_user file_ids"),
            "chat.delete": Entry(chat.delete, "channel ts as_user"),
            "conversations.open": Entry(people.open, "users channel return_im prevent_creation"),
            "conversations.info": Entry(people.info, "channel include_locale include_num_members", takes_json=False),
            "users.info": Entry(people.user, "user include_locale", takes_json=False),
            "files.getUploadURLExternal": Entry(
                self.files.upload_address, "filename length alt_txt snippet_type", takes_json=False
            ),
            "files.completeUploadExternal": Entry(
                self.files.complete, "files channel_id channels thread_ts initial_comment blocks"
            ),
            "files.info": Entry(self.files.info, "file count page limit cursor", takes_json=False),
            "reactions.add": Entry(chat.react, "channel timestamp name"),
        }

    def application(self) -> web.Application:
        application = web.Application(middlewares=[self.answered])
        application.router.add_post("/api/oauth.v2.access", self.authorize)
        application.router.add_route("*", "/api/{method:.*}", self.call)
        application.router.add_post("/files/upload/v1/{ticket}", self.files.upload)
        application.router.add_get("/files/files-pri/{place}/{name}", self.files.download)
        application.router.add_get("/files/files-pri/{place}/download/{name}", self.files.download)
        return application

    @web.middleware
    async def answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record the call, play the fault planned for it, and turn ApiError into Slack's answer."""
        at = request.path.find("/api/") if "/api/" in request.path else request.path.find("/files/")
        entry = Received(
            at=time.time(),
            method=request.method,
            path=request.path[max(at, 0) :],
            query=dict(request.query),
            headers=dict(request.headers),
        )
        self.service.journal.add(entry)
        if not request.content_type.startswith("multipart/"):
            entry.body = (await request.read()).decode("utf-8", "replace")
        fault = self.service.faults.take(_fault_path(request.path))
        answer = await played(fault, request, partial(self._true_answer, handler=handler), _spoiled)
        entry.status = answer.status
        if isinstance(answer, web.Response) and "json" in answer.headers.get(hdrs.CONTENT_TYPE, ""):
            entry.answer = answer.text or ""
        return answer

    async def _true_answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return json_answer(error.body(), error.status, error.headers)
        finally:
            self.service.changed()

    async def authorize(self, request: web.Request) -> web.Response:
        """The one method that is called with the app's own credentials and no token."""
        arguments = await read_arguments(request, ARGUMENTS, takes_json=False)
        return json_answer({"ok": True, **refresh(self.service, arguments)})

    async def call(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        if name not in self.methods:
            raise ApiError("unknown_method", details={"req_method": name})
        method = self.methods[name]
        arguments = await read_arguments(request, method.known(), takes_json=method.takes_json)
        who = caller(self.service, bearer(request) or arguments.token)
        if self.service.state.rate_limits:
            spend_method(self.buckets, who.name, name, self.service.clock.now())
        answer: dict[str, Any] = {"ok": True}
        try:
            answer |= await method.work(who, arguments)
        except ApiError as error:
            answer = error.body()
            if error.status != 200:
                raise
        return json_answer(_with_warnings(answer, arguments), headers={"X-OAuth-Scopes": ",".join(who.settings.scopes)})


def _with_warnings(answer: dict[str, Any], arguments: Arguments) -> dict[str, Any]:
    if not arguments.warnings and not arguments.notes:
        return answer
    metadata = answer.setdefault("response_metadata", {})
    if arguments.warnings:
        answer["warning"] = ",".join(arguments.warnings)
        metadata["warnings"] = arguments.warnings
    if arguments.notes:
        metadata["messages"] = [*metadata.get("messages", []), *arguments.notes]
    return answer


def _fault_path(path: str) -> str:
    """What a fault is planned for: a method, ``files/upload`` or ``files/download``, whose paths end in secrets."""
    if "/files/" not in path:
        return path
    return "/files/upload" if "/files/upload/" in path else "/files/download"


async def _spoiled(fault: Fault, request: web.Request, answer: web.StreamResponse | None) -> web.StreamResponse:
    """``error`` is Slack's error word; with a status and headers of its own it is a rate limit or an outage."""
    if fault.error is None:
        return await spoiled_answer(fault, request, answer)
    await asyncio.sleep(fault.hang_seconds)
    return json_answer(ApiError(fault.error).body(), fault.http_status or 200, fault.headers)
