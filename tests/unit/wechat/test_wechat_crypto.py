"""Signatures and encryption agree with WeChat's published vectors and with an independent library."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from connectors.channels.wechat.crypto import aes_key, decrypt, same, signature
from connectors.channels.wechat.push import read_push
from shared.errors import BadRequest, ConfigurationError, Forbidden, RequestError
from tests.unit.wechat.pushes import AES_KEY, APP_ID, TOKEN, encrypt

OFFICIAL_KEY = "A" * 43
OFFICIAL_APP_ID = "wxba5fad812f8e6fb9"
REPLY = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
OWN = (
    "Q3stYC6hdFzMh9T8HCvyDABg/St6gyAQr9CXQpH3/rKUjJoJe8uR8izGnmx1dQL5p6NXsB9xaLbDbJ3Ku/EpKmsO"
    "PjqCmCqmvQ6fMkttCuYNP/BVLMPYXT9p6NLYcPnk"
)


def test_the_handshake_vector_of_the_documentation_is_signed_alike() -> None:
    assert signature("AAAAA", "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_the_reply_vector_of_the_documentation_decrypts_and_is_signed_alike() -> None:
    assert decrypt(OFFICIAL_KEY, REPLY, OFFICIAL_APP_ID) == b'{"demo_resp":"good luck"}'
    assert signature("AAAAA", "1713424427", "415670741", REPLY) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"
    assert encrypt(b'{"demo_resp":"good luck"}', OFFICIAL_KEY, OFFICIAL_APP_ID, b"707722b803182950") == REPLY


def test_the_xml_vector_decrypts_and_is_signed_alike() -> None:
    assert decrypt(AES_KEY, OWN, APP_ID) == b"<xml><MsgType>text</MsgType></xml>"
    assert signature(TOKEN, "1700000000", "nonce123", OWN) == "cb875379b13b1f67aff67178ab81157c4d698baf"
    assert signature(TOKEN, "1700000000", "nonce123") == "89154bd3e6be640bafb1795cf7313a4e9dfc8504"


@given(st.text(max_size=500))
def test_what_wechatpy_encrypts_we_decrypt(text: str) -> None:
    envelope = WeChatCrypto(TOKEN, AES_KEY, APP_ID).encrypt_message(text, "nonce", "1700000000")
    sealed = read_push(envelope.encode())
    assert decrypt(AES_KEY, sealed["Encrypt"], APP_ID) == text.encode()
    assert signature(TOKEN, "1700000000", "nonce", sealed["Encrypt"]) == sealed["MsgSignature"]


@given(st.text(alphabet="0123456789", min_size=1), st.text(min_size=1))
def test_what_we_sign_wechatpy_accepts(timestamp: str, nonce: str) -> None:
    check_signature(TOKEN, signature(TOKEN, timestamp, nonce), timestamp, nonce)


@given(st.binary(max_size=300))
def test_any_bytes_come_back_as_they_were(message: bytes) -> None:
    assert decrypt(AES_KEY, encrypt(message), APP_ID) == message


@given(
    st.binary(max_size=400)
    | st.integers(0, 12).flatmap(lambda blocks: st.binary(min_size=16 * blocks, max_size=16 * blocks))
)
def test_garbage_is_refused_and_nothing_else(garbage: bytes) -> None:
    with pytest.raises(RequestError) as refusal:
        decrypt(AES_KEY, base64.b64encode(garbage).decode(), APP_ID)
    assert refusal.value.code in ("bad_ciphertext", "wrong_account")


@pytest.mark.parametrize("encrypted", ["", "=", "abc", "ä", "\ud800", "QUJD RUZH", REPLY[:-2]])
def test_what_is_not_base64_is_refused(encrypted: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        decrypt(AES_KEY, encrypted, APP_ID)
    assert refusal.value.code == "bad_ciphertext"


def test_a_message_for_another_app_id_is_refused() -> None:
    with pytest.raises(Forbidden) as refusal:
        decrypt(AES_KEY, encrypt(b"hi", app_id="wx0000000000000009"), APP_ID)
    assert refusal.value.code == "wrong_account"


@pytest.mark.parametrize("key", ["", "short", "!" * 43, "A" * 42, "A" * 44, "ä" * 43])
def test_a_key_that_cannot_be_one_is_the_account_owners_fault(key: str) -> None:
    with pytest.raises(ConfigurationError):
        aes_key(key)


def test_comparing_takes_any_text() -> None:
    assert same("abc", "abc")
    assert not same("abc", "ab\udcff")
    assert not same("abc", "äbc")
