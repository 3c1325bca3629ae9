"""Text as a reader sees it: the flattened text of a message, and long texts cut where it hurts least."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from shared.model.parts import (
    AudioPart,
    CardPart,
    CarouselPart,
    ChoicePart,
    ChoicesPart,
    ContactPart,
    EventPart,
    FilePart,
    ForwardedPart,
    ImagePart,
    LinkPart,
    LocationPart,
    MiniProgramPart,
    OrderPart,
    Part,
    ProductPart,
    StickerPart,
    StoryPart,
    TemplatePart,
    TextPart,
    UnsupportedPart,
    VideoPart,
    VoicePart,
    part_type,
)

if TYPE_CHECKING:
    from shared.model.capabilities import TextLimit

_SENTENCE_ENDS = frozenset("。！？…")
_SPACED_SENTENCE_ENDS = frozenset(".!?")
_WINDOW = 512
_CLOSERS = frozenset("”’」』）》】)]\"'")


def split_text(text: str, limit: TextLimit) -> list[str]:
    """Pieces of ``text`` that each keep to ``limit`` (at least 4 bytes or 1 character), in order.

    A cut is made after the last line or sentence that fits, else at the last space that fits, else between two
    characters as a person sees them: never inside an emoji sequence, a letter with its marks or a Hangul syllable,
    unless that alone is over the limit. White space at a cut is dropped; nothing else is, and a piece is never empty.
    Characters are Unicode code points.
    """
    if _size(text, limit) <= limit.maximum:
        return [text]
    clusters = list(_clusters(text, limit))
    sizes = [_size(cluster, limit) for cluster in clusters]
    pieces: list[str] = []
    start = 0
    while start < len(clusters):
        end = _reach(sizes, start, limit.maximum)
        if end < len(clusters):
            end = _best_cut(clusters, start, end)
        stop = end
        while end < len(clusters) and stop > start and clusters[stop - 1].isspace():
            stop -= 1
        if stop > start:
            pieces.append("".join(clusters[start:stop]))
        start = end
        while start < len(clusters) and clusters[start].isspace():
            start += 1
    return pieces


def beginning(text: str, limit: TextLimit) -> str:
    """As much of the beginning of ``text`` as keeps to ``limit``, for a name or a label that cannot go on elsewhere.

    It ends between two characters as a person sees them.
    """
    if _size(text, limit) <= limit.maximum:
        return text
    kept: list[str] = []
    room = limit.maximum
    for cluster in _clusters(text, limit):
        room -= _size(cluster, limit)
        if room < 0:
            break
        kept.append(cluster)
    return "".join(kept)


def without_space(text: str) -> str:
    """The text without the white space that it begins with. A space that carries a mark is a character like others."""
    bare = text.lstrip()
    for space in range(len(text) - len(bare) - 1, -1, -1):
        if next(_found_clusters(text[space : space + _WINDOW]), "").isspace():
            break
        bare = text[space:]
    return bare


def flatten(parts: Iterable[Part]) -> str:
    """The text of a message for lists, search and bots: what each part says, each on a line of its own."""
    return "\n".join(line for line in map(_line, parts) if line)


def _size(text: str, limit: TextLimit) -> int:
    return len(text.encode("utf-8", "surrogatepass")) if limit.unit == "bytes" else len(text)


def _clusters(text: str, limit: TextLimit) -> Iterator[str]:
    """The grapheme clusters of a text (Unicode annex 29). One that is over the limit by itself is taken apart."""
    for cluster in _found_clusters(text):
        yield from [cluster] if _size(cluster, limit) <= limit.maximum else cluster


def _found_clusters(text: str) -> Iterator[str]:
    """Found in a window that moves on: to pair the letters of flags, each search counts back to where it began, which
    takes minutes for a long text of flags. What reaches the end of a window may go on behind it, and is found again."""
    import regex

    start, width = 0, _WINDOW
    while start < len(text):
        found = regex.findall(r"\X", text[start : start + width])
        if start + width < len(text):
            found.pop()
        yield from found
        start += sum(map(len, found))
        width = _WINDOW if found else 2 * width


def _reach(sizes: list[int], start: int, maximum: int) -> int:
    """The end of the longest run of clusters from ``start`` that fits; at least one cluster."""
    total = sizes[start]
    end = start + 1
    while end < len(sizes) and total + sizes[end] <= maximum:
        total += sizes[end]
        end += 1
    return end


def _best_cut(clusters: list[str], start: int, end: int) -> int:
    space = None
    for cut in range(end, start, -1):
        before, after = clusters[cut - 1], clusters[cut]
        if "\n" in before or "\n" in after or _ends_sentence(clusters, start, cut):
            return cut
        if space is None and (before.isspace() or after.isspace()):
            space = cut
    return space or end


def _ends_sentence(clusters: list[str], start: int, cut: int) -> bool:
    after = clusters[cut][0]
    if after in _CLOSERS or after in _SENTENCE_ENDS or after in _SPACED_SENTENCE_ENDS:
        return False
    last = cut - 1
    while last > start and clusters[last] in _CLOSERS:
        last -= 1
    mark = clusters[last]
    return mark in _SENTENCE_ENDS or (mark in _SPACED_SENTENCE_ENDS and after.isspace())


def _line(part: Part) -> str:
    match part:
        case TextPart():
            return _text_line(part)
        case LocationPart():
            place = ", ".join(word for word in (part.name, part.address) if word)
            return _labelled("location", place or f"{part.latitude}, {part.longitude}")
        case ContactPart():
            return _labelled("contact", ", ".join([part.name, *part.phones, *part.emails]))
        case LinkPart():
            return " ".join(word for word in (part.title, part.url) if word)
        case ChoicesPart():
            options = (f"{number}. {option.title}" for number, option in enumerate(part.options, 1))
            return "\n".join([part.text, *options])
        case ChoicePart():
            return part.title or part.id
        case CardPart():
            return _card_line(part)
        case CarouselPart():
            return "\n".join(map(_card_line, part.cards))
        case _:
            return _file_line(part)


def _file_line(part: Part) -> str:
    match part:
        case ImagePart():
            return _labelled("image", part.caption or part.media.filename)
        case VoicePart():
            return _labelled("voice", part.transcript)
        case AudioPart() | VideoPart():
            return _labelled(part_type(part), part.title or part.media.filename)
        case FilePart():
            return _labelled("file", part.media.filename)
        case StickerPart():
            return _labelled("sticker", part.emoji)
        case _:
            return _rare_line(part)


def _rare_line(part: Part) -> str:
    match part:
        case TemplatePart():
            return _labelled("template", part.name)
        case ProductPart():
            return _labelled("product", " ".join(word for word in (part.title or part.id, part.price) if word))
        case OrderPart():
            return _labelled("order", " ".join(word for word in (part.title or part.id, part.total) if word))
        case MiniProgramPart():
            return _labelled("mini_program", part.title)
        case StoryPart():
            return _labelled("story", part.url)
        case ForwardedPart():
            return "\n".join(word for word in (part.title, part.text, *part.items) if word) or "[forwarded]"
        case EventPart():
            return _labelled("event", part.name)
        case UnsupportedPart():
            return _labelled("unsupported", part.provider_type)
        case _:
            return _labelled(part_type(part), None)


def _text_line(part: TextPart) -> str:
    if part.format != "html":
        return part.text
    from shared.model.plain import html_to_text

    return html_to_text(part.text)


def _card_line(card: CardPart) -> str:
    return "\n".join(word for word in (card.title, card.description, card.url) if word)


def _labelled(label: str, words: str | None) -> str:
    return f"[{label}] {words}" if words else f"[{label}]"
