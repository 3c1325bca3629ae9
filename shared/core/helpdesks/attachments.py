"""Files of agents' answers: fetched from the helpdesk and kept like those that an agent uploads here."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from shared.core.media import MAXIMUM_BYTES
from shared.core.screening import OCTETS, served_as
from shared.core.sniffing import sniff
from shared.errors import DeliveryError
from shared.model.uploads import agent_upload_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.core.media import MediaBucket
    from shared.helpdesk.seam import DeskReply, Helpdesk, HelpdeskContext
    from shared.ports.connector import FetchedMedia

_NAMESPACE = uuid.UUID("6f1c9c0e-53a1-5d0c-9d0f-6a4a7b1f8e21")
_KINDS = {"image": "image", "audio": "audio", "video": "video"}


class Attachments:
    """Brings the files of one helpdesk account into our bucket."""

    def __init__(self, adapter: Helpdesk, context: HelpdeskContext, bucket: MediaBucket) -> None:
        self._adapter = adapter
        self._context = context
        self._bucket = bucket

    def parts(self, action: DeskReply) -> tuple[list[dict[str, Any]], str]:
        """The parts of an answer, its files behind its text, and the names of those that cannot be had. Raises
        DeliveryError of a class other than ``permanent``: another try may bring them."""
        parts = [dict(part) for part in action.parts]
        missing: list[str] = []
        for number, reference in enumerate(action.files):
            try:
                fetched = self._adapter.fetch_file(reference, self._context)
                parts.append(self._kept(action, number, fetched))
            except DeliveryError as error:
                if error.error_class != "permanent":
                    raise
                missing.append(f"{reference.get('filename') or f'file {number + 1}'} ({error.code})")
        return parts, ", ".join(missing)

    def _kept(self, action: DeskReply, number: int, fetched: FetchedMedia) -> dict[str, Any]:
        if len(fetched.body) > MAXIMUM_BYTES:
            raise DeliveryError("permanent", "too_large", f"the file is larger than {MAXIMUM_BYTES} bytes")
        mime_type = sniff(fetched.body) or OCTETS
        media_id = _media_id(self._context.source, action.external_id, number)
        self._bucket.put(agent_upload_key(media_id), fetched.body, served_as(mime_type), fetched.filename)
        media: Mapping[str, Any] = {
            "media_id": media_id,
            "declared_mime_type": fetched.declared_mime_type or mime_type,
            "size": len(fetched.body),
            **({"filename": fetched.filename} if fetched.filename else {}),
        }
        return {"type": _KINDS.get(mime_type.partition("/")[0], "file"), "media": dict(media)}


def _media_id(source: str, external_id: str, number: int) -> str:
    """The same file always gets the same id: a second try overwrites it with itself, and asks for the same reply."""
    return f"med_{uuid.uuid5(_NAMESPACE, f'{source}/{external_id}/{number}')}"
