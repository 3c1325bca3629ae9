"""``onethread dlq``: what failed, why, and another try."""

from __future__ import annotations

import time
from argparse import Namespace
from typing import Any

from infra.cli.dead_letter_contents import describe
from infra.cli.dead_letters import BATCH, PUBLISH_FAILURES, QUEUES, DeadLetterQueue, failure_queue
from infra.cli.deployment import Deployment, deployment_of
from infra.cli.output import Output
from infra.cli.parser import Commands, positive_integer, positive_number
from infra.cli.redrive import Handler, Progress, SourceQueue, redrive

SHOWN = 10

_EXAMPLES = {
    "list": """\
  onethread --stack shop dlq list""",
    "show": """\
  onethread --stack shop dlq show inbound
  onethread --stack shop dlq show inbound --limit 1 --reveal""",
    "redrive": """\
  onethread --stack shop dlq redrive inbound --limit 1
  onethread --stack shop dlq redrive outbound --rate 5
  onethread --stack shop dlq redrive publish-failures""",
}


def register(commands: Commands) -> None:
    group = commands.group("dlq", "Look into the dead-letter queues, and try again.", "\n".join(_EXAMPLES.values()))
    group.add("list", "Count what lies in each queue.", _EXAMPLES["list"], _list)
    parser = group.add(
        "show", "Show what failed messages are about; they stay where they are.", _EXAMPLES["show"], _show
    )
    parser.add_argument("queue", choices=QUEUES)
    parser.add_argument("--limit", type=positive_integer, default=SHOWN, metavar="N", help=f"default: {SHOWN}")
    parser.add_argument("--reveal", action="store_true", help="show the bodies, which hold what people wrote")
    parser = group.add(
        "redrive", "Give messages back to the queue they came from. Safe to interrupt.", _EXAMPLES["redrive"], _redrive
    )
    parser.add_argument("queue", choices=QUEUES)
    parser.add_argument("--limit", type=positive_integer, metavar="N", help="default: all that are there now")
    parser.add_argument("--rate", type=positive_number, metavar="R", help="at most so many per second")


def _list(arguments: Namespace, output: Output) -> int:
    deployment = deployment_of(arguments)
    items = [_summary(failure_queue(deployment, name)) for name in QUEUES]
    columns = ("queue", "waiting", "hidden", "oldest_seconds")
    output.items(items, columns, "There are no queues.")
    return 0


def _summary(queue: DeadLetterQueue) -> dict[str, Any]:
    """``oldest_seconds`` is the age of the oldest among the first ten: SQS itself tells no ages."""
    waiting, hidden = queue.waiting(), queue.hidden()
    first = queue.take(BATCH, 30) if waiting else []
    queue.give_back(first)
    oldest = max(0, round(time.time() - min(letter.sent_at for letter in first))) if first else None
    return {"queue": queue.name, "waiting": waiting, "hidden": hidden, "oldest_seconds": oldest}


def _show(arguments: Namespace, output: Output) -> int:
    queue = failure_queue(deployment_of(arguments), arguments.queue)
    items = [describe(queue.name, letter, arguments.reveal) for letter in queue.look(arguments.limit)]
    output.records(items, f"Nothing lies in {queue.name}.")
    return 0


def _redrive(arguments: Namespace, output: Output) -> int:
    deployment = deployment_of(arguments)
    queue = failure_queue(deployment, arguments.queue)
    progress = Progress()
    finished = False
    try:
        redrive(queue, _handler(deployment, arguments.queue), progress, limit=arguments.limit, rate=arguments.rate)
        finished = True
    finally:
        value = {"queue": queue.name, "redriven": progress.done, "finished": finished}
        output.result(
            value, [f"{progress.done} {'message' if progress.done == 1 else 'messages'} of {queue.name} redriven"]
        )
    return 0


def _handler(deployment: Deployment, name: str) -> Handler:
    source = QUEUES[name].source_output
    if name == PUBLISH_FAILURES or source is None:
        from infra.cli.republish import Republish

        return Republish(deployment)
    return SourceQueue(deployment.aws.sqs, deployment.output(source))
