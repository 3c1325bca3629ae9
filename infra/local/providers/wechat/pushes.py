"""Pushes to the account's server: fields to XML or JSON, plain or encrypted, signed in the query.

Source: developers.weixin.qq.com, "Receiving pushes" and "Message encryption and decryption".
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from infra.local.providers.wechat.crypto import encrypt, signature
from infra.local.providers.wechat.settings import AccountSettings

Fields = Mapping[str, str | int | float]


class Push(NamedTuple):
    query: dict[str, str]
    body: bytes
    content_type: str


def xml(fields: Fields) -> bytes:
    """Texts in CDATA, numbers bare. Characters that XML forbids go out as the user typed them, as WeChat does."""
    lines = [f"<{name}>{_value(value)}</{name}>" for name, value in fields.items()]
    return f"<xml>{''.join(lines)}</xml>".encode("utf-8", "surrogatepass")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
    return str(value)


def write(account: AccountSettings, fields: Fields) -> bytes:
    """The push as this account wants it."""
    if account.data_format == "json":
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return xml(fields)


def seal(account: AccountSettings, openid: str, fields: Fields, now: float) -> Push:
    """One delivery of a push: the same fields give the same content each time, under a new nonce and signature."""
    timestamp, nonce = str(int(now)), str(secrets.randbelow(10**10))
    query = {"signature": signature(account.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    query["openid"] = openid
    content_type = "application/json" if account.data_format == "json" else "text/xml"
    body = write(account, fields)
    if account.encoding_aes_key is None or not account.encrypted:
        return Push(query, body, content_type)
    sealed = encrypt(account.encoding_aes_key, account.app_id, body)
    query["encrypt_type"] = "aes"
    query["msg_signature"] = signature(account.token, timestamp, nonce, sealed)
    readable = fields if account.mode == "compatible" else {"ToUserName": account.original_id}
    return Push(query, write(account, {**readable, "Encrypt": sealed}), content_type)


def handshake_query(account: AccountSettings, echo: str, now: float) -> dict[str, str]:
    """The query of the call by which the console checks the server address."""
    timestamp, nonce = str(int(now)), str(secrets.randbelow(10**10))
    signed = signature(account.token, timestamp, nonce)
    return {"signature": signed, "echostr": echo, "timestamp": timestamp, "nonce": nonce}
