"""The files of a mail, out of the original as it was stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.channels.email.mime.reading import read_file
from shared.errors import DeliveryError
from shared.ports.connector import FetchedMedia

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext


class LastMail:
    """The mail that was read last: the files of one mail are asked for one after the other."""

    def __init__(self) -> None:
        self._key = ""
        self._raw = b""

    def read(self, key: str, context: ChannelContext) -> bytes:
        """Raises DeliveryError, as the store of originals does."""
        if key != self._key:
            self._key, self._raw = "", b""  # two large mails at a time would be too many
            self._raw = context.originals.read(key)
            self._key = key
        return self._raw


_LAST = LastMail()


def fetch(reference: Mapping[str, str], context: ChannelContext, last: LastMail = _LAST) -> FetchedMedia:
    """The file ``{"stored": key of the original, "file": its number}``.

    Raises DeliveryError: ``media_expired`` (permanent) when the original is not kept any more or has no such file.
    """
    key, number = reference.get("stored", ""), reference.get("file", "")
    if not key or not number.isascii() or not number.isdigit() or len(number) > 9:
        raise DeliveryError("permanent", "media_expired", "The message names no file")
    try:
        body, file = read_file(last.read(key, context), int(number))
    except IndexError as error:
        raise DeliveryError("permanent", "media_expired", "The mail has no such file") from error
    return FetchedMedia(body, file.mime_type or None, file.filename)
