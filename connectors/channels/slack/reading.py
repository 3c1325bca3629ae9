"""Slack's text as a person reads it.

Text comes with ``& < >`` escaped; what stands between bare ``<`` and ``>`` is a mention, a channel, a date or a link.
Source: docs.slack.dev, "Formatting message text", "Retrieving messages".
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"<([^<>\n]{1,4000})>")


def plain_text(text: str) -> str:
    """The text with mentions, channels and links written out, and nothing escaped. Emoji stay as ``:name:``."""
    if "<" in text:
        text = _TOKEN.sub(_written_out, text)
    return unescaped(text) if "&" in text else text


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def link_text(label: str, url: str) -> str:
    """``label (url)``; the label alone when it is the address, as Slack links what looks like one."""
    if not label:
        return url
    bare = url.removeprefix("https://").removeprefix("http://").removeprefix("mailto:").removeprefix("tel:")
    return label if label.rstrip("/") in (url.rstrip("/"), bare.rstrip("/")) else f"{label} ({url})"


def _written_out(found: re.Match[str]) -> str:
    target, _, label = found[1].partition("|")
    match target[:1]:
        case "@":
            return f"@{label or target[1:]}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return _special(target[1:], label)
        case _:
            return link_text(label, target)


def _special(command: str, label: str) -> str:
    """``<!here>``, ``<!subteam^S1|@support>``, ``<!date^1700000000^{date}|fallback>``."""
    name, *rest = command.split("^")
    if name == "date":
        return label or " ".join(rest[:1])
    if label:
        return label if label.startswith("@") else f"@{label}"
    return f"@{rest[0] if rest else name}"
