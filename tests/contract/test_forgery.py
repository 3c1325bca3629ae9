"""Nothing forged, changed, stale or meant for somebody else gets in."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from connectors import registry
from shared.errors import RequestError
from shared.http.request import Request
from shared.model.envelope import VerifiedEvent
from shared.model.value import replace
from shared.ports.accounts import Account
from tests.contract import fixtures
from tests.contract.fixtures import Inbound, Signed

MUTATIONS = 1000
SIGNED = fixtures.signed()


def signature_of(fixture: Inbound) -> Signed:
    if fixture.signed is None:
        raise AssertionError(f"{fixture} is not signed")
    return fixture.signed


def accepted(fixture: Inbound, request: Request, account: Account | None = None, now: float | None = None) -> bool:
    try:
        verify(fixture, request, fixture.account if account is None else account, fixture.now if now is None else now)
    except RequestError:
        return False
    return True


def verify(fixture: Inbound, request: Request, account: Account, now: float) -> list[VerifiedEvent]:
    return registry.ingress(fixture.channel).verify(request, account, now)


@pytest.mark.parametrize("fixture", SIGNED, ids=str)
def test_the_signed_request_itself_is_accepted(fixture: Inbound) -> None:
    assert accepted(fixture, fixture.the_request)


@pytest.mark.parametrize("fixture", SIGNED, ids=str)
def test_no_change_of_one_character_in_what_is_signed_beside_the_body_is_accepted(fixture: Inbound) -> None:
    chance = random.Random(f"parameters of {fixture}")
    request, signed = fixture.the_request, signature_of(fixture)
    for _ in range(MUTATIONS):
        name = chance.choice((*signed.query, *signed.headers))
        if name in signed.query:
            changed = replace(request, query={**request.query, name: _changed_text(request.query[name], chance)})
        else:
            changed = replace(request, headers={**request.headers, name: _changed_text(request.headers[name], chance)})
        assert not accepted(fixture, changed), name


@pytest.mark.parametrize("fixture", [each for each in SIGNED if signature_of(each).body], ids=str)
def test_a_body_with_one_byte_changed_is_refused_or_says_exactly_what_it_said_before(fixture: Inbound) -> None:
    """A signature may leave out wrapping around what it covers; whatever changes the meaning is refused."""
    chance = random.Random(f"body of {fixture}")
    request = fixture.the_request
    original = fixture.verified()
    refused = 0
    for _ in range(MUTATIONS):
        place = chance.randrange(len(request.body))
        byte = chance.choice([other for other in range(256) if other != request.body[place]])
        body = request.body[:place] + bytes([byte]) + request.body[place + 1 :]
        try:
            events = verify(fixture, replace(request, body=body), fixture.account, fixture.now)
        except RequestError:
            refused += 1
        else:
            assert events == original
    assert refused > MUTATIONS / 2


@pytest.mark.parametrize("fixture", [each for each in SIGNED if signature_of(each).body], ids=str)
def test_a_shortened_body_is_refused(fixture: Inbound) -> None:
    request = fixture.the_request
    for length in (0, len(request.body) // 4, len(request.body) // 2):
        assert not accepted(fixture, replace(request, body=request.body[:length]))


@pytest.mark.parametrize("fixture", SIGNED, ids=str)
def test_a_request_without_its_signature_is_refused(fixture: Inbound) -> None:
    request, signed = fixture.the_request, signature_of(fixture)
    for name in signed.query:
        assert not accepted(fixture, replace(request, query=_without(request.query, name))), name
    for name in signed.headers:
        assert not accepted(fixture, replace(request, headers=_without(request.headers, name))), name


@pytest.mark.parametrize("fixture", SIGNED, ids=str)
def test_a_request_signed_with_another_secret_is_refused(fixture: Inbound) -> None:
    for name in signature_of(fixture).secrets:
        secret = str(fixture.account[name])
        other = ("B" if secret[0] != "B" else "C") + secret[1:]
        assert not accepted(fixture, fixture.the_request, {**fixture.account, name: other}), name


@pytest.mark.parametrize("fixture", [each for each in SIGNED if signature_of(each).timestamped], ids=str)
@pytest.mark.parametrize("seconds", [360, 86_400, -360])
def test_a_replayed_or_future_request_is_refused(fixture: Inbound, seconds: int) -> None:
    assert accepted(fixture, fixture.the_request, now=fixture.now + 10)
    assert not accepted(fixture, fixture.the_request, now=fixture.now + seconds)


def _changed_text(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    other = chance.choice([chr(code) for code in range(33, 127) if chr(code) != text[place]])
    return text[:place] + other + text[place + 1 :]


def _without(values: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if key != name}
