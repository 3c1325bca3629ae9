"""What a mail says once it is read. Every string here but those of raw fields can be written as UTF-8 and holds no
NUL."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.channels.email.mime.headers import shown


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the name as shown, and ``local@domain`` with the local part as given and the domain IDNA, lower."""

    name: str
    address: str

    @property
    def key(self) -> str:
        """The address to compare by: all lower-case."""
        return self.address.lower()


@dataclass(frozen=True, slots=True)
class MailFile:
    """A part that is not body text. ``index`` is what ``read_file`` takes.

    ``filename`` is a safe base name of at most 200 bytes, None when the mail gives none; ``content_id`` has no angle
    brackets; ``inline`` says that the HTML body shows it by ``cid:``; ``size`` is in bytes, decoded.
    """

    index: int
    filename: str | None
    mime_type: str
    content_id: str | None
    inline: bool
    size: int
    charset: str | None


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. ``fields`` has lower-case names and raw values in the order of the mail.

    ``sender`` is set only when there is exactly one From field with exactly one well-formed address; ``senders`` has
    all that From names. ``date`` is Unix seconds. Message ids have their angle brackets. Line ends of text and html
    are ``\\n``. ``part_count`` counts the MIME parts, those beyond the limit included, as far as they were counted.

    Flags: no_sender, several_senders, malformed_sender, malformed_header, mixed_line_ends, headers_truncated,
    text_truncated, too_many_parts, nested_too_deep, boundary_missing, broken_encoding, unknown_charset, encrypted,
    signed_opaque.
    """

    fields: list[tuple[str, str]]
    subject: str
    sender: Address | None
    senders: list[Address]
    to: list[Address]
    cc: list[Address]
    reply_to: list[Address]
    date: float | None
    message_id: str | None
    in_reply_to: list[str]
    references: list[str]
    content_type: str
    report_type: str | None
    text: str | None
    html: str | None
    files: list[MailFile]
    flags: list[str] = field(default_factory=list)
    part_count: int = 1

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The fields with decoded values."""
        return [(name, shown(value)) for name, value in self.fields]

    def first(self, name: str) -> str | None:
        """The value of the first field of this name (any case), or None."""
        wanted = name.lower()
        return next((value for each, value in self.headers if each == wanted), None)

    def all(self, name: str) -> list[str]:
        """The values of all fields of this name (any case), topmost first."""
        wanted = name.lower()
        return [value for each, value in self.headers if each == wanted]
