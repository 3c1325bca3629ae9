"""A message of the log as what a helpdesk holds: one piece with its text and the files that are there, and one piece
for each file that comes later.

Which files go along with the text is noted before the call, as ``<message>/<media>`` in the place of their id: so a
file is posted once, whether or not the outcome of that call is ever known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from shared.errors import DeliveryError
from shared.helpdesk.content import filename_of, files_of, is_lost, is_there, missing_line

if TYPE_CHECKING:
    from shared.helpdesk.seam import HelpdeskContext
    from shared.model.media import Media
    from shared.model.message import Message

PieceKind = Literal["message", "file"]


class File(NamedTuple):
    filename: str
    mime_type: str
    body: bytes


class Piece(NamedTuple):
    """What is to be said: ``text`` may be empty when there are files. A file that cannot be read is a line of it."""

    text: str
    files: tuple[File, ...]


class Say(Protocol):
    def __call__(self, kind: PieceKind, ours: str, piece: Callable[[], Piece], /) -> object:
        """Puts a piece into the helpdesk unless it is there, under our id of the message or the file. ``piece`` is
        asked for when it is needed, and reads the files. Raises DeliveryError."""
        ...


@dataclass(frozen=True, slots=True)
class Copying:
    """One message on its way. ``text`` is what it says there, ``maximum_bytes`` how large a file may be, and
    ``most_files`` how many go with one piece (None: any number)."""

    message: Message
    text: str
    say: Say
    context: HelpdeskContext
    maximum_bytes: int
    most_files: int | None = None

    def all(self) -> None:
        """Everything that is there. A message that is only a file waits for it. Raises DeliveryError."""
        files = files_of(self.message)
        there = [media for media in files if is_there(media)]
        if self.text or there or not files:
            self.say("message", self.message.id, lambda: self._with_text(files))
        for media in there:
            self._late(media)

    def file(self, media_id: str) -> None:
        """A file that was pending when its message came. Raises DeliveryError."""
        for media in files_of(self.message):
            if media.media_id == media_id and (is_there(media) or is_lost(media)):
                self._late(media)

    def _late(self, media: Media) -> None:
        """By itself, unless it went along with the text."""
        if media.media_id is not None:
            self.say("file", media.media_id, lambda: self._piece("", [media]))

    def _with_text(self, files: Sequence[Media]) -> Piece:
        there = [media for media in files if is_there(media)][: self.most_files]
        along = [media for media in there if self._goes_along(media)]
        for media in files:
            if is_lost(media):
                self._goes_along(media)  # the text says so
        return self._piece(self.text, along)

    def _goes_along(self, media: Media) -> bool:
        """Notes that a file is told of along with the text. False when it was posted by itself."""
        if media.media_id is None:
            return True
        name = f"{self.message.id}/{media.media_id}"
        return self.context.memory.remember("file", media.media_id, name) == name

    def _piece(self, text: str, files: Sequence[Media]) -> Piece:
        lines, read = [text] if text else [], []
        for media in files:
            file = None if is_lost(media) else self._read(media)
            if file is None:
                lines.append(missing_line(media))
            else:
                read.append(file)
        return Piece("\n\n".join(lines), tuple(read))

    def _read(self, media: Media) -> File | None:
        try:
            body = self.context.files.read(media, self.maximum_bytes)
        except DeliveryError as error:
            if error.error_class != "permanent":
                raise
            return None
        return File(filename_of(media), media.mime_type or media.declared_mime_type or "application/octet-stream", body)
