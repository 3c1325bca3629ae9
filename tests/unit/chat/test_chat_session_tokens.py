"""Session tokens prove who a visitor is, for one account, until they expire, and nothing else is accepted in their
place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.chat.tokens import Session, issue, verify
from shared.errors import ConfigurationError, RequestError, Unauthorized
from tests.unit.chat.fakes import NOW, SESSION_SECRET

SESSION = Session(
    account="main",
    external_id="user:42",
    identity_id="idn_x",
    verification="signed_token",
    issued_at=int(NOW),
    expires_at=int(NOW) + 100,
    name="王小明",
)
TOKEN = issue(SESSION, [SESSION_SECRET])


def refused(token: str, now: float = NOW, account: str | None = None, secret: bytes = SESSION_SECRET) -> str:
    with pytest.raises(Unauthorized) as caught:
        verify(token, [secret], now, account)
    return caught.value.code


def test_a_token_gives_the_session_back() -> None:
    assert verify(TOKEN, [SESSION_SECRET], NOW, "main") == SESSION


def test_a_token_uses_only_characters_that_urls_and_subprotocols_allow() -> None:
    assert re.fullmatch(r"v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}", TOKEN)


def test_a_token_is_good_until_it_expires() -> None:
    verify(TOKEN, [SESSION_SECRET], NOW + 99)
    assert refused(TOKEN, now=NOW + 100) == "session_expired"


def test_a_token_is_good_for_its_own_account_only() -> None:
    assert refused(TOKEN, account="other") == "wrong_account"


def test_a_token_of_another_stack_is_refused() -> None:
    assert refused(TOKEN, secret=b"another secret") == "bad_session"


def test_while_the_secret_is_rotated_both_sign() -> None:
    assert verify(TOKEN, [b"the new secret", SESSION_SECRET], NOW) == SESSION
    renewed = issue(SESSION, [b"the new secret", SESSION_SECRET])
    assert verify(renewed, [b"the new secret"], NOW) == SESSION


def test_without_a_secret_nothing_is_issued_and_nothing_accepted() -> None:
    for secrets in ([], [b""]):
        with pytest.raises(ConfigurationError):
            issue(SESSION, secrets)
        with pytest.raises(Unauthorized):
            verify(TOKEN, secrets, NOW)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "v1", "v1..", "v1.e30.", TOKEN + "=", " " + TOKEN, TOKEN + "\n", "v1.é.é"]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refused(token) == "bad_session"


def test_a_token_of_another_version_is_refused() -> None:
    assert refused("v2" + TOKEN[2:]) == "bad_session"


@given(st.integers(0, len(TOKEN) - 1), st.characters(max_codepoint=0x2FF))
def test_no_token_with_a_character_changed_is_accepted(place: int, letter: str) -> None:
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if changed != TOKEN:
        assert refused(changed) == "bad_session"


@given(st.text(max_size=5000))
def test_any_text_is_refused_and_never_breaks_the_reader(token: str) -> None:
    with pytest.raises(RequestError):
        verify(token, [SESSION_SECRET], NOW)


def test_a_signature_over_something_that_is_no_session_is_refused() -> None:
    # Signed like a session, but with other members: the payload is checked as well as the signature.
    from shared.core.chat import tokens

    signed = "v1.e30"
    assert refused(f"{signed}.{tokens._signature(signed, SESSION_SECRET)}") == "bad_session"
