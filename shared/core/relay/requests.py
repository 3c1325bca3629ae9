"""What callers may ask of subscriptions, and what is refused for what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any, Final, Literal

import msgspec

from shared.core.relay.records import HelpdeskName
from shared.errors import DeliveryError, Unprocessable
from shared.model.event import EVENT_TYPES
from shared.model.timestamps import seconds

LONGEST_URL: Final = 2048
LONGEST_DESCRIPTION: Final = 500
LARGEST_METADATA: Final = 4096
"""Bytes of JSON."""

LONGEST_OVERLAP: Final = 7 * 86_400
"""Seconds for which a secret may be used after it was replaced."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}/[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


class NewSubscription(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of POST /v1/subscriptions: ``url``, or ``helpdesk`` as ``<helpdesk>/<account>``. ``since`` (RFC 3339) is
    the time from which it wants to hear, in the past; without it, from now."""

    url: str | None = None
    helpdesk: str | None = None
    types: list[str] = []
    channels: list[str] = []
    signing: Literal["hmac", "ed25519"] = "hmac"
    description: str | None = None
    metadata: dict[str, Any] = {}
    since: str | None = None


class SubscriptionChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of PATCH /v1/subscriptions/{id}: what is absent stays. ``active`` also tries at once what waits."""

    url: str | msgspec.UnsetType = msgspec.UNSET
    types: list[str] | msgspec.UnsetType = msgspec.UNSET
    channels: list[str] | msgspec.UnsetType = msgspec.UNSET
    status: Literal["active", "paused"] | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType | None = msgspec.UNSET
    metadata: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET

    def given(self) -> dict[str, Any]:
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not msgspec.UNSET}


class RotateSecret(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of POST /v1/subscriptions/{id}/secret/rotate: the seconds for which the secret before is used as well; 0
    when it has leaked."""

    expire_previous_after: int = 86_400


class Replay(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of POST /v1/subscriptions/{id}/replay: ``after`` a sequence (``after_sequence`` is the same), or
    ``since`` a time (RFC 3339); neither is from the beginning. Without ``conversation_id``, every conversation."""

    conversation_id: str | None = None
    after: int | None = None
    after_sequence: int | None = None
    since: str | None = None


class SkipEvent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The body of POST /v1/subscriptions/{id}/skip: the conversation, and the sequence of the entry that it fails over,
    as ``failing_conversations`` has them."""

    conversation_id: str
    sequence: int


class Checks:
    """Raises Unprocessable, with a stable code for each field, for what can never work."""

    def __init__(
        self,
        channels: Callable[[], Collection[str]],
        check_url: Callable[[str], object],
        check_helpdesk: Callable[[HelpdeskName], object],
    ) -> None:
        """``channels`` are the channels' names. ``check_url`` raises DeliveryError for an address that may not be
        called; it judges the spelling, and resolves nothing. ``check_helpdesk`` raises ConfigurationError or NotFound
        for one that is not set up."""
        self._channels = channels
        self._check_url = check_url
        self._check_helpdesk = check_helpdesk

    def place(self, request: NewSubscription) -> tuple[str | None, HelpdeskName | None]:
        """Raises Unprocessable(``bad_target``, ``bad_url``, ``bad_helpdesk``), NotFound, ConfigurationError."""
        if (request.url is None) == (request.helpdesk is None):
            raise Unprocessable("bad_target", "give either url or helpdesk")
        if request.url is not None:
            return self.url(request.url), None
        if request.helpdesk is None or not _NAME.fullmatch(request.helpdesk):
            raise Unprocessable("bad_helpdesk", "helpdesk is <helpdesk>/<account>")
        helpdesk, _, account = request.helpdesk.partition("/")
        name = HelpdeskName(helpdesk, account)
        self._check_helpdesk(name)
        return None, name

    def url(self, url: str) -> str:
        if len(url) > LONGEST_URL:
            raise Unprocessable("bad_url", f"the address is longer than {LONGEST_URL} characters")
        try:
            self._check_url(url)
        except DeliveryError as error:
            raise Unprocessable("bad_url", error.title) from error
        return url

    def types(self, types: list[str]) -> tuple[str, ...]:
        if unknown := sorted(set(types) - set(EVENT_TYPES)):
            raise Unprocessable("bad_types", f"there are no such events: {_quoted(unknown)}")
        return tuple(dict.fromkeys(types))

    def channels(self, channels: list[str]) -> tuple[str, ...]:
        if unknown := sorted(set(channels) - set(self._channels())):
            raise Unprocessable("bad_channels", f"there are no such channels: {_quoted(unknown)}")
        return tuple(dict.fromkeys(channels))


def checked_description(text: str | None) -> str | None:
    if text is not None and len(text) > LONGEST_DESCRIPTION:
        raise Unprocessable("bad_description", f"a description has {LONGEST_DESCRIPTION} characters at the most")
    return text


def checked_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    if len(msgspec.json.encode(metadata)) > LARGEST_METADATA:
        raise Unprocessable("bad_metadata", f"metadata has {LARGEST_METADATA} bytes of JSON at the most")
    return metadata


def read_since(text: str, now: float) -> float:
    """Seconds. Raises Unprocessable(``bad_since``) for what is no time, or has not come."""
    try:
        at = seconds(text)
        offset = text.endswith(("Z", "z")) or "+" in text or text.rfind("-") > text.rfind("T")
    except (ValueError, OverflowError) as error:
        raise Unprocessable("bad_since", "since is a time as RFC 3339 writes it") from error
    if not offset or at > now or at < 0:
        raise Unprocessable("bad_since", "since is a time in the past, with its offset from UTC")
    return at


def _quoted(names: list[str]) -> str:
    shown = [name if name.isascii() and name.isprintable() else "?" for name in names[:5]]
    return ", ".join(name[:40] for name in shown)
