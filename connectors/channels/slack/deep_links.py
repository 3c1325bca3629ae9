"""Where a customer goes on with their conversation on Slack.

No address of Slack's carries a text: it opens the direct messages with the app, and the customer sends the code there.
Source: docs.slack.dev, "Deep linking into Slack", and "auth.test".
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from connectors.channels.slack.api import ask
from connectors.channels.slack.tokens import TokenUse
from shared.http.answers import before_sending
from shared.ports.connector import DeepLink

if TYPE_CHECKING:
    from shared.ports.context import ChannelContext


def deep_link(context: ChannelContext) -> DeepLink | None:
    """The address of the direct messages with the app.

    With the account's ``app_id`` it is a page of Slack's, which has people sign in; without, it opens Slack's own
    program. Slack is asked for what the settings leave out. None when it does not say. Raises
    DeliveryError, classed.
    """
    app_id, workspace = context.account.get("app_id"), str(context.account.get("team_id") or "")
    if app_id and workspace.startswith("T"):
        return _page(app_id, workspace)
    with before_sending():
        answer = ask("auth.test", {}, TokenUse(context))
    workspace, user = str(answer.get("team_id") or ""), str(answer.get("user_id") or "")
    if app_id and workspace:
        return _page(app_id, workspace)
    if workspace and user:
        return DeepLink(f"slack://user?{urlencode({'team': workspace, 'id': user})}")
    return None


def _page(app_id: str, workspace: str) -> DeepLink:
    return DeepLink(f"https://slack.com/app_redirect?{urlencode({'app': app_id, 'team': workspace})}")
