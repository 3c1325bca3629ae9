"""The files of a message, as a helpdesk's adapter may read them to upload them there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.errors import DeliveryError
from shared.model.uploads import agent_upload_key, is_media_id

if TYPE_CHECKING:
    from shared.core.media import MediaBucket
    from shared.core.records import Entry
    from shared.model.media import Media
    from shared.ports.context import MediaFiles
    from shared.ports.http import HttpClient


class EntryFiles:
    """Implements shared.ports.context.MediaFiles for the files of one log entry; without an entry there are none."""

    def __init__(self, bucket: MediaBucket, web: HttpClient, entry: Entry | None) -> None:
        self._bucket = bucket
        self._web = web
        self._entry = entry

    def read(self, media: Media, maximum_bytes: int) -> bytes:
        """A file that was fetched from a customer or uploaded by an agent, or the one at a web address that an agent
        gave. Raises DeliveryError (permanent)."""
        key = self._key(media)
        if key is not None:
            return self._stored(key, maximum_bytes)
        if media.media_id is not None or media.url is None:
            raise DeliveryError("permanent", "media_unavailable", "the file is not in our storage")
        answer = self._web.request("GET", media.url, maximum_bytes=maximum_bytes)
        if answer.status != 200:
            raise DeliveryError("permanent", "media_unavailable", f"the file's address answered {answer.status}")
        return answer.body

    def _key(self, media: Media) -> str | None:
        if media.media_id is None or self._entry is None or media.state in ("withheld", "rejected", "expired"):
            return None
        key: str | None = self._entry.media.get(media.media_id, {}).get("key")
        is_upload = self._entry.type == "message.sent" and self._entry.origin != "echo" and is_media_id(media.media_id)
        return agent_upload_key(media.media_id) if key is None and is_upload else key

    def _stored(self, key: str, maximum_bytes: int) -> bytes:
        size = self._bucket.size(key)
        if size is None:
            raise DeliveryError("permanent", "media_unavailable", "the file is not there any more")
        if size > maximum_bytes:
            raise DeliveryError("permanent", "media_too_large", f"the helpdesk takes {maximum_bytes} bytes")
        return self._bucket.read(key, maximum_bytes)


FilesOf = Callable[["Entry | None"], "MediaFiles"]
"""The files of a log entry."""
