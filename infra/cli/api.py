"""A caller of the stack's HTTP API: JSON in, JSON or a problem out. It follows no redirect with its key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from infra.cli.errors import CommandError

TIMEOUT = 30.0
"""Seconds; an HTTP API never takes longer to answer."""

NO_CONTENT = 204
_LARGEST = 10_485_760


class ApiError(CommandError):
    """An answer of problem+json (RFC 9457); ``members`` is all of it."""

    def __init__(self, status: int, members: Mapping[str, Any]) -> None:
        self.status = status
        self.members = members
        self.detail = str(members.get("detail") or members.get("title") or members.get("message") or "no reason given")
        super().__init__(str(members.get("code") or f"http_{status}"), self.detail)


class Api:
    """The API at a base URL, called with one key."""

    def __init__(self, url: str, api_key: str) -> None:
        self._address = urlsplit(url)
        self._api_key = api_key
        if self._address.scheme not in ("http", "https") or not self._address.hostname:
            raise CommandError("bad_url", "the stack's Url is not an http address")

    def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        """Raises what ``call`` raises."""
        return self.call("POST", path, body, headers)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """The answer, which is empty for 204.

        Raises ApiError; CommandError(``unreachable``, ``bad_answer``, or ``no_answer``: it may have been done).
        """
        connection = self._connection()
        try:
            self._connect(connection)
            status, content = self._exchange(connection, method, path, body, headers)
        finally:
            connection.close()
        return _value(status, content)

    def _connection(self) -> HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "https":
            return HTTPSConnection(host, port, timeout=TIMEOUT)
        return HTTPConnection(host, port, timeout=TIMEOUT)

    def _connect(self, connection: HTTPConnection) -> None:
        try:
            connection.connect()
        except OSError as error:
            message = f"the API at {self._address.netloc} cannot be reached ({type(error).__name__})"
            raise CommandError("unreachable", message) from error

    def _exchange(
        self,
        connection: HTTPConnection,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> tuple[int, bytes]:
        fields = {"Authorization": f"Bearer {self._api_key}", **headers}
        content = None
        if body is not None:
            fields["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()
        try:
            connection.request(method, self._address.path.rstrip("/") + path, content, fields)
            response = connection.getresponse()
            return response.status, response.read(_LARGEST)
        except (OSError, HTTPException) as error:
            raise CommandError("no_answer", f"the API gave no answer ({type(error).__name__})") from error


def _value(status: int, content: bytes) -> dict[str, Any]:
    if status == NO_CONTENT:
        return {}
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    if not 200 <= status < 300:
        raise ApiError(status, value if isinstance(value, dict) else {})
    if not isinstance(value, dict):
        raise CommandError("bad_answer", f"the API answered {status} without a JSON object")
    return value
