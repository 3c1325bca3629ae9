"""Reading pushes: XML and JSON give the same fields, hostile shapes are refused, both ways of reading agree."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy import parse_message

from connectors.channels.wechat import xml as xml_module
from connectors.channels.wechat.push import encrypted_of, read_push, sender_in_head, sender_of
from shared.errors import BadRequest
from tests.unit.wechat.pushes import OPENID, xml

WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=["Cc"]), max_size=60)


def refused(body: bytes) -> str:
    with pytest.raises(BadRequest) as refusal:
        read_push(body)
    return refusal.value.code


@given(WORDS.filter(lambda text: "]]>" not in text))
def test_text_comes_through_xml_as_it_is(content: str) -> None:
    kept = "".join(character for character in content if character not in "\ufffe\uffff")
    assert read_push(xml(Content=content))["Content"] in (content, kept)


@given(st.text(max_size=60))
def test_text_comes_through_json_as_it_is(content: str) -> None:
    body = json.dumps({"MsgType": "text", "Content": content}, ensure_ascii=False).encode("utf-8", "replace")
    assert read_push(body)["Content"] == content.encode("utf-8", "replace").decode()


@given(WORDS.filter(lambda text: "]]>" not in text))
def test_the_quick_reading_agrees_with_elementtree(content: str) -> None:
    text = xml(Content=content).decode()
    quick = xml_module._read_flat(text)
    if quick is not None:
        assert quick == xml_module._read_tree(xml_module._parse(text))


@given(
    st.lists(
        st.sampled_from(
            ["<xml>", "</xml>", "<a>", "</a>", "<b/>", "<![CDATA[", "]]>", "]]", "x", "&amp;", " ", "\n", "<!--", "-->"]
        )
    )
)
def test_where_the_quick_reading_reads_elementtree_reads_the_same(pieces: list[str]) -> None:
    text = "".join(pieces)
    quick = xml_module._read_flat(text)
    if quick is not None:
        assert quick == xml_module._read_tree(xml_module._parse(text))


def test_the_same_fields_come_from_xml_as_wechatpy_finds() -> None:
    body = xml(Content="你好 <b>", MsgId="24500000000000001")
    theirs = parse_message(body.decode())
    ours = read_push(body)
    assert (ours["Content"], ours["MsgId"], sender_of(ours)) == (theirs.content, str(theirs.id), theirs.source)


def test_numbers_of_json_keep_every_digit() -> None:
    push = read_push(b'{"MsgId": 24500000000000001999999, "Location_X": 23.1345210, "On": true, "Off": null}')
    assert push == {"MsgId": "24500000000000001999999", "Location_X": "23.1345210", "On": "true", "Off": ""}


def test_half_a_character_in_json_is_replaced_so_that_it_can_be_stored() -> None:
    assert read_push(b'{"Content": "\\ud83d\\ude00 \\ud83d"}')["Content"] == "😀 \ufffd"


@pytest.mark.parametrize(
    "body", [b"<xml><A>1</A><A>2</A></xml>", b'<xml><A k="v">1</A><A>2</A></xml>', b'{"A":"1","A":"2"}']
)
def test_the_first_of_a_repeated_field_counts(body: bytes) -> None:
    assert read_push(body) == {"A": "1"}


def test_elements_within_elements_become_objects_and_lists() -> None:
    push = read_push(b"<xml><P><N>2</N><L><item><M>a</M></item><item><M>b</M></item></L></P></xml>")
    assert push == {"P": {"N": "2", "L": {"item": [{"M": "a"}, {"M": "b"}]}}}


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f"])
def test_characters_that_xml_forbids_are_dropped(character: str) -> None:
    assert read_push(xml(Content=f"a{character}b"))["Content"] == "ab"


@pytest.mark.parametrize("reference", ["&#0;", "&#8;", "&#x1F;", "&#xD800;", "&#xFFFF;", "&#99999999;"])
def test_references_to_forbidden_characters_are_dropped_and_others_are_kept(reference: str) -> None:
    assert read_push(f"<xml><A>a{reference}&#98;</A></xml>".encode()) == {"A": "ab"}


def test_a_byte_order_mark_and_an_encoding_declaration_do_no_harm() -> None:
    assert read_push(b'\xef\xbb\xbf<?xml version="1.0" encoding="gbk"?><xml><A>\xe4\xbd\xa0</A></xml>') == {"A": "你"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_xml"),
        (b"\0\0", "bad_xml"),
        (b"hello", "bad_xml"),
        (b"<xml><A>1</xml>", "bad_xml"),
        (b"<xml><A>&unknown;</A></xml>", "bad_xml"),
        ("<xml><A>你</A></xml>".encode("gbk"), "bad_charset"),
        (b"{", "bad_json"),
        (b"[1]", "bad_json"),
        (b'{"a": 1} x', "bad_json"),
        (b"[" * 50_000, "too_deep"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "too_deep"),
        (b"<a>" * 40 + b"</a>" * 40, "too_deep"),
        (b"<a>" * 18_000 + b"</a>" * 18_000, "too_deep"),
        (b"<xml>" + b"<a/>" * 3_000 + b"</xml>", "too_many_elements"),
        (b"<xml>" + b"".join(b"<a%d>1</a%d>" % (n, n) for n in range(3_000)) + b"</xml>", "too_many_elements"),
        (b"<!DOCTYPE xml><xml/>", "xml_entities"),
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>', "xml_entities"),
        (b"<!DOC\x00TYPE xml><xml/>", "xml_entities"),
        (b"<!-- <xml> --><!DOCTYPE xml><xml/>", "xml_entities"),
    ],
)
def test_what_cannot_or_must_not_be_read_is_refused_by_name(body: bytes, code: str) -> None:
    assert refused(body) == code


@pytest.mark.parametrize(
    "body",
    [
        b"<xml>" + b" " * 131_000,
        b"<xml>" + b"<a><![CDATA[" * 10_000,
        b"<xml><a><![CDATA[" + b"]" * 131_000,
        b"<xml>" + b"<" * 131_000,
        b"<xml>" + b"<aaaa" * 26_000,
        b"<xml>" + b"&#1;" * 32_000,
        b'{"a":' * 26_000,
        b"<xml>" + b"<a>" * 43_000,
    ],
)
def test_reading_takes_time_in_proportion_to_the_size_whatever_the_shape(body: bytes) -> None:
    started = time.perf_counter()
    refused(body)
    assert time.perf_counter() - started < 1.0


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        push: dict[str, Any] = read_push(body)
    except BadRequest:
        return
    assert isinstance(push, dict)


def test_the_usual_head_of_a_push_names_the_sender_as_the_whole_push_does() -> None:
    assert sender_in_head(xml(Content="x")) == OPENID == sender_of(read_push(xml(Content="x")))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml><FromUserName><![CDATA[x]]></FromUserName></xml>",
        xml().replace(b"<FromUserName>", b"<From><FromUserName>"),
    ],
)
def test_an_unusual_head_is_left_to_the_whole_reading(body: bytes) -> None:
    assert sender_in_head(body) == ""


@pytest.mark.parametrize(
    ("body", "encrypted"),
    [
        (b"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[QUJD]]></Encrypt></xml>", "QUJD"),
        (b"<xml>\n <ToUserName><![CDATA[gh_1]]></ToUserName>\n <Encrypt><![CDATA[QUJD]]></Encrypt>\n</xml>\n", "QUJD"),
        (b"<xml><Encrypt>QUJD</Encrypt></xml>", "QUJD"),
        (b"<xml><A/><Encrypt>QUJD</Encrypt><Encrypt>RUZH</Encrypt></xml>", "QUJD"),
        (b'{"Encrypt": "QUJD"}', "QUJD"),
        (b"<xml><A>1</A></xml>", ""),
    ],
)
def test_the_ciphertext_is_found_wherever_it_stands(body: bytes, encrypted: str) -> None:
    assert encrypted_of(body) == encrypted
