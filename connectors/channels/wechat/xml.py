"""Reading the XML of a push: tolerant of what WeChat has been seen to send, and closed to what XML makes dangerous.

WeChat's pushes are flat: one level of elements, each with text or one CDATA section. Those are read by a scan that
knows nothing else; whatever does not fit goes to ElementTree. Both give the same result where both can read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shared.errors import BadRequest

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAXIMUM_DEPTH = 32
MAXIMUM_ELEMENTS = 2000

_SPACE = " \t\n"
# Possessive throughout, and only ever matched where the last match ended: linear on any input.
_FLAT = re.compile(
    r"[ \t\n]*+<([A-Za-z_][A-Za-z0-9_]*+)>"
    r"(?:<!\[CDATA\[([^\]]*+(?:\](?!\]>)[^\]]*+)*+)\]\]>|([^<&\]]*+))"
    r"</\1>"
)
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def read_xml(text: str) -> dict[str, Any]:
    """The elements under the root by name: text, or a dict for one with elements inside, where repetition makes a list.

    Of a name repeated directly under the root the first counts. Raises BadRequest: ``bad_xml``, ``xml_entities`` (it
    has a document type or entities of its own), ``too_deep`` (over 32 levels), ``too_many_elements`` (over 2,000).
    """
    flat = _read_flat(text)
    if flat is not None:
        return flat
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        _refuse_document_type(text)
    return _read_tree(_parse(text))


def _read_flat(text: str) -> dict[str, Any] | None:
    """The elements of ``<xml>`` when all are ``<Name>text</Name>`` or ``<Name><![CDATA[text]]></Name>``; else None."""
    if not text.startswith("<xml>") or "\r" in text or "\ufffe" in text or "\uffff" in text:
        return None
    values: dict[str, Any] = {}
    position, match = len("<xml>"), _FLAT.match
    while found := match(text, position):
        name, section, words = found.groups()
        if name not in values:
            values[name] = words if section is None else section
        position = found.end()
    if len(values) > MAXIMUM_ELEMENTS or text[position:].strip(_SPACE) != "</xml>":
        return None
    return values


def _refuse_document_type(text: str) -> None:
    """Raises BadRequest when the document has a document type; the words alone may be what a customer wrote."""
    from xml.parsers import expat

    def refuse(*_declaration: object) -> None:
        raise BadRequest("xml_entities", "documents with a document type are not read")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(_without_illegal(text), True)
    except expat.ExpatError as error:
        raise BadRequest("bad_xml", "the body is not well-formed XML") from error


def _parse(text: str) -> Element:
    from xml.etree import ElementTree

    try:
        return ElementTree.XML(text)
    except ElementTree.ParseError:
        legal = _without_illegal(text)
    try:
        return ElementTree.XML(legal)
    except ElementTree.ParseError as error:
        raise BadRequest("bad_xml", "the body is not well-formed XML") from error


def _without_illegal(text: str) -> str:
    """The text without the characters that XML 1.0 forbids, written out or as references; people do send them."""
    return _NOT_XML.sub("", _REFERENCE.sub(_legal_reference, text))


def _legal_reference(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    if code > 0x10FFFF or _NOT_XML.match(chr(code)):
        return ""
    return found[0]


def _read_tree(root: Element) -> dict[str, Any]:
    values: dict[str, Any] = {}
    waiting: list[tuple[Element, dict[str, Any], int]] = [(root, values, 1)]
    count = 0
    while waiting:
        parent, target, depth = waiting.pop()
        if depth > MAXIMUM_DEPTH:
            raise BadRequest("too_deep", f"elements are nested over {MAXIMUM_DEPTH} levels")
        for element in parent:
            count += 1
            value: Any = element.text or ""
            if len(element):
                value = {}
                waiting.append((element, value, depth + 1))
            _add(target, element.tag, value, repeatable=depth > 1)
    if count > MAXIMUM_ELEMENTS:
        raise BadRequest("too_many_elements", f"there are over {MAXIMUM_ELEMENTS} elements")
    return values


def _add(target: dict[str, Any], name: str, value: Any, *, repeatable: bool) -> None:
    if name not in target:
        target[name] = value
    elif repeatable:
        known = target[name]
        target[name] = [*known, value] if isinstance(known, list) else [known, value]
