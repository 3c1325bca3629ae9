"""What ``onethread channel check`` finds out about an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.channels.slack.api import post
from connectors.channels.slack.errors import read_answer
from connectors.channels.slack.settings import problems, rotates
from connectors.channels.slack.tokens import FORM, TokenUse
from shared.errors import DeliveryError
from shared.ports.connector import Finding

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext
    from shared.ports.http import HttpResponse

_NEEDED = {
    "chat:write": "messages can be sent",
    "im:write": "direct messages can be opened",
    "im:history": "direct messages come in",
    "files:read": "files of customers can be read",
    "files:write": "files can be sent",
}
_USEFUL = {
    "channels:history": "messages in public channels come in",
    "groups:history": "messages in private channels come in",
    "reactions:read": "reactions come in",
}


def check(context: ChannelContext) -> list[Finding]:
    """The settings, the token, whose it is, and what the app may do with it."""
    wrong = problems(context.account)
    if wrong:
        return [Finding(False, "settings", sentence) for sentence in wrong]
    findings = [Finding(True, "settings", "complete")]
    try:
        response, answer = TokenUse(context).call(lambda token: _tested(token, context))
    except DeliveryError as error:
        return [*findings, Finding(False, "bot token", f"{error.title} ({error.code})")]
    team = str(answer.get("team") or answer.get("team_id") or "unknown")
    findings.append(Finding(True, "bot token", f"Slack takes it, for the workspace {team}"))
    if rotates(context.account):
        findings.append(Finding(True, "token rotation", "the token is renewed before it ends"))
    findings += _workspace(context, str(answer.get("team_id", "")), str(answer.get("enterprise_id") or ""))
    return findings + _scopes(response.headers.get("x-oauth-scopes", ""))


def _tested(token: str, context: ChannelContext) -> tuple[HttpResponse, dict[str, Any]]:
    """The answer, as it came and read."""
    response = post("auth.test", b"", FORM, token, context)
    return response, read_answer(response)


def _workspace(context: ChannelContext, team_id: str, enterprise_id: str) -> list[Finding]:
    expected = context.account.get("team_id")
    if not expected:
        return [Finding(True, "workspace", "team_id is not set: events of every workspace with the app are taken")]
    if expected in (team_id, enterprise_id):
        return [Finding(True, "workspace", f"{expected} is the token's")]
    return [Finding(False, "workspace", f"team_id is {expected}, and the token is for {team_id or 'another'}")]


def _scopes(header: str) -> list[Finding]:
    """One line for what is there, and one for each scope that is not."""
    granted = {scope.strip() for scope in header.split(",") if scope.strip()}
    if not granted:
        return [Finding(False, "scopes", "Slack did not say which scopes the token has")]
    findings = [
        Finding(False, "scopes", f"{scope} is missing; with it {what}")
        for scope, what in _NEEDED.items()
        if scope not in granted
    ]
    findings = findings or [Finding(True, "scopes", "all that are needed are granted")]
    return findings + [
        Finding(True, "scopes", f"{scope} is not granted; with it {what}")
        for scope, what in _USEFUL.items()
        if scope not in granted
    ]
