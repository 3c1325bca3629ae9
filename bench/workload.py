"""What is sent through the functions: WeChat pushes, web-chat frames, and the Lambda events around them."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from infra.local.providers.wechat.crypto import encrypt, signature

APP_ID = "wx1234567890abcdef"
TOKEN = "benchmark-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_bench"
TEXT = "Good evening! My order 20261121-8842 has not arrived yet; could you tell me where it is? 谢谢。"
"""A customer's question of ordinary length."""

SECRETS_PREFIX = "bench/"
SECURE_ACCOUNT = {
    "app_id": APP_ID,
    "app_secret": "benchmark-secret",
    "token": TOKEN,
    "encoding_aes_key": AES_KEY,
    "mode": "secure",
    "api_base": "{stub}/wechat",
}
PLAIN_ACCOUNT = {**SECURE_ACCOUNT, "mode": "plain"}
WEBCHAT_ACCOUNT = {"allowed_origins": ["https://shop.example"]}
SESSION_SECRET = f"{SECRETS_PREFIX}session"
SEAL_SECRET = "bench-seal"
ACCOUNTS: dict[str, dict[str, Any]] = {
    f"{SECRETS_PREFIX}wechat/main": SECURE_ACCOUNT,
    f"{SECRETS_PREFIX}wechat/plain": PLAIN_ACCOUNT,
    f"{SECRETS_PREFIX}webchat/main": WEBCHAT_ACCOUNT,
    SESSION_SECRET: {"secret": "signs the sessions of the benchmark"},
    SEAL_SECRET: {"secret": "seals what the benchmark sends out"},
}


def push(openid: str, message_id: int, text: str = TEXT) -> bytes:
    """A text message as WeChat pushes it."""
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\n<FromUserName><![CDATA[{openid}]]></FromUserName>\n"
        f"<CreateTime>{int(time.time())}</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n"
        f"<Content><![CDATA[{text}]]></Content>\n<MsgId>{message_id}</MsgId>\n</xml>"
    ).encode()


def picture_push(openid: str, message_id: int) -> bytes:
    """An image message as WeChat pushes it."""
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\n<FromUserName><![CDATA[{openid}]]></FromUserName>\n"
        f"<CreateTime>{int(time.time())}</CreateTime>\n<MsgType><![CDATA[image]]></MsgType>\n"
        f"<PicUrl><![CDATA[http://mmbiz.qpic.cn/bench/{message_id}]]></PicUrl>\n"
        f"<MsgId>{message_id}</MsgId>\n<MediaId><![CDATA[media-{message_id}]]></MediaId>\n</xml>"
    ).encode()


def sealed(message: bytes) -> tuple[dict[str, str], bytes]:
    """Query and body of the encrypted push of a message."""
    encrypted = encrypt(AES_KEY, APP_ID, message)
    query = _signed()
    query["msg_signature"] = signature(TOKEN, query["timestamp"], query["nonce"], encrypted)
    query["encrypt_type"] = "aes"
    body = (
        f"<xml>\n    <ToUserName><![CDATA[{ACCOUNT}]]></ToUserName>\n"
        f"    <Encrypt><![CDATA[{encrypted}]]></Encrypt>\n</xml>\n"
    )
    return query, body.encode()


def open_push(message: bytes) -> tuple[dict[str, str], bytes]:
    """Query and body of the plain push of a message."""
    return _signed(), message


def _signed() -> dict[str, str]:
    stamp, nonce = str(int(time.time())), secrets.token_hex(5)
    return {"signature": signature(TOKEN, stamp, nonce), "timestamp": stamp, "nonce": nonce}


def frame(number: int, text: str = TEXT) -> bytes:
    """A visitor's message over the web-chat socket."""
    value = {"type": "message", "client_id": f"client-{number}", "parts": [{"type": "text", "text": text}]}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def http_event(
    method: str,
    path: str,
    *,
    route: str,
    query: dict[str, str] | None = None,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    parameters: dict[str, str] | None = None,
) -> dict[str, Any]:
    """An event of API Gateway's HTTP API, payload format 2.0."""
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"content-type": "application/json", "user-agent": "Mozilla/4.0", **(headers or {})},
        "queryStringParameters": query or {},
        "pathParameters": parameters or {},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "bench",
            "domainName": "bench.execute-api.us-east-1.amazonaws.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": "$default",
            "timeEpoch": 0,
        },
        "body": body.decode(),
        "isBase64Encoded": False,
    }


def webhook_event(message: bytes, account: str = "main") -> dict[str, Any]:
    """The webhook that brings a WeChat message; ``main`` encrypts, ``plain`` does not."""
    query, body = sealed(message) if account == "main" else open_push(message)
    return http_event(
        "POST",
        f"/hooks/wechat/{account}",
        route="POST /hooks/{channel}/{account}",
        query=query,
        body=body,
        headers={"content-type": "text/xml"},
        parameters={"channel": "wechat", "account": account},
    )


def queue_event(bodies: list[str], groups: list[str], attributes: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A batch of queue messages as Lambda hands it over; the queue's FIFO groups beside them."""
    return {
        "Records": [
            {
                "messageId": f"message-{index}",
                "receiptHandle": "handle",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "0",
                    "SequenceNumber": str(index),
                    "MessageGroupId": group,
                    "SenderId": "bench",
                    "MessageDeduplicationId": f"message-{index}",
                    "ApproximateFirstReceiveTimestamp": "0",
                },
                "messageAttributes": (attributes or [{}] * len(bodies))[index],
                "md5OfBody": "0",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:bench.fifo",
                "awsRegion": "us-east-1",
            }
            for index, (body, group) in enumerate(zip(bodies, groups, strict=True))
        ]
    }
