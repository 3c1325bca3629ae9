"""Text becomes HTML that says the same and does nothing."""

from __future__ import annotations

import re
import time

import pytest
from selectolax.lexbor import LexborHTMLParser

from connectors.channels.email.markup import cleaned, markdown, plain

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" &#106;avascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<iframe src=https://evil.example></iframe>",
    "<form action=https://evil.example><input name=password></form>",
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<base href="https://evil.example/">',
    '<link rel=stylesheet href="https://evil.example/x.css">',
    "<style>@import url(https://evil.example/x.css)</style>",
    '<p style="position:fixed;background:url(javascript:1);behavior:url(x)">x</p>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<object data=x></object><embed src=x>",
    "[x](javascript:alert(1))",
    '[x](https://a.example/"onmouseover=alert(1))',
    "[<img src=x onerror=alert(1)>](https://a.example/)",
    "`<script>alert(1)</script>`",
    "```\n<script>alert(1)</script>\n```",
    "> <script>alert(1)</script>",
    "- <img src=x onerror=alert(1)>",
    "# <svg onload=alert(1)>",
    "https://a.example/<script>alert(1)</script>",
    "https://a.example/'onclick='alert(1)",
    "\ue0000\ue001 \ue0009\ue001",
]
ALLOWED_SCHEMES = ("http://", "https://", "mailto:", "tel:")


@pytest.mark.parametrize("convert", [plain, markdown, cleaned])
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_could_run_is_left(convert: type[str], text: str) -> None:
    tree = LexborHTMLParser(convert(text))

    for node in tree.css("body *"):
        assert node.tag not in {"script", "iframe", "form", "input", "meta", "base", "link", "svg", "math", "object"}
        for name, value in node.attributes.items():
            assert not name.startswith("on")
            assert name not in {"href", "src"} or (value or "").startswith(ALLOWED_SCHEMES)
            assert name != "style" or not re.search(r"url|expression|position|behavior", value or "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**a** __b__ *c* _d_ ~~e~~", "<strong>a</strong> <strong>b</strong> <em>c</em> <em>d</em> <s>e</s>"),
        ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
        ("`a*b*`", "<code>a*b*</code>"),
        ("```one line```", "``<code>one line</code>``"),
        ("a & b < c", "a &amp; b &lt; c"),
        (
            "**[x](https://a.example/_b_)**",
            '<strong><a href="https://a.example/_b_" rel="noopener noreferrer">x</a></strong>',
        ),
        (
            "see https://a.example/.",
            'see <a href="https://a.example/" rel="noopener noreferrer">https://a.example/</a>.',
        ),
        (
            "看https://a.example/，好",
            '看<a href="https://a.example/" rel="noopener noreferrer">https://a.example/</a>，好',
        ),
    ],
)
def test_markdown_of_one_line(text: str, expected: str) -> None:
    assert markdown(text) == f'<div dir="auto" style="margin:0 0 12px">{expected}</div>'


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("# a\ntext", ["h1", "div"]),
        ("- a\n* b\n+ c", ["ul", "li", "li", "li"]),
        ("3. a\n4. b", ["ol", "li", "li"]),
        ("> a\n> b", ["blockquote", "br"]),
        ("---", ["hr"]),
        ("```\n# a\n```", ["pre", "code"]),
        ("```\nnever closed", ["pre", "code"]),
        ("a\nb\n\nc", ["div", "br", "div"]),
        ("-no list", ["div"]),
        ("", []),
    ],
)
def test_markdown_of_several_lines(text: str, tags: list[str]) -> None:
    tree = LexborHTMLParser(f"<body>{markdown(text)}</body>")

    assert [node.tag for node in tree.css("body *")] == tags


def test_a_list_goes_on_from_its_number() -> None:
    assert markdown("3. a") == '<ol start="3" dir="auto"><li>a</li></ol>'


def test_lines_and_blanks_of_plain_text_stay() -> None:
    assert plain("a\r\nb\n  c") == "a<br>b<br>&nbsp; c"


@pytest.mark.parametrize("text", ["*", "**a", "_a_ ", "[", "[](", "`", "> ", "- ", "https://", "~~", "\n", "1. "])
@pytest.mark.parametrize("convert", [plain, markdown])
def test_a_long_hostile_text_takes_no_longer_than_a_long_one(convert: type[str], text: str) -> None:
    started = time.monotonic()

    assert "end<" in convert(text * (100_000 // len(text)) + "end") + "<"
    print(f"{time.monotonic() - started:.3f} s")
