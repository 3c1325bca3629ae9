"""``onethread send``: answer a conversation through the API, as a helpdesk would."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from infra.cli.api import Api, ApiError
from infra.cli.deployment import deployment_of
from infra.cli.errors import CommandError, UsageError
from infra.cli.output import Output
from infra.cli.parser import Commands
from shared.model.identifiers import uuid7

_EXAMPLES = """\
  onethread --local send conv_0199f2a0-... "Your parcel left today."
  cat answer.txt | onethread --stack shop send conv_0199f2a0-... -
  onethread --stack shop send conv_0199f2a0-... "Still there?" --fallback auto"""


def register(commands: Commands) -> None:
    parser = commands.add("send", "Answer a conversation; show the route that the answer takes.", _EXAMPLES, _send)
    parser.add_argument("conversation", help="its id, conv_...")
    parser.add_argument("text", help="what to say; - reads it from standard input")
    parser.add_argument(
        "--fallback", metavar="CHANNEL", help="where to go when the customer's channel is closed: a channel, or auto"
    )
    parser.add_argument("--idempotency-key", metavar="K", help="the same key never sends twice (default: a new one)")
    parser.add_argument("--api-key", metavar="KEY", help="default: ONETHREAD_API_KEY, or the local stack's own key")


def _send(arguments: Namespace, output: Output) -> int:
    text = sys.stdin.read() if arguments.text == "-" else arguments.text
    if not text.strip():
        raise UsageError("there is no text to send")
    deployment = deployment_of(arguments)
    api = Api(deployment.output("Url"), deployment.api_key(arguments.api_key))
    body: dict[str, Any] = {"parts": [{"type": "text", "text": text.rstrip("\r\n")}]}
    if arguments.fallback:
        body["fallback"] = "auto" if arguments.fallback == "auto" else [arguments.fallback]
    key = arguments.idempotency_key or uuid7()
    path = f"/v1/conversations/{quote(arguments.conversation, safe='')}/messages"
    try:
        answer = api.post(path, body, {"Idempotency-Key": key})
    except ApiError as error:
        raise _explained(error) from error
    except CommandError as error:
        if error.code != "no_answer":
            raise
        message = f"{error}; it may have been sent: repeat it with --idempotency-key {key}"
        raise CommandError(error.code, message) from error
    output.result(answer, _lines(answer))
    return 0


def _explained(error: ApiError) -> CommandError:
    route = error.members.get("route")
    if error.code == "window_closed" and isinstance(route, Mapping):
        closed = f"not sent: the send window on {_place(route)} is closed{_since(route)}"
        return CommandError(error.code, f"{closed}; {_WAY_OUT}")
    return CommandError(error.code, f"not sent: {error.detail} ({error.code}, HTTP {error.status})")


_WAY_OUT = "the customer has to write there first, or name another channel with --fallback"


def _since(route: Mapping[str, Any]) -> str:
    if route.get("remaining") == 0:
        return " (the messages it allows are used up)"
    return f" (since {route['closes_at']})" if route.get("closes_at") else ""


def _lines(answer: Mapping[str, Any]) -> list[str]:
    route = answer.get("route") or {}
    lines = [
        f"{answer.get('status')}: {answer.get('message_id')} is number {answer.get('sequence')}, by {_place(route)}"
    ]
    if route.get("remaining") is not None:
        lines.append(
            f"{route['remaining']} more may be sent until {route.get('closes_at') or 'the customer writes again'}"
        )
    elif route.get("closes_at"):
        lines.append(f"the send window closes at {route['closes_at']}")
    lines += [
        f"degraded: part {loss.get('part')} from {loss.get('from')} to {loss.get('to')}"
        for loss in answer.get("degradations", [])
    ]
    return lines


def _place(route: Mapping[str, Any]) -> str:
    return f"{route.get('channel', 'unknown')}/{route.get('account', 'unknown')}"
