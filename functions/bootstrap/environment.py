"""What every function is given: its settings, a client of AWS, the queues, and the secrets that its role may read."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from shared.aws.client import AwsClient

if TYPE_CHECKING:
    from shared.aws.queues import Queues
    from shared.aws.seals import StackSeals
    from shared.aws.secrets import Secrets


def setting(name: str) -> str:
    """A setting of this function, from its environment (template.yaml)."""
    return os.environ[name]


@cache
def client() -> AwsClient:
    return AwsClient.from_environment()


@cache
def queues() -> Queues:
    from shared.aws.queues import Queues

    return Queues(client())


@cache
def accounts() -> Secrets:
    from shared.aws.secrets import Secrets

    return Secrets(client(), setting("SECRETS_PREFIX"))


def account_names() -> list[tuple[str, str]]:
    """The channel accounts of this stack, as (channel, account)."""
    return accounts().names()


@cache
def helpdesk_accounts() -> Secrets:
    from shared.aws.secrets import Secrets

    return Secrets(client(), setting("HELPDESK_SECRETS_PREFIX"))


@cache
def seals() -> StackSeals:
    from shared.aws.seals import StackSeals

    return StackSeals(lambda: accounts().texts(setting("SEAL_SECRET")))
