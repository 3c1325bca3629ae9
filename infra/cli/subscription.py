"""``onethread subscription``: who is told of what happens, through the API with a key that has the scope admin."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from infra.cli.api import Api, ApiError
from infra.cli.deployment import deployment_of
from infra.cli.errors import CommandError, UsageError
from infra.cli.output import Output
from infra.cli.parser import Commands, positive_integer, whole_number
from infra.cli.subscription_lines import details, place, secret_lines
from shared.model.identifiers import uuid7

_PATH = "/v1/subscriptions"
_EXAMPLES = {
    "add": """\
  onethread --stack shop subscription add https://desk.example/hooks --type message.received --channel wechat
  onethread --stack shop subscription add --helpdesk chatwoot/main
  onethread --local subscription add http://127.0.0.1:9000/hooks --since 2026-01-31T08:00:00Z""",
    "list": """\
  onethread --stack shop subscription list""",
    "show": """\
  onethread --stack shop subscription show sub_0199f2a0-...""",
    "pause": """\
  onethread --stack shop subscription pause sub_0199f2a0-...""",
    "resume": """\
  onethread --stack shop subscription resume sub_0199f2a0-...""",
    "replay": """\
  onethread --stack shop subscription replay sub_0199f2a0-... --since 2026-01-31T08:00:00Z
  onethread --stack shop subscription replay sub_0199f2a0-... --conversation conv_0199f2a0-... --after 12""",
    "skip": """\
  onethread --stack shop subscription skip sub_0199f2a0-... --conversation conv_0199f2a0-... --sequence 7""",
    "test": """\
  onethread --stack shop subscription test sub_0199f2a0-...""",
    "rotate": """\
  onethread --stack shop subscription rotate sub_0199f2a0-...
  onethread --stack shop subscription rotate sub_0199f2a0-... --expire-previous-after 0""",
    "attempts": """\
  onethread --stack shop subscription attempts sub_0199f2a0-... --limit 20""",
    "remove": """\
  onethread --stack shop subscription remove sub_0199f2a0-... --yes""",
}


def register(commands: Commands) -> None:
    examples = "\n".join(_EXAMPLES.values())
    group = commands.group("subscription", "Manage who is told of what happens.", examples)
    _register_adding(group)
    _common(group.add("list", "List the subscriptions.", _EXAMPLES["list"], _list))
    _one(group.add("show", "Show a subscription and how its endpoint is.", _EXAMPLES["show"], _show))
    _one(group.add("pause", "Send nothing for now; it keeps its place.", _EXAMPLES["pause"], _pause))
    _one(group.add("resume", "Go on from there; what waits is tried at once.", _EXAMPLES["resume"], _resume))
    parser = _one(group.add("replay", "Send events again, each conversation in order.", _EXAMPLES["replay"], _replay))
    parser.add_argument("--conversation", metavar="ID", help="only this one (default: all)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--after", type=whole_number, metavar="N", help="what comes after this sequence")
    where.add_argument("--since", metavar="TIME", help="what comes from this time on (RFC 3339)")
    parser = _one(group.add("skip", "Pass over the event that a conversation fails over.", _EXAMPLES["skip"], _skip))
    parser.add_argument("--conversation", metavar="ID", required=True, help="as subscription show has it")
    parser.add_argument(
        "--sequence",
        type=positive_integer,
        metavar="N",
        required=True,
        help="where it fails, as subscription show has it",
    )
    _one(group.add("test", "Send an event to try the endpoint now.", _EXAMPLES["test"], _test))
    parser = _one(group.add("rotate", "Make a new secret, and show it this once.", _EXAMPLES["rotate"], _rotate))
    parser.add_argument(
        "--expire-previous-after",
        type=whole_number,
        metavar="SECONDS",
        help="how long the old one is used as well (default: a day; 0 when it has leaked)",
    )
    parser = _one(group.add("attempts", "Show what failed in the last week.", _EXAMPLES["attempts"], _attempts))
    parser.add_argument("--conversation", metavar="ID", help="only this one")
    parser.add_argument("--limit", type=positive_integer, default=50, metavar="N", help="at most 100 (default: 50)")
    parser = _one(group.add("remove", "Send nothing any more, and forget its place.", _EXAMPLES["remove"], _remove))
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _register_adding(group: Commands) -> None:
    parser = _common(group.add("add", "Subscribe an address, and show its secret this once.", _EXAMPLES["add"], _add))
    parser.add_argument("url", nargs="?", help="where events are posted to")
    parser.add_argument("--helpdesk", metavar="NAME/ACCOUNT", help="a helpdesk that has an adapter, instead of a url")
    parser.add_argument("--type", action="append", default=[], metavar="T", help="only this type; may be repeated")
    parser.add_argument(
        "--channel", action="append", default=[], metavar="C", help="only this channel; may be repeated"
    )
    parser.add_argument("--since", metavar="TIME", help="tell also what happened since then (RFC 3339)")
    parser.add_argument("--signing", choices=("hmac", "ed25519"), help="how webhooks are signed (default: hmac)")
    parser.add_argument("--description", metavar="TEXT", help="for people")


