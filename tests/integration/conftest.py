"""Engines for the store's tests, one each per session, and tables that belong to one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import engines
from tests.support.engines import Engine
from tests.support.stores import Clock, Store, store_on


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[Engine]:
    with engines.dynamodb_local() as engine:
        yield engine


@pytest.fixture(scope="session")
def moto_server() -> Iterator[Engine]:
    with engines.moto() as engine:
        yield engine


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["moto_server", "dynamodb_local"], ids=["moto", "dynamodb-local"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    found: Engine = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def store(engine: Engine, clock: Clock) -> Iterator[Store]:
    """The store on each engine in turn."""
    with store_on(engine, clock) as found:
        yield found


@pytest.fixture
def real_store(dynamodb_local: Engine, clock: Clock) -> Iterator[Store]:
    """The store on AWS's own engine: for races, costs and large pages, which moto does not imitate."""
    with store_on(dynamodb_local, clock) as found:
        yield found


@pytest.fixture
def streaming_store(dynamodb_local: Engine, clock: Clock) -> Iterator[Store]:
    """The store on AWS's own engine, with the stream of the table."""
    with store_on(dynamodb_local, clock, stream=True) as found:
        yield found
