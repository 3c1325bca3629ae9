"""Values of the schema for property tests: every part type, whole messages, and times that RFC 3339 can write."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from shared.model.identifiers import conversation_id, message_id
from shared.model.media import Media
from shared.model.message import Author, Channel, Degradation, Message, MessageError, ReplyTo
from shared.model.parts import PART_TYPES, Action, CardPart, Option, Part, ProductPart
from shared.model.timestamps import rfc3339

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
OPTIONAL_TEXT = st.none() | TEXT
WHOLE = st.integers(0, 2**53)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=3)
MEDIA = st.builds(
    Media,
    media_id=OPTIONAL_TEXT,
    state=st.sampled_from(["pending", "stored", "expired", "rejected", "withheld"]),
    mime_type=OPTIONAL_TEXT,
    size=st.none() | WHOLE,
    filename=OPTIONAL_TEXT,
    duration_ms=st.none() | WHOLE,
    url=OPTIONAL_TEXT,
)
PRODUCT = st.builds(ProductPart, id=TEXT, title=OPTIONAL_TEXT, price=OPTIONAL_TEXT)
CARD = st.builds(
    CardPart,
    title=TEXT,
    image=st.none() | MEDIA,
    url=OPTIONAL_TEXT,
    actions=st.lists(st.builds(Action, title=TEXT, url=OPTIONAL_TEXT, id=OPTIONAL_TEXT), max_size=2),
)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "media": MEDIA,
    "thumbnail": st.none() | MEDIA,
    "image": st.none() | MEDIA,
    "text": TEXT,
    "format": st.sampled_from(["plain", "markdown", "html"]),
    "latitude": st.floats(-90, 90),
    "longitude": st.floats(-180, 180),
    "phones": st.lists(TEXT, max_size=2),
    "emails": st.lists(TEXT, max_size=2),
    "items": st.lists(TEXT, max_size=2),
    "options": st.lists(st.builds(Option, id=TEXT, title=TEXT), max_size=3),
    "actions": st.lists(st.builds(Action, title=TEXT), max_size=2),
    "cards": st.lists(CARD, max_size=2),
    "products": st.lists(PRODUCT, max_size=2),
    "parameters": OBJECT,
    "data": OBJECT,
}
_REQUIRED_TEXT = {"name", "url", "id", "title", "provider_type", "reason"}


def parts_of(kind: type[Part]) -> st.SearchStrategy[Part]:
    """Parts of one type: every field is drawn, optional ones also as absent."""
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name in kind.__struct_fields__:
        fields[name] = _FIELDS.get(name, TEXT if name in _REQUIRED_TEXT else OPTIONAL_TEXT)
    return st.builds(kind, **fields)


PARTS: st.SearchStrategy[Part] = st.one_of([parts_of(kind) for kind in PART_TYPES.values()])
TIMES = st.floats(0, 4_102_444_800).map(rfc3339)
MESSAGES = st.builds(
    Message,
    id=st.builds(message_id),
    conversation_id=st.builds(conversation_id),
    sequence=st.integers(1, 10**9),
    direction=st.sampled_from(["inbound", "outbound"]),
    origin=st.sampled_from(["customer", "agent", "bot", "system", "echo"]),
    author=st.builds(Author, type=st.sampled_from(["customer", "agent", "bot", "system"]), name=OPTIONAL_TEXT),
    channel=st.builds(Channel, type=TEXT, account=TEXT, thread_id=OPTIONAL_TEXT),
    identity_id=TEXT,
    parts=st.lists(PARTS, max_size=4),
    text=TEXT,
    occurred_at=TIMES,
    received_at=TIMES,
    external_ids=st.lists(TEXT, max_size=2),
    reply_to=st.none() | st.builds(ReplyTo, message_id=OPTIONAL_TEXT, external_id=OPTIONAL_TEXT),
    status=st.none() | st.sampled_from(["queued", "unknown", "sent", "failed", "delivered", "read"]),
    error=st.none() | st.builds(MessageError, code=TEXT, title=TEXT, retryable=st.booleans()),
    degradations=st.lists(
        st.builds(Degradation, part=st.integers(0, 20), source=TEXT, target=TEXT, lost=st.lists(TEXT, max_size=2)),
        max_size=2,
    ),
    email=st.none() | OBJECT,
    metadata=OBJECT,
)
