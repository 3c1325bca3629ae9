"""A request as our functions see it: raw bytes, lower-case header names, the query as it was sent.

Signatures are computed over ``body`` before anything parses it, so the bytes here are those the provider signed:
base64 that API Gateway wrapped around them is undone, and nothing else is touched.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl

from shared.errors import BadRequest
from shared.model.value import Value

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Request(Value):
    """One HTTP request."""

    def __init__(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
        body: bytes = b"",
    ) -> None:
        self.method: Final = method
        self.path: Final = path
        self.query: Final = query
        self.headers: Final = headers
        self.body: Final = body

    @classmethod
    def from_http_api(cls, event: Mapping[str, Any]) -> Request:
        """From an API Gateway HTTP API event, payload format 2.0. The first value of a repeated query parameter counts.

        Raises BadRequest(``body_encoding``) when a body marked base64 is not.
        """
        context = event["requestContext"]["http"]
        text = event.get("body") or ""
        if event.get("isBase64Encoded"):
            try:
                body = base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError) as error:
                raise BadRequest("body_encoding", "the body is not valid base64") from error
        else:
            body = text.encode("utf-8", "surrogatepass")
        query: dict[str, str] = {}
        for name, value in parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True):
            query.setdefault(name, value)
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return cls(context["method"], event.get("rawPath") or "/", query, headers, body)
