"""Whose a mail is, who wrote it and what its addresses prove, by its header fields alone; and whose a report is.

Imports nothing that reads whole mail: the function behind the mailbox starts quickly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.channels.email.addresses import mail_address, mail_domain
from connectors.channels.email.automatic import is_own
from connectors.channels.email.fingerprint import HEAD_BYTES, fingerprint
from connectors.channels.email.mime.addresses import read_addresses
from connectors.channels.email.mime.headers import header_block
from connectors.channels.email.proofs import prove, prove_link
from connectors.channels.email.tags import tagged_account
from connectors.channels.email.verdicts import Block, Verdicts, read_verdicts, recipient, split_block
from connectors.channels.email.writer import writer_of
from shared.errors import BadRequest
from shared.model.envelope import Addressed, VerifiedEvent
from shared.model.identifiers import digest

if TYPE_CHECKING:
    from shared.ports.accounts import Account
    from shared.ports.context import Seals

_RECIPIENT_FIELDS = ("to", "cc", "resent-to", "resent-cc", "bcc")
_MOST_RECIPIENTS = 500
_ID = re.compile(r"<[^<>\s]{1,998}>")
_UNINTERESTING = frozenset(("Send", "Open", "Click", "Subscription"))
"""Events that tell nothing: we know that we sent it, and opened is a guess (programs fetch pictures too)."""


class _Address(NamedTuple):
    """Our side of an account: lower-case address and reply domain, empty where the settings have none."""

    address: str
    reply_domain: str

    def has(self, recipient_key: str) -> bool:
        """The address itself or with ``+anything`` before the ``@``."""
        local, _, domain = recipient_key.rpartition("@")
        own_local, _, own_domain = self.address.rpartition("@")
        return own_local != "" and domain == own_domain and (local == own_local or local.startswith(f"{own_local}+"))

    def answers(self, recipient_key: str) -> bool:
        return self.reply_domain != "" and recipient_key.rpartition("@")[2] == self.reply_domain


class _Head(NamedTuple):
    """What the first bytes of a mail say. ``recipients`` and ``senders`` are lower-case addresses; ``sender`` is the
    one that can be held to have written, see :mod:`connectors.channels.email.writer`."""

    block: Block
    recipients: list[str]
    senders: list[str]
    sender: str | None
    verdicts: Verdicts


class EmailIntake:
    """The :class:`shared.ports.ingress.Intake` of mail."""

    head_bytes = HEAD_BYTES

    def mail(self, head: bytes, accounts: Mapping[str, Account], seals: Seals) -> list[Addressed]:
        """One event for each account that has a recipient of this mail.

        ``headers`` of the event hold only what was established: ``identity_scope`` and ``conversation`` by a reply
        address sealed for this sender, ``reply_address`` what came of one, ``link_code`` by a link address of the
        account, ``link_address`` what came of one, ``automatic`` that the mail is our own.
        """
        mail = _read_head(head)
        same = fingerprint(head, mail.block, mail.verdicts.verified)
        ours = {name: _own_side(account) for name, account in accounts.items()}
        marks = [each.reply_domain for each in ours.values()]
        found: dict[str, Addressed] = {}
        for name, side in ours.items():
            if any(side.has(each) or side.answers(each) for each in mail.recipients):
                headers = {**_continued(name, side, mail, seals), **_linked(name, side, mail, seals)}
                if is_own(mail.block.sent, mail.senders, (side.address, f"@{side.reply_domain}"), marks):
                    headers["automatic"] = "loop"
                event = VerifiedEvent(mail.sender or f"unknown:{same}", same, b"", headers=headers)
                found[name] = Addressed(name, event)
        return _meant(found, ours, mail.recipients)

    def report(self, body: bytes) -> list[Addressed]:
        """The report, for the account that its tags name; nothing when it tells nothing.

        Raises BadRequest (``malformed_report``).
        """
        try:
            report = json.loads(body)
            mail, kind = report["mail"], str(report.get("eventType") or report["notificationType"])
            message_id, account = str(mail["messageId"]), tagged_account(_tag(mail, "account"))
            # The fields of the mail itself come back with every report, and nobody reads them.
            report["mail"] = {name: mail[name] for name in mail if name not in ("headers", "commonHeaders")}
            kept = json.dumps(report, separators=(",", ":"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadRequest("malformed_report", "this is no report of SES on a mail of ours") from error
        if kind in _UNINTERESTING:
            return []
        same = digest("report", kept)
        return [Addressed(account, VerifiedEvent(message_id, same, kept.encode(), headers={"kind": "report"}))]


def _own_side(account: Account) -> _Address:
    address, domain = account.get("address"), account.get("reply_domain")
    return _Address(
        (mail_address(address) or "").lower() if isinstance(address, str) else "",
        mail_domain(domain) or "" if isinstance(domain, str) else "",
    )


def _read_head(head: bytes) -> _Head:
    block = split_block(header_block(head))
    named, only = writer_of(block)
    sender = only.key if only else None
    verdicts = read_verdicts(block, sender.rpartition("@")[2] if sender else None)
    return _Head(block, _recipients(block), [each.key for each in named], sender, verdicts)


def _recipients(block: Block) -> list[str]:
    """Lower-case addresses that the mail is for: what SES took it for first, then what its writer says."""
    named = [value for wanted in _RECIPIENT_FIELDS for name, value in block.sent if name == wanted]
    keys = [each.key for value in (recipient(block) or "", *named) for each in read_addresses(value).addresses]
    return list(dict.fromkeys(keys))[:_MOST_RECIPIENTS]


def _continued(account: str, side: _Address, mail: _Head, seals: Seals) -> dict[str, str]:
    """Which conversation the mail goes on with, by a reply address or a thread id."""
    if not side.reply_domain:
        return {}
    answered, nearest = _answered(mail)
    proof = prove([*mail.recipients, *answered, *nearest], account, side.reply_domain, mail.sender, seals)
    if proof is None:
        return {}
    if proof.outcome != "held":
        return {"reply_address": proof.outcome}
    if mail.verdicts.dmarc == "fail":
        # The domain of the sender says outright that the mail is not its own, which no reply address outweighs.
        return {}
    return {"identity_scope": proof.scope, "conversation": proof.conversation_id, "reply_address": "held"}


def _linked(account: str, side: _Address, mail: _Head, seals: Seals) -> dict[str, str]:
    """The link code that the mail was sent with."""
    proof = prove_link(mail.recipients, account, side.reply_domain, seals) if side.reply_domain else None
    if proof is None:
        return {}
    headers: dict[str, str] = {"link_address": proof.outcome}
    # Whoever got a copy and answers everybody has not been given the code: a mail that is begun by it answers none.
    if proof.outcome == "held" and mail.verdicts.dmarc != "fail" and not any(_answered(mail)):
        headers["link_code"] = proof.code
    return headers


def _answered(mail: _Head) -> tuple[list[str], list[str]]:
    """The message ids of what the mail answers, and of what it refers to, the nearest first."""
    named = {name: value for name, value in reversed(mail.block.sent) if name in ("in-reply-to", "references")}
    return _ID.findall(named.get("in-reply-to", "")), _ID.findall(named.get("references", ""))[::-1]


def _meant(found: dict[str, Addressed], ours: dict[str, _Address], recipients: list[str]) -> list[Addressed]:
    """Accounts may share a reply domain: a mail to it is for the one whose reply or link address it holds, else for the
    first of them; and it is for every account that it names by its own address."""
    held = {ours[name].reply_domain for name, each in found.items() if _holds(each)}
    meant: list[Addressed] = []
    for name in sorted(found):
        domain = ours[name].reply_domain
        if _holds(found[name]) or any(ours[name].has(each) for each in recipients):
            meant.append(found[name])
        elif domain not in held:
            meant.append(found[name])
            held.add(domain)
    return meant


def _holds(addressed: Addressed) -> bool:
    headers = addressed.event.headers
    return "conversation" in headers or headers.get("link_address") == "held"


def _tag(mail: Mapping[str, Any], name: str) -> str:
    """The first value of a tag; raises KeyError, TypeError or ValueError when there is none."""
    value = mail["tags"][name]
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, str) or not first:
        raise ValueError(f"the tag {name} is empty")
    return first


INTAKE = EmailIntake()
