"""Every channel folder holds a connector of the same shape, and declares nothing that it has no fixture for."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors import registry
from shared.model.capabilities import Capabilities
from shared.model.parts import PART_TYPES
from shared.ports.connector import Connector
from shared.ports.ingress import Ingress
from tests.contract import fixtures

CHANNELS = registry.channels()
TOO_HEAVY_FOR_WEBHOOKS = ("msgspec", "regex", "boto3", "botocore", "requests", "urllib3", "pydantic", "wechatpy")


def shape(protocol: type) -> dict[str, Callable[..., object]]:
    return {name: value for name, value in vars(protocol).items() if inspect.isfunction(value) and name[0] != "_"}


@pytest.mark.parametrize("channel", CHANNELS)
def test_ingress_has_the_methods_of_the_protocol_with_the_same_types(channel: str) -> None:
    given = registry.ingress(channel)
    for name, method in shape(Ingress).items():
        assert inspect.signature(getattr(type(given), name)) == inspect.signature(method), name
    assert isinstance(given.body_limit, int)


@pytest.mark.parametrize("channel", CHANNELS)
def test_connector_has_the_methods_of_the_protocol_with_the_same_types(channel: str) -> None:
    given = registry.connector(channel)
    for name, method in shape(Connector).items():
        assert inspect.signature(getattr(type(given), name)) == inspect.signature(method), name


@pytest.mark.parametrize("channel", CHANNELS)
def test_capabilities_carry_the_name_of_the_folder_and_can_be_published(channel: str) -> None:
    capabilities = registry.connector(channel).capabilities
    assert capabilities.channel == channel
    assert set(capabilities.receives) <= set(PART_TYPES)
    assert set(capabilities.sends) <= set(PART_TYPES)
    assert capabilities.text.maximum > 0
    assert msgspec.json.decode(msgspec.json.encode(capabilities), type=Capabilities) == capabilities


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_webhook_side_imports_nothing_heavy(channel: str) -> None:
    program = f"import sys, connectors.channels.{channel}.ingress; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert set(TOO_HEAVY_FOR_WEBHOOKS) & set(done.stdout.split()) == set()


@pytest.mark.parametrize("channel", CHANNELS)
def test_accounts_of_the_fixtures_are_complete_and_an_empty_one_is_not(channel: str) -> None:
    connector = registry.connector(channel)
    assert {name: connector.validate(account) for name, account in fixtures.accounts(channel).items()} == {
        name: [] for name in fixtures.accounts(channel)
    }
    assert all(isinstance(sentence, str) for sentence in connector.validate({}))


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_part_type_that_can_come_in_has_a_fixture(channel: str) -> None:
    declared = set(registry.connector(channel).capabilities.receives)
    shown = {part["type"] for event in _events(channel) for part in event.get("parts", [])}
    assert declared - shown == set()


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_part_type_that_goes_out_as_itself_has_a_fixture_without_a_loss(channel: str) -> None:
    declared = set(registry.connector(channel).capabilities.sends)
    shown = {
        part["type"]
        for fixture in fixtures.outbound()
        if fixture.channel == channel and not fixture.expect.get("degradations")
        for part in fixture.parts
    }
    assert declared - shown == set()


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_window_has_a_fixture_that_opens_it(channel: str) -> None:
    declared = {rule.opens_on for rule in registry.connector(channel).capabilities.windows}
    assert declared - {event.get("opens") for event in _events(channel)} == set()


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_receipt_of_the_provider_has_a_fixture(channel: str) -> None:
    declared = set(registry.connector(channel).capabilities.receipts)
    shown = {event["status"] for event in _events(channel) if event["kind"] == "receipt"}
    assert declared - {"sent"} - shown == set()


@pytest.mark.parametrize("channel", fixtures.channels_with_webhooks())
def test_a_channel_with_a_provider_has_signed_requests_and_answers_among_its_fixtures(channel: str) -> None:
    covered = [each.signed for each in fixtures.signed() if each.channel == channel and each.signed]
    assert any(each.body and each.secrets for each in covered)
    assert channel in fixtures.channels_with_answers()


def _events(channel: str) -> list[dict[str, Any]]:
    return [
        event
        for fixture in fixtures.inbound()
        if fixture.channel == channel and "events" in fixture.expect
        for event in fixture.events()
    ]
