"""``onethread channel``: the channel accounts of a stack."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from infra.cli.account_check import check, webhook_url
from infra.cli.account_secrets import RECOVERY_DAYS, AccountSecrets, unknown_account
from infra.cli.account_settings import ObservedSettings, read_assignments
from infra.cli.deployment import Deployment, deployment_of
from infra.cli.errors import CommandError, UsageError
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
    given = read_assignments(arguments.settings)
    if both := sorted(set(given) & set(arguments.unset)):
        raise UsageError(f"{both[0]} is both set and unset")
    deployment = deployment_of(arguments)
    secrets = _secrets(deployment)
    stored = secrets.read(channel, account)
    for name in arguments.unset:
        if name not in (stored or {}):
            output.note(f"{name} was not set")
    merged = {name: value for name, value in {**(stored or {}), **given}.items() if name not in arguments.unset}
    observed = ObservedSettings(merged)
    if problems := connector.validate(observed):
        raise CommandError("invalid_settings", f"nothing was stored: {' '.join(problems)}")
    for name in observed.unseen():
        output.note(f"{channel} does not check the setting {name}: is it spelled right?")
    # An unchanged secret gets no new version: that would push the last rotation's secret out of AWSPREVIOUS.
    outcome = "unchanged" if stored == merged else secrets.write(channel, account, merged)
    url = webhook_url(deployment, channel, account)
    value = {"channel": channel, "account": account, "outcome": outcome, "settings": sorted(merged), "webhook_url": url}
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
    deployment = deployment_of(arguments)
    url = webhook_url(deployment, arguments.channel, arguments.account)
    findings = check(deployment, arguments.channel, arguments.account)
    passed = all(finding.ok for finding in findings)
    value = {
        "channel": arguments.channel,
        "account": arguments.account,
        "webhook_url": url,
        "ok": passed,
        "findings": [{"ok": each.ok, "subject": each.subject, "detail": each.detail} for each in findings],
    }
    lines = [f"webhook URL to paste at the provider: {url}"] if url else []
    lines += [f"{'ok    ' if each.ok else 'FAILED'}  {each.subject}: {each.detail}" for each in findings]
    output.result(value, lines)
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


def confirmed(channel: str, account: str) -> bool:
    """Whether somebody at the terminal means it. Raises UsageError when nobody is there."""
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm: give --yes")
    sys.stderr.write(f"Remove {channel}/{account}? Its webhooks will be refused. Type its account name to confirm: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == account
