"""The addresses in a field such as From or To (RFC 5322), as strict as an identity needs and as lenient as mail is."""

from __future__ import annotations

import re

from connectors.channels.email.mime.headers import shown
from connectors.channels.email.mime.mail import Address

MAXIMUM_ADDRESSES = 1000
_MAXIMUM_ADDRESS = 320

_ATOM = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]"
_LABELS = r"[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*+"
# The shapes that nearly every mail has: Name <local@domain>, "Name" <local@domain>, local@domain.
_COMMON = re.compile(
    rf'[ \t]*+(?:"([^"\\]*+)"[ \t]*+|([^"\\(),:;<>@\[\]]*+))<({_ATOM}++)@({_LABELS})>[ \t]*+(?:,|\Z)'
    rf"|[ \t]*+({_ATOM}++)@({_LABELS})[ \t]*+(?:,|\Z)"
)
_TOKEN = re.compile(
    r'(?P<quoted>"(?:[^"\\]|\\.)*+"?)'
    r"|(?P<comment>\()"
    r'|<(?P<angle>(?:"(?:[^"\\]|\\.)*+"|[^"<>])*+)(?P<closed>>)?'
    r"|(?P<end>[,;])|(?P<group>:)|(?P<stray>>)"
    r'|(?P<text>[^"(<,;:>]++)',
    re.DOTALL,
)
_IN_COMMENT = re.compile(r"[()]|\\.", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_INNER_COMMENT = re.compile(r"\([^()]*+\)")
_ROUTE = re.compile(r"\s*+@[^:]*+:")
_WHITE = re.compile(r"\s+")
_LOCAL = re.compile(r'"(?:[^"\\]|\\.)*+"|[^\s"(),:;<>@\[\]\\\x00-\x1f\x7f]++')
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*+)\.)*+[a-z0-9_][a-z0-9_-]*+|\[[0-9A-Za-z.:]++\]")
_BARE = re.compile(rf"{_ATOM}++@[^\s<>\"',;:()]++")


class Mailboxes:
    """The addresses of a field in order, and whether all of it was well-formed and meant one thing only."""

    __slots__ = ("addresses", "sound")

    def __init__(self) -> None:
        self.addresses: list[Address] = []
        self.sound = True

    def add(self, name: str, specification: str) -> None:
        """One address as written between the brackets. Without a local part or a domain there is none."""
        local, at, domain = specification.strip().rpartition("@")
        if not at or not local or not domain or len(specification) > _MAXIMUM_ADDRESS:
            self.sound = self.sound and not specification.strip()
            return
        local, domain = local.strip(), domain.strip()
        if not _LOCAL.fullmatch(local):
            self.sound = False
            local = _WHITE.sub("", shown(local))
        elif local.startswith('"'):
            local = _unquoted_local(local)
        domain = _idna(domain.rstrip("."))
        if not _DOMAIN.fullmatch(domain):
            self.sound = False
            domain = _WHITE.sub("", shown(domain))
        if local and domain and len(self.addresses) < MAXIMUM_ADDRESSES:
            self.addresses.append(Address(display_name(name), f"{local}@{domain}"))


def read_addresses(value: str) -> Mailboxes:
    """The addresses of a raw (undecoded) field value.

    What stands in quotes, comments or encoded words is never an address: ``"a@x.example" <b@y.example>`` is
    b@y.example. Two pairs of brackets are two addresses. ``sound`` is False where programs could read it differently.
    """
    found = Mailboxes()
    position, length = 0, len(value)
    while position < length:
        match = _COMMON.match(value, position)
        if len(found.addresses) >= MAXIMUM_ADDRESSES:
            found.sound = False
            return found
        if not match:
            _read_general(value, position, found)
            return found
        quoted, phrase, local, domain, bare_local, bare_domain = match.groups()
        name = quoted or phrase or ""
        address = f"{local or bare_local}@{(domain or bare_domain).lower()}"
        if len(address) > _MAXIMUM_ADDRESS:
            found.sound = False
        else:
            found.addresses.append(Address(display_name(name), address))
        position = match.end()
    return found


