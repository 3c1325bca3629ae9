"""Claims: what a visitor typed of themselves before the chat. It is carried along, bounded, and proves nothing."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.webchat.connector import CONNECTOR
from shared.core.chat.claims import read_claims
from shared.core.chat.tokens import Session, issue, verify
from shared.errors import Unprocessable
from shared.model.inbound import InboundMessage, Sender
from tests.unit.chat.fakes import IDENTITY_SECRET, NOW, SESSION_SECRET, Chat, a_chat

ANN = {"name": "Ann Lee", "email": "ann@home.example", "phone": "+44 (20) 7946-0000"}
HELLO = {"type": "message", "client_id": "c1", "parts": [{"type": "text", "text": "hello"}]}


def signed(**claims: object) -> str:
    return jwt.encode({"sub": "42", "exp": int(NOW) + 3600, **claims}, IDENTITY_SECRET)


def claims_or_refusal(value: object) -> dict[str, str]:
    """Empty when it is refused."""
    try:
        return read_claims(value)
    except Unprocessable:
        return {}


def sender(chat: Chat) -> Sender:
    """Who the visitor of the open socket is, to the core, when they write."""
    chat.frame(HELLO)
    [event] = CONNECTOR.parse(chat.queue.events[-1].envelope)
    assert isinstance(event, InboundMessage)
    return event.sender


class TestReading:
    def test_a_name_an_address_and_a_number_are_taken(self) -> None:
        assert read_claims(ANN) == {"name": "Ann Lee", "email": "ann@home.example", "phone": "+442079460000"}

    @pytest.mark.parametrize("nothing", [None, {}, {"name": None, "email": "", "phone": " \t"}, {"company": "Shop"}])
    def test_fields_that_were_not_filled_in_are_left_out(self, nothing: object) -> None:
        assert read_claims(nothing) == {}

    def test_a_name_is_one_printable_line_of_at_most_a_hundred_characters(self) -> None:
        assert read_claims({"name": " Ann\u202e\n Lee\x07 "}) == {"name": "Ann Lee"}
        assert len(read_claims({"name": "王" * 200})["name"]) == 100

    @pytest.mark.parametrize(
        "claims",
        [
            [],
            "Ann",
            7,
            {"name": 7},
            {"email": ["ann@home.example"]},
            {"phone": 442079460000},
            {"name": "x" * 201},
            {"email": "ann"},
            {"email": "ann@"},
            {"email": "ann@home.example, eve@evil.example"},
            {"email": "ann\x07@home.example"},
            {"email": "a" * 65 + "@home.example"},
            {"email": "界" * 64 + "@" + "界" * 30},
            {"phone": "1234"},
            {"phone": "1" * 16},
            {"phone": "020 7946 CALL"},
            {"phone": "44+2079460000"},
            {"phone": "٠٢٠٧٩٤٦"},
        ],
    )
    def test_what_has_not_their_shape_is_refused(self, claims: object) -> None:
        with pytest.raises(Unprocessable) as caught:
            read_claims(claims)
        assert (caught.value.status, caught.value.code) == (422, "bad_claims")

    @given(st.none() | st.integers() | st.lists(st.text()) | st.text() | st.text("+0123456789 ()-.@a", max_size=30))
    def test_whatever_is_typed_is_read_within_bounds_or_refused(self, typed: object) -> None:
        for name in ("name", "email", "phone"):
            claims = claims_or_refusal({name: typed})
            assert claims.keys() <= {name}
            assert all(0 < len(text.encode()) <= 400 and text.isprintable() for text in claims.values())


class TestCarrying:
    def test_claims_are_in_the_session_and_in_what_is_queued(self) -> None:
        chat = a_chat()
        session = chat.connected(claims=ANN)
        read = {"name": "Ann Lee", "email": "ann@home.example", "phone": "+442079460000"}
        assert chat.service.sessions.prove(session["token"]).claims == read
        chat.frame(HELLO)
        chat.service.post_message("main", session["token"], json.dumps(HELLO).encode())
        assert [body["session"]["claims"] for body in chat.queue.bodies()] == [read, read]

    def test_claims_stay_with_an_anonymous_visitor_until_they_say_something_else(self) -> None:
        chat = a_chat()
        first = chat.open(claims={"name": "Ann", "email": "ann@home.example"})
        body = json.dumps({"claims": {"name": "Ann Lee"}}).encode()
        again = chat.service.open_session("main", body, first["token"])
        claims = chat.service.sessions.prove(again["token"]).claims
        assert claims == {"name": "Ann Lee", "email": "ann@home.example"}

    def test_claims_of_one_session_are_not_those_of_another_visitor(self) -> None:
        chat = a_chat()
        chat.open(claims=ANN)
        assert chat.service.sessions.prove(chat.open()["token"]).claims == {}

    def test_the_longest_claims_beside_the_longest_proven_words_fit_into_a_token(self) -> None:
        proven_email = "界" * 64 + "@" + "界" * 189
        session = Session(
            account="a" * 64,
            external_id="user:" + "界" * 128,
            identity_id="idn_" + "x" * 26,
            verification="signed_token",
            issued_at=int(NOW),
            expires_at=int(NOW) + 100,
            name="𠮷" * 100,
            email=proven_email,
            claims=read_claims({"name": "𠮷" * 200, "email": "é" * 64 + "@" + "a" * 125, "phone": "+" + "9" * 15}),
        )
        assert verify(issue(session, [SESSION_SECRET]), [SESSION_SECRET], NOW) == session


class TestWhatTheyAreWorth:
    def test_what_an_anonymous_visitor_typed_is_a_claim_and_proves_nothing(self) -> None:
        chat = a_chat()
        chat.connected(claims=ANN)
        found = sender(chat)
        assert found.claims == {"email": "ann@home.example", "phone": "+442079460000"}
        assert (found.aliases, found.verification, found.unproven) == ({}, "none", False)

    def test_a_typed_name_is_used_while_nobody_knows_a_better_one(self) -> None:
        chat = a_chat()
        chat.connected(claims=ANN)
        assert sender(chat).name == "Ann Lee"
        chat.connected(claims=ANN, identity_token=signed(name="Ann"))
        assert sender(chat).name == "Ann"

    def test_what_the_site_has_proven_stays_beside_what_the_visitor_claims(self) -> None:
        chat = a_chat()
        chat.connected(claims=ANN, identity_token=signed(email="ann@shop.example", email_verified=True))
        found = sender(chat)
        assert found.aliases == {"email": "ann@shop.example"}
        assert found.claims == {"email": "ann@home.example", "phone": "+442079460000"}
        assert found.verification == "signed_token"

    def test_a_claim_to_what_is_proven_adds_nothing(self) -> None:
        chat = a_chat()
        chat.connected(
            claims={"email": "ann@shop.example"}, identity_token=signed(email="ann@shop.example", email_verified=True)
        )
        assert sender(chat).claims == {}

    @pytest.mark.parametrize("kind", ["unionid", "email_verified", "user_id", "verification"])
    def test_nothing_else_can_be_claimed(self, kind: str) -> None:
        chat = a_chat()
        claims: dict[str, Any] = {kind: "o6-somebody", "name": "Ann"}
        chat.connected(claims=claims)
        found = sender(chat)
        assert (found.claims, found.aliases, found.verification) == ({}, {}, "none")
