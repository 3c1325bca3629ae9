"""Identity tokens: what PyJWT would accept for HS256 with our rules is accepted, and nothing else."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.chat.identity_tokens import SiteUser, verify_identity_token
from shared.errors import RequestError, Unauthorized, Unprocessable
from tests.unit.chat.fakes import IDENTITY_SECRET, NOW

DAY = 86_400


def token(secret: str = IDENTITY_SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """As a site's server would make it, with PyJWT."""
    values = {"sub": "42", "exp": int(NOW) + 3600, **claims}
    return jwt.encode({name: value for name, value in values.items() if value is not None}, secret, algorithm=algorithm)


def by_hand(header: object, claims: object, secret: str = IDENTITY_SECRET) -> str:
    """Signed with HMAC-SHA256, whatever the header and the claims say."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = hmac.digest(secret.encode(), b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def accepted(text: str, now: float = NOW, secrets: list[str] | None = None) -> SiteUser:
    return verify_identity_token(text, [IDENTITY_SECRET] if secrets is None else secrets, now, "main")


def refused(text: str, now: float = NOW) -> str:
    with pytest.raises(Unauthorized) as caught:
        accepted(text, now)
    return caught.value.code


def test_a_token_made_by_pyjwt_proves_its_subject() -> None:
    assert accepted(token(name="  王 小明 ")) == SiteUser("42", "王 小明")


def test_an_address_counts_only_when_the_site_has_verified_it() -> None:
    assert accepted(token(email="ann@shop.example", email_verified=True)).email == "ann@shop.example"
    assert accepted(token(email="ann@shop.example")).email is None
    assert accepted(token(email="ann@shop.example", email_verified="true")).email is None
    assert accepted(token(email="no address", email_verified=True)).email is None


def test_an_account_without_a_secret_takes_no_identity_tokens() -> None:
    for secrets in ([], [""]):
        with pytest.raises(Unprocessable) as caught:
            accepted(token(), secrets=secrets)
        assert caught.value.code == "identity_not_configured"


def test_while_the_secret_is_rotated_both_are_valid() -> None:
    assert accepted(token(), secrets=["a new secret for the site", IDENTITY_SECRET]).subject == "42"


def test_expiry_is_required_and_has_a_minute_of_leeway() -> None:
    assert refused(token(exp=None)) == "bad_identity_token"
    assert accepted(token(exp=int(NOW) - 59)).subject == "42"
    assert refused(token(exp=int(NOW) - 60)) == "identity_token_expired"


def test_expiry_is_at_most_thirty_days_ahead() -> None:
    assert accepted(token(exp=int(NOW) + 30 * DAY)).subject == "42"
    assert refused(token(exp=int(NOW) + 31 * DAY)) == "bad_identity_token"


@pytest.mark.parametrize("exp", [True, "1900000000", [], {}, 1e308])
def test_an_expiry_that_is_no_sensible_time_is_refused(exp: object) -> None:
    assert refused(by_hand({"alg": "HS256"}, {"sub": "42", "exp": exp})) == "bad_identity_token"


def test_a_token_from_the_future_is_refused() -> None:
    assert refused(token(nbf=int(NOW) + 120)) == "bad_identity_token"
    assert refused(token(iat=int(NOW) + 120)) == "bad_identity_token"
    assert accepted(token(iat=int(NOW) + 30)).subject == "42"


@pytest.mark.parametrize("sub", [None, "", " ", "x" * 129, "a\u0000b\n"])
def test_a_token_without_a_usable_subject_is_refused(sub: str | None) -> None:
    assert refused(token(sub=sub)) == "bad_identity_token"


def test_a_subject_that_is_no_text_is_refused() -> None:
    assert refused(by_hand({"alg": "HS256"}, {"sub": 42, "exp": int(NOW) + 60})) == "bad_identity_token"


def test_an_audience_must_name_the_account() -> None:
    assert accepted(token(aud="main")).subject == "42"
    assert accepted(token(aud=["main", "other"])).subject == "42"
    assert refused(token(aud="other")) == "bad_identity_token"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_other_algorithms_are_refused(algorithm: str) -> None:
    assert refused(token(algorithm=algorithm)) == "bad_identity_token"


@pytest.mark.parametrize(
    "header", [{"alg": "none"}, {"alg": "hs256"}, {"alg": "HS512"}, {"alg": ["HS256"]}, {}, [], "HS256"]
)
def test_the_header_must_say_hs256_even_under_a_genuine_signature(header: object) -> None:
    assert refused(by_hand(header, {"sub": "42", "exp": int(NOW) + 60})) == "bad_identity_token"


def test_critical_extensions_are_refused_because_none_is_understood() -> None:
    header = {"alg": "HS256", "crit": ["b64"], "b64": False}
    assert refused(by_hand(header, {"sub": "42", "exp": int(NOW) + 60})) == "bad_identity_token"


def test_unsigned_tokens_are_refused() -> None:
    unsigned = jwt.encode({"sub": "42", "exp": int(NOW) + 60}, "", algorithm="none")
    assert refused(unsigned) == "bad_identity_token"
    assert refused(unsigned.rstrip(".")) == "bad_identity_token"


def test_a_token_signed_by_somebody_else_is_refused() -> None:
    assert refused(token(secret="the secret of a site that is not this one")) == "bad_identity_token"


GENUINE = token()


@given(st.integers(0, len(GENUINE) - 1), st.characters(max_codepoint=0x2FF))
def test_no_token_with_a_character_changed_is_accepted(place: int, letter: str) -> None:
    changed = GENUINE[:place] + letter + GENUINE[place + 1 :]
    if changed != GENUINE:
        with pytest.raises(Unauthorized):
            accepted(changed)


@given(st.text(max_size=300))
def test_any_text_is_refused_and_never_breaks_the_reader(text: str) -> None:
    with pytest.raises(RequestError):
        accepted(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CLAIM_NAMES = st.sampled_from(["sub", "exp", "nbf", "iat", "aud", "name", "email", "email_verified"])


@settings(max_examples=200)
@given(st.dictionaries(CLAIM_NAMES, JSON | st.integers(int(NOW) - 200, int(NOW) + 40 * DAY), max_size=8))
def test_what_we_accept_pyjwt_accepts_too(claims: dict[str, Any]) -> None:
    text = by_hand({"alg": "HS256", "typ": "JWT"}, claims)
    try:
        user = verify_identity_token(text, [IDENTITY_SECRET], NOW, "main")
    except RequestError:
        return
    # PyJWT reads the machine's clock, so the times are compared by our rules and everything else by its own.
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    decoded = jwt.decode(
        text, IDENTITY_SECRET, ["HS256"], audience="main" if "aud" in claims else None, options=options
    )
    assert decoded["sub"] == user.subject
    assert decoded["exp"] > NOW - 60
