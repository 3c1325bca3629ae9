"""The parts of a mail: which are the body's text and HTML, and which are files. Nothing is decoded here.

Parts are places in the mail's bytes. A multipart's delimiters are looked for in its own bytes alone, so that an outer
delimiter ends whatever is inside, closed or not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from connectors.channels.email.mime.headers import read_fields
from connectors.channels.email.mime.parameters import media_type, read_parameters

MAXIMUM_PARTS = 200
MAXIMUM_DEPTH = 20

# Delimiter look-alikes after which a compiled search is the cheaper one.
_MANY = 1000
_TAIL = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\Z)")
_COMMENT = re.compile(r"\([^()]*+\)")


@dataclass(slots=True)
class Part:
    """A part: its type and fields, and where its body lies in the mail's bytes."""

    kind: str
    parameters: dict[str, str]
    start: int
    end: int
    disposition: str = ""
    filename: str | None = None
    content_id: str | None = None
    encoding: str = ""


@dataclass(slots=True)
class Piece:
    """A stretch of the body: the same words as text, as HTML, or as both. That they are the same may be a guess."""

    plain: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    guessed: bool = False


@dataclass(slots=True)
class Structure:
    """The body's pieces in order, the files in order, the number of parts, and what was odd.

    ``lone_cr``: delimiters were found that only a CR, without LF, sets apart.
    """

    root: Part
    pieces: list[Piece]
    files: list[Part]
    count: int
    flags: list[str]
    lone_cr: bool


def read_structure(raw: bytes, fields: list[tuple[str, str]], body: int) -> Structure:
    """The structure of a mail whose top fields are read and whose body begins at ``body``."""
    walk = _Walk(raw)
    root = describe(fields, body, len(raw), "text/plain")
    pieces = walk.read(root, body, 0, "top")
    return Structure(root, pieces, walk.files, walk.count + walk.beyond, walk.flags, walk.lone_cr)


def describe(fields: list[tuple[str, str]], start: int, end: int, default: str) -> Part:
    """The part that these fields stand before. The first of repeated fields counts."""
    part = Part(default, {}, start, end)
    seen: set[str] = set()
    for name, value in fields:
        if not name.startswith("content-") or name in seen:
            continue
        seen.add(name)
        if name == "content-type":
            kind, part.parameters = read_parameters(value)
            part.kind = media_type(kind) or ("text/plain" if kind or default == "text/plain" else default)
        elif name == "content-transfer-encoding":
            part.encoding = (_COMMENT.sub("", value) if "(" in value else value).strip(" \t\"';").lower()
        elif name == "content-disposition":
            part.disposition, parameters = read_parameters(value)
            part.filename = parameters.get("filename")
        elif name == "content-id":
            part.content_id = value.strip().strip("<>").strip() or None
    part.filename = part.filename or part.parameters.get("name")
    return part


