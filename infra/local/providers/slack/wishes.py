"""What can be asked of the control interface."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from infra.local.providers.faults import Fault
from infra.local.providers.slack.delivery import Signing
from infra.local.providers.slack.state import Standing


class NewUser(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``organisation``: the name of another company, whose people are met in shared channels only."""

    name: str
    account: str | None = None
    role: Literal["customer", "staff"] = "customer"
    organisation: str | None = None


class UserChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    deleted: bool


class NewChannel(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    account: str | None = None
    private: bool = False
    shared: bool = False
    with_app: bool = True


class ChannelChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    archived: bool | None = None
    with_app: bool | None = None
    add: list[str] = []


class DirectChoice(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    user: str


class RawEvent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``changes`` replace fields of the envelope."""

    event: dict[str, Any]
    account: str | None = None
    shared: bool = False
    changes: dict[str, Any] = {}


class Forging(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How one post differs from an honest one; ``clock_skew`` (seconds) makes it stale."""

    signing: Signing = "good"
    clock_skew: float = 0.0
    headers: dict[str, str] = {}


class RawPost(Forging, kw_only=True, forbid_unknown_fields=True):
    body: str
    account: str | None = None
    content_type: str = "application/json"


class AccountChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    scopes: list[str] | None = None
    events: list[str] | None = None
    standing: Standing | None = None


class AccountChoice(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    account: str | None = None


class SlackFault(Fault, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``error`` is Slack's error word; ``retry_after`` (seconds) makes it a 429."""

    retry_after: int | None = None

    def __post_init__(self) -> None:
        if self.errcode is not None or self.errmsg is not None:
            raise ValueError("Slack's errors have names: error")
        if self.retry_after is not None:
            self.error = self.error or "ratelimited"
            self.http_status = self.http_status or 429
            self.headers = {**self.headers, "Retry-After": str(self.retry_after)}
        super().__post_init__()


class Behaviour(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    rate_limits: bool | None = None
    answer_seconds: float | None = None
    retry_seconds: list[float] | None = None
