"""A caller of the stack's HTTP API: JSON in, JSON or a problem out. Follows no redirect, so the key goes nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from infra.cli.errors import CommandError

TIMEOUT = 30.0
"""Seconds; an HTTP API never takes longer to answer."""

_LARGEST = 10_485_760


class Problem(Exception):  # noqa: N818
    """An answer of problem+json (RFC 9457); ``members`` is all of it."""

    def __init__(self, status: int, members: Mapping[str, Any]) -> None:
        self.status = status
        self.members = members
        self.code = str(members.get("code") or f"http_{status}")
        self.detail = str(members.get("detail") or members.get("title") or members.get("message") or "the API gave no reason")
        super().__init__(self.detail)


class Api:
    """The API at a base URL, called with one key."""

    def __init__(self, url: str, api_key: str) -> None:
        self._address = urlsplit(url)
        self._api_key = api_key
        if self._address.scheme not in ("http", "https") or not self._address.hostname:
            raise CommandError("bad_url", "the stack's Url is not an http address")

    def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        """Raises Problem, TimeoutError (it may have been carried out), CommandError(``unreachable``, ``bad_answer``)."""
        connection = self._connect()
        try:
            connection.request(
                "POST",
                self._address.path.rstrip("/") + path,
                json.dumps(body, ensure_ascii=False).encode(),
                {"Content-Type": "application/json", "Authorization": f"Bearer {self._api_key}", **headers},
            )
            response = connection.getresponse()
            status, content = response.status, response.read(_LARGEST)
        except TimeoutError:
            raise
        except (OSError, HTTPException) as error:
            message = f"the API at {self._address.hostname} cannot be reached ({type(error).__name__})"
            raise CommandError("unreachable", message) from error
        finally:
            connection.close()
        return _value(status, content)

    def _connect(self) -> HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "https":
            return HTTPSConnection(host, port, timeout=TIMEOUT)
        return HTTPConnection(host, port, timeout=TIMEOUT)


def _value(status: int, content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    if not 200 <= status < 300:
        raise Problem(status, value if isinstance(value, dict) else {})
    if not isinstance(value, dict):
        raise CommandError("bad_answer", f"the API answered {status} without a JSON object")
    return value
