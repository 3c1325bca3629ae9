"""Use case: fetch the files of an inbound message into our own storage, after the message itself is safe in the log.

A message is published with its media ``pending``; this runs behind a queue of its own and moves each to one final
state, once. A file that cannot be had now is tried again with the queue's patience, and the text of the message never
waits for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from shared.core.images import image_size
from shared.core.screening import HTML_TYPES, OCTETS, bare_type, served_as, verdict
from shared.core.sniffing import sniff
from shared.errors import DeliveryError
from shared.model.media import Media, MediaState
from shared.ports.connector import FetchedMedia

MAXIMUM_BYTES: Final = 40 * 1_048_576
"""The largest file that is kept, as long as no deployer says otherwise: no mail that SES takes holds a larger one, and
the function that fetches has room for no much larger one."""

UPLOADS: Final = "uploads/"
"""Where browsers put files in our bucket; a reference to any other key is not believed."""

MediaOrigin = tuple[str, Mapping[str, str], str | None]
"""(media id, reference, declared MIME type). A reference {"upload": key} is a file that is already in our bucket."""

Fetch = Callable[[str, str, Mapping[str, str]], FetchedMedia]
"""A connector's ``fetch_media`` for (channel, account, reference). Raises DeliveryError."""


class MediaEntries(Protocol):
    """Media inside the log."""

    def media_sources(self, conversation_id: str, sequence: int) -> tuple[str, str, Sequence[MediaOrigin]]:
        """(channel, account, where each media of the message comes from that has no final state yet)."""
        ...

    def record_media(self, conversation_id: str, sequence: int, media: Media, key: str | None) -> bool:
        """Moves one media from ``pending`` to a final state, with the key of its file when it has one.

        False, and nothing changed, when it was not pending any more.
        """
        ...


class MediaBucket(Protocol):
    """The bucket that files are kept in."""

    def put(self, key: str, body: bytes, content_type: str, filename: str | None) -> None: ...

    def size(self, key: str) -> int | None:
        """Bytes; None when there is no such file."""
        ...

    def read(self, key: str, maximum: int) -> bytes:
        """At most ``maximum`` bytes of the file."""
        ...

    def delete(self, key: str) -> None:
        """Whether or not it is there."""
        ...


class EraseMedia:
    """Deletes the files of a message that was taken back. Safe to run many times."""

    def __init__(self, files: MediaBucket) -> None:
        self._files = files

    def __call__(self, conversation_id: str, media_ids: Sequence[str]) -> int:
        """How many files are certainly not there any more."""
        for media_id in media_ids:
            self._files.delete(media_key(conversation_id, media_id))
        return len(media_ids)


def media_key(conversation_id: str, media_id: str) -> str:
    """Where a fetched file is kept: nothing but the media decides, so a second run overwrites it with itself."""
    return f"media/{conversation_id}/{media_id}"


class FetchMedia:
    """Brings every pending media of one message to ``stored``, ``rejected`` or ``expired``. Safe to run many times."""

    def __init__(
        self, entries: MediaEntries, files: MediaBucket, fetch: Fetch, maximum_bytes: int = MAXIMUM_BYTES
    ) -> None:
        self._entries = entries
        self._files = files
        self._fetch = fetch
        self._maximum = maximum_bytes

    def __call__(self, conversation_id: str, sequence: int, *, final: bool = False) -> list[Media]:
        """Returns the media that this run moved to a final state.

        A media that fails for now does not hold up the others: all are tried, then the first failure is raised, so
        that the queue delivers the message again (DeliveryError of a class other than ``permanent``). On the
        ``final`` delivery such a media becomes ``expired`` with reason ``fetch_failed`` instead. Failures of AWS and
        of the account's settings are always raised: the dead-letter queue keeps the message until they are mended.
        """
        channel, account, sources = self._entries.media_sources(conversation_id, sequence)
        settled: list[Media] = []
        failure: DeliveryError | None = None
        for media_id, reference, declared in sources:
            key: str | None = None
            try:
                fetched, upload = self._obtain(channel, account, reference, declared)
            except DeliveryError as error:
                outcome = _outcome(error, final)
                if outcome is None:
                    failure = failure or error
                    continue
                state, reason = outcome
                media = Media(media_id=media_id, state=state, reason=reason, declared_mime_type=declared)
            else:
                media = self._judge(media_id, fetched, declared)
                if media.state == "stored":
                    key = upload or self._keep(conversation_id, media_id, fetched, media)
            if self._entries.record_media(conversation_id, sequence, media, key):
                settled.append(media)
        if failure is not None:
            raise failure
        return settled

    def _obtain(
        self, channel: str, account: str, reference: Mapping[str, str], declared: str | None
    ) -> tuple[FetchedMedia, str | None]:
        """The file, and its key when it is an upload. Raises DeliveryError."""
        upload = reference.get("upload")
        if upload is None:
            return self._fetch(channel, account, reference), None
        return FetchedMedia(self._read_upload(upload), declared), upload

    def _read_upload(self, key: str) -> bytes:
        if not key.startswith(UPLOADS):
            raise DeliveryError("permanent", "unknown_upload", "the file is not an upload")
        size = self._files.size(key)
        if size is None:
            raise DeliveryError("permanent", "media_expired", "the upload is not there")
        if size > self._maximum:
            raise DeliveryError("permanent", "too_large", f"the upload is larger than {self._maximum} bytes")
        return self._files.read(key, self._maximum)

    def _judge(self, media_id: str, fetched: FetchedMedia, declared: str | None) -> Media:
        """The media as it will be recorded: ``stored`` with all that the bytes tell, or ``rejected`` with a reason."""
        said = fetched.declared_mime_type
        # A server's log-in page says of itself that it is HTML: only the sender's word makes HTML welcome.
        claim = declared or (None if bare_type(said) in HTML_TYPES else said)
        sniffed = sniff(fetched.body)
        reason = self._objection(fetched.body) or verdict(claim, sniffed).reason
        if reason is not None:
            size = len(fetched.body) or None
            return Media(
                media_id=media_id, state="rejected", reason=reason, declared_mime_type=declared or said, size=size
            )
        width, height = image_size(fetched.body) or (None, None)
        return Media(
            media_id=media_id,
            state="stored",
            mime_type=sniffed or OCTETS,
            declared_mime_type=declared or said,
            size=len(fetched.body),
            sha256=hashlib.sha256(fetched.body).hexdigest(),
            filename=fetched.filename,
            width=width,
            height=height,
        )

    def _objection(self, body: bytes) -> str | None:
        if not body:
            return "empty"
        return "too_large" if len(body) > self._maximum else None

    def _keep(self, conversation_id: str, media_id: str, fetched: FetchedMedia, media: Media) -> str:
        key = media_key(conversation_id, media_id)
        self._files.put(key, fetched.body, served_as(media.mime_type), fetched.filename)
        return key


def _outcome(error: DeliveryError, final: bool) -> tuple[MediaState, str] | None:
    """The final state that a failure means, with its reason; None when it should be tried again."""
    if error.code == "media_expired":
        return "expired", error.code
    if error.error_class == "permanent":
        return "rejected", "too_large" if error.code == "response_too_large" else error.code
    return ("expired", "fetch_failed") if final else None
