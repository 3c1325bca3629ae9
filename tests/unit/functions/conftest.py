"""A stack for the tests of the functions, one per module, and what they print."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from functions import telemetry
from tests.support import engines
from tests.support.engines import Engine
from tests.unit.functions.stage import SHOP, Stage, forget
from tests.unit.functions.wechat_api import WeChatApi
from tests.unit.wechat.pushes import PLAIN, SECURE

IMITATIONS = ("moto", "botocore", "boto3", "werkzeug")
"""Loggers that no function has: they speak of the test's own AWS."""


class Printing(logging.Handler):
    """Prints to standard error as it is at that moment: pytest changes it between a fixture and its test."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr)


@pytest.fixture(scope="session")
def aws() -> Iterator[Engine]:
    with engines.moto() as engine:
        yield engine


@pytest.fixture(scope="module")
def wechat() -> Iterator[WeChatApi]:
    api = WeChatApi()
    yield api
    api.stop()


@pytest.fixture(scope="module")
def stage(aws: Engine, wechat: WeChatApi) -> Iterator[Stage]:
    """Accounts: wechat/plain, wechat/secure and webchat/main."""
    with pytest.MonkeyPatch.context() as environment:
        made = Stage(aws.endpoint)
        made.build(environment)
        made.account("wechat", "plain", {**PLAIN, "api_base": wechat.url})
        made.account("wechat", "secure", {**SECURE, "api_base": wechat.url})
        made.account("webchat", "main", {"allowed_origins": [SHOP]})
        yield made
    forget()


@pytest.fixture(scope="module")
def reader(stage: Stage) -> str:
    return stage.key("read")


@pytest.fixture(scope="module")
def writer(stage: Stage) -> str:
    return stage.key("write")


@pytest.fixture(scope="module")
def conversation(stage: Stage) -> str:
    """A conversation that only tests which change nothing use."""
    return stage.says("reader's ann")


@pytest.fixture(scope="module")
def scratch(stage: Stage) -> str:
    """A conversation for tests that do not mind what others have done to it."""
    return stage.says("ann of the scratch pad")


@pytest.fixture
def fresh(stage: Stage) -> str:
    """A conversation of a test's own."""
    return stage.says(f"ann-{uuid4().hex}")


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Everything that the functions print and log from here on, with every logger at DEBUG, as Lambda would have it."""
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    _forget_loggers()
    root = logging.getLogger()
    level, handler = root.level, Printing()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for imitation in IMITATIONS:
        logging.getLogger(imitation).setLevel(logging.CRITICAL)
    found: list[str] = []

    def read() -> str:
        captured = capsys.readouterr()
        found.extend((captured.out, captured.err))
        return "".join(found)

    yield read
    root.removeHandler(handler)
    root.setLevel(level)
    for imitation in IMITATIONS:
        logging.getLogger(imitation).setLevel(logging.NOTSET)
    _forget_loggers()


def _forget_loggers() -> None:
    """Powertools' loggers keep the stream that they were made with."""
    telemetry.logger.cache_clear()
    telemetry.metrics.cache_clear()
    for service in ("ingest", "publish", "deliver", "media", "forward", "watch", "api"):
        logging.Logger.manager.loggerDict.pop(service, None)
