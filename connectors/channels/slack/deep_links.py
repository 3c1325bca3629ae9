"""Where a customer goes on with their conversation on Slack.

No address of Slack's carries a text: it opens the direct messages with the app, and the customer sends the code there.
Source: docs.slack.dev, "Deep linking into Slack", and "auth.test".
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from connectors.channels.slack.api import ask
from shared.http.answers import before_sending
from shared.ports import DeepLink

if TYPE_CHECKING:
    from shared.ports import ChannelContext


def deep_link(context: ChannelContext) -> DeepLink | None:
    """The address of the direct messages with the app.

    With ``app_id`` it is a web page, which asks people to sign in and works without Slack's own program. Without, Slack
    is asked who the app is, and the address opens that program alone; None when Slack does not say. Raises
    DeliveryError, classed.
    """
    app_id, team_id = context.account.get("app_id"), context.account.get("team_id")
    if app_id:
        # An organisation is no place to be sent to: people choose their workspace, or have one.
        place = {"team": team_id} if isinstance(team_id, str) and team_id.startswith("T") else {}
        return DeepLink(f"https://slack.com/app_redirect?{urlencode({'app': app_id, **place})}")
    with before_sending():
        answer = ask("auth.test", {}, context)
    team, user = answer.get("team_id"), answer.get("user_id")
    if not (isinstance(team, str) and isinstance(user, str) and team and user):
        return None
    return DeepLink(f"slack://user?{urlencode({'team': team, 'id': user})}")
