"""Files of a mail: their names and types, and which of them SES would refuse.

Source: "Unsupported attachment types" (Amazon SES Developer Guide): a mail with such a file is not sent at all.
"""

from __future__ import annotations

import mimetypes
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from shared.model.capabilities import TextLimit
from shared.model.text import beginning

if TYPE_CHECKING:
    from shared.model.media import Media

SHOWN_IN_PLACE = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Pictures that mail programs show between the lines."""

UNKNOWN_TYPE = "application/octet-stream"

_LONGEST_NAME = 200
"""Bytes of UTF-8."""

_REFUSED = {
    *("ade", "adp", "app", "asp", "bas", "bat", "cer", "chm", "cmd", "com", "cpl", "crt", "csh", "der", "exe", "fxp"),
    *("gadget", "hlp", "hta", "inf", "ins", "isp", "its", "js", "jse", "ksh", "lib", "lnk", "mad", "maf", "mag", "mam"),
    *("maq", "mar", "mas", "mat", "mau", "mav", "maw", "mda", "mdb", "mde", "mdt", "mdw", "mdz", "msc", "msh", "msh1"),
    *("msh2", "mshxml", "msh1xml", "msh2xml", "msi", "msp", "mst", "ops", "pcd", "pif", "plg", "prf", "prg", "ps1"),
    *("ps1xml", "ps2", "ps2xml", "psc1", "psc2", "reg", "scf", "scr", "sct", "shb", "shs", "sys", "tmp", "url", "vb"),
    *("vbe", "vbs", "vps", "vsmacros", "vss", "vst", "vsw", "vxd", "ws", "wsc", "wsf", "wsh", "xnk"),
}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]+")


def filename_of(media: Media, kind: str) -> str:
    """A name that the file can be sent under: its own, else the end of its address, else one after its kind."""
    named = _name(media.filename or "") or _name(unquote(urlsplit(media.url or "").path))
    if named:
        return named
    return f"{kind}{mimetypes.guess_extension(media.mime_type or '') or ''}"


def mime_type_of(media: Media, filename: str) -> str:
    """What the file is: as it was sniffed, else as its name ends."""
    return media.mime_type or mimetypes.MimeTypes().guess_type(filename)[0] or UNKNOWN_TYPE


def is_refused(filename: str) -> bool:
    """Whether SES sends no mail with a file of this name."""
    return filename.rstrip(". ").rpartition(".")[2].lower() in _REFUSED and "." in filename.rstrip(". ")


def _name(path: str) -> str:
    """The last part of a path, without what could disguise its ending, cut in the middle when it is too long."""
    name = _UNPRINTABLE.sub("", path.replace("\\", "/").rpartition("/")[2]).strip()
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}" if len(ending.encode()) <= 20 else ""
    room = TextLimit(maximum=_LONGEST_NAME - len(ending.encode()), unit="bytes")
    return beginning(stem or name, room) + ending
