"""Who wrote a mail: the address in its From field, and how far that is proven."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.channels.email.proofs import scopes
from shared.model.inbound import Sender

if TYPE_CHECKING:
    from connectors.channels.email.mime.mail import Address, Mail
    from connectors.channels.email.verdicts import Verdicts
    from shared.model.conversation import Verification

_LONGEST_NAME = 200
_LONGEST_ADDRESS = 320
"""64 for the local part, 255 for the domain (RFC 5321 section 4.5.3.1)."""


def one_sender(mail: Mail) -> Address | None:
    """The one From address. None when there is none or more than one: then nobody can be held to have written."""
    return mail.sender if mail.sender is not None and len(mail.sender.key) <= _LONGEST_ADDRESS else None


def domain_of(sender: Address | None) -> str | None:
    return sender.key.rpartition("@")[2] or None if sender is not None else None


def sender_of(account: str, mail: Mail, verdicts: Verdicts, established: Mapping[str, str], unknown: str) -> Sender:
    """The sender, in the scope that is proven: by the domain of the address, or by a reply address of ours that the
    intake found to be sealed for this very sender (``established``).

    Of several From addresses the first is shown, unproven. Without any, ``unknown`` tells this sender from others.
    """
    proven, unproven = scopes(account)
    only = one_sender(mail)
    shown = only or next((each for each in mail.senders if len(each.key) <= _LONGEST_ADDRESS), None)
    if shown is None:
        return Sender(external_id=f"unknown:{unknown}", scope=unproven, verification="none")
    scope, verification = _proof(proven, unproven, verdicts, established) if only else (unproven, "none")
    name = " ".join((shown.name or "").split())[:_LONGEST_NAME]
    return Sender(
        external_id=shown.key,
        scope=scope,
        aliases={"email": shown.key} if only is not None and verdicts.verified else {},
        verification=verification,
        name=name or None,
    )


def _proof(proven: str, unproven: str, verdicts: Verdicts, established: Mapping[str, str]) -> tuple[str, Verification]:
    scope = established.get("identity_scope")
    if scope in (proven, unproven):
        return scope, "provider" if verdicts.verified else "signed_token"
    return (proven, "provider") if verdicts.verified else (unproven, "none")
