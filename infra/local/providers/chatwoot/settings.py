"""A Chatwoot account as its dashboard shows it."""

from __future__ import annotations

import msgspec


class AccountSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``webhook_secret`` signs what goes to ``webhook_url``; without it nothing is signed, as before Chatwoot 4.13.

    ``administrator``: whether the token is an administrator's; an agent's may not delete contacts.
    ``labels`` are those that the account has; a conversation gets no other by the API.
    ``lock_to_single_conversation``: the inbox takes one conversation for each place of a contact in it.
    """

    account_id: int
    inbox_id: int
    access_token: str
    webhook_url: str
    webhook_secret: str | None = None
    inbox_name: str = "onethread"
    agent_name: str = "onethread"
    administrator: bool = True
    lock_to_single_conversation: bool = False
    labels: list[str] = []
    channel_type: str = "Channel::Api"
