"""The widget's script: any page may load it, browsers keep it and ask whether it is still the same."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest

from functions.chat import handler
from infra.packaging.libraries import ROOT

BUILT = (ROOT / "connectors/channels/webchat/widget/dist/widget.js").read_bytes()


def asked(**headers: str) -> dict[str, Any]:
    http = {"method": "GET", "path": "/widget.js"}
    event = {"version": "2.0", "rawPath": "/widget.js", "rawQueryString": "", "requestContext": {"http": http}}
    return handler({**event, "headers": {name.replace("_", "-"): text for name, text in headers.items()}}, None)


def body(answer: dict[str, Any]) -> bytes:
    text: str = answer["body"]
    return base64.b64decode(text) if answer["isBase64Encoded"] else text.encode()


def test_the_script_is_served_to_any_page() -> None:
    answer = asked(Origin="https://anywhere.example")
    assert answer["statusCode"] == 200
    assert body(answer) == BUILT
    assert answer["headers"]["content-type"] == "text/javascript; charset=utf-8"
    assert answer["headers"]["x-content-type-options"] == "nosniff"
    assert answer["headers"]["access-control-allow-origin"] == "*"
    assert "max-age=300" in answer["headers"]["cache-control"]


def test_it_goes_compressed_where_that_is_taken() -> None:
    answer = asked(Accept_Encoding="br, gzip;q=0.8")
    assert answer["headers"]["content-encoding"] == "gzip"
    assert answer["headers"]["vary"] == "accept-encoding"
    assert gzip.decompress(body(answer)) == BUILT


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity, gzip; q=0", "notgzip"])
def test_it_goes_as_it_is_where_compression_is_not_taken(accepted: str) -> None:
    answer = asked(Accept_Encoding=accepted)
    assert "content-encoding" not in answer["headers"]
    assert body(answer) == BUILT


def test_a_browser_that_has_it_is_told_so() -> None:
    first = asked(Accept_Encoding="gzip")
    again = asked(Accept_Encoding="gzip", If_None_Match=f'W/{first["headers"]["etag"]}, "other"')
    assert again["statusCode"] == 304
    assert body(again) == b""
    assert again["headers"]["etag"] == first["headers"]["etag"]


def test_the_two_forms_are_told_apart() -> None:
    plain = asked()["headers"]["etag"]
    assert asked(Accept_Encoding="gzip")["headers"]["etag"] != plain
    assert asked(Accept_Encoding="gzip", If_None_Match=plain)["statusCode"] == 200
