"""Every folder of a helpdesk has what an adapter needs, and its account can be checked."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import registry
from shared.helpdesk.seam import Helpdesk
from shared.model.event import EVENT_TYPES
from shared.ports.ingress import Ingress
from tests.support.desks import FIXTURES, Connected

ROOT = Path(__file__).parents[3]
HELPDESKS = registry.helpdesks()
TOO_HEAVY_FOR_WEBHOOKS = ("msgspec", "regex", "boto3", "botocore", "requests", "urllib3", "pydantic")


def shape(protocol: type) -> dict[str, Callable[..., object]]:
    return {name: value for name, value in vars(protocol).items() if inspect.isfunction(value) and name[0] != "_"}


@pytest.mark.parametrize("name", HELPDESKS)
def test_adapter_and_ingress_have_the_methods_of_their_protocols_with_the_same_types(name: str) -> None:
    pairs = [(registry.helpdesk(name), Helpdesk), (registry.helpdesk_ingress(name), Ingress)]
    for given, protocol in pairs:
        for method_name, method in shape(protocol).items():
            assert inspect.signature(getattr(type(given), method_name)) == inspect.signature(method), method_name


@pytest.mark.parametrize("name", HELPDESKS)
def test_the_webhook_side_imports_nothing_heavy(name: str) -> None:
    program = f"import sys, connectors.helpdesks.{name}.ingress; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(TOO_HEAVY_FOR_WEBHOOKS) & set(done.stdout.split()) == set()


@pytest.mark.parametrize("name", HELPDESKS)
def test_every_helpdesk_brings_a_stand_in_and_asks_for_events_that_there_are(name: str) -> None:
    assert (FIXTURES / name / "contract.json").is_file()
    assert set(registry.helpdesk(name).types) <= set(EVENT_TYPES)


def test_the_account_is_complete_and_an_empty_one_is_not(connected: Connected) -> None:
    assert connected.adapter.validate(connected.account) == []
    assert connected.adapter.validate({}) != []


def test_check_says_that_the_account_works(connected: Connected) -> None:
    assert all(finding.ok for finding in connected.adapter.check(connected.context))
