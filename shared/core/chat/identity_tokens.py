"""Identity tokens: how a site tells us who its logged-in visitor is.

A JSON Web Token (RFC 7519) that the site's server signs with the account's ``identity_secret``, HS256 only (RFC 7515,
RFC 7518 section 3.2); the header's word on the algorithm is checked, never followed. Claims: ``sub`` (the site's own
id of the user, at most 128 characters) and ``exp`` (at most 30 days ahead) are required; ``name``, ``email`` and
``email_verified`` are optional; ``nbf`` and ``iat`` are honoured; ``aud``, when there, must name the chat account.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.core.chat.encoding import decode_base64url, encode_base64url, read_json
from shared.errors import BadRequest, Unauthorized, Unprocessable

LEEWAY_SECONDS = 60
MAXIMUM_SECONDS = 30 * 86_400

_MAXIMUM_LENGTH = 8_192
_MAXIMUM_SUBJECT = 128
_MAXIMUM_NAME = 100
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\]{1,64}@[^\s@<>\"(),:;\\]{1,189}")


@dataclass(frozen=True, slots=True)
class SiteUser:
    """A visitor as the site knows them. ``email`` is there only when the site has verified it."""

    subject: str
    name: str | None = None
    email: str | None = None


def verify_identity_token(token: str, secrets: Sequence[str], now: float, account: str) -> SiteUser:
    """The user that the site vouches for; any of the account's identity secrets may have signed the token.

    Raises Unprocessable(``identity_not_configured``) when the account has no secret, and Unauthorized
    (``bad_identity_token``, ``identity_token_expired``).
    """
    keys = [secret.encode() for secret in secrets if secret]
    if not keys:
        raise Unprocessable("identity_not_configured", "this account has no identity_secret")
    if len(token) > _MAXIMUM_LENGTH or token.count(".") != 2 or not token.isascii():
        raise _bad_token("it is not a signed JSON Web Token")
    signed, _, signature = token.rpartition(".")
    expected = [encode_base64url(hmac.digest(key, signed.encode("ascii"), hashlib.sha256)) for key in keys]
    genuine = [hmac.compare_digest(candidate, signature) for candidate in expected]
    header, claims = (_json_object(part) for part in signed.split("."))
    if header.get("alg") != "HS256" or "crit" in header:
        raise _bad_token("it is not signed with HS256")
    if not any(genuine):
        raise _bad_token("its signature is not genuine")
    _check_times(claims, now)
    _check_audience(claims, account)
    return _site_user(claims)


def _json_object(part: str) -> dict[str, Any]:
    try:
        value = read_json(decode_base64url(part))
    except BadRequest:
        raise _bad_token("it cannot be read") from None
    if not isinstance(value, dict):
        raise _bad_token("it cannot be read")
    return value


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires = _seconds(claims, "exp")
    if expires is None:
        raise _bad_token("it has no exp")
    if expires <= now - LEEWAY_SECONDS:
        raise Unauthorized("identity_token_expired", "the identity token has expired")
    if expires > now + MAXIMUM_SECONDS + LEEWAY_SECONDS:
        raise _bad_token("its exp is more than 30 days ahead")
    if any((_seconds(claims, name) or 0) > now + LEEWAY_SECONDS for name in ("nbf", "iat")):
        raise _bad_token("it is not valid yet")


def _seconds(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _bad_token(f"its {name} is not a number")
    return value


def _check_audience(claims: dict[str, Any], account: str) -> None:
    """RFC 7519 section 4.1.3: a token that names its audience is for nobody else."""
    audience = claims.get("aud")
    if audience is None:
        return
    if account not in (audience if isinstance(audience, list) else [audience]):
        raise _bad_token("it is meant for another audience")


def _site_user(claims: dict[str, Any]) -> SiteUser:
    subject = claims.get("sub")
    if (
        not isinstance(subject, str)
        or not subject.strip()
        or len(subject) > _MAXIMUM_SUBJECT
        or not subject.isprintable()
    ):
        raise _bad_token(f"its sub is not a text of 1 to {_MAXIMUM_SUBJECT} characters")
    email = claims.get("email")
    proven = claims.get("email_verified") is True and isinstance(email, str) and is_email(email)
    return SiteUser(subject, display_name(claims.get("name")), email if proven else None)


def display_name(value: object) -> str | None:
    """A name fit to show: one line, at most 100 characters; None when there is none."""
    if not isinstance(value, str):
        return None
    return "".join(letter for letter in " ".join(value.split()) if letter.isprintable())[:_MAXIMUM_NAME] or None


def is_email(text: str) -> bool:
    """Whether a text has the form of a mail address."""
    return _EMAIL.fullmatch(text) is not None


def _bad_token(reason: str) -> Unauthorized:
    return Unauthorized("bad_identity_token", f"the identity token is refused: {reason}")
