"""``onethread tail``: the event stream, as it happens."""

from __future__ import annotations

import signal
from argparse import Namespace
from types import FrameType
from typing import Any

from infra.cli.deployment import deployment_of
from infra.cli.output import Output
from infra.cli.parser import Commands, positive_integer
from infra.cli.stream_tap import StreamTap

_EXAMPLES = """\
  onethread --local tail
  onethread --stack shop tail --type message.received --type message.sent
  onethread --stack shop --json tail --conversation conv_0199f2a0-... | jq .data"""


def register(commands: Commands) -> None:
    parser = commands.add("tail", "Follow the event stream until Ctrl-C. Shows what people write.", _EXAMPLES, _tail)
    parser.add_argument("--conversation", metavar="ID", help="only this conversation")
    parser.add_argument("--type", action="append", default=[], metavar="T", help="only this type; may be repeated")
    parser.add_argument("--limit", type=positive_integer, metavar="N", help="end after so many events")


def _tail(arguments: Namespace, output: Output) -> int:
    deployment = deployment_of(arguments)
    before = signal.signal(signal.SIGTERM, _stop)
    shown = 0
    try:
        with StreamTap(deployment, types=arguments.type, conversation=arguments.conversation) as tap:
            output.note(f"following the events of {deployment.name}; Ctrl-C ends it")
            for event in tap.events():
                _show(event, output)
                shown += 1
                if shown == arguments.limit:
                    break
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends it as Ctrl-C does, so that the queue is removed."""
    raise KeyboardInterrupt


def _show(event: dict[str, Any], output: Output) -> None:
    if output.as_json:
        output.json(event)
    else:
        output.line(event_line(event))


def event_line(event: dict[str, Any]) -> str:
    """An event in one line: time (UTC), type, the end of the conversation's id, sequence, channel, text or status."""
    data = event.get("data") or {}
    message = data.get("message") or {}
    channel = message.get("channel") or {}
    place = f"{channel['type']}/{channel.get('account', '')}" if "type" in channel else "-"
    sequence = event.get("sequence", data.get("sequence", "-"))
    words = message.get("text") or data.get("status") or ("(too large, see the API)" if "dataref" in event else "")
    time, kind, conversation = str(event["time"])[11:19], event["type"], str(event["subject"])[-8:]
    return f"{time}  {kind:28}  {conversation}  #{sequence!s:<5}  {place:18}  {words}".rstrip()