class _Walk:
    """One reading of a mail's parts, in order."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.files: list[Part] = []
        self.flags: list[str] = []
        self.count = 0
        self.beyond = 0
        self.lone_cr = False

    def flag(self, name: str) -> None:
        if name not in self.flags:
            self.flags.append(name)

    def read(self, part: Part, head: int, depth: int, place: str) -> list[Piece]:
        """The pieces of the body in this part; its files are filed. ``head`` is where its header fields begin."""
        self.count += 1
        if part.kind.startswith("multipart/") and part.disposition != "attachment":
            boundary = part.parameters.get("boundary", "").rstrip().encode("latin-1", "replace")
            if depth >= MAXIMUM_DEPTH:
                return self._keep_whole(part, head)
            spans = self._spans(part, boundary) if boundary else []
            if spans:
                return self._container(part, spans, depth)
            self.flag("boundary_missing")
            part = Part("text/plain", {}, part.start, part.end, encoding=part.encoding)
        if is_body(part, place):
            return [Piece(html=[part]) if part.kind == "text/html" else Piece(plain=[part])]
        if is_encrypted(part):
            self.flag("encrypted")
        elif part.kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            self.flag("signed_opaque")
        self.files.append(part)
        return []

    def _keep_whole(self, part: Part, head: int) -> list[Piece]:
        self.flag("nested_too_deep")
        self.files.append(Part("message/rfc822", {}, head, part.end, filename="nested.eml"))
        return []

    def _container(self, part: Part, spans: list[tuple[int, int]], depth: int) -> list[Piece]:
        subtype = part.kind.partition("/")[2]
        if subtype == "encrypted":
            self.flag("encrypted")
        default = "message/rfc822" if subtype == "digest" else "text/plain"
        pieces: list[Piece] = []
        before: Part | None = None
        for number, (start, end) in enumerate(spans):
            if self.count >= MAXIMUM_PARTS:
                self.flag("too_many_parts")
                self.beyond += len(spans) - number
                break
            found = read_fields(self.raw, start, end)
            child = describe(found.fields, found.body, end, default)
            place = "file" if (subtype == "signed" and number) or subtype == "encrypted" else subtype
            new = self.read(child, start, depth + 1, place)
            # Programs that know no multipart/alternative send the HTML right after the same words as text.
            twin = new and before and before.kind == "text/plain" and child.kind == "text/html"
            if twin and subtype != "alternative":
                pieces[-1].html.extend(new[0].html)
                pieces[-1].guessed = True
            else:
                pieces.extend(new)
            before = child if new else None
        if subtype == "alternative" and len(pieces) > 1:
            return [Piece([each for piece in pieces for each in piece.plain], _all_html(pieces))]
        return pieces

    def _spans(self, part: Part, boundary: bytes) -> list[tuple[int, int]]:
        """Where the parts between the delimiters lie."""
        spans = self._delimited(part, b"--" + boundary)
        if not spans and self.raw.find(b"\r--" + boundary, part.start, part.end) >= 0:
            self.lone_cr = True
        return spans

    def _delimited(self, part: Part, delimiter: bytes) -> list[tuple[int, int]]:
        raw, spans = self.raw, []
        needle = b"\n" + delimiter
        found = part.start if raw.startswith(delimiter, part.start, part.end) else -1
        position = found + len(delimiter) if found >= 0 else -1
        if found < 0:
            found, position = self._next(needle, part.start - 1 if part.start else 0, part.end)
        begin = -1
        misses = 0
        while found >= 0:
            tail = _TAIL.match(raw, position, part.end)
            if tail:
                if begin >= 0:
                    spans.append((begin, max(begin, self._before(found))))
                    if len(spans) > MAXIMUM_PARTS:
                        self.beyond += raw.count(needle, position, part.end)
                        return spans
                begin = -1 if tail[1] else tail.end()
                if tail[1]:
                    break
                # The line end of a delimiter may begin the next one.
                position = tail.end() - 1 if raw[tail.end() - 1] == 0x0A else tail.end()
            else:
                misses += 1
                if misses > _MANY:
                    return self._searched(part, delimiter)
            found, position = self._next(needle, position, part.end)
        if begin >= 0:
            spans.append((begin, self._unclosed_end(begin, part.end)))
        return spans

    def _searched(self, part: Part, delimiter: bytes) -> list[tuple[int, int]]:
        """As ``_delimited``, for bytes full of lines that only begin like a delimiter."""
        line = re.compile(rb"^" + re.escape(delimiter) + rb"(--)?+[ \t]*+(?:\r?\n|\Z)", re.MULTILINE)
        spans: list[tuple[int, int]] = []
        begin = -1
        for match in line.finditer(self.raw, part.start, part.end):
            if begin >= 0:
                spans.append((begin, max(begin, self._before(match.start() - 1))))
            begin = -1 if match[1] else match.end()
            if match[1] or len(spans) > MAXIMUM_PARTS:
                break
        if begin >= 0 and len(spans) <= MAXIMUM_PARTS:
            spans.append((begin, self._unclosed_end(begin, part.end)))
        return spans

    def _next(self, needle: bytes, position: int, end: int) -> tuple[int, int]:
        """Where the line end before the next delimiter lies (-1: none), and where the delimiter's text ends."""
        found = self.raw.find(needle, position, end)
        return found, found + len(needle)

    def _unclosed_end(self, begin: int, end: int) -> int:
        """The end of a part that no delimiter ends: the mail's last line end is not its own."""
        last = end == len(self.raw) and self.raw.endswith(b"\n", begin, end)
        return max(begin, self._before(end - 1)) if last else end

    def _before(self, line_end: int) -> int:
        """The end of what stands before this line end."""
        return line_end - 1 if self.raw[line_end - 1 : line_end] == b"\r" else line_end


def _all_html(pieces: list[Piece]) -> list[Part]:
    return [each for piece in pieces for each in piece.html]


def is_body(part: Part, place: str) -> bool:
    """Whether a part is words of the mail itself; ``place`` is the subtype of the multipart it is in, or "top"."""
    if place == "file" or part.disposition == "attachment":
        return False
    if part.kind in ("text/plain", "text/html"):
        # A text file shown in the running mail has a name; the mail's own text has none, unless it is all there is.
        return part.filename is None or place in ("top", "alternative")
    return place == "top" and part.kind.startswith("text/") and part.filename is None and part.kind != "text/calendar"


def is_encrypted(part: Part) -> bool:
    """Whether it is S/MIME that only the addressee's key opens. Without a type it counts as that."""
    if part.kind not in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        return False
    return part.parameters.get("smime-type", "enveloped-data").lower() in ("enveloped-data", "authenveloped-data")
