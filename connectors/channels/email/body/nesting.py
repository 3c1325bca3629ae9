"""How deep elements are nested, as far as it matters: parsers of HTML take quadratic time for what is nested without end.

Measured: 200 kB of ``<ul><li>`` keep html5ever busy for a minute. The depth is estimated in one pass, and on the high
side; where it cannot be that of a mail, the HTML is not parsed at all but read as text without its tags.
"""

from __future__ import annotations

import re

DEEPEST = 2_000
"""Open elements. Chains of replies reach some hundreds."""

MOST = 20_000
"""Elements of one mail."""

_LOOK_BACK = 60
_TAG = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|<(/?)([a-zA-Z][^\s/>]*)(?>[^>=]+|=\s*+(?:\"[^\"]*+\"|'[^']*+')?)*+>?"
    r"|<[!?/][^>]*>?",
    re.DOTALL,
)
_OPENING = re.compile(r"<[a-zA-Z]")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_ENDED_BY_THE_NEXT = frozenset("p li dd dt td th tr tbody thead tfoot option rp rt".split())
_FORMATTING = frozenset("a b big code em font form i nobr s small strike strong tt u".split())
_BARRIERS = frozenset("table td th caption object applet marquee template svg math button".split())
_OF_TABLES = frozenset("table td th tr tbody thead tfoot caption".split())
_RAW = frozenset("script style title textarea xmp iframe noembed noframes noscript".split())


def is_too_deep(html: str) -> bool:
    """Whether parsing could take long."""
    if html.count("<") < DEEPEST:
        return False
    openings = len(_OPENING.findall(html))
    if openings < DEEPEST:
        return False
    return openings > MOST or _depth(html, openings) > DEEPEST


def without_tags(html: str) -> str:
    """The text of HTML that is not parsed, with entities as they are."""
    return re.sub(r"\n\s*\n+", "\n", _TAG.sub("\n", html)).replace("<", "").strip()


def _depth(html: str, openings: int) -> int:
    """The most elements that may be open at once. What looks like a tag inside a comment or a value may be one."""
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
        if name in _RAW:
            raw = name
        elif name not in _VOID and not (opened and opened[-1] == name and name in _ENDED_BY_THE_NEXT):
            opened.append(name)
            deepest = max(deepest, len(opened))
    return deepest + openings - seen


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
