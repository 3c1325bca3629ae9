"""Where a file that a web-chat visitor uploads is kept, before the message that names it arrives.

The key is made from the visitor's proven identity and an id that we gave, never from a path the visitor sent: a
visitor who guesses somebody else's media id names a file of their own that does not exist.
"""

from __future__ import annotations

import re

MEDIA_ID = re.compile(r"med_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The form of :func:`shared.model.identifiers.media_id`."""


def is_media_id(text: str) -> bool:
    """Whether a media id has the form of ours."""
    return MEDIA_ID.fullmatch(text) is not None


def upload_key(account: str, identity_id: str, media_id: str) -> str:
    """The object key ``uploads/<account>/<identity_id>/<media_id>``. Raises ValueError when the media id is not one
    of ours."""
    if not MEDIA_ID.fullmatch(media_id):
        raise ValueError("not a media id")
    return f"uploads/{account}/{identity_id}/{media_id}"


def agent_upload_key(media_id: str) -> str:
    """Where a file goes that an agent uploads to send. No account can be named ``_agents``: names start with a letter
    or digit.

    Raises ValueError when the media id is not one of ours.
    """
    if not MEDIA_ID.fullmatch(media_id):
        raise ValueError("not a media id")
    return f"uploads/_agents/{media_id}"
