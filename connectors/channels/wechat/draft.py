"""A message on its way into WeChat's form: the requests so far, and what was lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connectors.channels.wechat.capabilities import CAPABILITIES
from shared.model.message import Degradation
from shared.model.parts import Part, part_type
from shared.model.text import split_text
from shared.ports.connector import OutboundRequest, Upload


@dataclass(slots=True)
class Draft:
    """``touser`` is an OpenID. ``by_bot`` puts WeChat's notice under each message that an AI wrote it."""

    touser: str
    by_bot: bool
    requests: list[OutboundRequest] = field(default_factory=list)
    degradations: list[Degradation] = field(default_factory=list)

    def add(self, kind: str, content: dict[str, Any], *uploads: Upload) -> None:
        """One message of a type; ``content`` is the object under the type's name."""
        body: dict[str, Any] = {"touser": self.touser, "msgtype": kind, kind: content}
        if self.by_bot:
            body["aimsgcontext"] = {"is_ai_msg": 1}
        self.requests.append(OutboundRequest("send", body, uploads))

    def add_text(self, text: str) -> None:
        """As many text messages as the limit asks for; none when there is nothing to read."""
        for piece in split_text(text, CAPABILITIES.text):
            if piece.strip():
                self.add("text", {"content": piece})

    def lose_any(self, index: int, part: Part, target: str, lost: list[str]) -> None:
        """Records a loss, if the part became something else or has lost anything."""
        if lost or target != part_type(part):
            self.lose(index, part, target, *lost)

    def lose(self, index: int, part: Part, target: str, *lost: str) -> None:
        self.degradations.append(Degradation(part=index, source=part_type(part), target=target, lost=list(lost)))
