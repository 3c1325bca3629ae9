"""Bytes to text by the charset that a mail names, as mail programs mean it rather than as it was once standardised.

Labels promise less than the bytes hold: "gb2312" is GB18030, "ks_c_5601-1987" is cp949, "shift_jis" is cp932,
"iso-8859-1" is windows-1252 (the Encoding Standard of WHATWG has the same table). UTF-8 is told by its form whatever
the label says. Nothing here raises, and no result holds a lone surrogate.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from connectors.channels.email.mime.chinese import from_hz, from_iso_2022_cn

# Only ever looked at in part: what a guess rests on need not be all of a long text.
_SAMPLE = 100_000

ISO_2022_CN = "iso-2022-cn"
"""The one charset here that is no codec of Python's."""

_ALIASES = {
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "cp936", "ms936", "windows-936", "gb_2312-80", "gb2312-80"), "gb18030"),
    **dict.fromkeys(("euc-cn", "euccn", "gb18030-2000", "chinese", "csgb2312", "gb-2312", "x-euc-cn"), "gb18030"),
    **dict.fromkeys(("euc-kr", "ks_c_5601", "ks_c_5601-1987", "ks_c_5601-1989", "ksc5601", "ksc_5601"), "cp949"),
    **dict.fromkeys(("korean", "windows-949", "ms949", "x-windows-949", "euckr", "ks_c_5601_1987"), "cp949"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji", "ms932"), "cp932"),
    **dict.fromkeys(("windows-932", "x-ms-cp932", "cswindows31j", "shiftjis"), "cp932"),
    **dict.fromkeys(
        ("big5", "big5-hkscs", "big5-eten", "x-x-big5", "x-big5", "cn-big5", "ms950", "windows-950"), "big5"
    ),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "windows-1252"), "cp1252"),
    **dict.fromkeys(("iso-8859-9", "latin5"), "cp1254"),
    **dict.fromkeys(("windows-874", "tis-620", "tis620", "iso-8859-11", "dos-874", "x-windows-874"), "cp874"),
    **dict.fromkeys(("iso-8859-8-i", "iso-8859-8-e", "logical", "visual"), "iso-8859-8"),
    **dict.fromkeys(("iso-8859-6-i", "iso-8859-6-e"), "iso-8859-6"),
    **dict.fromkeys(("us-ascii", "ascii", "ansi_x3.4-1968", "iso-ir-6", "7bit", "8bit", "646"), "ascii"),
    **dict.fromkeys(("utf8mb4", "utf8mb3", "unicode-1-1-utf-8", "utf-8mb4", "x-utf-8", "utf_8", "utf8"), "utf-8"),
    **dict.fromkeys(("unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "unicode-2-0-utf-7"), "utf-7"),
    **dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "mac-cyrillic"),
    **dict.fromkeys(("macintosh", "x-mac-roman", "x-macroman"), "mac-roman"),
    **dict.fromkeys(("eucjp-ms", "cp51932", "x-euc-jp", "x-euc", "ujis"), "euc-jp"),
    "koi8": "koi8-r",
    "hz-gb-2312": "hz",
    "iso-2022-cn-ext": ISO_2022_CN,
    "csiso2022cn": ISO_2022_CN,
    "cp50220": "iso-2022-jp",
    "cp50221": "iso-2022-jp",
}
# Tried in this order after the codec itself.
_WIDER = {
    "big5": ("big5hkscs", "cp950"),
    "cp932": ("shift_jis_2004",),
    "euc_jp": ("euc_jis_2004",),
    "cp1254": ("latin-1",),
}
# Codecs of Python that are no charsets of text; some take quadratic time, some make surrogates.
_NOT_CHARSETS = frozenset({"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "mbcs", "oem"})
# ASCII bytes are not ASCII text in these.
_ASCII_IS_CODED = re.compile(r"iso-?2022|hz$|utf-?(?:7|16|32)|cp(?:037|273|424|500|875|1026|1140)$")
_WESTERN = frozenset({"cp1252", "ascii"})
_MULTIBYTE = frozenset({"gb18030", "big5", "cp949", "cp932", "euc_jp", "johab", "big5hkscs", "cp950"})

_NAME = re.compile(r"[a-z0-9][a-z0-9_.:+-]{0,59}")
_CODE_PAGE = re.compile(r"(?:x-)?(?:cp|windows|win|ms|ibm|dos)[-_]?(\d{3,5})")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([@BD]|\([BJIH]|&@\x1b\$B)")


@lru_cache(maxsize=256)
def codec_of(charset: str) -> str | None:
    """Python's name of the codec to read this label with; None when there is no such charset."""
    name = charset.strip(" \t\r\n'\"").lower().partition(";")[0].strip(" \t'\"")
    name = _ALIASES.get(name, name)
    if not _NAME.fullmatch(name):
        return None
    numbered = _CODE_PAGE.fullmatch(name)
    for candidate in (name, f"cp{numbered[1]}") if numbered else (name,):
        known = _codec(_ALIASES.get(candidate, candidate))
        if known:
            return known
    return None


def _codec(name: str) -> str | None:
    if name == ISO_2022_CN:
        return name
    try:
        found = codecs.lookup(name).name
        if found not in _NOT_CHARSETS and found.replace("_", "-") not in _NOT_CHARSETS:
            b"a".decode(found)
            return found
    except UnicodeError:
        return name
    except LookupError:
        return None
    return None


def decode_text(data: bytes, charset: str | None) -> str:
    """The text of these bytes. Reads on past what is broken; U+FFFD stands for what could not be read."""
    codec = codec_of(charset) if charset else None
    coded = codec is not None and _ASCII_IS_CODED.match(codec) is not None
    if not coded:
        if data.isascii():
            unlabelled = (codec is None or codec == "ascii") and b"\x1b$" in data
            return _from_jis(data) if unlabelled else data.decode("ascii")
        if codec is None or codec in _WESTERN:
            return _western(data, codec)
    text = _by_label(data, codec or "utf-8")
    return _SURROGATE.sub("\ufffd", text) if codec != "utf-8" else text


def _western(data: bytes, codec: str | None) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if codec != "cp1252":
        return guess(data)
    return _windows_1252(data)


def _windows_1252(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _by_label(data: bytes, codec: str) -> str:
    if codec == "utf-8":
        return _utf8(data)
    if codec.startswith("iso2022_jp"):
        return _from_jis(data)
    if codec == ISO_2022_CN:
        return from_iso_2022_cn(data)
    if codec == "hz":
        return from_hz(data)
    if not _ASCII_IS_CODED.match(codec):
        text = _really_utf8(data, codec)
        if text is not None:
            return text
    wider = _WIDER.get(codec, ())
    for candidate in (codec, *wider):
        try:
            return data.decode(candidate)
        except UnicodeError:
            continue
    return data.decode(wider[0] if wider else codec, "replace")


def _really_utf8(data: bytes, codec: str) -> str | None:
    """The text when the bytes are UTF-8 under another label: too much of it fits the form for chance."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    beyond = _BEYOND_ASCII.findall(text, 0, _SAMPLE)
    if codec in _MULTIBYTE:
        return text if len(beyond) >= 2 and min(beyond) >= "\u0800" else None
    return text if len(beyond) >= 4 else None


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    sample = text[:_SAMPLE]
    broken = sample.count("\ufffd")
    whole = len(_BEYOND_ASCII.findall(sample)) - broken
    return text if broken <= whole else guess(data)


def guess(data: bytes) -> str:
    """Text of 8-bit bytes that nothing reliable is known of: UTF-8, else GB18030 by its pairs, else windows-1252."""
    for codec in ("utf-8", "gb18030"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if codec == "utf-8" or _looks_chinese(data[:_SAMPLE]):
            return _SURROGATE.sub("\ufffd", text)
    return _windows_1252(data)


def _looks_chinese(sample: bytes) -> bool:
    """Chinese comes in pairs of high bytes and fills the text; accented letters stand alone between ASCII letters."""
    runs = _HIGH_RUN.findall(sample)
    high = sum(map(len, runs))
    odd = sum(1 for run in runs if len(run) % 2)
    return odd * 4 <= len(runs) and high * 5 >= len(sample) - sample.count(b" ")


def _from_jis(data: bytes) -> str:
    """ISO-2022-JP, with the rows of NEC and IBM that mail programs of Windows put into it."""
    try:
        return data.decode("iso2022_jp_2")
    except UnicodeDecodeError:
        pieces = _ESCAPE.split(data)
    runs = zip((b"(B", *pieces[1::2]), pieces[::2], strict=True)
    return "".join(
        [run.decode("ascii") if mode == b"(B" and run.isascii() else _jis_run(run, mode) for mode, run in runs]
    )


def _jis_run(run: bytes, mode: bytes) -> str:
    if mode == b"(I":
        return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in run).decode("cp932", "replace")
    if not mode.startswith((b"$", b"&")):
        return run.decode("cp932", "replace")
    if mode == b"$(D":
        pairs = bytes(byte | 0x80 for byte in run)
        run = b"".join([b"\x8f" + pairs[at : at + 2] for at in range(0, len(pairs), 2)])
        return run.decode("euc_jp", "replace")
    # A line's end goes back to ASCII, whether it says so or not.
    return "\n".join(
        ["".join([_JIS_PAIRS[line[at : at + 2]] for at in range(0, len(line), 2)]) for line in run.split(b"\n")]
    )


class _JisPairs(dict[bytes, str]):
    """The characters of JIS pairs, as they are asked for: at most all pairs of two bytes."""

    def __missing__(self, pair: bytes) -> str:
        """Through Shift_JIS as Windows has it: row and cell (1-94) lie there at fixed places."""
        row, cell = pair[0] - 0x20, (pair[1] - 0x20 if len(pair) > 1 else 0)
        if 1 <= row <= 94 and 1 <= cell <= 94:
            lead = (row + 1) // 2 + (0x80 if row <= 62 else 0xC0)
            trail = cell + 0x3F + (cell >= 0x40) if row % 2 else cell + 0x9E
            found = bytes((lead, trail)).decode("cp932", "replace")
            character = found if len(found) == 1 else "\ufffd"
        else:
            character = pair.decode("ascii", "replace") if pair.isspace() else "\ufffd"
        self[pair] = character
        return character


_JIS_PAIRS = _JisPairs()
