"""The desk's QR codes, read by a reader that shares nothing with them."""

from __future__ import annotations

import json

import pytest
import zxingcpp

from infra.frontend.toolchain import ROOT, ToolchainError, install, run_node

ENCODER = ROOT / "infra/desk/source/desk/qr.ts"
BORDER = 4
PIXELS = 3
LARGEST = [17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321, 367, 425, 458, 520, 586, 644, 718, 792, 858]
"""The most bytes that a code of each version holds at level L (ISO/IEC 18004, table 7)."""


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    install()


def drawn(texts: list[str]) -> list[list[list[int]]]:
    """The modules of a code for each text, 1 for dark."""
    program = (
        f"import {{ qrCode }} from {json.dumps(str(ENCODER))};"
        f"console.log(JSON.stringify({json.dumps(texts)}.map(text => qrCode(text).map(row => row.map(Number)))))"
    )
    codes: list[list[list[int]]] = json.loads(run_node("--input-type=module", "--eval", program))
    return codes


def photographed(code: list[list[int]]) -> memoryview:
    """The code as a screen shows it: dark on white, with a border, several pixels for each module."""
    side = (len(code) + 2 * BORDER) * PIXELS
    light = b"\xff"
    edge = light * BORDER * PIXELS
    rows = [edge + b"".join((b"\0" if dark else light) * PIXELS for dark in row) + edge for row in code]
    blank = light * side * BORDER * PIXELS
    picture = blank + b"".join(row * PIXELS for row in rows) + blank
    return memoryview(picture).cast("B", shape=[side, side])


def read(code: list[list[int]]) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(photographed(code))]


def test_every_size_is_read_when_it_is_as_full_as_can_be_and_one_byte_over_takes_the_next() -> None:
    # given texts that just fit a version, and those that just do not fit the one before
    full = [("x" * (size - 4) + f"{size:04}") for size in LARGEST]
    over = ["y" * (size + 1) for size in [0, *LARGEST[:-1]]]
    # when they are drawn, then each is of that version and says that text
    for texts in (full, over):
        codes = drawn(texts)
        assert [(len(code) - 17) // 4 for code in codes] == list(range(1, 21))
        assert [read(code) for code in codes] == [[text] for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "http://weixin.qq.com/q/02Qx1yF8Lbd_Y10000g07D",
        "https://shop.example/help#onethread=K7QM-2XPD",
        "mailto:link%2BK7QM2XPD.abcdefghijklmnop@reply.onethread.example?subject=Continue&body=K7QM-2XPD%0A",
        "请在微信中继续 · ملخص · 🙂",
    ],
)
def test_addresses_and_letters_of_any_script_are_read(text: str) -> None:
    (code,) = drawn([text])
    assert read(code) == [text]


def test_a_text_that_is_too_long_for_the_largest_is_refused() -> None:
    with pytest.raises(ToolchainError, match="too long for a QR code"):
        drawn(["x" * (LARGEST[-1] + 1)])
