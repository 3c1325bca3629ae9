"""Waiting for a server to answer."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable

from infra.local.stack.settings import HOST

POLL_SECONDS = 0.05


def answers(port: int, path: str) -> bool:
    """Whether a GET is answered 200 now."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(POLL_SECONDS)
    return False
