"""Who wrote, and whom it is about: the customer, or somebody of the company in a customer's thread.

In a direct message the user is the customer. In a channel whoever starts a thread is the customer of that thread, and
what others of our own workspace write into it is our side of the conversation. In a channel shared with other companies
(Slack Connect) our own workspace is staff everywhere, and everybody else is a customer.
"""

from __future__ import annotations

from typing import Any, Literal

from connectors.channels.slack.payloads import Callback, Event, Installation, identifier, member, text_of
from shared.model.inbound import Sender

Role = Literal["customer", "echo", "staff"]
"""``echo`` is staff in a customer's thread, ``staff`` is staff where no customer is."""

_SLACKBOT = "USLACKBOT"


def installation(callback: Callback) -> Installation:
    """The one authorisation that Slack names, which is ours; the outer team is ours too, as far as Slack says."""
    home = callback.authorizations[0] if callback.authorizations else Installation()
    if not home.team_id:
        home.team_id = callback.team_id
    return home


def is_program(event: Event, home: Installation) -> bool:
    """Whether an app wrote this: ours or another. Apps are not answered, for two that answer each other never end."""
    user = event.user
    return event.bot_id is not None or user == _SLACKBOT or (user == home.user_id and home.bot_user != "")


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


def starter_of(event: Event, home: Installation, account: str) -> Sender:
    """Who began the thread. Slack names the workspace of the starter only where it sends the first message along."""
    team = text_of(event.root, "user_team") or text_of(event.root, "team")
    return sender_of(event.parent_user_id or "", identifier(team), home, account, None)


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
