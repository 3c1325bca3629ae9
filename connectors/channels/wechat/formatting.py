"""Text as WeChat shows it: plain, except that ``<a href>`` makes a link."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from connectors.channels.wechat.capabilities import CAPABILITIES
from shared.model.plain import html_to_text, label_and_address, markdown_to_text

if TYPE_CHECKING:
    from shared.model.parts import TextPart

_LINK_TAG = re.compile(r"<(?=/?a(?:[\s>/]|$))", re.IGNORECASE)


def quote(text: str) -> str:
    """Text that is meant literally: what would be taken for a link is escaped, everything else stays as it is."""
    return _LINK_TAG.sub("&lt;", text)


def text_content(part: TextPart) -> str:
    """The text of a part. Links of Markdown and HTML stay links, unless the text must be cut, which could cut a tag."""
    if part.format == "plain":
        return quote(part.text)
    convert = html_to_text if part.format == "html" else markdown_to_text
    content = convert(part.text, _tag, quote)
    if len(content.encode("utf-8", "surrogatepass")) > CAPABILITIES.text.maximum:
        content = convert(part.text, label_and_address, quote)
    return content


def _tag(label: str, address: str) -> str:
    return f'<a href="{html.escape(address)}">{quote(label) or quote(address)}</a>'
