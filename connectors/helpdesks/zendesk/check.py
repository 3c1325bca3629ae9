"""What ``onethread helpdesk check`` finds out about an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.helpdesks.zendesk.api import get
from connectors.helpdesks.zendesk.settings import is_our_agent, problems
from shared.errors import DeliveryError
from shared.ports.connector import Finding

if TYPE_CHECKING:
    from shared.helpdesk.seam import HelpdeskContext

ROLES = ("agent", "admin")


def check(context: HelpdeskContext) -> list[Finding]:
    """The settings, the token, and whose it is. Zendesk answers a token that it does not know as it answers a stranger:
    with a user without an id."""
    wrong = problems(context.account)
    if wrong:
        return [Finding(False, "settings", each) for each in wrong]
    findings = [Finding(True, "settings", "complete")]
    try:
        user = get("/users/me.json", context).record("user")
    except DeliveryError as error:
        return [*findings, Finding(False, "token", f"{error.title} ({error.code})")]
    if user.get("id") is None:
        return [*findings, Finding(False, "token", "Zendesk does not know it")]
    findings.append(Finding(True, "token", "Zendesk takes it"))
    if user.get("role") not in ROLES:
        findings.append(Finding(False, "agent", f"the token's user is no agent, but {user.get('role')}"))
    elif not is_our_agent(user.get("email"), context.account):
        findings.append(Finding(False, "agent", "the token is of another user than email says"))
    else:
        findings.append(Finding(True, "agent", f"the token's user is {user.get('role')}"))
    return findings
