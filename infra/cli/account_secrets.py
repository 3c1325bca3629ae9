"""Channel accounts in Secrets Manager: one secret each, ``<prefix><channel>/<account>``, a JSON object.

Writing a new version keeps the one before it as AWSPREVIOUS, which goes on verifying webhooks until the next change.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from infra.cli.errors import CommandError, UsageError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient

RECOVERY_DAYS = 7
"""How long a removed account can be brought back; the least that Secrets Manager takes (DeleteSecret)."""

_ACCOUNT_NAME = re.compile(r"[A-Za-z0-9_+=.@-]{1,128}")
_LARGEST = 65_536
"""Bytes of a secret (Secrets Manager, "Quotas")."""

Outcome = Literal["created", "changed", "restored"]


@dataclass(frozen=True, slots=True)
class StoredAccount:
    channel: str
    account: str
    changed_at: datetime | None


class AccountSecrets:
    """The secrets of one stack's channel accounts."""

    def __init__(self, client: SecretsManagerClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def read(self, channel: str, account: str) -> dict[str, Any] | None:
        """The settings, None when the account is not there or was removed. Raises CommandError(``bad_secret``)."""
        name = self._name(channel, account)
        if self._state(name) != "stored":
            return None
        text = self._client.get_secret_value(SecretId=name).get("SecretString")
        try:
            settings = json.loads(text or "")
        except ValueError:
            settings = None
        if not isinstance(settings, dict):
            raise CommandError("bad_secret", f"the secret {name} is not a JSON object")
        return settings

    def write(self, channel: str, account: str, settings: Mapping[str, Any]) -> Outcome:
        """Stores the settings as they are. Raises CommandError(``too_large``)."""
        name = self._name(channel, account)
        text = json.dumps(settings, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) > _LARGEST:
            raise CommandError("too_large", f"the settings are over {_LARGEST} bytes")
        state = self._state(name)
        if state == "missing":
            self._client.create_secret(
                Name=name, SecretString=text, Description=f"onethread channel account {channel}/{account}"
            )
            return "created"
        if state == "removed":
            self._client.restore_secret(SecretId=name)
        self._client.put_secret_value(SecretId=name, SecretString=text)
        return "restored" if state == "removed" else "changed"

    def remove(self, channel: str, account: str) -> datetime:
        """Removes the account; until the time returned, ``write`` brings it back. Raises CommandError."""
        name = self._name(channel, account)
        if self._state(name) != "stored":
            raise unknown_account(channel, account)
        return self._client.delete_secret(SecretId=name, RecoveryWindowInDays=RECOVERY_DAYS)["DeletionDate"]

    def list(self) -> list[StoredAccount]:
        """All accounts, by channel and name. Other secrets under the prefix (the session secret) are none."""
        found: list[StoredAccount] = []
        pages = self._client.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [self._prefix]}])
        for page in pages:
            for secret in page["SecretList"]:
                # The filter ignores case, so the prefix is looked at again.
                channel, slash, account = secret["Name"].removeprefix(self._prefix).partition("/")
                if secret["Name"].startswith(self._prefix) and slash and _ACCOUNT_NAME.fullmatch(account):
                    changed = secret.get("LastChangedDate") or secret.get("CreatedDate")
                    found.append(StoredAccount(channel, account, changed))
        return sorted(found, key=lambda each: (each.channel, each.account))

    def _name(self, channel: str, account: str) -> str:
        if not _ACCOUNT_NAME.fullmatch(account):
            raise UsageError("an account's name has up to 128 letters, digits and the characters _+=.@-")
        return f"{self._prefix}{channel}/{account}"

    def _state(self, name: str) -> Literal["missing", "stored", "removed"]:
        try:
            description = self._client.describe_secret(SecretId=name)
        except self._client.exceptions.ResourceNotFoundException:
            return "missing"
        return "removed" if description.get("DeletedDate") else "stored"


def unknown_account(channel: str, account: str) -> CommandError:
    return CommandError("unknown_account", f"no account {account} of {channel} is stored")
