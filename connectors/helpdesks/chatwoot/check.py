"""What ``onethread helpdesk check`` finds out about an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.helpdesks.chatwoot.api import get
from connectors.helpdesks.chatwoot.settings import problems, setting
from shared.errors import DeliveryError
from shared.helpdesk.settings import optional
from shared.ports.connector import Finding

if TYPE_CHECKING:
    from shared.helpdesk.seam import HelpdeskContext

API_INBOX = "Channel::Api"


def check(context: HelpdeskContext) -> list[Finding]:
    """The settings, the token, the inbox, and where its webhooks go."""
    wrong = problems(context.account)
    if wrong:
        return [Finding(False, "settings", sentence) for sentence in wrong]
    findings = [Finding(True, "settings", "complete")]
    try:
        answer = get(f"/inboxes/{setting(context.account, 'inbox_id')}", context)
    except DeliveryError as error:
        return [*findings, Finding(False, "access token", f"{error.title} ({error.code})")]
    if answer.missing:
        return [*findings, Finding(False, "inbox", "there is none with this id, or the token's agent is not in it")]
    if answer.status >= 300:
        return [*findings, Finding(False, "inbox", f"Chatwoot answered HTTP {answer.status}")]
    findings.append(Finding(True, "access token", "Chatwoot takes it"))
    return findings + _inbox(answer.content, context)


def _inbox(inbox: dict[str, Any], context: HelpdeskContext) -> list[Finding]:
    kind = inbox.get("channel_type")
    if kind != API_INBOX:
        return [Finding(False, "inbox", f"it is of the type {kind}, and has to be an API inbox")]
    findings = [Finding(True, "inbox", "an API inbox")]
    address = inbox.get("webhook_url")
    if not address:
        findings.append(Finding(False, "webhook", "the inbox has no webhook URL: agents' answers would not leave it"))
    else:
        # Without its query: that may be a secret.
        findings.append(Finding(True, "webhook", f"the inbox's webhooks go to {str(address).partition('?')[0]}"))
    shown = inbox.get("secret")
    expected = optional(context.account, "webhook_secret")
    if shown and expected and shown != expected:
        findings.append(Finding(False, "webhook secret", "the inbox has another one"))
    return findings
