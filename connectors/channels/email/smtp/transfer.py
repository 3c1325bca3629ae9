"""One mail, handed over to all of its recipients or to none.

Until the line that ends a mail has been sent, a server must not deliver it (RFC 5321 section 4.1.1.4): what breaks
before can be tried again, what breaks after leaves it unknown whether the mail went out.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from connectors.channels.email.smtp.answers import refusal
from connectors.channels.email.smtp.session import WAITING, wait_until
from shared.errors import DeliveryError

if TYPE_CHECKING:
    import smtplib

    from connectors.channels.email.smtp.answers import Step
    from shared.ports.mailer import OutgoingMail

_BLOCK = 1 << 20
_END = b".\r\n"


def transfer(connection: smtplib.SMTP, mail: OutgoingMail, deadline: float) -> None:
    """The first recipient is the customer, the others get a copy. ``deadline`` is for all but the last line.

    Raises DeliveryError: ``provider_timeout``, ``provider_garbled`` (unknown) when the last line is not answered, and
    what an answer means. Raises OSError when the connection breaks before.
    """
    content = stuffed(mail.raw)
    wait_until(connection, deadline)
    # Written here and not by smtplib, which takes the quotation marks off a local part that needs them.
    _require(connection.docmd("MAIL", f"FROM:<{mail.sender}>{_size(connection, len(content))}"), "sender")
    for number, recipient in enumerate(mail.recipients):
        wait_until(connection, deadline)
        _require(connection.docmd("RCPT", f"TO:<{recipient}>"), "copy" if number else "recipient")
    wait_until(connection, deadline)
    code, words = connection.docmd("DATA")
    if code != 354:
        raise refusal("content", code, words)
    for start in range(0, len(content), _BLOCK):
        wait_until(connection, deadline)
        connection.send(content[start : start + _BLOCK])
    _require(_ended(connection), "content")


def stuffed(raw: bytes) -> bytes:
    """A mail as it travels: a dot that begins a line is doubled, for one alone ends the mail (RFC 5321 section
    4.5.2). ``raw`` has CRLF alone between lines."""
    content = raw.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def _size(connection: smtplib.SMTP, size: int) -> str:
    """What MAIL says of the mail's size (RFC 1870), where the server wants to know: one that is too large is refused
    before it travels."""
    return f" SIZE={size}" if connection.has_extn("size") else ""


def _ended(connection: smtplib.SMTP) -> tuple[int, bytes]:
    """The answer to the line that ends the mail."""
    try:
        wait_until(connection, time.monotonic() + WAITING)
        connection.send(_END)
        code, words = connection.getreply()
    except OSError as error:
        raise DeliveryError("unknown", "provider_timeout", "The mail server did not confirm the mail") from error
    if not 200 <= code <= 599:
        raise DeliveryError("unknown", "provider_garbled", "The mail server's answer could not be read")
    return code, words


def _require(answer: tuple[int, bytes], step: Step) -> None:
    """Any 2xx is a success: 251 is a recipient whose mail is forwarded."""
    if answer[0] // 100 != 2:
        raise refusal(step, *answer)
