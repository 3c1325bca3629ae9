"""What the mail stand-in remembers: the mail in made-up mailboxes, and how the SES account is doing."""

from __future__ import annotations

import secrets
from typing import Any, Literal

import msgspec

_LETTERS = "0123456789abcdefghijklmnopqrstuv"


class Kept(msgspec.Struct, kw_only=True):
    """One mail. ``received`` came from SES and lies in the mailbox of each recipient; ``sent`` was written by the
    owner of the one mailbox.

    ``report`` is the ``mail`` object that SES's events about a received mail carry; ``configuration_set`` says whether
    there are any. ``shown`` is what a list of mails tells.
    """

    id: str
    at: float
    direction: Literal["received", "sent"]
    mailboxes: list[str]
    sender: str
    recipients: list[str]
    size: int
    shown: dict[str, Any] = {}
    report: dict[str, Any] = {}
    configuration_set: str | None = None


class AccountState(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The SES account: out of the sandbox, sending, and its quotas in recipients a second and a day."""

    production_access: bool = True
    sending_enabled: bool = True
    max_send_rate: float = 200.0
    max_24_hour_send: float = 50_000.0


class EmailState(msgspec.Struct, kw_only=True):
    """``unverified`` are identities whose verification was taken back, ``verified`` those that were added."""

    mails: dict[str, Kept] = {}
    account: AccountState = msgspec.field(default_factory=AccountState)
    verified: list[str] = []
    unverified: list[str] = []


def received_id() -> str:
    """An id as SES gives to mail it receives: 40 small letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(40))


def sent_id(now: float) -> str:
    """An id as SES gives to mail it sends, e.g. ``0102019a2b3c4d5e-1b2c3d4e-...-000000``."""
    digits = secrets.token_hex(16)
    groups = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return f"0102{int(now * 1000):012x}-{'-'.join(groups)}-000000"
