"""Files: up to WeChat before a message that shows them, and down from WeChat, where they last three days.

Sources: developers.weixin.qq.com, "Uploading temporary media" (新增临时素材) and "Getting temporary media"
(获取临时素材).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from email.message import Message as Headers
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from connectors.channels.wechat.capabilities import IMAGE, THUMBNAIL, VIDEO, VOICE
from connectors.channels.wechat.errors import read_answer
from connectors.channels.wechat.settings import api_base
from connectors.channels.wechat.tokens import TokenUse
from shared.errors import DeliveryError
from shared.http.answers import before_sending, check_status
from shared.ports.connector import FetchedMedia

if TYPE_CHECKING:
    from shared.ports.connector import Upload
    from shared.ports.context import ChannelContext
    from shared.ports.http import HttpResponse

MAXIMUM_BYTES = 20_971_520
_TIMEOUT = 30.0
_LIMITS = {"image": IMAGE, "voice": VOICE, "video": VIDEO, "thumb": THUMBNAIL}
_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "video/mp4": "mp4",
}
_BEGINNINGS = (
    (0, b"\x89PNG\r\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (4, b"ftyp", "video/mp4"),
)


def upload(item: Upload, context: ChannelContext, tokens: TokenUse) -> str:
    """WeChat's id for the file.

    Raises DeliveryError: ``media_type`` (permanent) when WeChat does not take such files.
    """
    limit = _LIMITS[item.kind]
    content = context.media.read(item.media, limit.maximum_bytes)
    mime_type = _sniffed(content)
    if mime_type not in limit.mime_types:
        raise DeliveryError("permanent", "media_type", f"WeChat does not take this file as {item.kind}")
    boundary = f"onethread-{os.urandom(12).hex()}"
    body = _form(boundary, f"{item.kind}.{_EXTENSIONS[mime_type]}", mime_type, content)
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    url = f"{api_base(context.account)}/cgi-bin/media/upload?type={item.kind}&access_token="

    def attempt(token: str) -> str:
        with before_sending():
            response = context.http.request(
                "POST", url + quote(token, safe=""), headers=headers, body=body, timeout=_TIMEOUT
            )
            answer = read_answer(response)
        media_id = answer.get("media_id") or answer.get("thumb_media_id")
        if not isinstance(media_id, str):
            raise DeliveryError("retry", "provider_garbled", "WeChat's answer holds no media id")
        return media_id

    return tokens.call(attempt)


def fetch(reference: Mapping[str, str], context: ChannelContext) -> FetchedMedia:
    """A customer's file by its media id, else by its public address.

    Raises DeliveryError: ``media_expired`` (permanent) when WeChat no longer has it.
    """
    address = reference.get("url")
    try:
        return _by_media_id(reference.get("media_id", ""), context)
    except DeliveryError as error:
        if not address or error.error_class == "retry":
            raise
    return _from_web(address, context)


def _by_media_id(media_id: str, context: ChannelContext) -> FetchedMedia:
    if not media_id:
        raise DeliveryError("permanent", "media_expired", "The message names no file")
    url = f"{api_base(context.account)}/cgi-bin/media/get?media_id={quote(media_id, safe='')}&access_token="

    def attempt(token: str) -> FetchedMedia | str:
        with before_sending():
            response = context.http.request(
                "GET", url + quote(token, safe=""), timeout=_TIMEOUT, maximum_bytes=MAXIMUM_BYTES
            )
            check_status(response, "WeChat")
            if not _is_words(response):
                return _fetched(response)
            address = read_answer(response).get("video_url")
        if not isinstance(address, str):
            raise DeliveryError("retry", "provider_garbled", "WeChat's answer holds no file")
        return address

    found = TokenUse(context).call(attempt)
    return _from_web(found, context) if isinstance(found, str) else found


def _from_web(address: str, context: ChannelContext) -> FetchedMedia:
    # WeChat names its videos by address. One on the very origin that the deployer configured needs no guard; any
    # other does.
    trusted = urlsplit(address)[:2] == urlsplit(api_base(context.account))[:2]
    client = context.http if trusted else context.web
    with before_sending():
        response = client.request("GET", address, timeout=_TIMEOUT, maximum_bytes=MAXIMUM_BYTES)
    if response.status in (403, 404, 410):
        raise DeliveryError("permanent", "media_expired", "WeChat no longer has the file")
    check_status(response, "WeChat")
    return _fetched(response)


def _is_words(response: HttpResponse) -> bool:
    """Whether WeChat answered in JSON, which it does for errors and videos; the status is 200 in any case."""
    content_type = response.headers.get("content-type", "").lower()
    if "json" in content_type:
        return True
    if not content_type.startswith("text/"):
        return False
    try:
        return isinstance(json.loads(response.body), dict)
    except (ValueError, RecursionError):
        return False


def _fetched(response: HttpResponse) -> FetchedMedia:
    headers = Headers()
    headers["content-disposition"] = _one_line(response.headers.get("content-disposition", ""))
    declared = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return FetchedMedia(response.body, declared or None, headers.get_filename())


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _sniffed(content: bytes) -> str | None:
    return next((mime for at, start, mime in _BEGINNINGS if content.startswith(start, at)), None)


def _form(boundary: str, filename: str, mime_type: str, content: bytes) -> bytes:
    """A form with the one field ``media``.

    The customer sees no file name, so ours says only what WeChat reads from it.
    """
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="media"; filename="{filename}"\r\n'
        f"Content-Type: {mime_type}\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
