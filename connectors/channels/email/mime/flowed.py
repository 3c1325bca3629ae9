"""Text whose lines may flow (RFC 3676): paragraphs that a program has broken into lines are put together again."""

from __future__ import annotations

from collections.abc import Mapping

_SIGNATURE = "-- "
"""Ends in a space and is a line of its own (RFC 3676 section 4.3)."""


def is_flowed(kind: str, parameters: Mapping[str, str]) -> bool:
    return kind == "text/plain" and parameters.get("format", "").strip().lower() == "flowed"


def unflowed(text: str, parameters: Mapping[str, str]) -> str:
    """The text with each paragraph in one line, quoted ones behind their marks (``>> words``). Lines end in ``\\n``.

    A line that ends in a space goes on in the next, if that is quoted as deeply. With ``DelSp=yes`` the space is the
    program's, else the writer's. A space that a line begins with was put there by the program.
    """
    deletes = parameters.get("delsp", "").strip().lower() == "yes"
    done: list[str] = []
    paragraph: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        words = line.lstrip(">")
        depth = len(line) - len(words)
        words = words.removeprefix(" ")
        if paragraph and (depth != open_depth or words == _SIGNATURE):
            done.append(_marked(open_depth, paragraph))
            paragraph = []
        flows = words.endswith(" ") and words != _SIGNATURE
        paragraph.append(words[:-1] if flows and deletes else words)
        open_depth = depth
        if not flows:
            done.append(_marked(depth, paragraph))
            paragraph = []
    if paragraph:
        done.append(_marked(open_depth, paragraph))
    return "\n".join(done)


def _marked(depth: int, paragraph: list[str]) -> str:
    words = "".join(paragraph)
    return f"{'>' * depth} {words}" if depth and words else ">" * depth + words
