"""Who wrote a mail: the address in its From field, and how far that is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.email.proofs import scopes
from connectors.channels.email.writer import writer_of
from shared.model.inbound import Sender

if TYPE_CHECKING:
    from connectors.channels.email.mime.mail import Address, Mail
    from connectors.channels.email.verdicts import Block, Verdicts
    from shared.model.conversation import Verification
    from shared.model.envelope import Envelope

_LONGEST_NAME = 200
_LONGEST_ADDRESS = 320
"""64 for the local part, 255 for the domain (RFC 5321 section 4.5.3.1)."""


def one_sender(block: Block, mail: Mail) -> Address | None:
    """Who can be held to have written: the one From address, if reading the whole mail leads to the same as reading its
    first bytes did, by which the intake judged."""
    only = writer_of(block).only
    same = only is not None and mail.sender is not None and mail.sender.key == only.key
    return only if same and only is not None and len(only.key) <= _LONGEST_ADDRESS else None


def domain_of(sender: Address | None) -> str | None:
    return sender.key.rpartition("@")[2] or None if sender is not None else None


def sender_of(envelope: Envelope, mail: Mail, only: Address | None, verdicts: Verdicts, unknown: str) -> Sender:
    """The sender, in the scope that is proven: by the domain of the address, or by a reply address of ours that the
    intake found to be sealed for this very sender (its word is in ``envelope.headers``).

    ``only`` is what :func:`one_sender` found. Where it found nobody, the first From address is shown, unproven; without
    any, ``unknown`` tells this sender from others. In the unproven scope the address is a claim even when this one mail
    proves it: the next mail under the same external id may be anybody's.
    """
    shown = only or next((each for each in mail.senders if len(each.key) <= _LONGEST_ADDRESS), None)
    scope, verification = _proof(envelope, verdicts, only)
    unproven = scope != envelope.account
    if shown is None:
        return Sender(external_id=f"unknown:{unknown}", scope=scope, unproven=unproven, verification=verification)
    name = " ".join((shown.name or "").split())[:_LONGEST_NAME]
    return Sender(
        external_id=shown.key,
        scope=scope,
        aliases={"email": shown.key} if verdicts.verified and not unproven else {},
        claims={"email": shown.key} if unproven else {},
        unproven=unproven,
        verification=verification,
        name=name or None,
    )


def _proof(envelope: Envelope, verdicts: Verdicts, only: Address | None) -> tuple[str, Verification]:
    proven, unproven = scopes(envelope.account)
    if only is None:
        return unproven, "none"
    scope = envelope.headers.get("identity_scope")
    if scope in (proven, unproven):
        return scope, "provider" if verdicts.verified else "signed_token"
    return (proven, "provider") if verdicts.verified else (unproven, "none")
