"""A customer's text, written and signed as each provider does, by this module and not by the code under test."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from xml.sax.saxutils import escape

from connectors import registry
from shared.http.request import Request
from shared.model.envelope import Envelope
from shared.model.inbound import InboundMessage
from shared.model.parts import TextPart
from shared.ports.accounts import Account

NOW = 1_700_000_000.0
WECHAT: Account = {"app_id": "wx1", "app_secret": "made-up", "token": "made-up-token"}
SLACK: Account = {"bot_token": "xoxb-made-up", "signing_secret": "0123456789abcdef", "team_id": "T1"}


def wechat_in_sections(text: str) -> Envelope:
    return _wechat(f"<![CDATA[{text}]]>")


def wechat_escaped(text: str) -> Envelope:
    return _wechat(escape(text))


def slack(text: str) -> Envelope:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    event = {"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "ts": "1700000000.000100"}
    body = json.dumps(
        {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {**event, "text": escaped}}
    ).encode()
    stamp = str(int(NOW))
    proof = hmac.new(SLACK["signing_secret"].encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={proof.hexdigest()}"}
    return _verified("slack", Request("POST", "/hooks/slack/main", {}, headers, body), SLACK)


def webchat(text: str) -> Envelope:
    frame = {"type": "message", "client_id": "c-1", "parts": [{"type": "text", "text": text}]}
    body = json.dumps({"session": {"external_id": "v-1", "verification": "none"}, "frame": frame}, ensure_ascii=False)
    return Envelope("webchat", "main", NOW, body.encode())


def mail_in(charset: str, encoding: str, subtype: str = "plain") -> Callable[[str], Envelope]:
    """Mail in a charset and a transfer encoding, under the fields that SES puts on top."""

    def write(text: str) -> Envelope:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = "Ann <ann@trusted.example>", "help@shop.example"
        mail["Subject"], mail["Message-ID"] = text[:60], "<one@trusted.example>"
        mail["Date"] = "Tue, 14 Nov 2023 22:13:20 +0000"
        shown = text if subtype == "plain" else f"<p>{escape(text)}</p>"
        mail.set_content(shown, subtype=subtype, charset=charset, cte=encoding)
        top = "Received: from mx.trusted.example by inbound-smtp.eu-west-1.amazonaws.com with SMTP id k3v7\r\n"
        return Envelope("email", "main", NOW, top.encode() + mail.as_bytes(), stored="mail/k3v7")

    return write


WRITERS: dict[str, tuple[str, Callable[[str], Envelope]]] = {
    "wechat-sections": ("wechat", wechat_in_sections),
    "wechat-escaped": ("wechat", wechat_escaped),
    "slack": ("slack", slack),
    "webchat": ("webchat", webchat),
    "email-base64": ("email", mail_in("utf-8", "base64")),
    "email-quoted": ("email", mail_in("utf-8", "quoted-printable")),
    "email-8bit": ("email", mail_in("utf-8", "8bit")),
    "email-html": ("email", mail_in("utf-8", "base64", "html")),
    "email-gb18030": ("email", mail_in("gb18030", "base64")),
}
"""By the way of writing: the channel, and what its connector's ``parse`` is given."""


def read(envelope: Envelope) -> str:
    """The text of the one message that comes of it."""
    (event,) = registry.connector(envelope.channel).parse(Envelope.from_json(envelope.to_json()))
    if not isinstance(event, InboundMessage):
        raise TypeError(f"{event} is no message")
    return "\n".join(part.text for part in event.parts if isinstance(part, TextPart))


def _wechat(content: str) -> Envelope:
    fields: dict[str, Any] = {"ToUserName": "gh_1", "FromUserName": "openid", "CreateTime": "1700000000"}
    named = "".join(f"<{name}>{value}</{name}>" for name, value in {**fields, "MsgType": "text"}.items())
    body = f"<xml>{named}<Content>{content}</Content><MsgId>1</MsgId></xml>".encode()
    stamp = str(int(NOW))
    proof = hashlib.sha1("".join(sorted((WECHAT["token"], stamp, "nonce"))).encode()).hexdigest()
    query = {"signature": proof, "timestamp": stamp, "nonce": "nonce", "openid": "openid"}
    return _verified("wechat", Request("POST", "/hooks/wechat/main", query, {}, body), WECHAT)


def _verified(channel: str, request: Request, account: Account) -> Envelope:
    (event,) = registry.ingress(channel).verify(request, account, NOW)
    return Envelope(channel, "main", NOW, event.body, event.query, event.headers)
