"""Tables of what the channels can do, written from the connectors' Capabilities."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from connectors import registry
from infra.documentation.words import WORDS, Language, Words
from shared.model.parts import PART_TYPES

if TYPE_CHECKING:
    from shared.model.capabilities import Capabilities, MediaLimit, TextLimit, WindowRule

ROOT = Path(__file__).resolve().parents[2]
_PAGES = "docs/channels"
_UNITS = ((1_048_576, "MB"), (1024, "KB"))


def channels_table(language: Language, folder: str) -> str:
    """One row per channel. ``folder`` is where the page stands that the table goes into, as seen from the root."""
    words = WORDS[language]
    rows = [
        [
            page_link(each, language, folder),
            _names(each.receives),
            _names(each.sends),
            _windows(each.windows, words),
            words.separator.join(words.status[status] for status in each.receipts) or words.none,
            words.yes if each.typing else words.no,
        ]
        for each in declared()
    ]
    heading = [words.channel, words.receives, words.sends, words.window, words.receipts, words.typing]
    return table(heading, rows)


def parts_table(language: Language, folder: str) -> str:
    """One row per part type of the schema, one column per channel."""
    words, channels = WORDS[language], declared()
    rows = [[f"`{part}`", *(_support(each, part, words) for each in channels)] for part in PART_TYPES]
    return table([words.part, *(page_link(each, language, folder) for each in channels)], rows)


def limits_table(language: Language, folder: str) -> str:
    """One row per limit, one column per channel."""
    words, channels = WORDS[language], declared()
    media = [part for part in PART_TYPES if any(part in each.media for each in channels)]
    rows = [
        [words.text, *(_text_limit(each.text, words) for each in channels)],
        *([f"`{part}`", *(_media_limit(each.media.get(part), words) for each in channels)] for part in media),
        [words.choices, *(str(each.maximum_choices or words.none) for each in channels)],
    ]
    return table([words.limit, *(page_link(each, language, folder) for each in channels)], rows)


def page_of(channel: str, language: Language) -> Path:
    """Where the channel's own page is."""
    return ROOT / _PAGES / (f"{channel}.md" if language == "en" else f"{channel}.{language}.md")


def page_link(capabilities: Capabilities, language: Language, folder: str) -> str:
    """The heading of the channel's page, as a link to it; the declared title while there is no page."""
    page = page_of(capabilities.channel, language)
    if not page.is_file():
        return capabilities.title
    title = page.read_text("utf-8").partition("\n")[0].lstrip("# ").strip()
    return f"[{title}]({page.relative_to(ROOT / folder, walk_up=True).as_posix()})"


def declared() -> list[Capabilities]:
    """What every channel says of itself, in the order of the columns."""
    return [registry.connector(channel).capabilities for channel in registry.channels()]


def _names(parts: Iterable[str]) -> str:
    """In the order of the schema."""
    wanted = frozenset(parts)
    return " ".join(f"`{part}`" for part in PART_TYPES if part in wanted)


def _support(capabilities: Capabilities, part: str, words: Words) -> str:
    match part in capabilities.receives, part in capabilities.sends:
        case True, True:
            return words.receives_and_sends
        case True, False:
            return words.only_receives
        case False, True:
            return words.only_sends
    return "–"


def _windows(rules: Iterable[WindowRule], words: Words) -> str:
    return "<br>".join(_window(rule, words) for rule in rules) or words.any_time


def _window(rule: WindowRule, words: Words) -> str:
    count = words.unlimited if rule.sends is None else words.times.format(count=rule.sends)
    return words.within.format(time=_duration(rule.seconds, words), event=words.opens[rule.opens_on], count=count)


def _duration(seconds: int, words: Words) -> str:
    second, minute, hour = words.units
    if seconds % 3600 == 0:
        return hour.format(count=seconds // 3600)
    return minute.format(count=seconds // 60) if seconds % 60 == 0 else second.format(count=seconds)


def _text_limit(limit: TextLimit, words: Words) -> str:
    form = words.characters if limit.unit == "characters" else words.bytes
    return form.format(count=f"{limit.maximum:,}")


def _media_limit(limit: MediaLimit | None, words: Words) -> str:
    if limit is None:
        return "–"
    found = [_size(limit.maximum_bytes)]
    if limit.maximum_seconds is not None:
        found.append(words.up_to_seconds.format(count=limit.maximum_seconds))
    if limit.mime_types:
        found.append(" ".join(name.rpartition("/")[2] for name in limit.mime_types))
    return words.separator.join(found)


def _size(count: int) -> str:
    for unit, name in _UNITS:
        if count % unit == 0:
            return f"{count // unit} {name}"
    return f"{count:,} B"


def table(heading: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
