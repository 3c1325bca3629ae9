"""What a call that fails raises."""

from __future__ import annotations

import pytest

from shared.errors import DeliveryError
from shared.ports.http import HttpClient


def failure(
    client: HttpClient,
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = 10.0,
    maximum_bytes: int = 1_048_576,
) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        client.request(method, url, headers=headers, body=body, timeout=timeout, maximum_bytes=maximum_bytes)
    return caught.value
