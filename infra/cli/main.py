"""``onethread``: the entry point. What fails is said in one line on standard error, never in a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from infra.cli import channel, dlq, helpdesk, key, schema, send, subscription, tail
from infra.cli.errors import UsageError, explain
from infra.cli.output import Output
from infra.cli.parser import Parser, parse, root_parser

DONE = 0
FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    # Until the arguments are parsed, this tells in which form a mistake in them is to be reported.
    output = Output("--json" in given)
    try:
        parsed = parse(build_parser(), given)
        output = Output(parsed.json)
        return int(parsed.run(parsed, output))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (| head). Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        output.error(explain(error))
        return WRONG_USAGE if isinstance(error, UsageError) else FAILED


def build_parser() -> Parser:
    parser, commands = root_parser()
    for command in (channel, helpdesk, key, subscription, dlq, schema, tail, send):
        command.register(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
