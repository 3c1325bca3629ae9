"""Calls every function once, so that the first message does not wait for cold workers."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from infra.local.stack.ministack import Aws
from infra.local.stack.settings import STACK_NAME
from infra.packaging.bundle import FUNCTIONS

# Two at a time: a worker's start is all CPU.
_PARALLEL = 2


def warm(aws: Aws) -> dict[str, str]:
    """Each call is one that changes nothing. Returns what went wrong, by function: an import that fails shows here."""

    def call(function: str) -> tuple[str, str | None]:
        answer = aws.functions.invoke(
            FunctionName=f"{STACK_NAME}-{function}", Payload=json.dumps(_harmless(function)).encode()
        )
        if "FunctionError" not in answer:
            return function, None
        return function, answer["Payload"].read().decode()

    with ThreadPoolExecutor(_PARALLEL) as pool:
        return {function: text for function, text in pool.map(call, FUNCTIONS) if text is not None}


def _harmless(function: str) -> dict[str, Any]:
    """An event that a function answers without doing anything."""
    match function:
        case "webhook":
            return _request("GET", "/hooks/none/none", {"channel": "none", "account": "none"})
        case "chat":
            return _request("GET", "/chat/none/sessions", {"proxy": "none/sessions"})
        case "api":
            return _request("GET", "/v1/none", {"proxy": "none"})
        case "socket":
            return {"requestContext": {"connectionId": "warming", "eventType": "DISCONNECT", "routeKey": "$disconnect"}}
        case _:
            return {"Records": []}


def _request(method: str, path: str, parameters: dict[str, str]) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "warming"},
        "pathParameters": parameters,
        "requestContext": {
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1", "protocol": "HTTP/1.1", "userAgent": ""},
        },
        "isBase64Encoded": False,
    }
