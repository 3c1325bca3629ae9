"""The engines that the store is tested on: moto, and DynamoDB Local."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.dynamodb_local import DynamoDbLocal


@dataclass(frozen=True, slots=True)
class Engine:
    """Something that speaks DynamoDB at ``endpoint``."""

    name: str
    endpoint: str


@contextmanager
def dynamodb_local() -> Iterator[Engine]:
    """AWS's own engine: transactions, limits, streams and consumed capacity are real."""
    engine = DynamoDbLocal()
    try:
        yield Engine("dynamodb-local", engine.endpoint)
    finally:
        engine.stop()


@contextmanager
def moto() -> Iterator[Engine]:
    """An imitation, for a second opinion on conditions and cancel reasons.

    Not for races, costs or repeated requests: it is not atomic across threads, always reports one unit, and ignores
    the ClientRequestToken.
    """
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Engine("moto", f"http://{host}:{port}")
    finally:
        server.stop()
