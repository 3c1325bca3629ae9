"""A desk that is served as plain files elsewhere: its pages may call the API when the deployer names their origin."""

from __future__ import annotations

import pytest

from tests.unit.functions.stage import Stage, forget

ADMITTED = ["https://desk.example", "https://berlin.desks.example"]
OTHERS = ["https://desk.example.attacker.example", "http://desk.example", "https://desks.example", "null"]


@pytest.mark.parametrize("origin", ADMITTED)
def test_a_named_page_is_told_before_its_call_what_it_may_send(stage: Stage, origin: str) -> None:
    answer = stage.api("OPTIONS", "/v1/conversations/conv_1/messages", headers={"Origin": origin})
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["vary"] == "origin"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "idempotency-key"} <= set(allowed)
    assert {"GET", "POST", "PATCH", "DELETE"} <= set(answer.headers["access-control-allow-methods"].split(", "))


@pytest.mark.parametrize("origin", OTHERS)
def test_other_pages_are_not(stage: Stage, origin: str) -> None:
    answer = stage.api("OPTIONS", "/v1/conversations", headers={"Origin": origin})
    assert answer.status == 404
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("origin", ADMITTED)
def test_a_named_page_can_read_answers_and_refusals(stage: Stage, reader: str, origin: str) -> None:
    for key, status in ((reader, 200), (None, 401)):
        answer = stage.api("GET", "/v1/conversations", key=key, headers={"Origin": origin})
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, origin)


@pytest.mark.parametrize("origin", OTHERS)
def test_other_pages_can_read_nothing_even_with_a_key(stage: Stage, reader: str, origin: str) -> None:
    answer = stage.api("GET", "/v1/conversations", key=reader, headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers


def test_an_admitted_origin_is_no_key(stage: Stage) -> None:
    answer = stage.api("GET", "/v1/conversations", headers={"Origin": ADMITTED[0]})
    assert (answer.status, answer.code) == (401, "missing_key")


def test_programs_which_have_no_origin_are_answered_as_ever(stage: Stage, reader: str) -> None:
    answer = stage.api("GET", "/v1/conversations", key=reader)
    assert answer.status == 200
    assert "access-control-allow-origin" not in answer.headers


def test_unless_the_deployer_names_one_no_page_is_admitted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_ORIGINS", "")
    forget()
    answer = stage.api("OPTIONS", "/v1/conversations", headers={"Origin": ADMITTED[0]})
    assert answer.status == 404
