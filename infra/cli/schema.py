"""``onethread schema``, ``openapi`` and ``asyncapi``: what other programs may rely on, as documents for machines. None
of them needs a stack."""

from __future__ import annotations

import json
from argparse import Namespace

from infra.cli.errors import UsageError
from infra.cli.output import Output
from infra.cli.parser import Commands

_SCHEMA_EXAMPLES = """\
  onethread schema > onethread.schema.json
  onethread schema --type message
  onethread schema --type event.message.received"""

_OPENAPI_EXAMPLES = """\
  onethread openapi > onethread.openapi.json"""

_ASYNCAPI_EXAMPLES = """\
  onethread asyncapi > onethread.asyncapi.json"""


def register(commands: Commands) -> None:
    parser = commands.add(
        "schema", "Print the JSON Schema of messages, events and the rest. Needs no stack.", _SCHEMA_EXAMPLES, _schema
    )
    parser.add_argument(
        "--type",
        metavar="NAME",
        help="only this type, as a document of its own: message, part, conversation, route, customer, identity, event,"
        " or an event of one type, such as event.message.received",
    )
    commands.add("openapi", "Print the OpenAPI document of the HTTP API. Needs no stack.", _OPENAPI_EXAMPLES, _openapi)
    commands.add(
        "asyncapi", "Print the AsyncAPI document of the events. Needs no stack.", _ASYNCAPI_EXAMPLES, _asyncapi
    )


def _schema(arguments: Namespace, output: Output) -> int:
    from shared.model.schema import names, schema, type_schema

    if arguments.type is not None and arguments.type not in names():
        raise UsageError(f"there is no type {arguments.type!r}; there are {', '.join(names())}")
    return _print(type_schema(arguments.type) if arguments.type else schema(), output)


def _openapi(arguments: Namespace, output: Output) -> int:
    from functions.api.contract.openapi import openapi

    return _print(openapi(), output)


def _asyncapi(arguments: Namespace, output: Output) -> int:
    from functions.api.contract.asyncapi import asyncapi

    return _print(asyncapi(), output)


def _print(document: dict[str, object], output: Output) -> int:
    output.result(document, json.dumps(document, indent=2, ensure_ascii=False).splitlines())
    return 0
