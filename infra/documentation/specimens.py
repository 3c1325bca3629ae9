"""Specimens of every part type, and what becomes of them on each channel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from connectors import registry
from shared.errors import Unprocessable
from shared.model.message import Author, Channel, Message
from shared.model.parts import Part, decode_part, part_type
from shared.model.text import flatten
from shared.ports.connector import Recipient, Rendering

if TYPE_CHECKING:
    from typing import Any

    from shared.model.message import Degradation

FILE = Path(__file__).with_name("specimens.json")
RECIPIENT = Recipient("idn_specimen", "specimen-recipient")
_WHEN = "2026-01-02T03:04:05.678Z"


@dataclass(frozen=True, slots=True)
class Specimen:
    """A part as JSON. ``stands_for`` names the tables that have it: ``type``, in which it stands for its part type, and
    ``file``, in which it stands for a kind of file at some place."""

    name: str
    value: dict[str, Any]
    stands_for: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return str(self.value["type"])

    @property
    def is_file(self) -> bool:
        return "file" in self.stands_for

    @property
    def part(self) -> Part:
        """A new one each time: parts can be changed."""
        return decode_part(self.value)


@cache
def specimens() -> tuple[Specimen, ...]:
    """All of them, in the order of the file."""
    listed = json.loads(FILE.read_text("utf-8"))
    return tuple(Specimen(each["name"], each["part"], tuple(each.get("stands_for", ()))) for each in listed)


def table_specimen(kind: str) -> Specimen:
    """The specimen that stands for a part type."""
    return next(each for each in specimens() if each.kind == kind and "type" in each.stands_for)


def rendered(channel: str, parts: list[Part]) -> Rendering | None:
    """An agent's message of these parts in a channel's form; None when the channel refuses it (``nothing_to_send``)."""
    message = Message(
        id="msg_01890000-0000-7000-8000-000000000001",
        conversation_id="conv_01890000-0000-7000-8000-000000000002",
        sequence=7,
        direction="outbound",
        origin="agent",
        author=Author(type="agent"),
        channel=Channel(type=channel, account="main"),
        identity_id=RECIPIENT.identity_id,
        parts=parts,
        text=flatten(parts),
        occurred_at=_WHEN,
        received_at=_WHEN,
        status="queued",
    )
    try:
        return registry.connector(channel).render(message, RECIPIENT)
    except Unprocessable as refusal:
        if refusal.code != "nothing_to_send":
            raise
        return None


def becomes(channel: str, part: Part) -> tuple[str | None, list[str]]:
    """The part type that a part is sent as (None: it is refused), and the names of what is lost."""
    rendering = rendered(channel, [part])
    if rendering is None:
        return None, []
    if not rendering.degradations:
        return part_type(part), []
    worst: Degradation = rendering.degradations[-1]
    return worst.target, [name for each in rendering.degradations for name in each.lost]
