"""What ``onethread channel check`` finds out about a mail account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.email.provider import mailer_of
from connectors.channels.email.settings import api_base, own_address, problems, reply_domain
from shared.errors import DeliveryError
from shared.ports.connector import Finding

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext


def check(context: ChannelContext) -> list[Finding]:
    """The settings, where answers go, and whether the mail provider would send from the address."""
    wrong = problems(context.account)
    if wrong:
        return [Finding(False, "settings", sentence) for sentence in wrong]
    address, domain = own_address(context.account), reply_domain(context.account)
    findings = [Finding(True, "settings", f"mail from {address}, answers to reply+...@{domain}")]
    try:
        return [*findings, *mailer_of(context).check(address, api_base(context.account))]
    except DeliveryError as error:
        return [*findings, Finding(False, "sending", f"{error.title} ({error.code})")]
