"""HTML of strangers: nothing of it runs, loads, sends or covers anything at a desk, and the words stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from connectors.channels.email.body import clean_html

REPLIES = Path(__file__).parents[2] / "fixtures" / "email" / "replies"
HOSTILE = json.loads((REPLIES / "html" / "hostile.json").read_text("utf-8"))
OF_MAIL_PROGRAMS = [
    "\n".join(case["body"])
    for file in sorted(REPLIES.glob("*.json"))
    for case in json.loads(file.read_text("utf-8"))
    if case["format"] == "html"
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ELEMENTS = _words(
    "html head body a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup dd del "
    "details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol "
    "p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr "
    "tt u ul var wbr -text"
)
ATTRIBUTES = _words(
    "dir lang title style href target rel src data-remote-src alt width height colspan rowspan align valign start "
    "type color"
)
STYLES = _words("color background-color font-weight font-style text-decoration text-align white-space")


def dangers(html: str) -> list[str]:
    """Whatever is in the HTML, as a browser would parse it, that is not known to be harmless."""
    found = []
    root = LexborHTMLParser(html).root
    assert root is not None
    for node in root.traverse(include_text=True):
        if node.tag not in ELEMENTS:
            found.append(f"element {node.tag}")
        for name, value in node.attributes.items():
            found += [f"{node.tag} {name}={value}"] if _is_dangerous(node.tag or "", name, value or "") else []
    return found


def _is_dangerous(element: str, name: str, value: str) -> bool:
    address = value.lower()
    match name:
        case "href":
            return not address.startswith(("https:", "http:", "mailto:", "tel:"))
        case "src":
            return element != "img" or not address.startswith("cid:")
        case "data-remote-src":
            return element != "img" or not address.startswith(("https://", "http://"))
        case "target":
            return value != "_blank"
        case "rel":
            return value != "noopener noreferrer nofollow"
        case "style":
            names = {declaration.partition(":")[0].strip() for declaration in value.split(";")}
            return not names <= STYLES or any(
                mark in address for mark in ("url", "expression", "@", "\\", "var(", "image")
            )
        case _:
            return name not in ATTRIBUTES


def test_there_are_enough_hostile_mails() -> None:
    assert len(HOSTILE) >= 60


def test_the_check_itself_sees_what_is_hostile() -> None:
    harmless = {"html entity in a tag name", "UTF-7", "right-to-left trick", "mutation: entities in pre"}

    blind = [case["name"] for case in HOSTILE if not dangers(case["html"]) and case["name"] not in harmless]

    assert len(blind) <= 0.2 * len(HOSTILE), blind


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["name"])
def test_nothing_hostile_is_left(case: dict[str, str]) -> None:
    clean = clean_html(case["html"])

    assert dangers(clean) == []
    assert dangers(f"<table><tr><td>{clean}</td></tr></table>") == []
    assert dangers(clean_html(clean)) == []


@pytest.mark.parametrize(
    "around", ["<svg>{}</svg>", "<math><mtext>{}</mtext></math>", "<form><p>{}", "<table>{}</table>"]
)
def test_nothing_hostile_is_left_inside_other_elements(around: str) -> None:
    for case in HOSTILE:
        clean = clean_html(around.format(case["html"]))
        assert dangers(clean) == [], case["name"]
        assert dangers(clean_html(clean)) == [], case["name"]


def test_cleaning_again_changes_nothing_of_what_mail_programs_write() -> None:
    assert len(OF_MAIL_PROGRAMS) >= 30

    for html in OF_MAIL_PROGRAMS:
        clean = clean_html(html)
        assert clean_html(clean) == clean


def test_a_remote_image_is_not_loaded_but_its_address_is_kept() -> None:
    clean = clean_html('<img src="https://shop.example/a.png?x=1&amp;y=2" alt="Lamp" width="10">')

    image = LexborHTMLParser(clean).css_first("img")
    assert image is not None
    assert image.attributes == {"data-remote-src": "https://shop.example/a.png?x=1&y=2", "alt": "Lamp", "width": "10"}


def test_an_image_of_the_mail_itself_keeps_its_address() -> None:
    assert clean_html('<img src="cid:a@b" alt="">') == '<img src="cid:a@b" alt="">'


def test_text_that_looks_like_our_mark_of_remote_images_is_only_text() -> None:
    assert clean_html('<p> src="\0https://shop.example</p>') == '<p> src="https://shop.example</p>'


def test_links_tell_the_page_nothing_and_get_nothing_from_it() -> None:
    clean = clean_html('<a href="https://shop.example/">Shop</a>')

    assert clean == '<a href="https://shop.example/" target="_blank" rel="noopener noreferrer nofollow">Shop</a>'


def test_harmless_styles_stay_and_others_go() -> None:
    clean = clean_html(
        '<span style="COLOR: #f00; position:absolute; background-color:rgb(1, 2, 3); font-weight:bold">a</span>'
    )

    assert clean == '<span style="color:#f00;background-color:rgb(1, 2, 3);font-weight:bold">a</span>'


def test_words_lists_and_tables_stay() -> None:
    html = '<h1>A</h1><ul><li>b</li></ul><table><tbody><tr><td colspan="2">c</td></tr></tbody></table><pre>d\n  e</pre>'

    assert clean_html(html) == html


def test_only_a_megabyte_is_read() -> None:
    assert clean_html("a" * 999_999 + "bcd") == "a" * 999_999 + "b"


@pytest.mark.parametrize(
    "html",
    ["<ul><li>" * 25_000, "<div>" * 40_000, "<b><p>" * 30_000, "<p " + " ".join(f"a{n}" for n in range(30_000)) + ">"],
    ids=["lists", "blocks", "formatting", "attributes"],
)
def test_html_that_keeps_a_parser_busy_is_read_as_text(html: str) -> None:
    assert clean_html(f"{html}words") == "<pre>words</pre>"


def test_leading_lines_of_preformatted_text_are_cut_once() -> None:
    clean = clean_html("<pre>" + "\n" * 20 + "a</pre>")

    assert clean_html(clean) == clean
    assert "a" in clean


PIECES = (
    "<p> </p> <a href=https://a.example> </a> <table> <tr> <td> </table> <svg> </svg> <math> <mtext> <style> </style> "
    "<!-- --> <pre> \n <b> </b> <i> <div> </div> <form> </form> <h1> </h1> <li> <ul> </ul> <script> </script> <font> "
    "<img/src=http://a.example/> <img/data-remote-src=http://a/ <select> <option> <template> </template> <object> <q> "
    "</object> \" ' = & &lt; &#0; < > / x <noscript> </noscript> <title> <textarea> <dd> <dl> <ruby> <rt> <caption> "
    "<col> <blockquote/type=cite> <body/onload=x> <center> <u/style=color:red;x:y> \u00a0"
)


@given(st.lists(st.sampled_from(PIECES.split(" ")) | st.text(max_size=6), max_size=25).map("".join))
def test_nothing_hostile_is_left_however_often_it_is_read_and_cleaned(html: str) -> None:
    clean = clean_html(html)

    assert dangers(clean) == []
    assert dangers(f"<table><a>{clean}") == []
    assert dangers(clean_html(clean)) == []
