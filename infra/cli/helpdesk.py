"""``onethread helpdesk``: the helpdesk accounts of a stack, and the subscriptions that bring them what happens."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from infra.cli.account_changes import SettingsChange, confirmed
from infra.cli.account_secrets import RECOVERY_DAYS, AccountSecrets, unknown_account
from infra.cli.account_settings import read_assignments
from infra.cli.api import Api
from infra.cli.deployment import Deployment, deployment_of
from infra.cli.errors import CommandError, UsageError
from infra.cli.findings import show_findings
from infra.cli.helpdesk_check import check
from infra.cli.output import Output
from infra.cli.parser import Commands

_EXAMPLES = {
    "set": """\
  onethread --local helpdesk set generic main --file desk.json
  onethread --stack shop helpdesk set chatwoot main api_base=https://desk.example account_id=1 inbox_id=4 \\
      access_token=- webhook_secret=@secret.txt""",
    "list": """\
  onethread --stack shop helpdesk list""",
    "check": """\
  onethread --stack shop helpdesk check generic main""",
    "remove": """\
  onethread --stack shop helpdesk remove generic main --yes""",
}


def register(commands: Commands) -> None:
    group = commands.group("helpdesk", "Manage helpdesk accounts.", "\n".join(_EXAMPLES.values()))
    parser = group.add(
        "set", "Store an account's settings, and subscribe it to the events of the stack.", _EXAMPLES["set"], _set
    )
    _add_names(parser)
    parser.add_argument(
        "settings", nargs="*", metavar="key=value", help="key=text, key=@file, key=- (standard input) or key:=JSON"
    )
    parser.add_argument("--file", metavar="F", help="a JSON object of settings, which the others are merged into")
    parser.add_argument("--unset", action="append", default=[], metavar="KEY", help="drop a setting; may be repeated")
    _add_key(parser)
    _add_key(group.add("list", "List the accounts, without their settings.", _EXAMPLES["list"], _list))
    parser = group.add("check", "Call the helpdesk to prove that an account works.", _EXAMPLES["check"], _check)
    _add_names(parser)
    parser = group.add("remove", "Remove an account and its subscription.", _EXAMPLES["remove"], _remove)
    _add_names(parser)
    _add_key(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _add_names(parser: Any) -> None:
    parser.add_argument("helpdesk", help="such as generic or chatwoot")
    parser.add_argument("account", help="your own name for the account, such as main")


def _add_key(parser: Any) -> None:
    parser.add_argument("--api-key", metavar="KEY", help="default: ONETHREAD_API_KEY, or the local stack's own key")


def helpdesk_secrets(deployment: Deployment) -> AccountSecrets:
    return AccountSecrets(deployment.aws.secrets, deployment.output("HelpdeskSecretsPrefix"))


def _api(deployment: Deployment, arguments: Namespace) -> Api:
    return Api(deployment.output("Url"), deployment.api_key(arguments.api_key))


def _set(arguments: Namespace, output: Output) -> int:
    from connectors import registry

    helpdesk, account = arguments.helpdesk, arguments.account
    adapter = registry.helpdesk(helpdesk)
    change = SettingsChange.of({**_from_file(arguments.file), **read_assignments(arguments.settings)}, arguments)
    deployment = deployment_of(arguments)
    api, secrets = _api(deployment, arguments), helpdesk_secrets(deployment)
    outcome, settings = change.store(secrets, helpdesk, account, adapter.validate, output)
    value = {
        "helpdesk": helpdesk,
        "account": account,
        "outcome": outcome,
        "settings": settings,
        "subscription_id": _subscribed(api, helpdesk, account),
        "webhook_url": webhook_url(deployment, helpdesk, account),
    }
    output.result(value, _set_lines(value))
    return 0


def _set_lines(value: Mapping[str, Any]) -> list[str]:
    lines = [f"{value['helpdesk']}/{value['account']} {value['outcome']}: {', '.join(value['settings'])}"]
    if value["outcome"] == "changed":
        lines.append("The settings before this change stay valid for webhooks; functions notice within five minutes.")
    lines.append(f"subscription: {value['subscription_id']}")
    lines.append(f"webhook URL to paste in the helpdesk: {value['webhook_url']}")
    return lines


def _from_file(path: str | None) -> dict[str, Any]:
    """The settings of a file. Raises UsageError, which shows none of them."""
    if path is None:
        return {}
    try:
        value = json.loads(Path(path).read_text("utf-8"))
    except ValueError:
        raise UsageError(f"{path} is not JSON") from None
    if not isinstance(value, dict):
        raise UsageError(f"{path} is not a JSON object")
    return value


def _subscription_ids(api: Api, helpdesk: str, account: str) -> list[str]:
    items: list[dict[str, Any]] = api.call("GET", "/v1/subscriptions")["items"]
    return [each["id"] for each in items if each.get("helpdesk") == f"{helpdesk}/{account}"]


def _subscribed(api: Api, helpdesk: str, account: str) -> str:
    """The account's subscription, made if there is none."""
    known = _subscription_ids(api, helpdesk, account)
    if known:
        return known[0]
    made = api.call("POST", "/v1/subscriptions", {"helpdesk": f"{helpdesk}/{account}"})
    return str(made["id"])


def webhook_url(deployment: Deployment, helpdesk: str, account: str) -> str:
    """The address that the helpdesk is to send its webhooks to."""
    return f"{deployment.output('Url').rstrip('/')}/helpdesks/{helpdesk}/{account}"


def _list(arguments: Namespace, output: Output) -> int:
    deployment = deployment_of(arguments)
    api = _api(deployment, arguments)
    items = [
        {
            "helpdesk": each.channel,
            "account": each.account,
            "changed_at": each.changed_at.strftime("%Y-%m-%dT%H:%M:%SZ") if each.changed_at else None,
            "subscription_id": next(iter(_subscription_ids(api, each.channel, each.account)), None),
            "webhook_url": webhook_url(deployment, each.channel, each.account),
        }
        for each in helpdesk_secrets(deployment).list()
    ]
    empty = "No helpdesk accounts are stored; onethread helpdesk set HELPDESK ACCOUNT adds one."
    output.items(items, ("helpdesk", "account", "changed_at", "subscription_id", "webhook_url"), empty)
    return 0


def _check(arguments: Namespace, output: Output) -> int:
    deployment, helpdesk, account = deployment_of(arguments), arguments.helpdesk, arguments.account
    url = webhook_url(deployment, helpdesk, account)
    names = {"helpdesk": helpdesk, "account": account, "webhook_url": url}
    heading = f"webhook URL to paste in the helpdesk: {url}"
    passed = show_findings(output, names, check(deployment, helpdesk, account), heading)
    return 0 if passed else 1


def _remove(arguments: Namespace, output: Output) -> int:
    helpdesk, account = arguments.helpdesk, arguments.account
    deployment = deployment_of(arguments)
    api, secrets = _api(deployment, arguments), helpdesk_secrets(deployment)
    if secrets.read(helpdesk, account) is None:
        raise unknown_account(helpdesk, account)
    if not arguments.yes and not confirmed(helpdesk, account):
        raise CommandError("not_confirmed", "nothing was removed")
    for subscription in _subscription_ids(api, helpdesk, account):
        api.call("DELETE", f"/v1/subscriptions/{quote(subscription, safe='')}")
    until = secrets.remove(helpdesk, account)
    value = {"helpdesk": helpdesk, "account": account, "outcome": "removed", "recoverable_until": until.isoformat()}
    output.result(value, [f"{helpdesk}/{account} removed; for {RECOVERY_DAYS} days, helpdesk set brings it back."])
    return 0
