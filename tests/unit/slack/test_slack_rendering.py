"""Messages as Slack shows them: within its limits, escaped once, and unable to call anybody."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.metadata import Metadata

from connectors.channels.slack.formatting import from_markdown, literal, pieces, text_content
from connectors.channels.slack.rendering import render
from shared.model.media import Media
from shared.model.parts import Action, CardPart, ChoicesPart, ImagePart, LinkPart, Option, Part, TextPart
from shared.ports.connector import OutboundRequest, Recipient
from tests.contract.messages import SAMPLES, message_of

TOKEN = re.compile(r"<(?!https?://|mailto:)")
STRAY = re.compile(r"&(?!amp;|lt;|gt;)")


def rendered(*parts: Part, thread_id: str | None = "C1:1.1") -> list[OutboundRequest]:
    return render(message_of(list(parts), "slack"), Recipient("idn_1", "U1", thread_id)).requests


def valid_blocks(request: OutboundRequest) -> list[dict[str, Any]]:
    """The blocks, once Slack's own library has found nothing wrong with them."""
    assert 1 <= len(request.body["blocks"]) <= 50
    assert len(request.body["text"]) <= 4000
    for block in request.body["blocks"]:
        read = Block.parse(block)
        assert read is not None
        read.validate_json()
    actions = [
        each["action_id"]
        for block in request.body["blocks"]
        for each in block.get("elements", [])
        if "action_id" in each
    ]
    assert len(actions) == len(set(actions))
    blocks: list[dict[str, Any]] = request.body["blocks"]
    return blocks


@pytest.mark.parametrize(
    ("thread_id", "place"),
    [
        ("C1:1.1", {"channel": "C1", "thread_ts": "1.1"}),
        ("D1", {"channel": "D1"}),
        (None, {"user": "U1"}),
        ("", {"user": "U1"}),
    ],
)
def test_where_a_message_goes(thread_id: str | None, place: dict[str, str]) -> None:
    (request,) = rendered(TextPart(text="hi"), thread_id=thread_id)
    assert {name: request.body.get(name) for name in place} == place
    assert {"channel", "thread_ts", "user"} & request.body.keys() == place.keys()


@pytest.mark.parametrize("kind", [name for name in SAMPLES if name not in ("event", "unsupported")])
def test_slacks_own_library_takes_the_blocks_of_every_part(kind: str) -> None:
    for request in rendered(SAMPLES[kind]):
        if request.operation == "post":
            assert valid_blocks(request)
            Metadata(**request.body["metadata"]).validate_json()


@settings(max_examples=60, deadline=None)
@given(
    titles=st.lists(st.text(max_size=90), min_size=0, max_size=110),
    text=st.text(max_size=4500),
    footer=st.text(max_size=2100),
    long_id=st.integers(0, 2100),
)
def test_slacks_own_library_takes_any_choices(titles: list[str], text: str, footer: str, long_id: int) -> None:
    options = [Option(id=f"{number}{'x' * long_id}", title=title) for number, title in enumerate(titles)]
    for request in rendered(ChoicesPart(text=text, options=options, footer=footer), TextPart(text="end")):
        assert valid_blocks(request)


@settings(max_examples=60, deadline=None)
@given(title=st.text(max_size=3200), description=st.text(max_size=3200), action=st.text(max_size=100))
def test_slacks_own_library_takes_any_card_and_link(title: str, description: str, action: str) -> None:
    actions = [Action(title=action, url="https://example.com/"), Action(title=action, id="x" * 2001)] * 14
    card = CardPart(title=title, description=description, url="https://example.com/", actions=actions)
    link = LinkPart(url="https://example.com/", title=title, description=description)
    picture = ImagePart(media=Media(url="https://example.com/a.png"), caption=description)
    for request in rendered(card, link, picture, TextPart(text="end")):
        assert valid_blocks(request)


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(max_size=200) | st.text(alphabet="*_~`<>&!@#[]()| \nahttps://x.", max_size=120),
    form=st.sampled_from(["plain", "markdown"]),
)
def test_no_text_can_call_anybody_or_be_escaped_twice(text: str, form: Any) -> None:
    shown = text_content(TextPart(text=text, format=form))
    assert not TOKEN.search(shown)
    assert not STRAY.search(shown)
    for piece in pieces(shown * 30, 1000):
        assert not TOKEN.search(piece)
        assert not STRAY.search(piece)
        assert len(piece) <= 1000


