"""Who wrote, and whom it is about: the customer, or somebody of the company in a customer's thread.

In a direct message the user is the customer. In a channel whoever starts a thread is the customer of that thread, and
what others of our own workspace write into it is our side of the conversation. In a channel shared with other companies
(Slack Connect) our own workspace is staff everywhere, and everybody else is a customer.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from connectors.channels.slack.payloads import Callback, Event, identifier, member, text_of
from shared.model.inbound import Sender

Role = Literal["customer", "echo", "staff"]
"""``echo`` is staff in a customer's thread, ``staff`` is staff where no customer is."""

_SLACKBOT = "USLACKBOT"


class Installation(NamedTuple):
    """Where the app is installed, and who it is there; empty where Slack does not say."""

    team_id: str
    enterprise_id: str
    bot_user: str
    app_id: str

    def is_home(self, team: str) -> bool:
        return team == self.team_id or (team != "" and team == self.enterprise_id)

    def scope(self, team: str) -> str:
        """What a user's id is unique in: the user's workspace, or our whole organisation when the app is installed in
        all of it."""
        if not team or self.is_home(team):
            return self.enterprise_id or self.team_id
        return team


def installation(callback: Callback) -> Installation:
    """Of the one authorisation that Slack names, which is ours; the outer team is ours too, as far as Slack says."""
    granted = callback.authorizations
    first = granted[0] if type(granted) is list and granted else None
    if type(first) is not dict:
        return Installation(identifier(callback.team_id), "", "", identifier(callback.api_app_id))
    return Installation(
        identifier(first.get("team_id")) or identifier(callback.team_id),
        identifier(first.get("enterprise_id")) if first.get("is_enterprise_install") is True else "",
        identifier(first.get("user_id")) if first.get("is_bot") is True else "",
        identifier(callback.api_app_id),
    )


def team_of(event: Event) -> str:
    """The workspace of the event's user, as far as the event says."""
    return identifier(event.user_team) or identifier(event.source_team) or identifier(event.team)


def is_program(event: Event, home: Installation) -> bool:
    """Whether an app wrote this: ours or another. Apps are not answered, for two that answer each other never end."""
    if event.bot_id is not None or event.subtype == "bot_message":
        return True
    return event.user in (home.bot_user, _SLACKBOT) and event.user != ""


def is_direct(event: Event, channel: str) -> bool:
    kind = event.channel_type
    return kind == "im" if type(kind) is str else channel[:1] == "D"


def role(user: str, team: str, parent: str, *, in_thread: bool, shared: bool, home: Installation) -> Role:
    """What somebody is who wrote in a channel; ``parent`` started the thread.

    A thread without a known starter, or one that we began, belongs to whoever answers in it.
    """
    begun_by_another = in_thread and parent not in ("", user, home.bot_user)
    if shared and home.is_home(team):
        return "echo" if begun_by_another else "staff"
    return "echo" if begun_by_another and not shared else "customer"


def sender_of(user: str, team: str, home: Installation, account: str, name: str | None) -> Sender:
    return Sender(external_id=user, scope=home.scope(team) or account, name=name)


def starter_of(event: Event, parent: str, home: Installation, account: str) -> Sender:
    """Who began the thread. Slack names the workspace of the starter only where it sends the first message along."""
    root = event.root if isinstance(event.root, dict) else {}
    team = text_of(root, "user_team") or text_of(root, "team")
    return sender_of(parent, identifier(team), home, account, None)


def profile_name(profile: Any) -> str | None:
    """The name that a profile shows."""
    for name in ("display_name", "real_name", "name"):
        found = text_of(profile, name).strip()
        if found:
            return found[:200]
    return None


def user_name(user: Any) -> str | None:
    """The name in a user object of an interaction."""
    return profile_name(member(user, "profile")) or (text_of(user, "name") or text_of(user, "username"))[:200] or None