def _one(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("id", help="as subscription list shows it")
    return _common(parser)


def _common(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("--api-key", metavar="KEY", help="default: ONETHREAD_API_KEY, or the local stack's own key")
    return parser


def _api(arguments: Namespace) -> Api:
    deployment = deployment_of(arguments)
    return Api(deployment.output("Url"), deployment.api_key(arguments.api_key))


def _call(
    arguments: Namespace, method: str, path: str = "", body: Mapping[str, Any] | None = None, **headers: str
) -> dict[str, Any]:
    try:
        return _api(arguments).call(method, _PATH + path, body, headers)
    except ApiError as error:
        hint = "; onethread key create --scope admin makes a key that may" if error.code == "scope_missing" else ""
        raise CommandError(error.code, f"{error.detail} ({error.code}, HTTP {error.status}){hint}") from error


def _of(arguments: Namespace, suffix: str = "") -> str:
    return f"/{quote(arguments.id, safe='')}{suffix}"


def _add(arguments: Namespace, output: Output) -> int:
    if (arguments.url is None) == (arguments.helpdesk is None):
        raise UsageError("give either a url or --helpdesk NAME/ACCOUNT")
    wanted = {
        "url": arguments.url,
        "helpdesk": arguments.helpdesk,
        "types": arguments.type,
        "channels": arguments.channel,
        "since": arguments.since,
        "signing": arguments.signing,
        "description": arguments.description,
    }
    body = {name: value for name, value in wanted.items() if value}
    made = _call(arguments, "POST", "", body, **{"Idempotency-Key": uuid7()})
    lines = [f"{made['id']} is {made['status']}: {place(made)}"]
    output.result(made, lines + secret_lines(made))
    return 0


def _list(arguments: Namespace, output: Output) -> int:
    items = _call(arguments, "GET")["items"]
    if output.as_json:
        output.json({"items": items})
        return 0
    shown = [{**item, "to": place(item)} for item in items]
    output.items(shown, ("id", "status", "reason", "to", "types", "channels"), "There are no subscriptions.")
    return 0


def _show(arguments: Namespace, output: Output) -> int:
    found = _call(arguments, "GET", _of(arguments))
    output.result(found, details(found))
    return 0


def _pause(arguments: Namespace, output: Output) -> int:
    return _set_status(arguments, output, "paused", "it keeps its place: resume tells it what happens meanwhile")


def _resume(arguments: Namespace, output: Output) -> int:
    return _set_status(arguments, output, "active", "what waits is tried now")


def _set_status(arguments: Namespace, output: Output, status: str, meaning: str) -> int:
    found = _call(arguments, "PATCH", _of(arguments), {"status": status})
    output.result(found, [f"{found['id']} is {found['status']}; {meaning}"])
    return 0


def _replay(arguments: Namespace, output: Output) -> int:
    wanted = {"conversation_id": arguments.conversation, "after": arguments.after, "since": arguments.since}
    body = {name: value for name, value in wanted.items() if value is not None}
    answer = _call(arguments, "POST", _of(arguments, "/replay"), body)
    output.result(answer, ["queued: every event comes under the id that it had, in order in each conversation"])
    return 0


def _skip(arguments: Namespace, output: Output) -> int:
    body = {"conversation_id": arguments.conversation, "sequence": arguments.sequence}
    answer = _call(arguments, "POST", _of(arguments, "/skip"), body)
    output.result(answer, [f"queued: {answer['event_id']} will not be sent, what follows goes on"])
    return 0


def _test(arguments: Namespace, output: Output) -> int:
    answer = _call(arguments, "POST", _of(arguments, "/test"))
    reason = answer.get("code") or f"HTTP {answer.get('status')}"
    verdict = "delivered" if answer["delivered"] else f"not delivered: {reason}"
    output.result(answer, [f"{verdict}, after {answer['milliseconds']} ms"])
    return 0 if answer["delivered"] else 1


def _rotate(arguments: Namespace, output: Output) -> int:
    seconds = arguments.expire_previous_after
    body = {} if seconds is None else {"expire_previous_after": seconds}
    answer = _call(arguments, "POST", _of(arguments, "/secret/rotate"), body)
    until = answer.get("previous_secret_until")
    meaning = f"The old one is used as well until {until}." if until else "The old one is not used any more."
    output.result(answer, [*secret_lines(answer), meaning])
    return 0


def _attempts(arguments: Namespace, output: Output) -> int:
    query = {"limit": min(arguments.limit, 100)}
    if arguments.conversation:
        query["conversation_id"] = arguments.conversation
    items = _call(arguments, "GET", _of(arguments, f"/attempts?{urlencode(query)}"))["items"]
    columns = ("at", "event_id", "type", "number", "status", "code", "milliseconds", "next_attempt_at")
    output.items(items, columns, "Nothing has failed in the last seven days.")
    return 0


def _remove(arguments: Namespace, output: Output) -> int:
    if not arguments.yes and not _confirmed(arguments.id):
        raise CommandError("not_confirmed", "nothing was removed")
    _call(arguments, "DELETE", _of(arguments))
    output.result({"id": arguments.id, "outcome": "removed"}, [f"{arguments.id} is removed"])
    return 0


def _confirmed(subscription_id: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm: give --yes")
    sys.stderr.write(
        f"Remove {subscription_id}? Its place in every conversation is forgotten. Type its id to confirm: "
    )
    sys.stderr.flush()
    return sys.stdin.readline().strip() == subscription_id
