"""What we send becomes the provider's requests, losses are recorded, and every answer of the provider is understood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from connectors import registry
from shared.errors import DeliveryError, Unprocessable
from shared.model.parts import PART_TYPES, TextPart, decode_part
from shared.ports.connector import OutboundRequest, Rendering
from shared.ports.http import HttpResponse
from tests.contract import fixtures
from tests.contract.comparing import differences
from tests.contract.fixtures import Answer, Outbound
from tests.contract.messages import RECIPIENT, SAMPLES, message_of
from tests.contract.provider import ScriptedProvider, context_for

OUTBOUND = fixtures.outbound()
CHANNELS = registry.channels()


def rendered(fixture: Outbound) -> Rendering:
    message = message_of([decode_part(part) for part in fixture.parts], fixture.channel, fixture.author)
    return registry.connector(fixture.channel).render(message, RECIPIENT)


@pytest.mark.parametrize("fixture", [each for each in OUTBOUND if "requests" in each.expect], ids=str)
def test_a_message_becomes_the_requests_of_its_fixture(fixture: Outbound) -> None:
    rendering = rendered(fixture)
    requests = [
        {
            "operation": request.operation,
            "body": msgspec.to_builtins(request.body),
            "uploads": [{"kind": each.kind, "slot": list(each.slot)} for each in request.uploads],
        }
        for request in rendering.requests
    ]
    assert differences(fixture.expect["requests"], requests) == []
    assert msgspec.to_builtins(rendering.degradations) == fixture.expect.get("degradations", [])


@pytest.mark.parametrize("fixture", [each for each in OUTBOUND if "refused" in each.expect], ids=str)
def test_a_message_is_refused_as_its_fixture_says(fixture: Outbound) -> None:
    with pytest.raises(Unprocessable) as refusal:
        rendered(fixture)
    assert refusal.value.code == fixture.expect["refused"]["code"]


@pytest.mark.parametrize("kind", PART_TYPES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_part_that_the_channel_does_not_send_is_degraded_on_record_or_refused(channel: str, kind: str) -> None:
    connector = registry.connector(channel)
    native = kind in connector.capabilities.sends
    message = message_of([SAMPLES[kind]], channel)
    try:
        rendering = connector.render(message, RECIPIENT)
    except Unprocessable:
        assert not native
        return
    assert rendering.requests
    assert native or [loss.part for loss in rendering.degradations if loss.source == kind and loss.lost]


@pytest.mark.parametrize("kind", PART_TYPES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_part_never_takes_the_parts_beside_it_away(channel: str, kind: str) -> None:
    parts = [TextPart(text="before it"), SAMPLES[kind], TextPart(text="after it")]
    rendering = registry.connector(channel).render(message_of(parts, channel), RECIPIENT)
    words = "".join(word for request in rendering.requests for word in _words(request.body))
    assert words.index("before it") < words.index("after it")


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("unit", ["a sentence with words. ", "x"])
def test_a_long_text_goes_out_whole_in_pieces_within_the_limit(channel: str, unit: str) -> None:
    assert goes_out_whole(channel, unit)


@pytest.mark.parametrize("channel", fixtures.channels_with_answers())
@pytest.mark.parametrize("unit", ["一句话说完了。", "👩‍👩‍👧‍👦", "e\u0301", "🇨🇳"])
def test_a_provider_gets_a_long_text_whole_in_pieces_whatever_its_script(channel: str, unit: str) -> None:
    assert goes_out_whole(channel, unit)


def goes_out_whole(channel: str, unit: str) -> bool:
    """Whether a text three times too long can be put together from what is in the requests within the limit."""
    connector = registry.connector(channel)
    limit = connector.capabilities.text
    text = unit * (3 * limit.maximum // len(unit))
    rendering = connector.render(message_of([TextPart(text=text)], channel), RECIPIENT)
    expected, arrived = "".join(text.split()), {0}
    for word in (word for request in rendering.requests for word in _words(request.body)):
        piece = "".join(word.split())
        if piece and (len(word.encode()) if limit.unit == "bytes" else len(word)) <= limit.maximum:
            arrived |= {place + len(piece) for place in arrived if expected.startswith(piece, place)}
    return len(expected) in arrived


@pytest.mark.parametrize("fixture", fixtures.answers(), ids=str)
def test_an_answer_means_what_its_fixture_says(fixture: Answer) -> None:
    response = HttpResponse(fixture.status, fixture.headers, fixture.body)
    assert differences(dict(fixture.expect), outcome(fixture.channel, response)) == []


@pytest.mark.parametrize("channel", fixtures.channels_with_answers())
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_provider_that_fails_is_asked_again(channel: str, status: int) -> None:
    assert outcome(channel, HttpResponse(status, {}, b"<html>oops</html>"))["error_class"] == "retry"


@pytest.mark.parametrize("channel", fixtures.channels_with_answers())
def test_a_provider_that_asks_for_time_is_given_it(channel: str) -> None:
    told = outcome(channel, HttpResponse(429, {"retry-after": "7"}, b""))
    assert (told["error_class"], told["retry_after"]) == ("retry", 7.0)


@pytest.mark.parametrize("channel", fixtures.channels_with_answers())
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"{", b'"ok"', b"\xff\xfe", b"[" * 100_000])
def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(channel: str, body: bytes) -> None:
    assert outcome(channel, HttpResponse(200, {"content-type": "application/json"}, body))["error_class"] == "unknown"


def outcome(channel: str, response: HttpResponse) -> dict[str, Any]:
    """What sending a text comes to when the provider gives this answer to everything."""
    connector = registry.connector(channel)
    account = next(iter(fixtures.accounts(channel).values()))
    request = text_request(channel)
    try:
        result = connector.send(request, context_for(account, ScriptedProvider(response)))
    except DeliveryError as error:
        return {"error_class": error.error_class, "code": error.code, "retry_after": error.retry_after}
    return {"status": result.status, "external_ids": list(result.external_ids)}


def text_request(channel: str) -> OutboundRequest:
    return registry.connector(channel).render(message_of([SAMPLES["text"]], channel), RECIPIENT).requests[0]


def _words(value: Any) -> Iterator[str]:
    """Every text in a request, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
