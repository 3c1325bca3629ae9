"""HTML that would keep a parser busy for minutes: parsers take quadratic time for endless nesting and for endless tags.

Measured: 200 kB of ``<ul><li>`` take html5ever a minute, 22,000 attributes of one element take Lexbor seconds. Both are
estimated in one pass, and on the high side; HTML that no mail program writes is read as text without its tags.
"""

from __future__ import annotations

import re

from connectors.channels.email.body.vocabulary import words

DEEPEST = 2_000
"""Open elements. Chains of replies reach some hundreds."""

MOST = 20_000
"""Elements of one mail."""

MOST_ATTRIBUTES = 1_000
"""Attributes of one element."""

_SHORT = 30_000
_LOOK_BACK = 60
_TAG = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|<(/?)([a-zA-Z][^\s/>]*)(?>[^>=]+|=\s*+(?:\"[^\"]*+\"|'[^']*+')?)*+>?"
    r"|<[!?/][^>]*>?",
    re.DOTALL,
)
_OPENING = re.compile(r"<[a-zA-Z]")
_QUOTED = re.compile(r"=\s*+(?:\"[^\"]*+\"|'[^']*+')")
_SPACE = re.compile(r"\s+")
_VOID = words("area base br col embed hr img input link meta param source track wbr")
_ENDED_BY_THE_NEXT = words("p li dd dt td th tr tbody thead tfoot option rp rt")
_FORMATTING = words("a b big code em font form i nobr s small strike strong tt u")
_BARRIERS = words("table td th caption object applet marquee template svg math button")
_OF_TABLES = words("table td th tr tbody thead tfoot caption")
_RAW = words("script style title textarea xmp iframe noembed noframes noscript")


def is_costly(html: str) -> bool:
    """Whether parsing could take long."""
    if len(html) < _SHORT and html.count("<") < DEEPEST:
        return False
    openings = len(_OPENING.findall(html))
    return openings > MOST or _depth(html, openings) > DEEPEST


def without_tags(html: str) -> str:
    """The text of HTML that is not parsed, with entities as they are."""
    return re.sub(r"\n\s*\n+", "\n", _TAG.sub("\n", html)).replace("<", "").strip()


def _depth(html: str, openings: int) -> int:
    """The most elements that may be open at once. What looks like a tag inside a comment or a value may be one.

    An element with too many attributes counts as too deep.
    """
    opened: list[str] = []
    deepest = seen = 0
    raw = ""
    for tag in _TAG.finditer(html):
        name = (tag[2] or "").lower()
        if not name:
            continue
        if raw:
            if tag[1] and name == raw:
                raw = ""
            continue
        if tag[1]:
            _close(opened, name)
            continue
        seen += 1
        if tag.end() - tag.start() > 2 * MOST_ATTRIBUTES and _attributes(tag[0]) > MOST_ATTRIBUTES:
            return DEEPEST + 1
        if name in _RAW:
            raw = name
        elif name not in _VOID and not (opened and opened[-1] == name and name in _ENDED_BY_THE_NEXT):
            opened.append(name)
            deepest = max(deepest, len(opened))
    return deepest + openings - seen


def _attributes(tag: str) -> int:
    """The most attributes that a tag could have; spaces and ``=`` inside quotes are not counted."""
    bare = _QUOTED.sub("=", tag)
    return len(_SPACE.findall(bare)) + bare.count("=") + bare.count("/")


def _close(opened: list[str], name: str) -> None:
    barriers = ("table", "template") if name in _OF_TABLES else _BARRIERS
    for position in range(len(opened) - 1, max(-1, len(opened) - 1 - _LOOK_BACK), -1):
        if opened[position] == name:
            if name in _FORMATTING:
                del opened[position]
            else:
                del opened[position:]
            return
        if opened[position] in barriers:
            return
