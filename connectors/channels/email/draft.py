"""A message on its way into a mail: its words twice (plain and HTML), its files, and what was lost.

A message is one mail, unless its text or its files are over the limit: then it is several, in order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.channels.email.attachments import SHOWN_IN_PLACE, filename_of, is_refused, mime_type_of
from connectors.channels.email.capabilities import CAPABILITIES, FILES_LIMIT
from connectors.channels.email.markup import paragraph, plain
from shared.errors import Unprocessable
from shared.model.message import Degradation
from shared.model.parts import Part, part_type
from shared.model.plain_parts import is_web_address
from shared.model.text import split_text
from shared.ports.connector import Upload

if TYPE_CHECKING:
    from shared.model.media import Media

_BETWEEN = "\n\n"


@dataclass(slots=True)
class Page:
    """What goes into one mail. ``files`` are ``{filename, mime_type, content_id?}``, in the order of ``uploads``."""

    texts: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    weight: int = 0

    @property
    def length(self) -> int:
        return sum(map(len, self.texts)) + len(_BETWEEN) * len(self.texts)

    @property
    def text(self) -> str:
        return _BETWEEN.join(self.texts) or "\n".join(each["filename"] for each in self.files)

    @property
    def html(self) -> str:
        inner = "".join(self.pieces) or paragraph(plain(self.text))
        return f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>{inner}</body></html>\n'


@dataclass(slots=True)
class Draft:
    """The mails of a message so far; ``message_id`` makes the names of pictures that the HTML refers to."""

    message_id: str
    pages: list[Page] = field(default_factory=lambda: [Page()])
    degradations: list[Degradation] = field(default_factory=list)

    def add(self, text: str, html: str) -> bool:
        """A block, in both forms. One that is too long for a mail goes out plain, in pieces: then False."""
        if not text.strip() and not html:
            return True
        if len(text) > CAPABILITIES.text.maximum:
            for piece in split_text(text, CAPABILITIES.text):
                self._put(piece, paragraph(plain(piece)))
            return False
        self._put(text, html)
        return True

    def attach(self, media: Media, kind: str, *, in_place: bool = False) -> str | None:
        """Adds a file, and with ``in_place`` names it so that the HTML can show it: the address of its picture, empty
        when it is not one that mail programs show; None when the file cannot be sent.

        Raises Unprocessable(``file_type_refused``).
        """
        if media.media_id is None and not is_web_address(media.url):
            return None
        filename = filename_of(media, kind)
        if is_refused(filename):
            raise Unprocessable("file_type_refused", f"mail does not carry {filename[-40:]!r}: send it in an archive")
        weight = media.size or 0
        if weight > FILES_LIMIT:
            return None
        if self.pages[-1].weight + weight > FILES_LIMIT:
            self.pages.append(Page())
        page = self.pages[-1]
        page.weight += weight
        described = {"filename": filename, "mime_type": mime_type_of(media, filename)}
        shown = in_place and described["mime_type"] in SHOWN_IN_PLACE
        if shown:
            described["content_id"] = f"{self.message_id}.{len(self.pages)}.{len(page.files)}@onethread"
        page.uploads.append(Upload(media, "inline" if shown else "attachment", ("attachments", len(page.files))))
        page.files.append(described)
        return f"cid:{described['content_id']}" if shown else ""

    def make_room(self, text: str) -> None:
        """Begins another mail when ``text`` does not fit this one, so that a file is in the mail of its words."""
        page = self.pages[-1]
        if page.texts and page.length + len(text) > CAPABILITIES.text.maximum:
            self.pages.append(Page())

    def lose(self, index: int, part: Part, target: str, *lost: str) -> None:
        self.degradations.append(Degradation(part=index, source=part_type(part), target=target, lost=list(lost)))

    def _put(self, text: str, html: str) -> None:
        self.make_room(text)
        if text.strip():
            self.pages[-1].texts.append(text)
        self.pages[-1].pieces.append(html)
