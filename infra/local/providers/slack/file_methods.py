"""Files: uploading in three steps, looking up, downloading.

Source: docs.slack.dev, "Working with files": get an address, post the bytes there, complete. What the app downloads
without a good token, or without ``files:read``, is the sign-in page, with status 200.
"""

from __future__ import annotations

import mimetypes
import secrets
import time
from typing import Any

from aiohttp import BodyPartReader, web

from infra.local.providers.slack.access import Caller, bearer, caller, writable_channel
from infra.local.providers.slack.arguments import Arguments
from infra.local.providers.slack.chat_methods import thread
from infra.local.providers.slack.errors import ApiError, missing_argument, wrong_argument
from infra.local.providers.slack.messages import Messages
from infra.local.providers.slack.objects import file_object
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.state import FileItem, Message, new_id

MAXIMUM_SIZE = 1 << 30
SIGN_IN_PAGE = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to your workspace</body></html>"


class FileMethods:
    def __init__(self, service: Service, messages: Messages) -> None:
        self.service = service
        self.messages = messages

    async def upload_address(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        who.need("files:write")
        filename = arguments.required("filename")
        length = arguments.values.get("length")
        if length is None:
            raise missing_argument("length")
        if not str(length).isdecimal():
            raise wrong_argument("length", "must be an integer")
        if not 0 < int(length) <= MAXIMUM_SIZE:
            raise wrong_argument("length", "must be greater than 0")
        item = FileItem(
            id=new_id("F"),
            account=who.name,
            user=who.settings.bot_user_id,
            team_id=who.settings.team_id,
            name=filename,
            title=filename,
            mime_type=mimetypes.guess_type(filename)[0] or "application/octet-stream",
            size=int(length),
            created=int(time.time()),
            ticket=secrets.token_urlsafe(24),
        )
        self.service.state.files[item.id] = item
        address = f"{self.service.public_url}/files/upload/v1/{item.ticket}"
        return {"upload_url": address, "file_id": item.id}

    async def upload(self, request: web.Request) -> web.Response:
        """The bytes, as they are or as one part of a form; exactly as many as were announced. The address is secret, so
        no token is asked for."""
        ticket = request.match_info["ticket"]
        item = next((one for one in self.service.state.files.values() if one.ticket == ticket), None)
        if item is None:
            return web.Response(status=404, text="no such upload")
        data = await _posted(request)
        if len(data) != item.size:
            return web.Response(status=400, text=f"announced {item.size} bytes, got {len(data)}")
        self.service.keep_file(data, item)
        return web.Response(text=f"OK - {len(data)}")

    async def complete(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        """The answer does not tell the message that shows the files: Slack shares them a little later."""
        who.need("files:write")
        items = self._uploaded(who, arguments.values.get("files"))
        channel_id = arguments.optional("channel_id") or arguments.optional("channels")
        if channel_id:
            if channel_id not in self.service.state.channels:
                raise ApiError("channel_not_found")
            channel = writable_channel(self.service, who, channel_id)
            message = Message(
                ts=self.service.next_ts(),
                user=who.settings.bot_user_id,
                team_id=who.settings.team_id,
                bot_id=who.settings.bot_id,
                app_id=who.settings.app_id,
                text=arguments.optional("initial_comment") or "",
                files=[item.id for item in items],
                thread_ts=thread(channel, arguments.optional("thread_ts")),
                subtype="file_share",
            )
            for item in items:
                item.shared = True
            self.messages.post(channel, message)
        return {"files": [file_object(self.service, item) for item in items]}

    async def info(self, who: Caller, arguments: Arguments) -> dict[str, Any]:
        """What an app has uploaded is shown a moment after it was completed: not yet at the first look."""
        who.need("files:read")
        item = self.service.state.files.get(arguments.required("file"))
        if item is None or item.account != who.name or not item.stored:
            raise ApiError("file_not_found")
        if item.deleted:
            raise ApiError("file_deleted")
        channels = [one for one in self.service.channels_of(who.name) if any(item.id in m.files for m in one.messages)]
        shares = {
            one.id: [{"ts": message.ts} for message in one.messages if item.id in message.files] for one in channels
        }
        item.looks += 1
        shown = {**file_object(self.service, item), "shares": {}}
        if not item.ticket or item.looks > 1:
            shown["shares"] = {"private": shares}
        return {"file": shown, "comments": []}

    async def download(self, request: web.Request) -> web.Response:
        item = self.service.state.files.get(request.match_info["place"].rpartition("-")[2])
        try:
            who = caller(self.service, bearer(request))
            who.need("files:read")
        except ApiError:
            return web.Response(text=SIGN_IN_PAGE, content_type="text/html")
        if item is None or item.account != who.name or not item.stored or item.deleted:
            return web.Response(status=404, text="not found")
        disposition = f"attachment; filename*=UTF-8''{request.match_info['name']}"
        headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
        return web.Response(body=self.service.folder.read(item.id), content_type=item.mime_type, headers=headers)

    def _uploaded(self, who: Caller, wanted: object) -> list[FileItem]:
        if not wanted:
            raise missing_argument("files")
        if not isinstance(wanted, list) or not all(isinstance(one, dict) and one.get("id") for one in wanted):
            raise wrong_argument("files", "must be an array of objects with an id")
        items = []
        for one in wanted:
            item = self.service.state.files.get(str(one["id"]))
            if item is None or item.account != who.name or not item.stored or item.shared:
                raise ApiError("file_not_found")
            item.title = str(one.get("title") or item.name)
            items.append(item)
        return items


async def _posted(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader):
            return bytes(await part.read())
    return b""
