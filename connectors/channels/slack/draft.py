"""A message on its way into Slack's form: the requests so far, and what was lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.channels.slack.blocks import Block, sections
from connectors.channels.slack.capabilities import CAPABILITIES
from connectors.channels.slack.formatting import pieces
from shared.model.message import Degradation
from shared.model.parts import Part, part_type
from shared.ports.connector import OutboundRequest, Upload

if TYPE_CHECKING:
    from shared.model.media import Media

_TEXT = CAPABILITIES.text.maximum
EVENT_TYPE = "onethread_message"


@dataclass(slots=True)
class Draft:
    """``place`` is where the message goes: ``{"channel", "thread_ts"}``, or ``{"user"}`` for that person's direct
    messages, which have to be opened first."""

    place: dict[str, str]
    message_id: str
    requests: list[OutboundRequest] = field(default_factory=list)
    degradations: list[Degradation] = field(default_factory=list)

    def add(self, text: str, blocks: list[Block]) -> None:
        """One post: the blocks, and a text for notifications and for those who see no blocks."""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"id": self.message_id}}
        body: dict[str, Any] = {
            **self.place,
            "text": text,
            "blocks": blocks,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": metadata,
        }
        self.requests.append(OutboundRequest("post", body))

    def add_text(self, mrkdwn: str, *more: Block) -> None:
        """As many posts as the limit asks for, ``more`` under the last; none when there is nothing to read."""
        found = pieces(mrkdwn, _TEXT) or ([""] if more else [])
        for piece in found[:-1]:
            self.add(piece, sections(piece))
        for piece in found[-1:]:
            self.add(piece, [*sections(piece), *more])

    def add_file(self, media: Media, name: str, title: str | None, comment: str) -> None:
        """One file, with what is said about it above; what of that is too long goes before."""
        *before, comment = pieces(comment, _TEXT) or [""]
        for piece in before:
            self.add_text(piece)
        body: dict[str, Any] = {**self.place, "filename": name, "files": [{"id": "", "title": title or name}]}
        if comment:
            body["initial_comment"] = comment
        self.requests.append(OutboundRequest("upload", body, (Upload(media, "file", ("files", 0, "id")),)))

    def lose_any(self, index: int, part: Part, target: str, lost: list[str]) -> None:
        """Records a loss, if the part became something else or has lost anything."""
        if lost or target != part_type(part):
            self.lose(index, part, target, *lost)

    def lose(self, index: int, part: Part, target: str, *lost: str) -> None:
        self.degradations.append(Degradation(part=index, source=part_type(part), target=target, lost=list(lost)))
