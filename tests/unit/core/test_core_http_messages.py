"""Requests and responses as functions see them: the bytes that were signed, and problems with a code."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import BadRequest, Conflict
from shared.http.request import Request
from shared.http.response import Response
from shared.model.envelope import Envelope

CONTEXT = {"http": {"method": "POST"}}


@settings(deadline=None)
@given(body=st.binary(max_size=100))
def test_the_body_is_what_the_provider_signed(body: bytes) -> None:
    wrapped = base64.b64encode(body).decode()
    assert Request.from_http_api({"requestContext": CONTEXT, "body": wrapped, "isBase64Encoded": True}).body == body


@settings(deadline=None)
@given(text=st.text(max_size=100))
def test_a_body_of_text_is_its_utf_8(text: str) -> None:
    body = Request.from_http_api({"requestContext": CONTEXT, "body": text, "isBase64Encoded": False}).body
    assert body.decode("utf-8", "surrogatepass") == text


@pytest.mark.parametrize("body", ["%%%", "abc", "YQ==\n", "好", "YQ"])
def test_a_body_that_is_not_the_base64_it_claims_to_be_is_refused(body: str) -> None:
    with pytest.raises(BadRequest) as refused:
        Request.from_http_api({"requestContext": CONTEXT, "body": body, "isBase64Encoded": True})
    assert refused.value.code == "body_encoding"


def test_names_of_headers_are_lower_case_and_the_first_of_repeated_parameters_counts() -> None:
    event = {
        "requestContext": CONTEXT,
        "rawPath": "/a",
        "rawQueryString": "a=1&a=2&b=&c=%E4%BD%A0+x",
        "headers": {"X-Signature": "AbC"},
    }
    request = Request.from_http_api(event)
    assert (request.method, request.path, request.body) == ("POST", "/a", b"")
    assert dict(request.query) == {"a": "1", "b": "", "c": "你 x"}
    assert dict(request.headers) == {"x-signature": "AbC"}


def test_a_request_with_nothing_in_it_is_empty() -> None:
    event = {"requestContext": CONTEXT, "headers": None, "body": None, "rawQueryString": None}
    assert Request.from_http_api(event) == Request("POST", "/", {}, {}, b"")


def test_a_problem_has_its_code_and_whatever_belongs_to_it() -> None:
    answer = Response.problem(Conflict("window_closed", "wait for the customer", route={"can_reply": False}))
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "code": "window_closed",
        "detail": "wait for the customer",
        "route": {"can_reply": False},
    }


@settings(deadline=None)
@given(body=st.binary(max_size=50))
def test_any_bytes_get_through_the_gateway(body: bytes) -> None:
    answer = Response(200, body).to_http_api()
    text = answer["body"]
    assert (base64.b64decode(text) if answer["isBase64Encoded"] else text.encode()) == body


ENVELOPES = st.builds(
    Envelope,
    st.just("wechat"),
    st.just("main"),
    st.floats(0, 4e9),
    st.binary(max_size=60),
    st.dictionaries(st.text(), st.text(), max_size=2),
    st.dictionaries(st.text(), st.text(), max_size=2),
    st.none() | st.just("00-trace"),
)


@settings(deadline=None)
@given(envelope=ENVELOPES)
def test_an_envelope_comes_out_of_the_queue_as_it_went_in(envelope: Envelope) -> None:
    text = envelope.to_json()
    assert Envelope.from_json(text) == envelope
    # SQS refuses some characters and counts bytes: plain ASCII has neither problem.
    assert text.isascii()
    assert not set(text) & {chr(code) for code in range(32)}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"channel": "a"}', "null"])
def test_what_is_no_envelope_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Envelope.from_json(text)
