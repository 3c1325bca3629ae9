"""One local stack for the whole run: MiniStack, the real template, IAM enforced, the front server, the stand-ins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.stack.lifecycle import LocalStack
from infra.local.stack.settings import Settings
from tests.e2e.outside import Outside

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """However many processes run the tests, one of them runs these: they share a stack."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    home: Path = tmp_path_factory.mktemp("stack")
    local = LocalStack(Settings.with_free_ports(home))
    try:
        local.up()
        yield local
    finally:
        local.down()


@pytest.fixture(scope="session")
def outside(stack: LocalStack) -> Outside:
    """The stack as seen by those around it: helpdesk, customers, and AWS-side consumers."""
    return Outside(stack.description())
