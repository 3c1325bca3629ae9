"""A Zendesk account as its admin center shows it."""

from __future__ import annotations

from typing import Literal

import msgspec


class AccountSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``api_token`` goes with ``email``, that of an agent; ``webhook_secret`` signs what goes to ``webhook_url``.

    ``required_to_solve``: an admin asks for a field that tickets must have before they are solved.
    """

    email: str
    api_token: str
    webhook_url: str
    webhook_secret: str
    agent_name: str = "onethread"
    role: Literal["agent", "admin"] = "admin"
    required_to_solve: str | None = None