@pytest.mark.parametrize(
    "ping", ["<!channel>", "<!here|x>", "<@U1>", "<#C1>", "[x](<!channel>)", "`<!channel>`", "**<!channel>**"]
)
@pytest.mark.parametrize("form", ["plain", "markdown", "html"])
def test_pings_arrive_as_they_were_typed(ping: str, form: Any) -> None:
    (request,) = rendered(
        TextPart(text=f"x {ping}" if form != "html" else f"x {ping}".replace("<", "&lt;"), format=form)
    )
    (block,) = valid_blocks(request)
    assert not TOKEN.search(block["text"]["text"])
    assert block["text"]["verbatim"] is True


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("**b** and __b__", "*b* and *b*"),
        ("*i* and _i_", "_i_ and _i_"),
        ("***both***", "*_both_*"),
        ("~~s~~", "~s~"),
        ("2 * 3 * 4 = 24", "2 * 3 * 4 = 24"),
        ("snake_case_name", "snake_case_name"),
        ("# **Head** #", "*Head*"),
        ("- a\n  - b", "• a\n  • b"),
        ("> a\n> b", ">a\n>b"),
        ("1 > 0 & 1 < 2", "1 &gt; 0 &amp; 1 &lt; 2"),
        ("[a|b](https://x.example/?a|b)", "<https://x.example/?a%7Cb|a¦b>"),
        ("![pic](https://x.example/p.png)", "<https://x.example/p.png|pic>"),
        ("<https://x.example/>", "<https://x.example/>"),
        ("see https://x.example/a_b_c.", "see <https://x.example/a_b_c>."),
        ("`*a* <b>`", "`*a* &lt;b&gt;`"),
        ("```\n**a**\n```", "```\n**a**\n```"),
        ("&amp; stays", "&amp;amp; stays"),
        ("\x000\x00", "0"),
    ],
)
def test_markdown_becomes_mrkdwn(markdown: str, mrkdwn: str) -> None:
    assert from_markdown(markdown) == mrkdwn


def test_a_plain_text_keeps_its_characters() -> None:
    assert literal("*a* _b_ [x](y) <z>") == "*a* _b_ [x](y) &lt;z&gt;"


def test_code_that_is_cut_is_code_in_both_pieces() -> None:
    text = "```\n" + "line of code\n" * 200 + "```"
    found = pieces(text, 1000)
    assert len(found) > 2
    assert all(piece.count("```") == 2 for piece in found)


def test_a_link_is_never_cut() -> None:
    text = "word " * 190 + "<https://example.com/a|a label of several words that goes on and on and on>" + " word" * 50
    assert any(
        "<https://example.com/a|a label of several words that goes on and on and on>" in each
        for each in pieces(text, 1000)
    )


def test_a_long_text_is_several_posts_and_each_has_sections_within_the_limit() -> None:
    requests = rendered(TextPart(text="A sentence of some words. " * 800))
    assert len(requests) > 4
    for request in requests:
        assert all(len(block["text"]["text"]) <= 3000 for block in valid_blocks(request))


@pytest.mark.parametrize("unit", ["**", "__", "*a", "~~", "`", "[a](http://x.y/(", "```\n", "**a ", "<", "> "])
def test_a_text_made_to_be_slow_is_not(unit: str) -> None:
    began = time.process_time()
    from_markdown((unit * 40_000)[:40_000])
    assert time.process_time() - began < 2.0
