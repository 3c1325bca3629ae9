"""``onethread schema``: the published JSON Schema."""

from __future__ import annotations

import json
from argparse import Namespace

from infra.cli.output import Output
from infra.cli.parser import Commands

TYPES = ("message", "part", "conversation", "route", "customer", "identity", "event")
"""The keys of shared.model.schema.TYPES; written out, so that help does not have to load the schema."""

_EXAMPLES = """\
  onethread schema > onethread.schema.json
  onethread schema --type message"""


def register(commands: Commands) -> None:
    parser = commands.add(
        "schema", "Print the JSON Schema of messages, events and the rest. Needs no stack.", _EXAMPLES, _schema
    )
    parser.add_argument("--type", choices=TYPES, help="only this type, as a document of its own")


def _schema(arguments: Namespace, output: Output) -> int:
    from shared.model.schema import schema, type_schema

    document = type_schema(arguments.type) if arguments.type else schema()
    output.result(document, json.dumps(document, indent=2, ensure_ascii=False).splitlines())
    return 0
