"""Sessions of web chat: who a visitor is, and the secrets that say so."""

from __future__ import annotations

import json

import pytest

from shared.errors import RequestError
from shared.model.identifiers import identity_id
from tests.unit.chat.fakes import NOW, Chat, FakeSecrets, a_chat, signed


def refused(chat: Chat, body: bytes, account: str = "main") -> RequestError:
    with pytest.raises(RequestError) as caught:
        chat.service.open_session(account, body)
    return caught.value


class TestOpeningASession:
    def test_an_anonymous_visitor_gets_an_identity_of_their_own(self) -> None:
        chat = a_chat()
        first, second = chat.open(), chat.open()
        session = chat.service.sessions.prove(first["token"], "main")
        assert session.external_id.startswith("visitor:")
        assert len(session.external_id) == len("visitor:") + 22
        assert session.verification == "none"
        assert session.identity_id == identity_id("webchat", "main", session.external_id) == first["identity_id"]
        assert first["identity_id"] != second["identity_id"]
        assert first["socket_url"] == "wss://chat.example/live"
        assert first["expires_at"] == NOW + 7 * 86_400
        assert "conversation_id" not in first

    def test_a_signed_in_user_is_the_same_person_on_every_device(self) -> None:
        chat = a_chat()
        token = signed(name="Ann", email="ann@shop.example", email_verified=True)
        first, second = chat.open(identity_token=token), chat.open(identity_token=signed())
        session = chat.service.sessions.prove(first["token"], "main")
        assert (session.external_id, session.verification, session.name) == ("user:42", "signed_token", "Ann")
        assert session.email == "ann@shop.example"
        assert first["identity_id"] == second["identity_id"]

    def test_a_visitor_cannot_name_themselves_a_user(self) -> None:
        chat = a_chat()
        opened = chat.open(external_id="user:42", name="Ann", verification="signed_token")
        assert chat.service.sessions.prove(opened["token"]).external_id.startswith("visitor:")

    def test_the_conversation_a_visitor_is_in_is_named(self) -> None:
        chat = a_chat()
        chat.history.conversations[chat.open(identity_token=signed())["identity_id"]] = "conv_1"
        assert chat.open(identity_token=signed())["conversation_id"] == "conv_1"

    def test_an_anonymous_visitor_with_a_valid_token_stays_the_same_with_a_later_expiry(self) -> None:
        chat = a_chat()
        first = chat.open()
        chat.clock[0] += 86_400
        again = chat.service.open_session("main", b"", first["token"])
        assert again["identity_id"] == first["identity_id"]
        assert again["expires_at"] == first["expires_at"] + 86_400

    def test_a_token_that_has_expired_or_is_for_another_account_is_not_carried_on(self) -> None:
        chat = a_chat()
        foreign, own = chat.open("other"), chat.open()
        assert chat.service.open_session("main", b"{}", foreign["token"])["identity_id"] != foreign["identity_id"]
        chat.clock[0] += 8 * 86_400
        assert chat.service.open_session("main", b"{}", own["token"])["identity_id"] != own["identity_id"]

    def test_a_signed_in_session_is_never_extended_without_the_site(self) -> None:
        chat = a_chat()
        user = chat.open(identity_token=signed())
        renewed = chat.service.open_session("main", b"", user["token"])
        assert renewed["identity_id"] != user["identity_id"]

    def test_refusals_say_why(self) -> None:
        chat = a_chat()
        forged = json.dumps({"identity_token": signed("somebody else's secret, just as long")}).encode()
        assert refused(chat, forged).code == "bad_identity_token"
        expired = json.dumps({"identity_token": signed(exp=int(NOW) - 61)}).encode()
        assert refused(chat, expired).code == "identity_token_expired"
        assert refused(chat, b'{"identity_token": 1}').code == "bad_identity_token"
        assert refused(chat, b"[]").code == "bad_frame"
        assert (
            refused(chat, json.dumps({"identity_token": signed()}).encode(), "other").code == "identity_not_configured"
        )

    @pytest.mark.parametrize("account", ["nobody", "", "../main", "a/b", "x" * 65, "main\n"])
    def test_there_is_no_such_account(self, account: str) -> None:
        with pytest.raises(RequestError) as caught:
            a_chat().service.check_origin(account, None)
        assert (caught.value.status, caught.value.code) == (404, "unknown_account")


class TestRotatingTheIdentitySecret:
    def test_the_secret_before_is_valid_as_well(self) -> None:
        chat = a_chat()
        new = {"identity_secret": "a new secret of the shop's site, long enough"}
        chat.accounts.cached["main"] = FakeSecrets(new, chat.accounts.cached["main"].current)
        assert chat.open(identity_token=signed())["identity_id"]

    def test_a_secret_we_have_not_heard_of_yet_is_asked_for(self) -> None:
        chat = a_chat()
        new = "a new secret of the shop's site, long enough"
        chat.accounts.stored["main"] = FakeSecrets({"identity_secret": new})
        assert chat.open(identity_token=signed(new))["identity_id"] == chat.open(identity_token=signed())["identity_id"]

    def test_a_secret_that_was_taken_away_is_not_valid_any_more(self) -> None:
        chat = a_chat()
        chat.accounts.cached["main"] = FakeSecrets({}, chat.accounts.cached["main"].current)
        error = refused(chat, json.dumps({"identity_token": signed()}).encode())
        assert error.code == "identity_not_configured"
