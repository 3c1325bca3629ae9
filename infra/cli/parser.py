"""The grammar of the command line: one parser, to which each command adds itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import NoReturn

from infra.cli.errors import UsageError
from infra.cli.output import Output

Run = Callable[[argparse.Namespace, Output], int]
"""A command: its arguments in, its exit code out."""

EXAMPLES = """\
examples:
  onethread --local channel list
  onethread --stack shop --region eu-west-1 channel check wechat main
  onethread --stack shop tail --type message.received

exit codes: 0 done, 1 failed, 2 used wrongly
with --json, results are JSON on standard output and errors JSON on standard error"""


class Parser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print its usage and exit."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


class Commands:
    """The commands at one level, such as ``channel``, or ``set`` below it."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._parsers = parser.add_subparsers(metavar="command", required=True, dest="command", parser_class=Parser)

    def add(self, name: str, summary: str, examples: str, run: Run) -> argparse.ArgumentParser:
        """A command; what it takes is added to the parser that is returned."""
        parser = self._parser(name, summary, examples)
        parser.set_defaults(run=run)
        return parser

    def group(self, name: str, summary: str, examples: str) -> Commands:
        """A command that only has commands below it."""
        return Commands(self._parser(name, summary, examples))

    def _parser(self, name: str, summary: str, examples: str) -> argparse.ArgumentParser:
        parser = self._parsers.add_parser(
            name,
            help=summary[0].lower() + summary[1:].rstrip("."),
            description=summary,
            epilog=f"examples:\n{examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _add_common(parser, default=argparse.SUPPRESS)
        return parser


def root_parser() -> tuple[Parser, Commands]:
    """The parser without commands, and the place to add them."""
    parser = Parser(
        prog="onethread",
        description="Manage a onethread stack: its channel accounts, API keys, subscriptions, dead letters and stream.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(parser, default=None)
    return parser, Commands(parser)


def parse(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    """The arguments. Raises UsageError.

    argparse takes no positional words after an option that follows the first ones, so settings of ``channel set``
    that stand behind an option come as a rest.
    """
    arguments, rest = parser.parse_known_args(words)
    if rest and (not hasattr(arguments, "settings") or any(word.startswith("-") for word in rest)):
        parser.error(f"unrecognized arguments: {' '.join(word.partition('=')[0] for word in rest)}")
    if rest:
        arguments.settings = [*arguments.settings, *rest]
    return arguments


def _add_common(parser: argparse.ArgumentParser, default: str | None) -> None:
    """The options of every command, before or after it: what stands before it must survive its own defaults."""
    group = parser.add_argument_group("stack")
    suppressed = default is not None
    group.add_argument(
        "--local", action="store_true", default=default if suppressed else False, help="the stack that make up started"
    )
    group.add_argument("--stack", metavar="NAME", default=default, help="a CloudFormation stack in AWS")
    group.add_argument("--region", metavar="R", default=default, help="AWS region of the stack")
    group.add_argument("--profile", metavar="P", default=default, help="AWS profile to use")
    group.add_argument(
        "--json", action="store_true", default=default if suppressed else False, help="print JSON, errors as well"
    )


def positive_integer(text: str) -> int:
    """An argparse type."""
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def whole_number(text: str) -> int:
    """An argparse type."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def positive_number(text: str) -> float:
    """An argparse type."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number
