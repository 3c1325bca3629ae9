"""Files in the stack's bucket: kept, read back, shown for a short while, and uploaded by browsers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from shared.aws.client import NotFound
from shared.aws.objects import Objects
from shared.errors import DeliveryError
from shared.model.parts import media_of
from shared.model.uploads import agent_upload_key, is_media_id

if TYPE_CHECKING:
    from shared.core.records import Entry
    from shared.model.media import Media
    from shared.model.message import Message
    from shared.ports.http import HttpClient

SHOWN_SECONDS = 900
"""How long an address of a file works."""


class S3MediaBucket:
    """Implements shared.core.media.MediaBucket and shared.core.chat.ports.UploadForms."""

    def __init__(self, objects: Objects, bucket: str) -> None:
        self._objects = objects
        self._bucket = bucket

    def put(self, key: str, body: bytes, content_type: str, filename: str | None) -> None:
        metadata = {"filename": quote(filename)} if filename else None
        self._objects.put(self._bucket, key, body, content_type, metadata)

    def size(self, key: str) -> int | None:
        try:
            return self._objects.head(self._bucket, key).size
        except NotFound:
            return None

    def read(self, key: str, maximum: int) -> bytes:
        return self._objects.get(self._bucket, key, maximum)

    def delete(self, key: str) -> None:
        self._objects.delete(self._bucket, key)

    def upload_form(self, key: str, mime_type: str, maximum_bytes: int, seconds: int) -> tuple[str, Mapping[str, str]]:
        form = self._objects.presigned_post(self._bucket, key, mime_type, maximum_bytes, seconds)
        return form.url, form.fields

    def address(self, key: str, media: Media) -> str:
        """Where the file can be fetched from for 15 minutes, under its own name, and never shown as a page of ours."""
        disposition = "attachment"
        if media.filename:
            disposition += f"; filename*=UTF-8''{quote(media.filename, safe='')}"
        if media.mime_type and media.mime_type.split("/")[0] in ("image", "audio", "video"):
            disposition = disposition.replace("attachment", "inline")
        return self._objects.presigned_get(
            self._bucket, key, SHOWN_SECONDS, disposition=disposition, content_type=media.mime_type
        )


class SentFiles:
    """Implements shared.ports.context.MediaFiles: a file that an agent uploaded, or the https address of one."""

    def __init__(self, bucket: S3MediaBucket, web: HttpClient) -> None:
        self._bucket = bucket
        self._web = web

    def read(self, media: Media, maximum_bytes: int) -> bytes:
        if media.media_id is not None:
            return self._uploaded(media.media_id, maximum_bytes)
        if media.url is None:
            raise DeliveryError("permanent", "media_unavailable", "the file has neither a media_id nor an address")
        answer = self._web.request("GET", media.url, maximum_bytes=maximum_bytes)
        if answer.status != 200:
            raise DeliveryError("permanent", "media_unavailable", f"the file's address answered {answer.status}")
        return answer.body

    def _uploaded(self, media_id: str, maximum_bytes: int) -> bytes:
        key = agent_upload_key(media_id)
        size = self._bucket.size(key)
        if size is None:
            raise DeliveryError("permanent", "media_unavailable", "no file was uploaded under this media_id")
        if size > maximum_bytes:
            raise DeliveryError("permanent", "media_too_large", f"the channel takes {maximum_bytes} bytes")
        return self._bucket.read(key, maximum_bytes)


class MediaAddresses:
    """Fills in where the files of a message can be fetched from, for 15 minutes."""

    def __init__(self, bucket: S3MediaBucket) -> None:
        self._bucket = bucket

    def fill(self, message: Message, entry: Entry) -> None:
        """Sets ``url`` on every media that is in our bucket: fetched from a customer, or uploaded by an agent."""
        for media in (each for part in message.parts for each in media_of(part)):
            if media.media_id is None:
                continue
            key = entry.media.get(media.media_id, {}).get("key")
            ours = message.direction == "outbound" and message.origin != "echo" and is_media_id(media.media_id)
            if key is None and ours:
                key = agent_upload_key(media.media_id)
            if key is not None and media.state not in ("withheld", "rejected"):
                media.url = self._bucket.address(key, media)
