"""What SendEmail is called with, checked as SES does before it looks at the mail itself.

Source: Amazon SES API v2 reference, "SendEmail", "Destination", "MessageTag"; developer guide, "Service quotas".
"""

from __future__ import annotations

import base64
import binascii
import re
from email.utils import parseaddr
from typing import Any, NamedTuple

import msgspec

from infra.local.providers.email.errors import ApiError, bad_request

MAXIMUM_BYTES = 40 << 20
MAXIMUM_RECIPIENTS = 50
MAXIMUM_TAGS = 50
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_DOMAIN = re.compile(r"(?=.{1,255}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")


class Submission(NamedTuple):
    """``sender`` is None when only the mail's own From header says it; ``recipients`` is empty when only its To, Cc and
    Bcc do."""

    sender: str | None
    recipients: list[str]
    raw: bytes
    tags: dict[str, list[str]]
    configuration_set: str | None


class _Raw(msgspec.Struct):
    data: str = msgspec.field(name="Data")


class _Content(msgspec.Struct):
    raw: _Raw | None = msgspec.field(name="Raw", default=None)
    simple: dict[str, Any] | None = msgspec.field(name="Simple", default=None)
    template: dict[str, Any] | None = msgspec.field(name="Template", default=None)


class _Destination(msgspec.Struct, rename="pascal"):
    to_addresses: list[str] = []
    cc_addresses: list[str] = []
    bcc_addresses: list[str] = []


class _Tag(msgspec.Struct, rename="pascal"):
    name: str = ""
    value: str = ""


class _Call(msgspec.Struct, rename="pascal"):
    content: _Content | None = None
    from_email_address: str | None = None
    destination: _Destination = msgspec.field(default_factory=_Destination)
    configuration_set_name: str | None = None
    email_tags: list[_Tag] = []


def read_submission(body: bytes) -> Submission:
    """Raises ApiError."""
    call = _decoded(body)
    if call.content is None:
        raise bad_request("1 validation error detected: Value at 'content' failed to satisfy constraint.")
    if call.content.raw is None or call.content.simple is not None or call.content.template is not None:
        raise bad_request("Content takes exactly one of Raw, Simple and Template; this stand-in sends Raw only.")
    destination = call.destination
    recipients = [*destination.to_addresses, *destination.cc_addresses, *destination.bcc_addresses]
    if len(recipients) > MAXIMUM_RECIPIENTS:
        raise bad_request(f"Recipient count exceeds {MAXIMUM_RECIPIENTS}.")
    return Submission(
        sender=None if call.from_email_address is None else checked_address(call.from_email_address),
        recipients=[checked_address(recipient) for recipient in recipients],
        raw=_decoded_raw(call.content.raw.data),
        tags=_tags(call.email_tags),
        configuration_set=call.configuration_set_name,
    )


def checked_address(text: str) -> str:
    """The bare address of ``Name <address>``. Raises ApiError: SES has no SMTPUTF8, and domains go in punycode."""
    address = parseaddr(text)[1]
    local, at, domain = address.rpartition("@")
    if not at or not local:
        raise bad_request("Missing final '@domain'")
    if not local.isascii() or re.search(r"[\x00-\x20\x7f]", local):
        raise bad_request("Local address contains control or whitespace or non-ASCII characters")
    if len(local) > 64 or len(address) > 320:
        raise bad_request("Address length is more than 320 characters long")
    if not _DOMAIN.fullmatch(domain):
        raise bad_request("Domain contains illegal character")
    return address


def _decoded(body: bytes) -> _Call:
    try:
        return msgspec.json.decode(body, type=_Call)
    except msgspec.ValidationError as error:
        raise ApiError("SerializationException", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiError("SerializationException", "The request is not JSON") from error


def _decoded_raw(data: str) -> bytes:
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError("SerializationException", "Content.Raw.Data is not base64") from error
    if len(raw) > MAXIMUM_BYTES:
        raise bad_request(f"Message length is more than {MAXIMUM_BYTES} bytes long: '{len(raw)}'.")
    return raw


def _tags(given: list[_Tag]) -> dict[str, list[str]]:
    if len(given) > MAXIMUM_TAGS:
        raise bad_request(f"Too many tags: more than {MAXIMUM_TAGS}.")
    tags: dict[str, list[str]] = {}
    for tag in given:
        if not _TAG.fullmatch(tag.name):
            raise bad_request(f"Invalid tag name <{tag.name[:300]}>: letters, digits, '_' and '-', at most 256.")
        if not _TAG.fullmatch(tag.value):
            raise bad_request(f"Invalid tag value <{tag.value[:300]}>: letters, digits, '_' and '-', at most 256.")
        tags.setdefault(tag.name, []).append(tag.value)
    return tags
