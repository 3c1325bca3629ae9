"""The structured fields of a MIME part: value and parameters (RFC 2045, RFC 2231), and file names made safe."""

from __future__ import annotations

import re

from connectors.channels.email.mime.charsets import decode_text
from connectors.channels.email.mime.headers import decode_words

MAXIMUM_NAME_BYTES = 200
_MAXIMUM_VALUE = 16 * 1024
_MAXIMUM_PARAMETERS = 200

_PARAMETER = re.compile(r';[\s;]*+([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?|([^;]*+))', re.DOTALL)
_COMMENT = re.compile(r"\([^()]*+\)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_CONTINUED = re.compile(r"([^*]+)\*(\d{1,3})(\*?)")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")
# Control characters, and those that turn or hide what is written: "exe.fdp" must not look like "pdf.exe".
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def read_parameters(value: str) -> tuple[str, dict[str, str]]:
    """The value before the first ";", lower-case, and the parameters by lower-case name; the first of a name counts."""
    if len(value) > _MAXIMUM_VALUE:
        value = value[:_MAXIMUM_VALUE]
    main, semicolon, _rest = value.partition(";")
    if "(" in main:
        main = _COMMENT.sub("", main)
    found: dict[str, str] = {}
    if semicolon:
        for match in _PARAMETER.finditer(value, len(value) - len(_rest) - 1):
            name, quoted, bare = match.groups()
            text = bare.strip() if quoted is None else quoted
            if quoted is not None and "\\" in quoted:
                text = _ESCAPED.sub(r"\1", quoted)
            found.setdefault(name.lower(), text)
            if len(found) >= _MAXIMUM_PARAMETERS:
                break
    if "*" in value and any("*" in name for name in found):
        found = _extended(found)
    return main.strip().lower(), found


def _extended(found: dict[str, str]) -> dict[str, str]:
    """The parameters with RFC 2231's ``name*``, ``name*0``, ``name*1*`` put together; those win over a plain one."""
    plain: dict[str, str] = {}
    whole: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for name, text in found.items():
        continued = _CONTINUED.fullmatch(name)
        if continued:
            pieces.setdefault(continued[1], {})[int(continued[2])] = (bool(continued[3]), text)
        elif name.endswith("*") and len(name) > 1:
            whole[name[:-1]] = _joined([(True, text)])
        else:
            plain[name] = text
    for name, numbered in pieces.items():
        whole.setdefault(name, _joined([numbered[number] for number in sorted(numbered)]))
    return {**plain, **whole}


def _joined(pieces: list[tuple[bool, str]]) -> str:
    """One value of its pieces. The first extended one begins with ``charset'language'``."""
    charset = ""
    data: list[bytes] = []
    for number, (coded, piece) in enumerate(pieces):
        text = piece
        if coded and number == 0 and text.count("'") >= 2:
            charset, _language, text = text.split("'", 2)
        raw = text.encode("utf-8", "replace")
        data.append(_unquoted(raw) if coded else raw)
    return decode_text(b"".join(data), charset or "utf-8")


def _unquoted(data: bytes) -> bytes:
    return _PERCENT.sub(lambda found: bytes((int(found[1], 16),)), data) if b"%" in data else data


def media_type(value: str) -> str | None:
    """The type when it is one, lower-case as ``read_parameters`` gives it; None for what is malformed."""
    return value if _MEDIA_TYPE.fullmatch(value) else None


def safe_filename(name: str | None) -> str | None:
    """The base name without control or direction characters, composed (NFC), at most 200 bytes with its extension.

    None when nothing is left of it.
    """
    if not name:
        return None
    if "=?" in name:
        name = decode_words(name)
    name = name.replace("\\", "/").rpartition("/")[2] if "/" in name or "\\" in name else name
    name = name[:2000]
    if not name.isascii():
        import unicodedata

        name = unicodedata.normalize("NFC", name)
    name = _UNSAFE.sub("", name).strip(" \t")
    if not name.strip(". "):
        return None
    return _shortened(name)


def _shortened(name: str) -> str:
    if len(name) * 4 <= MAXIMUM_NAME_BYTES or len(name.encode()) <= MAXIMUM_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    ending = (dot + extension).encode()
    if not stem or len(ending) > 20:
        stem, ending = name, b""
    return (stem.encode()[: MAXIMUM_NAME_BYTES - len(ending)] + ending).decode("utf-8", "ignore")
