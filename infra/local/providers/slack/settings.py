"""An app as it is installed in a workspace: what the app's pages at api.slack.com show."""

from __future__ import annotations

import msgspec

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "reactions:read",
    "reactions:write",
    "users:read",
    "users:read.email",
)
EVENTS = (
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "reaction_removed",
    "tokens_revoked",
)


class AccountSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``webhook_url`` is the request URL of events, interactivity and commands alike.

    ``scopes`` are the bot token's, ``events`` the bot events subscribed to, ``command`` the app's slash command. The
    workspace begins with one public channel, ``channel``, which the app is in. With a ``refresh_token`` the app's
    tokens rotate.
    """

    bot_token: str
    signing_secret: str
    webhook_url: str
    team_id: str
    app_id: str
    bot_id: str
    bot_user_id: str
    client_id: str | None = None
    client_secret: str | None = None
    refresh_token: str | None = None
    team_name: str = "Example"
    bot_name: str = "onethread"
    channel: str = "support"
    command: str = "/support"
    scopes: list[str] = msgspec.field(default_factory=lambda: list(SCOPES))
    events: list[str] = msgspec.field(default_factory=lambda: list(EVENTS))

    def __post_init__(self) -> None:
        if not self.bot_token.startswith(("xoxb-", "xoxe.xoxb-")):
            raise ValueError("bot_token starts with xoxb-")
        for value, prefix in ((self.team_id, "T"), (self.app_id, "A"), (self.bot_id, "B"), (self.bot_user_id, "U")):
            if not value.startswith(prefix):
                raise ValueError(f"{value} does not start with {prefix}")
