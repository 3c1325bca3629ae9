"""The body of a mail as text: bounds, hints of the markup, and that no answer is ever cut."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.email.body import Visible, visible_html, visible_text

SIZE = 200_000
HOSTILE_TEXTS = {
    "attribution starts": "On " * (SIZE // 3),
    "quote marks": ">" * SIZE,
    "quoted lines": ">\n" * (SIZE // 2),
    "quotes and answers": "> a\nb\n" * (SIZE // 6),
    "newlines": "\n" * SIZE,
    "spaces": " " * SIZE,
    "在": "在" * SIZE,
    "在 with dates": "在 2024" * (SIZE // 6),
    "attribution ends": "wrote:\n" * (SIZE // 7),
    "attributions without a colon": "On 2024 10:00 a@b.cc wrote\n" * (SIZE // 27),
    "colons": ":" * SIZE,
    "addresses": ("a@" * 150 + ":\n") * (SIZE // 302),
    "digits": ("1." * 190 + ":\n") * (SIZE // 382),
    "header labels": "From:\n" * (SIZE // 6),
    "header labels and words": "From: a\nb\n" * (SIZE // 10),
    "rules": "-----\n" * (SIZE // 6),
    "signature delimiters": "-- \n" * (SIZE // 4),
    "device signatures": "Sent from my iPhone\n" * (SIZE // 20),
    "one long line": "x" * (SIZE - 1) + ":",
    "long attributions": ("On " + "x " * 190 + ":\n") * (SIZE // 384),
}
HOSTILE_HTML = {
    "divs": "<div>" * 40_000,
    "lists": "<ul><li>" * 25_000,
    "bold paragraphs": "<b><p>" * 33_000,
    "brackets": "<" * SIZE,
    "ampersands": "&" * SIZE,
    "entities": "&amp;" * 40_000,
    "quotes": "<blockquote type=cite>" * 9_000,
    "cells": "<table><tr>" + "<td>x" * 40_000,
    "breaks": "<br>" * 50_000,
    "attributes": "<div " + " ".join(f"a{number}=1" for number in range(25_000)) + ">",
    "preformatted lines": "<pre>" + "\n" * SIZE,
    "comments": "<!--" * 50_000,
    "links": '<a href="http://a/">x</a>' * 8_000,
}


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_hostile_text_is_read_to_its_end(name: str) -> None:
    text = f"Hello\n{HOSTILE_TEXTS[name]}"

    seen = _timed(visible_text, text)

    assert seen.full == text.rstrip()
    assert seen.text.startswith("Hello")


@pytest.mark.parametrize("name", HOSTILE_HTML)
def test_hostile_html_is_read_to_its_end(name: str) -> None:
    assert _timed(visible_html, f"<p>Hello</p>{HOSTILE_HTML[name]}").text.startswith("Hello")


def _timed(read: Callable[[str], Visible], body: str) -> Visible:
    start = time.perf_counter()
    seen = read(body)
    print(f"{time.perf_counter() - start:.3f} s")
    return seen


@pytest.mark.parametrize("empty", ["", "\n", " \r\n\r\n", "<p></p>"])
def test_an_empty_mail_is_empty(empty: str) -> None:
    assert visible_html(empty) == Visible("", "", cut=False)
    if "<" not in empty:
        assert visible_text(empty) == Visible("", "", cut=False)


def test_a_quote_below_what_is_looked_at_stays() -> None:
    text = "word " * 50_000 + "\n\nOn Tue, Jan 2, 2024 at 10:00 AM Bob <b@x.example> wrote:\n> old"

    assert visible_text(text) == Visible(text, text, cut=False)


def test_a_long_quote_is_cut_though_not_all_of_it_is_looked_at() -> None:
    text = "Thanks.\n\nOn Tue, Jan 2, 2024 at 10:00 AM Bob <b@x.example> wrote:\n" + "> old words\n" * 30_000

    assert visible_text(text).text == "Thanks."


def test_an_answer_below_a_very_long_quote_stays() -> None:
    text = (
        "Hello,\n\nOn Tue, Jan 2, 2024 at 10:00 AM Bob <b@x.example> wrote:\n"
        + "> old words\n" * 30_000
        + "\nMy answer."
    )

    assert visible_text(text).text.endswith("My answer.")


def test_a_signature_above_the_last_15_lines_is_not_one() -> None:
    text = "First part\n--\n" + "\n".join(f"line {number}" for number in range(20))

    assert visible_text(text).text == text


def test_hidden_text_scripts_and_styles_are_not_read() -> None:
    html = (
        '<head><title>t</title><style>p{}</style></head><div style="display: none">preview</div><p>Hello</p>'
        "<script>if (a < b) { '<p>x</p>' }</script><!-- note --><template><p>y</p></template>"
        '<p>you<span style="mso-hide:all">z</span></p>'
    )

    assert visible_html(html).full == "Hello\n\nyou"


def test_entities_breaks_and_preformatted_text_are_read_as_they_look() -> None:
    html = "<div>a &amp; b &lt;c&gt;&nbsp;d &euro;&#8364;<br>e</div><pre>f\n  g</pre><ol start=3><li>h<li>i</ol>"

    assert visible_html(html).full == "a & b <c> d €€\ne\n\nf\n  g\n\n3. h\n4. i"


def test_links_show_their_address_where_the_words_do_not() -> None:
    html = (
        '<a href="https://shop.example/a">Shop</a> <a href="http://www.shop.example/">shop.example</a> '
        '<a href="mailto:a@shop.example?subject=x">a@shop.example</a> <a href="mailto:a@shop.example">us</a> '
        '<a href="tel:+491234">call</a> <a href="javascript:alert(1)">no</a> <a href="https://shop.example/b"><img></a>'
    )

    assert visible_html(html).full == (
        "Shop (https://shop.example/a) shop.example a@shop.example us (a@shop.example) call (tel:+491234) no "
        "https://shop.example/b"
    )


def test_cells_of_a_row_share_a_line_unless_they_have_several() -> None:
    html = "<table><tr><td>a</td><td><div>b</div></td></tr><tr><td><p>c</p><p>d</p></td><td>e</td></tr></table>"

    assert visible_html(html).full == "a | b\nc\n\nd\ne"


@pytest.mark.parametrize(
    "quote",
    [
        '<div id="divRplyFwdMsg">Ukendt: x</div><div>old</div>',
        '<div id="appendonsend"></div><hr><div>old</div>',
        '<hr data-marker="__DIVIDER__"><div>old</div>',
        '<span id="OLK_SRC_BODY_SECTION"><div>old</div></span>',
        '<div id="OLK_SRC_BODY_SECTION"><div>old</div></div>',
        '<div class="yahoo_quoted">old</div>',
        '<div class="hey_quote">old</div>',
        '<blockquote class="gmail_quote">old</blockquote>',
        '<blockquote type="cite">old</blockquote>',
        '<div class="gmail_attr">no language we know</div><blockquote class="gmail_quote">old</blockquote>',
        '<div class="moz-cite-prefix">no language we know</div><blockquote type="cite">old</blockquote>',
        '<blockquote class="protonmail_quote">old</blockquote>',
        "<includetail><div>old</div></includetail>",
        '<blockquote id="isReplyContent">old</blockquote>',
        '<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm">Ukendt</div><p>old</p>',
        '<div name="quote">old</div>',
    ],
)
def test_the_markup_of_a_quote_is_known(quote: str) -> None:
    assert visible_html(f"<div>new</div>{quote}").text == "new"


@pytest.mark.parametrize(
    "signature",
    [
        '<div class="gmail_signature">Ann</div>',
        '<div data-smartmail="gmail_signature">Ann</div>',
        '<div class="moz-signature">-- <br>Ann</div>',
        '<pre class="moz-signature">-- \nAnn</pre>',
        '<div id="Signature">Ann</div>',
        '<div class="protonmail_signature_block">Ann</div>',
        '<div id="ms-outlook-mobile-signature">Ann</div>',
    ],
)
def test_the_markup_of_a_signature_is_known(signature: str) -> None:
    assert visible_html(f"<div>new</div>{signature}").text == "new"


def test_a_signature_is_kept_when_all_else_is_a_quote() -> None:
    assert visible_text("> quoted\n> more\n\nSent from my iPhone").text == "Sent from my iPhone"


@pytest.mark.parametrize("colon", [":", "："])
def test_marked_lines_that_the_writer_announces_are_the_writers_own(colon: str) -> None:
    own = f"I have typed this{colon}\n\n> ls -l"
    assert visible_text(own) == Visible(own, own, cut=False)
    assert visible_text("I have typed this\n\n> ls -l").text == "I have typed this"


@pytest.mark.parametrize(("length", "wrapped"), [(66, True), (65, False)])
def test_a_word_between_quoted_lines_is_wrapped_out_of_the_quote_when_the_line_above_is_full(
    length: int, wrapped: bool
) -> None:
    quote = "On Mon, Nov 2, 2026 at 10:00, Bob <b@x.example> wrote:\n> " + "x" * (length - 2) + "\nword\n> more\n"
    assert ("word" not in visible_text(f"Hi\n\n{quote}").text) is wrapped


def test_a_mail_that_is_forwarded_behind_quote_marks_is_kept() -> None:
    forwarded = "FYI\n\n> ---------- Forwarded message ---------\n> From: Bob <b@x.example>\n> Subject: x\n>\n> hello"
    assert visible_text(forwarded) == Visible(forwarded, forwarded, cut=False)
    below = forwarded.replace("\n\n", "\n\nOn Mon, Nov 2, 2026 at 10:00, Bob <b@x.example> wrote:\n", 1)
    assert visible_text(below) == Visible(below, below, cut=False)


def test_a_mail_that_is_only_a_signature_is_kept() -> None:
    assert visible_html('<div class="gmail_signature">Ann</div>') == Visible("Ann", "Ann", cut=False)


ANSWERS = st.lists(st.sampled_from(["yes", "no", "4711", "am Montag", "好的", "はい"]), min_size=1, max_size=4)
ATTRIBUTIONS = st.sampled_from(
    [
        "On Tue, Jan 2, 2024 at 10:00 AM Bob <b@x.example> wrote:",
        "Am 02.01.24 um 10:00 schrieb Bob:",
        "在 2024/1/2 10:00, Bob 写道:",
        "2024年1月2日(火) 10:00 Bob <b@x.example>:",
    ]
)


@given(ATTRIBUTIONS, ANSWERS, st.booleans())
def test_answers_between_and_below_quotes_are_never_lost(attribution: str, answers: list[str], spaced: bool) -> None:
    gap = "\n" if spaced else ""
    text = f"{attribution}\n" + "".join(f"> question {n}?\n{gap}{answer}\n{gap}" for n, answer in enumerate(answers))

    seen = visible_text(f"{text}> regards\n")

    assert [line for line in seen.text.split("\n") if line in answers] == answers
    assert "regards" not in seen.text


@given(st.text(max_size=300))
def test_any_text_is_read_and_nothing_is_invented(text: str) -> None:
    seen = visible_text(text)

    lines = {line.strip() for line in seen.full.split("\n")}
    assert all(line.strip() in lines for line in seen.text.split("\n"))
    assert seen.cut == (seen.text != seen.full)


@given(st.text(alphabet="<>/ab=\"' \n&;pdivtrbr-!", max_size=200))
def test_any_html_is_read(html: str) -> None:
    seen = visible_html(html)

    assert seen.cut == (seen.text != seen.full)


def test_the_parsers_of_html_are_not_part_of_a_cold_start() -> None:
    code = "import sys, connectors.channels.email.body; print(sorted({'nh3', 'selectolax'} & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    assert loaded == "[]"
