"""Signatures of webhooks, as the library that consumers use understands them."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from shared.aws.seals import StackSeals
from shared.core.relay.records import SecretVersion, Subscription
from shared.core.relay.signing import live_numbers, shown_secret, signed_headers

SEALS = StackSeals(lambda: [b"the stack's own secret"])
VECTORS = Path(__file__).parents[2] / "fixtures" / "relay" / "standard_webhooks_vectors.json"
Signing = Literal["hmac", "ed25519"]
BODY = b'{"id":"conv_1:1","data":{"text":"\xe4\xbd\xa0\xe5\xa5\xbd"}}'


def subscription(*secrets: SecretVersion, signing: Signing = "hmac", name: str = "sub_1") -> Subscription:
    return Subscription(name, 0.0, "https://desk.example.com/", signing=signing, secrets=secrets)


def only(number: int) -> Subscription:
    return subscription(SecretVersion(number))


class FixedSeals:
    """Makes the same secret for everybody."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, *fields: str) -> bytes:
        return self._secret

    def holds(self, seal: bytes, *fields: str) -> bool:
        return seal == self._secret


def test_a_consumers_library_takes_our_webhooks() -> None:
    headers = signed_headers(SEALS, only(1), "conv_1:1", BODY, time.time())
    secret = shown_secret(SEALS, only(1))
    assert secret.startswith("whsec_")
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    assert Webhook(secret).verify(BODY, headers)["id"] == "conv_1:1"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "conv_1:2"},
        {"webhook-timestamp": str(int(time.time()) - 1)},
        {"webhook-timestamp": str(int(time.time()) - 600)},
        {"webhook-signature": "v1,AAAA"},
    ],
)
def test_a_consumers_library_refuses_what_is_not_ours(change: dict[str, str]) -> None:
    headers = signed_headers(SEALS, only(1), "conv_1:1", BODY, time.time())
    with pytest.raises(WebhookVerificationError):
        Webhook(shown_secret(SEALS, only(1))).verify(BODY, {**headers, **change})
    with pytest.raises(WebhookVerificationError):
        Webhook(shown_secret(SEALS, only(1))).verify(BODY + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(shown_secret(SEALS, only(2))).verify(BODY, headers)


@given(
    secret=st.binary(min_size=32, max_size=32),
    event_id=st.from_regex(r"conv_[a-z0-9-]{1,36}:[0-9]{1,12}", fullmatch=True),
    body=st.text(),
    now=st.floats(0, 4e9),
)
def test_every_signature_is_the_librarys_own(secret: bytes, event_id: str, body: str, now: float) -> None:
    encoded = body.encode("utf-8", "replace")
    seals = FixedSeals(secret)
    headers = signed_headers(seals, only(1), event_id, encoded, now)
    expected = Webhook(secret).sign(event_id, datetime.fromtimestamp(int(now), UTC), encoded.decode())
    assert headers["webhook-signature"] == expected


def test_the_example_of_the_specification_has_the_signature_that_it_says() -> None:
    vector = json.loads(VECTORS.read_text("utf-8"))
    seals = FixedSeals(b64decode(vector["secret"].removeprefix("whsec_")))
    headers = signed_headers(seals, only(1), vector["id"], vector["body"].encode(), float(vector["timestamp"]))
    assert headers == {
        "webhook-id": vector["id"],
        "webhook-timestamp": str(vector["timestamp"]),
        "webhook-signature": vector["signature"],
    }


def test_while_a_secret_is_replaced_both_verify_and_the_old_one_no_longer_than_it_should() -> None:
    now = time.time()
    rotating = subscription(SecretVersion(2), SecretVersion(1, until=now + 60))

    during = signed_headers(SEALS, rotating, "conv_1:1", BODY, now)
    for number in (1, 2):
        Webhook(shown_secret(SEALS, only(number))).verify(BODY, during)

    after = signed_headers(SEALS, rotating, "conv_1:1", BODY, now + 61)
    Webhook(shown_secret(SEALS, only(2))).verify(BODY, after)
    with pytest.raises(WebhookVerificationError):
        Webhook(shown_secret(SEALS, only(1))).verify(BODY, after)
    assert live_numbers(rotating, now) == [2, 1]
    assert shown_secret(SEALS, rotating) == shown_secret(SEALS, only(2))


def test_every_subscription_number_and_stack_has_secrets_of_its_own() -> None:
    other_stack = StackSeals(lambda: [b"another stack's secret"])
    kinds: tuple[Signing, ...] = ("hmac", "ed25519")
    found = {
        shown_secret(seals, subscription(SecretVersion(number), signing=signing, name=name))
        for seals in (SEALS, other_stack)
        for number in (1, 2)
        for signing in kinds
        for name in ("sub_1", "sub_2")
    }
    assert len(found) == 16


def test_with_ed25519_the_shown_key_verifies_and_signs_nothing() -> None:
    now = time.time()
    rotating = subscription(SecretVersion(2), SecretVersion(1, until=now + 60), signing="ed25519")
    headers = signed_headers(SEALS, rotating, "conv_1:1", BODY, now)
    signed = f"conv_1:1.{int(now)}.".encode() + BODY

    shown = shown_secret(SEALS, rotating)
    assert shown.startswith("whpk_")
    key = Ed25519PublicKey.from_public_bytes(b64decode(shown.removeprefix("whpk_")))
    signatures = [each.partition(",") for each in headers["webhook-signature"].split(" ")]
    assert [version for version, _, _ in signatures] == ["v1a", "v1a"]
    key.verify(b64decode(signatures[0][2]), signed)
    with pytest.raises(InvalidSignature):
        key.verify(b64decode(signatures[1][2]), signed)
    with pytest.raises(InvalidSignature):
        key.verify(b64decode(signatures[0][2]), signed + b" ")
