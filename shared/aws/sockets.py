"""API Gateway's management interface of a WebSocket API: pushing frames to open connections.

Source: "@connections commands" (API Gateway developer guide): POST and DELETE on
{endpoint}/@connections/{connection id}.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from shared.aws.errors import AwsError

if TYPE_CHECKING:
    from shared.aws.client import AwsClient

FRAME_LIMIT = 131_072
"""The largest payload that one post may carry, in bytes (PostToConnection, "Data")."""


class ConnectionGone(AwsError):
    """The other end has closed the connection: it will take no more."""


class ConnectionPoster:
    """Writes to open connections. ``endpoint`` is ``https://{api}.execute-api.{region}.amazonaws.com/{stage}``."""

    def __init__(self, client: AwsClient, endpoint: str) -> None:
        self._client = client
        self._endpoint = endpoint

    def post(self, connection_id: str, data: bytes) -> None:
        """Sends one frame. It was then handed to the gateway, not read. Raises ConnectionGone, AwsError."""
        self._command("POST", connection_id, data, "PostToConnection")

    def delete(self, connection_id: str) -> None:
        """Closes a connection. Raises ConnectionGone when it is closed already, AwsError."""
        self._command("DELETE", connection_id, b"", "DeleteConnection")

    def _command(self, method: str, connection_id: str, body: bytes, operation: str) -> None:
        # Connection ids end in "=", which goes into the path as %3D.
        path = f"/@connections/{quote(connection_id, safe='')}"
        try:
            self._client.request("execute-api", method, path, body=body, operation=operation, endpoint=self._endpoint)
        except AwsError as error:
            if error.status == 410:
                raise ConnectionGone(error.code, error.message, error.status, error.body) from error
            raise
