"""Pushes as WeChat makes them: written, encrypted and signed by this module, not by the code under test."""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from shared.http.request import Request

APP_ID = "wx1234567890abcdef"
TOKEN = "test_token"  # a made-up one
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
NOW = 1_700_000_000.0

PLAIN: dict[str, Any] = {"app_id": APP_ID, "app_secret": "made-up", "token": TOKEN}
SECURE: dict[str, Any] = {**PLAIN, "encoding_aes_key": AES_KEY}


def sign(*fields: str) -> str:
    return hashlib.sha1("".join(sorted(fields)).encode()).hexdigest()


def encrypt(message: bytes, key: str = AES_KEY, app_id: str = APP_ID, random: bytes = b"0123456789abcdef") -> str:
    plaintext = random + struct.pack(">I", len(message)) + message + app_id.encode()
    padding = 32 - len(plaintext) % 32
    raw = base64.b64decode(key + "=")
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(plaintext + bytes([padding]) * padding)).decode()


def xml(kind: str = "text", **fields: str) -> bytes:
    values = {"ToUserName": "gh_1", "FromUserName": OPENID, "CreateTime": "1700000000", "MsgType": kind, **fields}
    return (
        "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in values.items()) + "</xml>"
    ).encode()


def plain_request(body: bytes, now: float = NOW, **query: str) -> Request:
    timestamp = str(int(now))
    signed = {"signature": sign(TOKEN, timestamp, "nonce"), "timestamp": timestamp, "nonce": "nonce", "openid": OPENID}
    return Request("POST", "/hooks/wechat/main", {**signed, **query}, {}, body)


def secure_request(message: bytes, now: float = NOW, **query: str) -> Request:
    timestamp, encrypted = str(int(now)), encrypt(message)
    signed = {
        "timestamp": timestamp,
        "nonce": "nonce",
        "openid": OPENID,
        "encrypt_type": "aes",
        "msg_signature": sign(TOKEN, timestamp, "nonce", encrypted),
    }
    body = f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return Request("POST", "/hooks/wechat/main", {**signed, **query}, {}, body.encode())
