"""Secrets Manager: the settings of channel accounts, and the stack's own secrets, read seldom.

A verified webhook costs one GetSecretValue per account and 300 seconds. The version before the latest is read only when
the latest does not verify, which is the rotation case: :meth:`AccountSecrets.previous`, then :meth:`Secrets.refresh`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from shared.aws.errors import AwsError, NotFound, json_object
from shared.errors import ConfigurationError, UnknownAccount

if TYPE_CHECKING:
    from shared.aws.client import AwsClient

KEPT_SECONDS = 300.0
MISSING_KEPT_SECONDS = 30.0
REFRESH_SECONDS = 30.0
# Names come out of request paths: a flood of invented ones must not fill the memory.
KEPT_ENTRIES = 1024

# Secrets Manager, CreateSecret, "Name"; without the slash, which separates the parts of our names.
_NAME_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=.@-")
_LONGEST_NAME = 256


class AccountSecrets:
    """One account's settings: ``current``, and on request the version before it, while a secret is being rotated."""

    def __init__(self, current: dict[str, Any], read_previous: Callable[[], dict[str, Any] | None]) -> None:
        self.current = current
        self._read_previous = read_previous
        self._previous: list[dict[str, Any] | None] = []

    def previous(self) -> dict[str, Any] | None:
        """The settings before the last change, None when there were none. Read at most once, at the first question."""
        if not self._previous:
            self._previous.append(self._read_previous())
        return self._previous[0]


class _Entry:
    """What was read of a secret, and when; ``text`` is None when there was none."""

    __slots__ = ("account", "previous", "read_at", "text")

    def __init__(self, text: str | None, read_at: float) -> None:
        self.text = text
        self.read_at = read_at
        self.account: AccountSecrets | None = None
        self.previous: list[str] | None = None


class Secrets:
    """Reads secrets and keeps them in memory: 300 seconds, or 30 when there was none. ``clock`` is monotonic."""

    def __init__(self, client: AwsClient, prefix: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._prefix = prefix
        self._clock = clock
        self._entries: dict[str, _Entry] = {}

    def account(self, channel: str, account: str) -> AccountSecrets:
        """The settings of a channel account. Raises UnknownAccount when there are none, AwsError when reading fails."""
        name = self._name(channel, account)
        return self._account(name, self._entry(name))

    def refresh(self, channel: str, account: str) -> AccountSecrets:
        """The same, read again unless that was done in the last 30 seconds: for when neither version verifies."""
        name = self._name(channel, account)
        entry = self._entries.get(name)
        if entry is None or self._clock() - entry.read_at >= REFRESH_SECONDS:
            entry = self._read(name)
        return self._account(name, entry)

    def text(self, secret_id: str) -> str:
        """A secret as it stands, by name or ARN. Raises NotFound when there is none, AwsError when reading fails."""
        text = self._entry(secret_id).text
        if text is None:
            raise NotFound("ResourceNotFoundException", f"no secret is stored as {secret_id}", 400)
        return text

    def texts(self, secret_id: str) -> list[bytes]:
        """A secret as it stands and, after a rotation, as it stood before. Raises NotFound, AwsError."""
        current, entry = self.text(secret_id), self._entry(secret_id)
        if entry.previous is None:
            previous = self._value(secret_id, "AWSPREVIOUS")
            entry.previous = [] if previous is None else [previous]
        return [text.encode() for text in (current, *entry.previous)]

    def names(self) -> list[tuple[str, str]]:
        """The accounts that are set up, as (channel, account). One call per hundred of them. Raises AwsError."""
        found: list[tuple[str, str]] = []
        request: dict[str, Any] = {"Filters": [{"Key": "name", "Values": [self._prefix]}], "MaxResults": 100}
        while True:
            answer = self._client.call("secretsmanager", "ListSecrets", request)
            for secret in answer.get("SecretList", []):
                channel, slash, account = secret["Name"].removeprefix(self._prefix).partition("/")
                if secret["Name"].startswith(self._prefix) and slash and "/" not in account:
                    found.append((channel, account))
            token = answer.get("NextToken")
            if token is None:
                return sorted(found)
            request = {**request, "NextToken": token}

    def _name(self, channel: str, account: str) -> str:
        for part in (channel, account):
            if not part or len(part) > _LONGEST_NAME or not _NAME_CHARACTERS.issuperset(part):
                raise UnknownAccount("the name of a channel or an account has a character or a length it cannot have")
        return f"{self._prefix}{channel}/{account}"

    def _account(self, name: str, entry: _Entry) -> AccountSecrets:
        if entry.text is None:
            raise UnknownAccount(f"no secret is stored as {name}")
        if entry.account is None:
            entry.account = AccountSecrets(_settings(name, entry.text), lambda: self._previous(name))
        return entry.account

    def _previous(self, name: str) -> dict[str, Any] | None:
        text = self._value(name, "AWSPREVIOUS")
        return None if text is None else _settings(name, text)

    def _entry(self, secret_id: str) -> _Entry:
        entry = self._entries.get(secret_id)
        if entry is not None:
            age = self._clock() - entry.read_at
            if age < (MISSING_KEPT_SECONDS if entry.text is None else KEPT_SECONDS):
                return entry
        return self._read(secret_id)

    def _read(self, secret_id: str) -> _Entry:
        entry = _Entry(self._value(secret_id, "AWSCURRENT"), self._clock())
        self._entries.pop(secret_id, None)
        while len(self._entries) >= KEPT_ENTRIES:
            self._forget_oldest()
        self._entries[secret_id] = entry
        return entry

    def _forget_oldest(self) -> None:
        """Drops the missing secret read longest ago, or a real one if all are real."""
        missing = (name for name, entry in self._entries.items() if entry.text is None)
        del self._entries[next(missing, next(iter(self._entries)))]

    def _value(self, secret_id: str, stage: str) -> str | None:
        try:
            answer = self._client.call(
                "secretsmanager", "GetSecretValue", {"SecretId": secret_id, "VersionStage": stage}
            )
        except NotFound:
            return None
        except AwsError as error:
            # What GetSecretValue says of a secret that has been deleted and is in its recovery window.
            if error.code == "InvalidRequestException":
                return None
            raise
        text = answer.get("SecretString")
        if not isinstance(text, str):
            raise ConfigurationError(f"the secret {secret_id} is not text")
        return text


def _settings(name: str, text: str) -> dict[str, Any]:
    # json_object says None instead of raising: the error of the json module carries the text it could not read.
    value = json_object(text.encode())
    if value is None:
        raise ConfigurationError(f"the secret {name} is not a JSON object")
    return value
