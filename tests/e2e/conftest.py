"""A local stack for the whole run: MiniStack, the real template, IAM enforced, the front server, the stand-ins."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.local.stack.lifecycle import LocalStack
from infra.local.stack.settings import Settings
from tests.e2e.chat_client import ChatClient
from tests.e2e.desk_page import watched
from tests.e2e.outside import Outside
from tests.e2e.shop import Shop, Visitor
from tests.e2e.shop import visitor as visiting
from tests.support.scheduling import PAGES

HERE = Path(__file__).parent
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
STARTING = 300
"""Seconds that a test may take with the start of the stack."""
PATIENCE = 30_000
"""Milliseconds that a page may take to show what is expected of it: on a busy machine the desk asks seldom."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test of each group waits for its stack, which takes its time where many others work.

    Raises UsageError for a file whose tests open a browser, and whose name does not say so.
    """
    for item in items:
        if isinstance(item, pytest.Function) and HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(STARTING))
            if "browser" in item.fixturenames and not item.path.name.startswith(PAGES):
                raise pytest.UsageError(f"{item.path.name} opens pages: let its name begin with one of {PAGES}")


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one that playwright has installed for itself."""
    expect.set_options(timeout=PATIENCE)
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=installed, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def desk(browser: Browser, outside: Outside) -> Iterator[Page]:
    """The desk and its phones, freshly opened, in English."""
    with watched(browser, outside.url) as page:
        yield page


@pytest.fixture
def mark() -> str:
    """What tells this test's texts from those of others."""
    return uuid.uuid4().hex[:8]


@pytest.fixture
def visitor(outside: Outside) -> Iterator[ChatClient]:
    """Somebody who writes in the web chat, without a browser."""
    with ChatClient(outside) as opened:
        yield opened


@pytest.fixture(scope="module")
def shop(outside: Outside) -> Iterator[Shop]:
    """A shop whose pages have the widget."""
    opened = Shop(outside)
    yield opened
    opened.close()


@pytest.fixture
def ann(shop: Shop, browser: Browser) -> Iterator[Visitor]:
    """A visitor with the chat open for the first time."""
    shop.put('data-name="Hats"')
    with visiting(shop, browser) as new:
        new.goes_to()
        new.opens()
        yield new
