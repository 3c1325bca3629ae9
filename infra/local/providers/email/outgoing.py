"""The mail that SendEmail carries: what SES refuses in it, and what SES makes of it.

Source: Amazon SES developer guide, "Sending raw email", "Header fields", "Unsupported attachment types" and "Service
quotas" (500 MIME parts); API v2 reference, "RawMessage" (7-bit, lines of at most 1,000 characters).
"""

from __future__ import annotations

import re
from email import errors as mime_errors
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from infra.local.providers.email.errors import ApiError, bad_request
from infra.local.providers.email.fields import Field, date, split, with_line_ends

MAXIMUM_LINE = 998
MAXIMUM_PARTS = 500
_BLOCKED_NAMES = (
    "ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse "
    "ksh lib lnk mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh2 "
    "mshxml msh1xml msh2xml msi msp mst ops pcd pif plg prf prg reg scf scr sct shb shs sys ps1 ps1xml ps2 "
    "ps2xml psc1 psc2 tmp url vb vbe vbs vps vsmacros vss vst vsw vxd ws wsc wsf wsh xnk"
)
BLOCKED = frozenset(_BLOCKED_NAMES.split())
REPLACED = frozenset({"message-id", "date", "bcc", "return-path"})
"""SES writes its own, and takes Bcc away."""
_BROKEN = (
    mime_errors.NoBoundaryInMultipartDefect,
    mime_errors.StartBoundaryNotFoundDefect,
    mime_errors.CloseBoundaryNotFoundDefect,
    mime_errors.MultipartInvariantViolationDefect,
)


def checked_mail(given: bytes) -> bytes:
    """The mail with CRLF line ends. Raises ApiError for what SES does not send."""
    raw = with_line_ends(given)
    fields, body = split(raw)
    if body is None:
        raise bad_request("The message has no empty line between its header and its body.")
    if not raw.isascii():
        raise bad_request("The message contains characters outside of 7-bit ASCII that are not encoded.")
    if any(len(line) > MAXIMUM_LINE for line in raw.split(b"\r\n")):
        raise bad_request("The message contains a line of more than 1000 characters.")
    _check_fields(fields)
    _check_parts(BytesParser(policy=compat32).parsebytes(raw))
    return raw


def _check_fields(fields: list[Field]) -> None:
    seen: set[str] = set()
    for field in fields:
        if not field.name:
            raise bad_request("Empty header names are illegal.")
        if b":" not in field.text or not re.fullmatch(r"[!-9;-~]+", field.name):
            raise bad_request(f"Illegal header '{field.name}'.")
        if field.name.lower() in seen and field.name.lower() != "received":
            raise bad_request(f"Duplicate header '{field.name}'.")
        seen.add(field.name.lower())
    if "from" not in seen:
        raise bad_request("Missing required header 'From'.")


def _check_parts(message: Message) -> None:
    parts = list(message.walk())
    if len(parts) > MAXIMUM_PARTS:
        raise bad_request(f"The message has more than {MAXIMUM_PARTS} MIME parts.")
    for part in parts:
        if any(isinstance(defect, _BROKEN) for defect in part.defects):
            raise bad_request("Each part of a multipart MIME message must be formatted properly.")
        filename = str(part.get_filename() or "")
        if filename.rpartition(".")[2].lower().strip() in BLOCKED and "." in filename:
            raise bad_request(f"Illegal filename '{filename}'.")


def as_sent(raw: bytes, message_id: str, region: str, at: float) -> bytes:
    """The mail as recipients get it: SES's own Message-ID and Date, no Bcc, and SES's marks."""
    fields, body = split(raw)
    kept = b"".join(field.text for field in fields if field.name.lower() not in REPLACED)
    own = [
        f"Message-ID: <{message_id}@{mail_host(region)}>",
        f"Date: {date(at)}",
        f"Feedback-ID: ::1.{region}.c3RhbmRpbg==:AmazonSES",
        "X-SES-Outgoing: 2026.01.01-127.0.0.1",
    ]
    return kept + "".join(f"{line}\r\n" for line in own).encode() + b"\r\n" + (body or b"")


def mail_host(region: str) -> str:
    """The right side of the Message-IDs that SES writes."""
    return "email.amazonses.com" if region == "us-east-1" else f"{region}.amazonses.com"


def not_verified(identities: list[str], region: str) -> ApiError:
    return ApiError(
        "MessageRejected",
        f"Email address is not verified. The following identities failed the check in region {region.upper()}: "
        + ", ".join(identities),
    )
