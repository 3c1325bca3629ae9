"""A phone's camera held at the screen: it reads the QR codes on it, with a reader that shares nothing with ours."""

from __future__ import annotations

import base64

import zxingcpp
from playwright.sync_api import Locator, Page

TO_PIXELS = """async picture => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const {data} = context.getImageData(0, 0, image.width, image.height);
    const greens = data.filter((_, at) => at % 4 === 1);
    return [image.width, image.height, btoa(greens.reduce((text, green) => text + String.fromCharCode(green), ""))];
}"""


def read_codes(rows: list[bytes]) -> list[str]:
    """The texts of the QR codes in a picture: rows of one byte of grey for each pixel."""
    picture = memoryview(b"".join(rows)).cast("B", shape=[len(rows), len(rows[0])])
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def scan(shown: Locator) -> str:
    """What the one QR code says that is on the screen there."""
    page = shown.page
    assert page.context.browser is not None
    darkroom = page.context.browser.new_page()
    try:
        (text,) = read_codes(_pixels(darkroom, shown.screenshot(animations="disabled", scale="css")))
    finally:
        darkroom.close()
    return text


def _pixels(darkroom: Page, picture: bytes) -> list[bytes]:
    """The rows of a PNG, decoded by a browser whose page has no policy against it."""
    width, height, encoded = darkroom.evaluate(TO_PIXELS, base64.b64encode(picture).decode())
    pixels = base64.b64decode(encoded)
    return [pixels[row * width : (row + 1) * width] for row in range(height)]
