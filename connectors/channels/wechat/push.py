"""A push in either of WeChat's formats, XML or JSON, as one dict of strings."""

from __future__ import annotations

import re
from typing import Any

from connectors.channels.wechat.xml import MAXIMUM_DEPTH, read_xml
from shared.errors import BadRequest

Push = dict[str, Any]
"""The fields of a push by WeChat's names.

Values are text, numbers as they were written; a few events nest dicts and lists.
"""

HOSTILE = frozenset({"xml_entities", "too_deep", "too_many_elements"})
"""The codes of what no honest sender sends."""

MAXIMUM_ID = 128

_SEALED = re.compile(
    rb"<xml>\s*<ToUserName><!\[CDATA\[[\w@.-]*\]\]></ToUserName>"
    rb"\s*<Encrypt><!\[CDATA\[([A-Za-z0-9+/=]+)\]\]></Encrypt>\s*</xml>\s*"
)
_HEAD = re.compile(
    rb"<xml>\s*<ToUserName><!\[CDATA\[[\w@.-]*\]\]></ToUserName>"
    rb"\s*<FromUserName><!\[CDATA\[([\w@.-]{1,128})\]\]></FromUserName>"
)
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")


def read_push(body: bytes) -> Push:
    """The fields of a push. Characters that XML forbids are dropped from XML.

    Raises BadRequest: ``bad_charset`` (not UTF-8), ``bad_xml``, ``bad_json`` and those of :data:`HOSTILE`.
    """
    try:
        text = body.translate(None, _CONTROLS).decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest("bad_charset", "the body is not UTF-8") from error
    text = text.strip().removeprefix("\ufeff")
    if text.startswith(("{", "[")):
        return _read_json(text)
    return read_xml(text)


def encrypted_of(body: bytes) -> str:
    """The ciphertext in an encrypted push; empty when there is none. Raises BadRequest like :func:`read_push`."""
    usual = _SEALED.fullmatch(body)
    return usual[1].decode("ascii") if usual else text_of(read_push(body), "Encrypt").strip()


def sender_in_head(body: bytes) -> str:
    """The OpenID in a push that begins as WeChat's XML does; empty for any other, which has to be read as a whole."""
    usual = _HEAD.match(body)
    return usual[1].decode("ascii") if usual else ""


def text_of(push: Push, name: str) -> str:
    """A field's text; empty when it is missing or is not text."""
    value = push.get(name)
    return value if isinstance(value, str) else ""


def sender_of(push: Push) -> str:
    """The OpenID of the customer; empty when there is none that could be one."""
    sender = text_of(push, "FromUserName").strip()
    return sender if len(sender) <= MAXIMUM_ID else ""


def _read_json(text: str) -> Push:
    import json

    try:
        value = json.loads(
            text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_first_of_each_name
        )
    except RecursionError as error:
        raise BadRequest("too_deep", "the JSON is nested too deep") from error
    except ValueError as error:
        raise BadRequest("bad_json", "the body is not JSON") from error
    if not isinstance(value, dict):
        raise BadRequest("bad_json", "the body is not a JSON object")
    _refuse_depth(value)
    return value


def _first_of_each_name(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        values.setdefault(_whole(name), _plain(value))
    return values


def _plain(value: Any) -> Any:
    """Text stays text and null is no text.

    An escape that is half a character is replaced: such text cannot be stored.
    """
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _whole(text: str) -> str:
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _refuse_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAXIMUM_DEPTH:
            raise BadRequest("too_deep", f"the JSON is nested over {MAXIMUM_DEPTH} levels")
        containers = [each for each in level if isinstance(each, dict | list)]
        level = [inner for each in containers for inner in (each.values() if isinstance(each, dict) else each)]
