"""Paragraphs that a program has broken into lines are whole again (RFC 3676); nothing that was said is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.email.mime.flowed import is_flowed, unflowed
from connectors.channels.email.mime.reading import read_mail

WIDTH = 12


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("one \ntwo \nthree\n", "one two three\n"),
        ("one\ntwo\n", "one\ntwo\n"),
        ("one \n\ntwo\n", "one \ntwo\n"),
        ("one \n", "one "),
        (" From here\n  indented\n", "From here\n indented\n"),
        ("> one \n> two\nthree\n", "> one two\nthree\n"),
        (">one \n>> two \n>> three\n", "> one \n>> two three\n"),
        (">\n", ">\n"),
        ("said \n-- \nAnn \nSmit\n", "said \n-- \nAnn Smit\n"),
        ("> -- \n> Ann\n", "> -- \n> Ann\n"),
        ("", ""),
    ],
)
def test_lines_that_end_in_a_space_go_on(sent: str, read: str) -> None:
    assert unflowed(sent, {}) == read


def test_with_delsp_the_space_was_the_programs() -> None:
    assert unflowed("我的订单 \n在哪里？ \n\n谢谢", {"delsp": "Yes"}) == "我的订单在哪里？\n谢谢"
    assert unflowed("my  \norder", {"delsp": "yes"}) == "my order"


@pytest.mark.parametrize(
    ("kind", "parameters", "flows"),
    [
        ("text/plain", {"format": "Flowed"}, True),
        ("text/plain", {"format": "fixed"}, False),
        ("text/plain", {}, False),
        ("text/html", {"format": "flowed"}, False),
    ],
)
def test_only_plain_text_that_says_so_flows(kind: str, parameters: dict[str, str], flows: bool) -> None:
    assert is_flowed(kind, parameters) is flows


def mail(parameters: str, body: str) -> bytes:
    return f"From: a@b.example\r\nContent-Type: text/plain; charset=utf-8{parameters}\r\n\r\n{body}".encode()


def test_a_mail_is_read_as_it_was_written() -> None:
    body = "Where is \r\nmy order?\r\n\r\nOn Friday \r\nBob wrote:\r\n> It \r\n> left.\r\n"
    assert read_mail(mail("; format=flowed", body)).text == "Where is my order?\n\nOn Friday Bob wrote:\n> It left.\n"
    assert read_mail(mail("", body)).text == body.replace("\r\n", "\n")


def wrapped(paragraph: str, depth: int, delsp: bool) -> list[str]:
    """The lines that a program which follows RFC 3676 makes of a paragraph."""
    pieces = [paragraph[at : at + WIDTH] for at in range(0, len(paragraph), WIDTH)] or [""]
    if not delsp:
        # A line may only flow where the writer has a space: elsewhere this program does not break.
        pieces = [paragraph]
        if " " in paragraph[:-1]:
            at = paragraph.index(" ") + 1
            pieces = [paragraph[:at], paragraph[at:]]
    lines = [piece + " " if delsp else piece for piece in pieces[:-1]] + [pieces[-1]]
    stuffed = [f" {line}" if line.startswith((" ", ">", "From ")) or depth else line for line in lines]
    return [">" * depth + line for line in stuffed]


PARAGRAPHS = st.text(alphabet="ab >漢F", max_size=30).map(lambda text: text.rstrip())
QUOTED = st.tuples(st.integers(0, 3), PARAGRAPHS)


@given(st.lists(QUOTED, max_size=6), st.booleans())
def test_what_a_program_wrapped_is_what_its_writer_wrote(paragraphs: list[tuple[int, str]], delsp: bool) -> None:
    sent = "\n".join(line for depth, words in paragraphs for line in wrapped(words, depth, delsp))

    expected = [f"{'>' * depth} {words}" if depth and words else ">" * depth + words for depth, words in paragraphs]

    assert unflowed(sent, {"delsp": "yes"} if delsp else {}) == "\n".join(expected)


@given(st.text(alphabet="ab >-\n", max_size=60), st.booleans())
def test_no_letter_is_lost_or_added_whatever_comes(text: str, delsp: bool) -> None:
    read = unflowed(text, {"delsp": "yes"} if delsp else {})

    assert [letter for letter in read if letter in "ab-"] == [letter for letter in text if letter in "ab-"]
