"""What a fresh stack is filled with: demo accounts and an API key."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable
from typing import Any

from infra.local.stack.demo import DemoAccount
from infra.local.stack.demo_helpdesks import DemoHelpdesk
from infra.local.stack.ministack import Aws
from shared.aws.api_keys import DynamoApiKeys


def store_accounts(aws: Aws, prefix: str, accounts: Iterable[DemoAccount]) -> None:
    """One secret per account, as design and ``onethread channel set`` have it. The stack must be new."""
    for account in accounts:
        _store(aws, f"{prefix}{account.channel}/{account.name}", account.secret)


def store_helpdesks(aws: Aws, prefix: str, accounts: Iterable[DemoHelpdesk]) -> None:
    """One secret per account, as ``onethread helpdesk set`` has it. The stack must be new."""
    for account in accounts:
        _store(aws, f"{prefix}{account.helpdesk}/{account.name}", account.secret)


def issue_api_key(aws: Aws, table: str) -> str:
    """A key that may do everything: for the page, the command line and the developer."""
    return DynamoApiKeys(aws.client, table, time.time).issue("local", ["admin"])[1]


def _store(aws: Aws, name: str, value: dict[str, Any]) -> None:
    secret = {"Name": name, "SecretString": json.dumps(value), "ClientRequestToken": str(uuid.uuid4())}
    aws.client.call("secretsmanager", "CreateSecret", secret)
