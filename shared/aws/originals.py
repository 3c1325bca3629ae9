"""Raw mail as SES put it into the bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.aws.errors import NotFound
from shared.errors import DeliveryError

if TYPE_CHECKING:
    from shared.aws.objects import Objects
    from shared.model.message import Message


SHOWN_SECONDS = 900
"""How long an address of an original works."""


class S3Originals:
    """Implements shared.ports.context.Originals over one bucket."""

    def __init__(self, objects: Objects, bucket: str) -> None:
        self._objects = objects
        self._bucket = bucket

    def read(self, key: str) -> bytes:
        try:
            return self._objects.get(self._bucket, key)
        except NotFound as error:
            raise DeliveryError("permanent", "media_expired", "the original mail is not kept any more") from error

    def beginning(self, key: str, length: int) -> bytes:
        """The first ``length`` bytes. Raises AwsError."""
        return self._objects.beginning(self._bucket, key, length)

    def show(self, message: Message) -> None:
        """Adds where the original of a mail can be fetched from for 15 minutes: all of it, as it came in."""
        key = (message.email or {}).get("original")
        if message.email is None or not isinstance(key, str):
            return
        message.email["original_url"] = self._objects.presigned_get(
            self._bucket,
            key,
            SHOWN_SECONDS,
            disposition='attachment; filename="message.eml"',
            content_type="message/rfc822",
        )
