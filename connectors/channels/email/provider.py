"""Which mail provider an account sends through, and the names that mail of ours has there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.channels.email.own_ids import is_own_id
from connectors.channels.email.settings import own_address, reply_domain
from connectors.channels.email.smtp.settings import relay_of

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext
    from shared.ports.mailer import Mailer


def mailer_of(context: ChannelContext) -> Mailer:
    """The account's own mail server, else the stack's provider. Raises ConfigurationError."""
    relay = relay_of(context.account)
    if relay is None:
        return context.mailer
    from connectors.channels.email.smtp.mailer import SmtpMailer

    return SmtpMailer(relay, own_address(context.account).rpartition("@")[2])


def message_ids(external_id: str, context: ChannelContext) -> tuple[str, ...]:
    """The Message-IDs that a mail of ours may have reached its recipients under, whichever way it was sent: accounts
    change their provider, and conversations go on."""
    if is_own_id(external_id):
        return (f"<{external_id}@{reply_domain(context.account)}>",)
    return context.mailer.message_ids(external_id)
