"""HTML of a stranger made safe to show at a desk: an allow-list, never a list of what is forbidden.

The allow-list knows no element, attribute, address scheme or style that could run anything, load anything or leave its
place in the page. Images of other servers tell their sender that, when and where a mail was read: their address is kept
in ``data-remote-src``, so that a desk can load them when its user asks for it. ``cid:`` addresses stay as they are.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from connectors.channels.email.body.vocabulary import words

if TYPE_CHECKING:
    import nh3

LIMIT = 1_000_000
"""Characters of HTML that are read; the rest is left out."""

_ELEMENTS = words(
    "a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div "
    "dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q rp rt "
    "ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_WITH_THEIR_CONTENT = words(
    "script style iframe object embed applet noscript noembed noframes template title textarea select svg math "
    "xmp plaintext audio video canvas frameset"
)
_ATTRIBUTES = {
    "*": {"dir", "lang", "title", "style"},
    "a": {"href"},
    "img": {"src", "data-remote-src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "ol": {"start", "type"},
    "font": {"color"},
}
_LINK_SCHEMES = ("https:", "http:", "mailto:", "tel:")
_REMOTE = re.compile(r"https?://", re.IGNORECASE)
_REMOTE_MARK = "\0"
_STYLES = frozenset(
    {"color", "background-color", "font-weight", "font-style", "text-decoration", "text-align", "white-space"}
)
_STYLE_VALUE = re.compile(r"(?:[#%.\w\s,-]|(?:rgb|hsl)a?\([\d\s.,%/]*\))+", re.IGNORECASE | re.ASCII)
_FIRST_LINES = re.compile(r"(<pre[^>]*>)\n+")
"""Every reading of preformatted text takes its first line end away."""


def clean_html(html: str) -> str:
    """The HTML with nothing in it that runs, loads by itself or covers the page.

    That does not rest on how a browser nests it: of every element that is left the content is read as HTML (no foreign
    or raw text), so that whatever reads this finds the same tags and attributes. Cleaning again may nest what only a
    broken program writes in another way (a link in a link), and changes nothing else.
    """
    from connectors.channels.email.body.nesting import is_costly, without_tags  # patterns are not part of a cold start

    html = html[:LIMIT].replace(_REMOTE_MARK, "")
    return _cleaned(html) if not is_costly(html) else _cleaned(f"<pre>{_escaped(without_tags(html))}</pre>")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _cleaned(html: str) -> str:
    clean = _cleaner().clean(html).replace(f' src="{_REMOTE_MARK}', ' data-remote-src="')
    return _FIRST_LINES.sub(r"\1", clean) if "<pre" in clean else clean


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(_ELEMENTS),
        clean_content_tags=set(_WITH_THEIR_CONTENT),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer nofollow",
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        url_relative="deny",
    )


def _attribute(element: str, name: str, value: str) -> str | None:
    if name == "style":
        return _style(value)
    if name == "href":
        return value if value.strip().lower().startswith(_LINK_SCHEMES) else None
    if name == "src":
        if _REMOTE.match(value):
            return _REMOTE_MARK + value
        return value if value[:4].lower() == "cid:" else None
    if name == "data-remote-src":
        return value if _REMOTE.match(value) else None
    return value


@lru_cache(maxsize=256)
def _style(value: str) -> str | None:
    if len(value) > 2_000:
        return None
    kept: list[str] = []
    for declaration in value.split(";"):
        name, _, setting = declaration.partition(":")
        name, setting = name.strip().lower(), setting.strip()
        if name in _STYLES and _STYLE_VALUE.fullmatch(setting):
            kept.append(f"{name}:{setting}")
    return ";".join(kept) or None