class _Entry:
    """What was read since the last comma."""

    __slots__ = ("angles", "comments", "phrase", "raw", "trailing")

    def __init__(self) -> None:
        self.phrase: list[str] = []
        self.raw: list[str] = []
        self.comments: list[str] = []
        self.angles: list[str] = []
        self.trailing = False


def _read_general(value: str, position: int, found: Mailboxes) -> None:
    entry = _Entry()
    while len(found.addresses) < MAXIMUM_ADDRESSES and (token := _TOKEN.match(value, position)):
        position = token.end()
        kind = token.lastgroup
        if kind == "comment":
            position, comment, closed = _comment(value, position)
            entry.comments.append(comment)
            found.sound = found.sound and closed
        elif kind in ("angle", "closed"):
            found.sound = found.sound and kind == "closed"
            entry.angles.append(token["angle"])
        elif kind == "end":
            _finish(entry, found)
            entry = _Entry()
        elif kind == "group":
            found.sound = found.sound and not entry.angles and "@" not in "".join(entry.raw)
            entry = _Entry()
        elif kind == "stray":
            found.sound = False
        else:
            _add_words(entry, token[0], found)
    _finish(entry, found)


def _add_words(entry: _Entry, text: str, found: Mailboxes) -> None:
    if entry.angles and text.strip():
        found.sound = False
        entry.trailing = True
    entry.raw.append(text)
    if not text.startswith('"'):
        entry.phrase.append(text)
        return
    if len(text) == 1 or not text.endswith('"'):
        found.sound = False
    entry.phrase.append(_ESCAPED.sub(r"\1", text.strip('"') if "\\" not in text else text[1:].removesuffix('"')))


def _comment(value: str, position: int) -> tuple[int, str, bool]:
    """Where the comment that begins before position ends, its text, and whether it was closed."""
    start, depth = position, 1
    for mark in _IN_COMMENT.finditer(value, position):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0:
            return mark.end(), value[start : mark.start()], True
    return len(value), value[start:], False


def _finish(entry: _Entry, found: Mailboxes) -> None:
    if not entry.angles:
        _finish_bare(entry, found)
        return
    if len(entry.angles) > 1:
        found.sound = False
    name = _WHITE.sub(" ", "".join(entry.phrase)).strip() or " ".join(entry.comments).strip()
    for angle in entry.angles:
        found.add(
            name, _ROUTE.sub("", _INNER_COMMENT.sub("", angle), count=1) if "(" in angle or ":" in angle else angle
        )
    if entry.trailing:
        for other in _BARE.findall("".join(text for text in entry.raw if not text.startswith('"'))):
            found.add("", other)


def _finish_bare(entry: _Entry, found: Mailboxes) -> None:
    """An address without brackets; several words with one among them are a guess, so not sound."""
    raw = "".join(entry.raw).strip()
    if "@" not in raw:
        found.sound = found.sound and not raw
        return
    name = " ".join(entry.comments).strip()
    if raw.startswith('"') or not _WHITE.search(raw):
        found.add(name, raw)
        return
    found.sound = False
    for each in _BARE.findall("".join(text for text in entry.raw if not text.startswith('"'))):
        found.add(name, each)


def display_name(name: str) -> str:
    """The name as it is shown, with single spaces."""
    return " ".join(shown(name).split()) if name else name


def _unquoted_local(local: str) -> str:
    """The local part without quotes where it needs none."""
    inner = _ESCAPED.sub(r"\1", local[1:-1])
    return inner if re.fullmatch(rf"(?!\.){_ATOM}+(?<!\.)", inner) and ".." not in inner else shown(local)


def _idna(domain: str) -> str:
    """The domain in ASCII and lower-case; what IDNA does not know stays, and is no domain for ``_DOMAIN``."""
    if domain.isascii():
        return domain.lower()
    if len(domain) > 253:
        return domain
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain
