"""Every part on every channel: shown as itself, or changed with the loss on record, or refused."""

from __future__ import annotations

import html
from collections.abc import Iterator
from itertools import product
from typing import Any

import msgspec
import pytest

from connectors import registry
from infra.documentation.specimens import Specimen, becomes, rendered, specimens, table_specimen
from infra.documentation.words import WORDS
from shared.model.parts import PART_TYPES, TextPart
from shared.model.plain import html_to_text, markdown_to_text
from shared.ports.connector import Rendering

CHANNELS = registry.channels()
MEDIA = ("image", "audio", "voice", "video", "file")
EVERYWHERE = [
    pytest.param(channel, each, id=f"{channel}-{each.kind}-{each.name}")
    for channel, each in product(CHANNELS, specimens())
]
BEFORE, AFTER = TextPart(text="before it"), TextPart(text="after it")

SAID = {
    *("text", "caption", "title", "transcript", "description", "name", "address", "phones", "emails", "url", "emoji"),
    *("footer", "price", "total", "state", "items", "image_url", "thumbnail_url", "latitude", "longitude"),
}
"""Members of parts that say something to the customer. Files are looked at by themselves."""

FILES = ("media", "image", "thumbnail")
LOST_WITH = {
    "media": {"content", "sticker", "story"},
    "image": {"image"},
    "image_url": {"image"},
    "thumbnail": {"thumbnail", "image", "preview", "content"},
    "thumbnail_url": {"image"},
    "title": {"title", "buttons"},
    "transcript": {"transcript"},
    "url": {"link", "buttons"},
    "emoji": {"sticker"},
}
"""By member: the losses of which one has to be named when it is not shown. Any other has to be shown."""


@pytest.mark.parametrize("kind", PART_TYPES)
def test_every_part_type_has_a_rich_specimen_and_a_bare_one(kind: str) -> None:
    of_kind = [each for each in specimens() if each.kind == kind]
    assert len(of_kind) >= 2
    assert sum("type" in each.stands_for for each in of_kind) == 1
    if kind in MEDIA:
        media = [each.value["media"] for each in of_kind if each.is_file]
        assert [("media_id" in each, "url" in each) for each in media] == [(True, False), (False, True), (False, False)]


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_declares_the_parts_that_it_sends_as_themselves(channel: str) -> None:
    shown = {kind for kind in PART_TYPES if becomes(channel, table_specimen(kind).part)[0] == kind}
    assert set(registry.connector(channel).capabilities.sends) == shown


@pytest.mark.parametrize(("channel", "specimen"), EVERYWHERE)
def test_a_loss_names_its_part_and_what_is_gone(channel: str, specimen: Specimen) -> None:
    rendering = rendered(channel, [BEFORE, specimen.part, AFTER])

    assert rendering is not None
    for loss in rendering.degradations:
        assert (loss.part, loss.source) == (1, specimen.kind)
        assert loss.target in (*PART_TYPES, "none")
        assert loss.lost or loss.target != loss.source
        assert len(set(loss.lost)) == len(loss.lost)
        assert all(set(loss.lost) <= set(words.lost) for words in WORDS.values())
    assert len(rendering.degradations) <= 1
    assert {"before it", "after it"} <= {line for text in texts(rendering) for line in text.splitlines()}


@pytest.mark.parametrize(("channel", "specimen"), EVERYWHERE)
def test_a_part_that_is_refused_alone_is_recorded_beside_others(channel: str, specimen: Specimen) -> None:
    alone, target = rendered(channel, [specimen.part]), becomes(channel, specimen.part)[0]
    beside = rendered(channel, [BEFORE, specimen.part])

    assert beside is not None
    if alone is None:
        assert beside.degradations or specimen.value == {"type": "carousel", "cards": []}
    else:
        assert [loss.target for loss in beside.degradations] == ([target] if alone.degradations else [])


@pytest.mark.parametrize(("channel", "specimen"), EVERYWHERE)
def test_nothing_that_a_part_says_is_gone_without_a_word(channel: str, specimen: Specimen) -> None:
    rendering = rendered(channel, [specimen.part])
    if rendering is None:
        return
    shown = "\n".join(texts(rendering))
    lost = {name for loss in rendering.degradations for name in loss.lost}
    files = {name for request in rendering.requests for upload in request.uploads for name in names_of(upload.media)}

    for member, said in statements(specimen.value):
        found = [word in shown or word in files for word in said]
        is_there = any(found) if member in FILES else all(found)
        assert is_there or LOST_WITH.get(member, set()) & lost, (member, said, lost)


def statements(value: dict[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """What a part says, by member: words that have to be there; of a file, its id and its address."""
    if value.get("type") == "template":
        yield "parameters", {str(each) for each in value.get("parameters", {}).values()}
    for member, said in value.items():
        if member in FILES:
            yield member, names_of(said)
        elif member in ("options", "actions", "cards", "products"):
            for each in said:
                yield from statements(each)
        elif member in SAID and not (member == "name" and value["type"] in ("template", "event")):
            yield member, words_of(value, said)


def words_of(part: dict[str, Any], said: Any) -> set[str]:
    match part.get("format"):
        case "html":
            return set(words_without_brackets(html_to_text(said)))
        case "markdown":
            return set(words_without_brackets(markdown_to_text(said)))
    return {str(each) for each in said} if isinstance(said, list) else {str(said)}


def words_without_brackets(text: str) -> list[str]:
    return [word.strip("().") for word in text.split()]


def names_of(media: Any) -> set[str]:
    value = msgspec.to_builtins(media)
    return {value[name] for name in ("media_id", "url") if value.get(name)}


def texts(rendering: Rendering) -> list[str]:
    """Every text in the requests, as the customer reads it."""
    return [html.unescape(each) for request in rendering.requests for each in _texts(request.body)]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif value is not None:
        yield str(value)
