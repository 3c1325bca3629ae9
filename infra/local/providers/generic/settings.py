"""What the stand-in is told of an account."""

from __future__ import annotations

import msgspec


class AccountSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``token`` is what calls must carry, ``webhook_secret`` what webhooks to ``webhook_url`` are signed with."""

    token: str
    webhook_secret: str
    webhook_url: str
