"""``onethread channel``: the channel accounts of a stack."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from infra.cli.account_changes import SettingsChange, confirmed
from infra.cli.account_check import check, webhook_url
from infra.cli.account_secrets import RECOVERY_DAYS, AccountSecrets, unknown_account
from infra.cli.account_settings import read_assignments
from infra.cli.deployment import Deployment, deployment_of
from infra.cli.errors import CommandError
from infra.cli.findings import show_findings
from infra.cli.output import Output
from infra.cli.parser import Commands

_EXAMPLES = {
    "set": """\
  onethread --stack shop channel set wechat main app_id=wx12 app_secret=@secret.txt token=- mode=secure
  onethread --local channel set webchat main 'allowed_origins:=["https://shop.example"]'
  onethread --stack shop channel set wechat main --unset encoding_aes_key mode=plain""",
    "list": """\
  onethread --stack shop channel list
  onethread --local --json channel list""",
    "check": """\
  onethread --stack shop channel check wechat main""",
    "remove": """\
  onethread --stack shop channel remove wechat old
  onethread --stack shop channel remove wechat old --yes""",
}


def register(commands: Commands) -> None:
    group = commands.group("channel", "Manage channel accounts.", "\n".join(_EXAMPLES.values()))
    parser = group.add("set", "Store an account's settings, merged into those that are there.", _EXAMPLES["set"], _set)
    _add_names(parser)
    parser.add_argument(
        "settings", nargs="*", metavar="key=value", help="key=text, key=@file, key=- (standard input) or key:=JSON"
    )
    parser.add_argument("--unset", action="append", default=[], metavar="KEY", help="drop a setting; may be repeated")
    group.add("list", "List the accounts, without their settings.", _EXAMPLES["list"], _list)
    _add_names(group.add("check", "Call the provider to prove that an account works.", _EXAMPLES["check"], _check))
    parser = group.add(
        "remove", "Remove an account; seven days long, set brings it back.", _EXAMPLES["remove"], _remove
    )
    _add_names(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _add_names(parser: Any) -> None:
    parser.add_argument("channel", help="such as wechat or webchat")
    parser.add_argument("account", help="your own name for the account, such as main")


def _secrets(deployment: Deployment) -> AccountSecrets:
    return AccountSecrets(deployment.aws.secrets, deployment.output("SecretsPrefix"))


def _set(arguments: Namespace, output: Output) -> int:
    from connectors import registry

    channel, account = arguments.channel, arguments.account
    connector = registry.connector(channel)
    change = SettingsChange.of(read_assignments(arguments.settings), arguments)
    deployment = deployment_of(arguments)
    outcome, settings = change.store(_secrets(deployment), channel, account, connector.validate, output)
    url = webhook_url(deployment, channel, account)
    value = {"channel": channel, "account": account, "outcome": outcome, "settings": settings, "webhook_url": url}
    output.result(value, _set_lines(value))
    return 0


def _set_lines(value: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{value['channel']}/{value['account']} {value['outcome']}: {', '.join(value['settings']) or 'no settings'}"
    ]
    if value["outcome"] == "changed":
        lines.append("The settings before this change stay valid for webhooks; functions notice within five minutes.")
    if value["webhook_url"]:
        lines.append(f"webhook URL: {value['webhook_url']}")
    return lines


def _list(arguments: Namespace, output: Output) -> int:
    from connectors import registry

    deployment = deployment_of(arguments)
    known = set(registry.channels())
    items = [
        {
            "channel": each.channel,
            "account": each.account,
            "changed_at": each.changed_at.strftime("%Y-%m-%dT%H:%M:%SZ") if each.changed_at else None,
            "webhook_url": webhook_url(deployment, each.channel, each.account) if each.channel in known else None,
        }
        for each in _secrets(deployment).list()
    ]
    empty = "No channel accounts are stored; onethread channel set CHANNEL ACCOUNT adds one."
    output.items(items, ("channel", "account", "changed_at", "webhook_url"), empty)
    return 0


def _check(arguments: Namespace, output: Output) -> int:
    deployment, channel, account = deployment_of(arguments), arguments.channel, arguments.account
    url = webhook_url(deployment, channel, account)
    names = {"channel": channel, "account": account, "webhook_url": url}
    heading = f"webhook URL to paste at the provider: {url}" if url else ""
    passed = show_findings(output, names, check(deployment, channel, account), heading)
    return 0 if passed else 1


def _remove(arguments: Namespace, output: Output) -> int:
    channel, account = arguments.channel, arguments.account
    secrets = _secrets(deployment_of(arguments))
    if secrets.read(channel, account) is None:
        raise unknown_account(channel, account)
    if not arguments.yes and not confirmed(channel, account):
        raise CommandError("not_confirmed", "nothing was removed")
    until = secrets.remove(channel, account)
    value = {"channel": channel, "account": account, "outcome": "removed", "recoverable_until": until.isoformat()}
    output.result(value, [f"{channel}/{account} removed; for {RECOVERY_DAYS} days, channel set brings it back."])
    return 0
