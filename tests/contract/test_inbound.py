"""What providers send becomes what the fixtures say, and nothing that they could send breaks a connector."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import registry
from shared.errors import RequestError
from shared.http.request import Request
from shared.model.inbound import InboundEvent
from shared.model.value import replace
from tests.contract import fixtures
from tests.contract.comparing import differences
from tests.contract.fixtures import Inbound

INBOUND = fixtures.inbound()


@pytest.mark.parametrize("fixture", [each for each in INBOUND if "events" in each.expect], ids=str)
def test_a_webhook_becomes_the_events_of_its_fixture(fixture: Inbound) -> None:
    assert differences(fixture.expect["events"], fixture.events()) == []


@pytest.mark.parametrize("fixture", [each for each in INBOUND if "verified" in each.expect], ids=str)
def test_a_webhook_is_queued_as_its_fixture_says(fixture: Inbound) -> None:
    queued = [
        {"sender_key": each.sender_key, "body": each.body.decode(), "query": dict(each.query)}
        for each in fixture.verified()
    ]
    assert differences(fixture.expect["verified"], queued) == []


@pytest.mark.parametrize("fixture", [each for each in INBOUND if "refused" in each.expect], ids=str)
def test_a_webhook_is_refused_as_its_fixture_says(fixture: Inbound) -> None:
    ingress = registry.ingress(fixture.channel)

    def answer() -> object:
        greeting = ingress.handshake(fixture.the_request, fixture.account)
        return greeting or ingress.verify(fixture.the_request, fixture.account, fixture.now)

    with pytest.raises(RequestError) as refusal:
        answer()
    assert {"status": refusal.value.status, "code": refusal.value.code} == fixture.expect["refused"]


@pytest.mark.parametrize("fixture", [each for each in INBOUND if "response" in each.expect], ids=str)
def test_a_handshake_is_answered_as_its_fixture_says(fixture: Inbound) -> None:
    answer = registry.ingress(fixture.channel).handshake(fixture.the_request, fixture.account)
    assert answer is not None
    shown = {"status": answer.status, "body": answer.body.decode(), "headers": dict(answer.headers)}
    assert differences(fixture.expect["response"], shown) == []


@pytest.mark.parametrize("fixture", [each for each in INBOUND if "events" in each.expect], ids=str)
def test_the_same_webhook_twice_is_the_same_event(fixture: Inbound) -> None:
    first, second = fixture.events(), fixture.events()
    assert [each.get("provider_id") for each in first] == [each.get("provider_id") for each in second]
    if fixture.request is not None:
        again = [each.dedupe_key for each in fixture.verified()]
        assert [each.dedupe_key for each in fixture.verified()] == again


@pytest.mark.parametrize("fixture", [each for each in INBOUND if "events" in each.expect], ids=str)
def test_every_media_that_is_not_withheld_has_one_source(fixture: Inbound) -> None:
    for event in fixture.events():
        found = [value for part in event.get("parts", []) for value in _media_in(part)]
        media = [value for value in found if value.get("state") != "withheld"]
        assert [source["index"] for source in event.get("media", [])] == list(range(len(media)))


@pytest.mark.parametrize("fixture", [each for each in INBOUND if "events" in each.expect], ids=str)
def test_parsing_survives_any_damage_to_the_body(fixture: Inbound) -> None:
    damage = random.Random(str(fixture))
    connector = registry.connector(fixture.channel)
    for envelope in fixture.envelopes():
        for _ in range(200):
            body = _damaged(envelope.body, damage)
            events = connector.parse(replace(envelope, received_at=1.0, body=body))
            assert events
            for event in events:
                assert isinstance(event, InboundEvent)
                assert msgspec.json.encode(event)


TEXTS = st.text(max_size=40) | st.just("1700000000")


@pytest.mark.parametrize("channel", fixtures.channels_with_webhooks())
@settings(max_examples=300, deadline=None)
@given(
    body=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    values=st.dictionaries(st.integers(0, 20), TEXTS, max_size=8),
    extra=st.dictionaries(st.text(max_size=10), TEXTS, max_size=3),
)
def test_verification_only_ever_refuses(
    channel: str, body: bytes, values: dict[int, str], extra: dict[str, str]
) -> None:
    ingress = registry.ingress(channel)
    names = sorted({name for each in INBOUND if each.request for name in (*each.request.query, *each.request.headers)})
    named = {names[number % len(names)]: value for number, value in values.items()} if names else {}
    request = Request("POST", "/", {**extra, **named}, {**extra, **named}, body)
    for account in fixtures.accounts(channel).values():
        with pytest.raises(RequestError):
            ingress.verify(request, account, 1_700_000_000.0)


def _media_in(value: Any) -> list[dict[str, Any]]:
    """Media stand under these names in every part."""
    if not isinstance(value, dict):
        return []
    found = [value[name] for name in ("media", "thumbnail", "image") if isinstance(value.get(name), dict)]
    return found + [media for card in value.get("cards", []) for media in _media_in(card)]


def _damaged(body: bytes, damage: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(damage.randint(1, 3)):
        place = damage.randrange(len(changed) + 1)
        match damage.randrange(5):
            case 0:
                del changed[place:]
            case 1:
                del changed[place : place + damage.randint(1, 20)]
            case 2:
                changed[place:place] = damage.randbytes(damage.randint(1, 4))
            case 3:
                changed[place:place] = bytes(changed[: damage.randint(0, 60)])
            case _:
                changed[place : place + 1] = damage.choice([b"<", b">", b'"', b"{", b"0", b"\x00", b"\xff", b"&"])
    return bytes(changed)
