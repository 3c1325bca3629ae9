"""What the stub says: a table without conditions, queues and topics that take everything, a provider that agrees."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qs

import msgspec

from bench.stub.server import Given, Received

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
"""A PNG of one pixel: every file that is asked for."""

_PROVIDER = {
    "stable_token": {"access_token": "token-of-the-stub", "expires_in": 7200},
    "custom": {"errcode": 0, "errmsg": "ok"},
}


class Answers:
    """One answer per request, from the service that the request names. ``secrets`` are texts by name."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self._items: dict[tuple[str, str], Any] = {}

    def __call__(self, request: Received) -> Given:
        target = request.headers.get("x-amz-target")
        if target is not None:
            service, _, operation = target.partition(".")
            answer = self._json(service, operation, msgspec.json.decode(request.body))
            return Given(200, "application/x-amz-json-1.0", msgspec.json.encode(answer))
        if request.target.startswith("/wechat/"):
            return _provided(request.target)
        if "/@connections/" in request.target:
            return Given(200, "application/json", b"")
        if "x-amz-content-sha256" in request.headers:
            return Given(200, "image/png", PICTURE if request.method in ("GET", "HEAD") else b"")
        return _published(request.body)

    def _json(self, service: str, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        if service == "AmazonSQS":
            return _queued(operation, payload)
        if service == "secretsmanager":
            return {"Name": payload["SecretId"], "SecretString": self.secrets[payload["SecretId"]]}
        return self._table(operation, payload)

    def _table(self, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        match operation:
            case "GetItem":
                item = self._items.get(_place(payload["Key"]))
                return {} if item is None else {"Item": item}
            case "PutItem":
                self._put(payload)
            case "TransactWriteItems":
                for write in payload["TransactItems"]:
                    self._put(write["Put"])
            case "Query":
                return {"Items": [], "Count": 0}
        return {}

    def _put(self, write: dict[str, Any]) -> None:
        self._items[_place(write["Item"])] = write["Item"]


def _place(key: dict[str, Any]) -> tuple[str, str]:
    return key["PK"]["S"], key["SK"]["S"]


def _queued(operation: str, payload: dict[str, Any]) -> dict[str, Any]:
    if operation == "SendMessage":
        return _taken(payload["MessageBody"])
    if operation == "SendMessageBatch":
        taken = [{"Id": entry["Id"], **_taken(entry["MessageBody"])} for entry in payload["Entries"]]
        return {"Successful": taken, "Failed": []}
    return {"Successful": [{"Id": entry["Id"]} for entry in payload.get("Entries", [])], "Failed": []}


def _taken(body: str) -> dict[str, str]:
    digest = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
    return {"MessageId": "5fea7756-0ea4-451a-a703-a558b933e274", "MD5OfMessageBody": digest, "SequenceNumber": "1"}


def _provided(target: str) -> Given:
    for name, value in _PROVIDER.items():
        if name in target:
            return Given(200, "application/json", msgspec.json.encode(value))
    return Given(200, "image/png", PICTURE)


def _published(body: bytes) -> Given:
    """SNS: every entry of the batch was taken."""
    entries = [value[0] for name, value in parse_qs(body.decode()).items() if name.endswith(".Id")]
    members = "".join(f"<member><Id>{entry}</Id><MessageId>0</MessageId></member>" for entry in entries)
    result = f"<PublishBatchResult><Successful>{members}</Successful><Failed/></PublishBatchResult>"
    return Given(200, "text/xml", f"<PublishBatchResponse>{result}</PublishBatchResponse>".encode())
