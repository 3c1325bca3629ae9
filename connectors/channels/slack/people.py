"""Who wrote, and whom it is about: the customer, or somebody of the company in a customer's thread.

In a direct message the user is the customer. In a channel whoever starts a thread is the customer of that thread, and
what others of our own workspace write into it is our side of the conversation. In a channel shared with other companies
(Slack Connect) our own workspace is staff everywhere, and everybody else is a customer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import msgspec

from connectors.channels.slack.payloads import Callback, Event, identifier, member, read_list, text_of
from shared.model.inbound import Sender

Role = Literal["customer", "echo", "staff"]
"""``echo`` is staff in a customer's thread, ``staff`` is staff where no customer is."""

_SLACKBOT = "USLACKBOT"


class Installation(msgspec.Struct, frozen=True, gc=False):
    """Where the app is installed, and who it is there; empty where Slack does not say."""

    team_id: str
    enterprise_id: str
    bot_user: str

    def is_home(self, team: str) -> bool:
        return team != "" and team in (self.team_id, self.enterprise_id)

    def scope(self, team: str) -> str:
        """What a user's id is unique in: the user's workspace, or our whole organisation when the app is installed in
        all of it."""
        if not team or team in (self.team_id, self.enterprise_id):
            return self.enterprise_id or self.team_id
        return team


def installation(callback: Callback) -> Installation:
    """Of the one authorisation that Slack names, which is ours; the outer team is ours too, as far as Slack says."""
    return _installation(callback.team_id or "", bytes(callback.authorizations))


@lru_cache(maxsize=64)
def _installation(team_id: str, authorizations: bytes) -> Installation:
    """Every event of one workspace says the same, so it is read once."""
    first = next(iter(read_list(authorizations)), {})
    return Installation(
        identifier(first.get("team_id")) or team_id,
        identifier(first.get("enterprise_id")) if first.get("is_enterprise_install") is True else "",
        identifier(first.get("user_id")) if first.get("is_bot") is True else "",
    )


def is_program(event: Event, home: Installation) -> bool:
    """Whether an app wrote this: ours or another. Apps are not answered, for two that answer each other never end."""
    user = event.user
    return event.bot_id is not None or user == _SLACKBOT or (user == home.bot_user != "")


def is_direct(event: Event, channel: str) -> bool:
    kind = event.channel_type
    return channel[0] == "D" if kind is None else kind == "im"


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
    team = text_of(event.root, "user_team") or text_of(event.root, "team")
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
