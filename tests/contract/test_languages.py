"""Texts of every script arrive as they were written, in both directions, and are never cut inside a character."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterator
from email.parser import BytesParser as EmailParser
from email.policy import SMTP
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import registry
from shared.model.media import Media
from shared.model.parts import ChoicesPart, FilePart, ImagePart, Option, TextPart
from shared.ports.connector import OutboundRequest
from shared.ports.http import HttpResponse
from tests.contract import fixtures
from tests.contract.messages import RECIPIENT, SAMPLES, message_of
from tests.contract.provider import ScriptedProvider, context_for
from tests.contract.text_pushes import WRITERS, read

CHANNELS = registry.channels()
TEXTS: list[dict[str, str]] = json.loads((fixtures.FOLDER / "languages/texts.json").read_text(encoding="utf-8"))
FROM_THE_RIGHT = [each for each in TEXTS if each["language"] in ("ar", "fa", "ur", "he")]
ALL = pytest.mark.parametrize("text", [each["text"] for each in TEXTS], ids=ascii)


def test_there_are_texts_enough() -> None:
    assert len(TEXTS) >= 40
    assert len({each["language"] for each in TEXTS}) >= 20


@pytest.mark.parametrize("way", WRITERS)
@ALL
def test_a_text_comes_in_as_it_was_written(way: str, text: str) -> None:
    _, write = WRITERS[way]
    assert read(write(text)) == text


@pytest.mark.parametrize("channel", CHANNELS)
@ALL
def test_a_text_goes_out_as_it_was_written(channel: str, text: str) -> None:
    assert text in plain_texts(channel, [TextPart(text=text)])


@pytest.mark.parametrize("channel", CHANNELS)
@ALL
def test_a_markdown_text_keeps_its_letters(channel: str, text: str) -> None:
    marked = f"**{text.translate({ord(mark): ' ' for mark in '*_`~'})}**"
    shown = " ".join(plain_texts(channel, [TextPart(text=marked, format="markdown")]))
    assert [word for word in marked.strip("*").split() if word not in shown] == []


@pytest.mark.parametrize("channel", fixtures.channels_with_answers())
@ALL
def test_a_provider_is_handed_the_text_as_it_was_written(channel: str, text: str) -> None:
    taken = next(each for each in fixtures.answers() if each.channel == channel and "status" in each.expect)
    provider = ScriptedProvider(HttpResponse(taken.status, taken.headers, taken.body))
    context = context_for(next(iter(fixtures.accounts(channel).values())), provider)
    for request in registry.connector(channel).render(message_of([TextPart(text=text)], channel), RECIPIENT).requests:
        registry.connector(channel).send(request, context)

    handed = [html.unescape(each) for _, _, body in provider.calls for each in texts_of(body)]
    assert any(text in each for each in handed), handed


@pytest.mark.parametrize("text", [each["text"] for each in FROM_THE_RIGHT], ids=ascii)
def test_a_mail_is_written_in_both_bodies_and_finds_its_own_direction(text: str) -> None:
    for form in ("plain", "markdown", "html"):
        part = TextPart(text=html.escape(text) if form == "html" else text, format=form)
        (request,) = registry.connector("email").render(message_of([part], "email"), RECIPIENT).requests
        assert text in request.body["text"]
        block = re.search(rf"<[a-z]+ dir=\"auto\"[^<>]*>(?:<p>)?{re.escape(html.escape(text))}", request.body["html"])
        assert block is not None, request.body["html"]


SCRIPTS = [
    *("👩\u200d👩\u200d👧\u200d👦", "🧑🏽\u200d🚀", "🇨🇳", "🇩🇪", "👍🏽", "❤️", "1️⃣", "🏴\U000e0067\U000e0062\U000e007f"),
    *("\u1112\u1161\u11ab", "각", "e\u0301", "a\u0308\u0323", "น้ำ", "ที่", "क्षि", "नि", "ன்", "\u0e33"),
    *("مَ", "لا", "שָׁ", "\u200fא\u200f", "\u2067ב\u2069", "你", "。", "！”", "𠮷", "葛\U000e0100", "word", "a", "Ω"),
    *(". ", "! ", " ", "\n", "\n\n", "\r\n", "\u3000", "\u00a0", "&", "<", ">", '"', "…", " \u0301"),
]
LONG = st.lists(st.sampled_from(SCRIPTS), min_size=1, max_size=40).flatmap(
    lambda unit: st.integers(1, 400).map(lambda times: "".join(unit) * times)
)


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=60, deadline=None)
@given(text=LONG | st.text(max_size=3000))
def test_a_long_text_is_never_cut_inside_a_character(channel: str, text: str) -> None:
    """Joined, the pieces are the text but for white space where it was cut, and each keeps to the limit."""
    text = sendable(text)
    if not text.strip():
        return
    pieces = plain_texts(channel, [TextPart(text=text)])
    limit = registry.connector(channel).capabilities.text

    assert visible(pieces) == visible([text])
    sizes = [len(piece.encode()) if limit.unit == "bytes" else len(piece) for piece in pieces]
    assert all(size <= limit.maximum for size in sizes)


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=30, deadline=None)
@given(text=LONG)
def test_a_long_caption_is_never_cut_inside_a_character(channel: str, text: str) -> None:
    image = SAMPLES["image"]
    if not text.strip() or not isinstance(image, ImagePart):
        return
    shown = "\n".join(plain_texts(channel, [ImagePart(media=image.media, caption=text)]))
    assert "".join(visible([text])) in "".join(visible([shown]))


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=30, deadline=None)
@given(title=LONG)
def test_a_label_that_is_too_long_ends_between_two_characters(channel: str, title: str) -> None:
    # The mark of a cut is our own here: a title that has it would end pieces with it that were not cut.
    title = title.replace("…", "").strip() or "a"
    question = ChoicesPart(text="Which?", options=[Option(id="a", title=title), Option(id="b", title="b")])
    rendering = registry.connector(channel).render(message_of([question], channel), RECIPIENT)

    whole = visible([title])
    for label in (each for request in rendering.requests for each in _texts(request.body) if each.endswith("…")):
        cut = visible([html.unescape(label.removesuffix("…"))])
        assert cut == whole[: len(cut)] or label.endswith(title[-5:])


@settings(max_examples=50, deadline=None)
@given(words=LONG)
def test_a_subject_and_a_file_name_that_are_too_long_end_between_two_characters(words: str) -> None:
    name = (
        "".join(each for each in words if (each.isprintable() or each == "\u200d") and each not in "/\\").strip() or "x"
    )
    message = message_of([FilePart(media=Media(media_id="med_1", filename=f"{name}.pdf"))], "email")
    message.email = {"subject": " ".join(name.split()) or "x"}
    (request,) = registry.connector("email").render(message, RECIPIENT).requests

    subject, file = request.body["subject"], request.body["attachments"][0]["filename"].removesuffix(".pdf")
    assert visible([subject]) == visible([message.email["subject"]])[: len(visible([subject]))]
    assert visible([file]) == visible([name])[: len(visible([file]))]


def sendable(text: str) -> str:
    """Without what no channel can carry: halves of characters, and controls other than line ends."""
    return "".join(each for each in text if unicodedata.category(each) not in ("Cs", "Cc") or each in "\n\r\t")


def visible(pieces: list[str]) -> list[str]:
    """The characters as people see them, without white space; each piece is read by itself."""
    return [cluster for piece in pieces for cluster in regex.findall(r"\X", piece) if not cluster.isspace()]


def plain_texts(channel: str, parts: list[Any]) -> list[str]:
    """What is written in the requests, in order, without the provider's way of escaping."""
    rendering = registry.connector(channel).render(message_of(parts, channel), RECIPIENT)
    return [text for request in rendering.requests for text in _written(channel, request)]


def _written(channel: str, request: OutboundRequest) -> Iterator[str]:
    body = request.body
    match channel:
        case "slack":
            for text in [body.get("text") or body.get("initial_comment") or ""]:
                yield html.unescape(re.sub(r"<(https?://[^<>|]*)>", r"\1", text))
        case "wechat":
            yield (body.get("text") or {}).get("content", "").replace("&lt;", "<")
        case "webchat":
            for part in body["frame"]["message"]["parts"]:
                yield part.get("text") or part.get("caption") or ""
        case _:
            yield str(body["text"])


def texts_of(body: bytes) -> list[str]:
    """Every text in what a provider was handed: JSON, or a mail in JSON."""
    value = json.loads(body)
    match value:
        case {"Content": {"Raw": {"Data": raw}}}:
            mail = EmailParser(policy=SMTP).parsebytes(base64.b64decode(raw))
            return [str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"]
        case _:
            return list(_texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value
