"""Messages in WeChat's form, checked against what wechatpy would send."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.client.api.message import WeChatMessage

from connectors.channels.wechat.capabilities import CAPABILITIES
from connectors.channels.wechat.connector import CONNECTOR
from connectors.channels.wechat.formatting import quote, text_content
from shared.model.media import Media
from shared.model.parts import ChoicesPart, ImagePart, LinkPart, Option, Part, TextPart, VideoPart, VoicePart
from shared.ports.connector import Rendering
from tests.contract.messages import RECIPIENT, message_of

OPENID = RECIPIENT.external_id


def rendering(*parts: Part, author: str = "agent") -> Rendering:
    return CONNECTOR.render(message_of(list(parts), "wechat", author), RECIPIENT)


def bodies(*parts: Part) -> list[dict[str, Any]]:
    return [request.body for request in rendering(*parts).requests]


class Recorder:
    """What wechatpy's client would post."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        self.API_BASE_URL = ""

    def post(self, url: str, **arguments: Any) -> None:
        self.posted.append(arguments["data"])


def test_bodies_are_those_of_wechatpy() -> None:
    recorder = Recorder()
    theirs = WeChatMessage(recorder)
    theirs.send_text(OPENID, "你好")
    theirs.send_image(OPENID, "")
    theirs.send_voice(OPENID, "")
    theirs.send_video(OPENID, "", "Title", "Words")
    article = {"title": "T", "description": "D", "url": "https://example.com/", "image": "https://example.com/i.png"}
    theirs.send_articles(OPENID, [article])
    stored = Media(media_id="med_1")
    assert recorder.posted == bodies(
        TextPart(text="你好"),
        ImagePart(media=stored),
        VoicePart(media=stored),
        VideoPart(media=stored, title="Title", description="Words"),
        LinkPart(url="https://example.com/", title="T", description="D", image_url="https://example.com/i.png"),
    )


def test_every_message_of_a_bot_says_so() -> None:
    parts = (TextPart(text="a"), LinkPart(url="https://example.com/"))
    assert all(each.body["aimsgcontext"] == {"is_ai_msg": 1} for each in rendering(*parts, author="bot").requests)
    assert not any("aimsgcontext" in each.body for each in rendering(*parts).requests)


@given(st.text(min_size=1, max_size=4000))
def test_no_text_is_over_the_limit(text: str) -> None:
    if text.strip():
        for body in bodies(TextPart(text=text)):
            assert len(body["text"]["content"].encode()) <= 2048


@pytest.mark.parametrize("text", ["<a", "<A HREF='x'>", "</a>", "<a\nb", "a<a/>"])
def test_a_tag_in_plain_text_is_shown_and_not_obeyed(text: str) -> None:
    assert "<" not in quote(text)


@pytest.mark.parametrize("text", ["<b>", "<abbr>", "a < b", "1 <2> 3", "&lt;", "<address>"])
def test_everything_else_in_plain_text_stays_as_it_is(text: str) -> None:
    assert quote(text) == text


def test_an_address_cannot_break_out_of_its_link() -> None:
    content = text_content(
        TextPart(text="[x](https://e.com/?\"><b>) <a href='https://f.com/\">'>y</a>", format="markdown")
    )
    assert content.count("<a ") == 1
    assert 'href="https://e.com/?&quot;&gt;&lt;b&gt;"' in content


def test_links_of_a_text_that_must_be_cut_are_written_out_so_that_no_tag_is_cut() -> None:
    sentence = "See [the shop](https://shop.example.com/a) now. "
    contents = [body["text"]["content"] for body in bodies(TextPart(text=sentence * 60, format="markdown"))]
    assert len(contents) > 1
    assert not any("<a " in content for content in contents)
    assert "".join(contents).count("the shop (https://shop.example.com/a)") == 60


def test_a_long_question_is_sent_before_the_menu() -> None:
    part = ChoicesPart(text="A sentence. " * 300, options=[Option(id="1", title="Yes")])
    *before, menu = bodies(part)
    assert [body["msgtype"] for body in before] == ["text"]
    assert len(menu["msgmenu"]["head_content"].encode()) <= 2048


def test_fifty_options_are_a_menu_and_fifty_one_a_list() -> None:
    def kinds(count: int) -> list[str]:
        options = [Option(id=str(number), title="x") for number in range(count)]
        return [body["msgtype"] for body in bodies(ChoicesPart(text="?", options=options))]

    assert kinds(CAPABILITIES.maximum_choices) == ["msgmenu"]
    assert kinds(CAPABILITIES.maximum_choices + 1) == ["text"]
