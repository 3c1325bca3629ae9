"""``onethread key``: the keys that helpdesks and bots call the API with."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import TYPE_CHECKING

from infra.cli.deployment import deployment_of
from infra.cli.output import Output
from infra.cli.parser import Commands

if TYPE_CHECKING:
    from shared.aws.api_keys import DynamoApiKeys

SCOPES = ("read", "write", "admin")
DEFAULT_SCOPES = ["write"]

_EXAMPLES = {
    "create": """\
  onethread --stack shop key create --name helpdesk
  onethread --stack shop key create --name dashboard --scope read""",
    "list": """\
  onethread --stack shop key list""",
    "revoke": """\
  onethread --stack shop key revoke 0f3a9c17b2de""",
}


def register(commands: Commands) -> None:
    group = commands.group("key", "Manage API keys.", "\n".join(_EXAMPLES.values()))
    parser = group.add("create", "Make a key, and show it this once.", _EXAMPLES["create"], _create)
    parser.add_argument("--name", required=True, help="who will use it")
    parser.add_argument(
        "--scope",
        nargs="+",
        choices=SCOPES,
        default=DEFAULT_SCOPES,
        help="what it may do: admin includes write, write includes read (default: write)",
    )
    group.add(
        "list", "List the keys, revoked ones too; the keys themselves are stored nowhere.", _EXAMPLES["list"], _list
    )
    parser = group.add(
        "revoke", "Take a key back; functions accept it for up to a minute more.", _EXAMPLES["revoke"], _revoke
    )
    parser.add_argument("id", help="as key list shows it")


def _keys(arguments: Namespace) -> DynamoApiKeys:
    from shared.aws.api_keys import DynamoApiKeys

    deployment = deployment_of(arguments)
    return DynamoApiKeys(deployment.aws.client, deployment.output("TableName"), time.time)


def _create(arguments: Namespace, output: Output) -> int:
    key, text = _keys(arguments).issue(arguments.name, list(dict.fromkeys(arguments.scope)))
    value = {"id": key.id, "name": key.name, "scopes": key.scopes, "key": text, "created_at": key.created_at}
    output.result(value, [text, f"This is key {key.id}. It is shown this once: keep it where secrets are kept."])
    return 0


def _list(arguments: Namespace, output: Output) -> int:
    items = [
        {
            "id": key.id,
            "name": key.name,
            "scopes": key.scopes,
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
        }
        for key in sorted(_keys(arguments).list(), key=lambda key: key.created_at)
    ]
    output.items(items, ("id", "name", "scopes", "created_at", "revoked_at"), "No API keys have been made.")
    return 0


def _revoke(arguments: Namespace, output: Output) -> int:
    _keys(arguments).revoke(arguments.id)
    lines = [f"key {arguments.id} is revoked; functions accept it for up to a minute more."]
    output.result({"id": arguments.id, "outcome": "revoked"}, lines)
    return 0
