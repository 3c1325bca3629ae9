"""Is this webhook the helpdesk's: by a signature, a bearer token or a password, as the account says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from connectors.helpdesks.generic.paths import word_at
from shared.errors import BadRequest, Unauthorized
from shared.http.request import Request
from shared.http.response import Response
from shared.model.envelope import VerifiedEvent
from shared.ports.accounts import Account

LARGEST_BODY = 480_000
"""Bytes. A queue message holds 1 MiB, and the body may double in it when it is written as text within JSON."""

STALE_SECONDS = 300.0


class GenericIngress:
    """Implements shared.ports.ingress.Ingress."""

    body_limit: int = LARGEST_BODY

    def handshake(self, request: Request, account: Account) -> Response | None:
        return None

    def verify(self, request: Request, account: Account, now: float) -> list[VerifiedEvent]:
        webhook = account.get("webhook")
        proof = webhook.get("verification") if isinstance(webhook, dict) else None
        if not isinstance(webhook, dict) or not isinstance(proof, dict) or not proof.get("secret"):
            raise Unauthorized("no_verification", "the account does not say how its webhooks are proven")
        _prove(request, proof, now)
        try:
            document = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise BadRequest("malformed_webhook", "the body is not JSON") from error
        ticket = word_at(document, webhook.get("ticket"))
        if ticket is None:
            # A test from the helpdesk's settings page, or an event of no ticket.
            return []
        return [VerifiedEvent(ticket, hashlib.sha256(request.body).hexdigest(), request.body)]

    def acknowledge(self) -> Response:
        return Response.json({"accepted": True})


def _prove(request: Request, proof: Mapping[str, Any], now: float) -> None:
    """Raises Unauthorized."""
    kind, secret = proof.get("type"), str(proof["secret"])
    if kind == "hmac":
        given = request.headers.get(str(proof.get("header", "")).lower(), "")
        wanted = str(proof.get("prefix", "")) + _signature(request, proof, secret)
        _fresh(request, proof, now)
    elif kind == "bearer":
        given, wanted = request.headers.get("authorization", ""), f"Bearer {secret}"
    elif kind == "basic":
        pair = base64.b64encode(f"{proof.get('username', '')}:{secret}".encode()).decode()
        given, wanted = request.headers.get("authorization", ""), f"Basic {pair}"
    else:
        raise Unauthorized("no_verification", "the account does not say how its webhooks are proven")
    # A header may hold several signatures while a secret is changed.
    if not any(hmac.compare_digest(each.encode(), wanted.encode()) for each in _candidates(given, wanted)):
        raise Unauthorized("bad_signature", "the webhook does not prove where it comes from")


def _candidates(given: str, wanted: str) -> list[str]:
    return [given] if " " in wanted else given.replace(",", " ").split()[:8] or [""]


def _signature(request: Request, proof: Mapping[str, Any], secret: str) -> str:
    pieces = [
        request.body if name == "body" else request.headers.get(str(name).lower(), "").encode()
        for name in proof.get("signed", ["body"])
    ]
    algorithm = str(proof.get("algorithm", "sha256"))
    if algorithm not in ("sha256", "sha512", "sha1"):
        raise Unauthorized("no_verification", "the account names an algorithm that is none")
    made = hmac.new(secret.encode(), b".".join(pieces), getattr(hashlib, algorithm)).digest()
    return base64.b64encode(made).decode() if proof.get("encoding") == "base64" else made.hex()


def _fresh(request: Request, proof: Mapping[str, Any], now: float) -> None:
    """A signature that covers the time it was made proves nothing five minutes later."""
    name = proof.get("timestamp")
    if name is None:
        return
    text = request.headers.get(str(name).lower(), "")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Unauthorized("bad_timestamp", "the webhook does not say when it was signed")
    if abs(now - int(text)) > STALE_SECONDS:
        raise Unauthorized("stale_timestamp", "the webhook is older than five minutes")


INGRESS = GenericIngress()
