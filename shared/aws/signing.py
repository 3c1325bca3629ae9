"""AWS Signature Version 4 by hand: for headers, for S3 GET addresses and for S3 POST forms.

Source: "Signature Version 4 signing process" (IAM User Guide) and "Authenticating requests" (Amazon S3 API reference).
Nothing here touches the network. ``now`` is seconds since the epoch everywhere; AWS refuses one that is 15 minutes off.
"""

from __future__ import annotations

import hmac
import os
import time
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote

from shared.errors import InfrastructureError

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"


class Credentials(NamedTuple):
    """An access key; ``session_token`` comes with the temporary ones of a role. The text form never shows a secret."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    @classmethod
    def from_environment(cls) -> Credentials:
        """The access key as Lambda puts it into the environment. Raises InfrastructureError when there is none."""
        access_key_id = os.environ.get("AWS_ACCESS_KEY_ID")
        secret_access_key = os.environ.get("AWS_SECRET_ACCESS_KEY")
        if not access_key_id or not secret_access_key:
            raise InfrastructureError("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set")
        return cls(access_key_id, secret_access_key, os.environ.get("AWS_SESSION_TOKEN") or None)

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id!r})"


class SigningRequest(NamedTuple):
    """The parts of a request that a signature covers.

    ``host`` is the Host header; ``path`` is percent-encoded as it is sent; ``query`` is what :func:`canonical_query`
    gave, and is sent so; ``headers`` are signed one and all.
    """

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class PresignedPost(NamedTuple):
    """Where a browser posts a form, and the fields that go before its ``file`` field."""

    url: str
    fields: dict[str, str]


def sign(request: SigningRequest, credentials: Credentials, region: str, service: str, now: float) -> dict[str, str]:
    """The headers to send: the request's (names in lower case), the date, the session token and ``authorization``."""
    stamp = timestamp(now)
    payload_hash = sha256(request.body).hexdigest()
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers["x-amz-date"] = stamp
    if credentials.session_token:
        headers["x-amz-security-token"] = credentials.session_token
    if service == "s3":
        headers["x-amz-content-sha256"] = payload_hash
    canonical_path = request.path if service == "s3" else _canonical_path(request.path)
    signed = sorted([*headers.items(), ("host", request.host)])
    signed_names = ";".join([name for name, _ in signed])
    canonical_headers = "".join([f"{name}:{' '.join(value.split())}\n" for name, value in signed])
    canonical = (
        f"{request.method}\n{canonical_path}\n{request.query}\n{canonical_headers}\n{signed_names}\n{payload_hash}"
    )
    scope = _scope(stamp, region, service)
    key = _signing_key(credentials.secret_access_key, stamp[:8], region, service)
    headers["authorization"] = (
        f"{ALGORITHM} Credential={credentials.access_key_id}/{scope}, SignedHeaders={signed_names}, "
        f"Signature={_signature(key, canonical, stamp, scope)}"
    )
    return headers


def presign_get(
    origin: str,
    path: str,
    credentials: Credentials,
    region: str,
    *,
    expires: int,
    now: float,
    response_content_disposition: str | None = None,
    response_content_type: str | None = None,
) -> str:
    """An address that lets whoever holds it GET one S3 object for ``expires`` seconds.

    Seven days at most, and no longer than a session token lives. ``origin`` is ``https://host``, ``path`` is
    percent-encoded. The two response headers are what S3 will answer with.
    """
    stamp = timestamp(now)
    scope = _scope(stamp, region, "s3")
    parameters = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credentials.access_key_id}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(expires),
        "X-Amz-SignedHeaders": "host",
    }
    if credentials.session_token:
        parameters["X-Amz-Security-Token"] = credentials.session_token
    if response_content_disposition is not None:
        parameters["response-content-disposition"] = response_content_disposition
    if response_content_type is not None:
        parameters["response-content-type"] = response_content_type
    query = canonical_query(parameters.items())
    host = origin.partition("://")[2]
    canonical = f"GET\n{path}\n{query}\nhost:{host}\n\nhost\n{UNSIGNED_PAYLOAD}"
    key = _signing_key(credentials.secret_access_key, stamp[:8], region, "s3")
    signature = _signature(key, canonical, stamp, scope)
    return f"{origin}{path}?{query}&X-Amz-Signature={signature}"


def presign_post(
    url: str,
    bucket: str,
    key: str,
    credentials: Credentials,
    region: str,
    *,
    content_type: str,
    minimum_bytes: int = 1,
    maximum_bytes: int,
    expires: int,
    now: float,
) -> PresignedPost:
    """A form that uploads exactly one object: this key, this Content-Type, a size within the two limits (inclusive)."""
    from json import dumps

    stamp = timestamp(now)
    scope = _scope(stamp, region, "s3")
    fields = {
        "key": key,
        "Content-Type": content_type,
        "x-amz-algorithm": ALGORITHM,
        "x-amz-credential": f"{credentials.access_key_id}/{scope}",
        "x-amz-date": stamp,
    }
    if credentials.session_token:
        fields["x-amz-security-token"] = credentials.session_token
    conditions: list[Any] = [{"bucket": bucket}, ["content-length-range", minimum_bytes, maximum_bytes]]
    conditions.extend({name: value} for name, value in fields.items())
    expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + expires))
    policy = b64encode(dumps({"expiration": expiration, "conditions": conditions}).encode()).decode()
    key_bytes = _signing_key(credentials.secret_access_key, stamp[:8], region, "s3")
    signature = hmac.digest(key_bytes, policy.encode(), "sha256").hex()
    return PresignedPost(url, {**fields, "policy": policy, "x-amz-signature": signature})


def canonical_query(parameters: Iterable[tuple[str, str]]) -> str:
    """A query string that is both sent and signed: every name and value percent-encoded, then sorted."""
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in parameters)
    return "&".join([f"{name}={value}" for name, value in encoded])


def timestamp(now: float) -> str:
    """The form AWS wants: ``20261101T120000Z``."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))


def _scope(stamp: str, region: str, service: str) -> str:
    return f"{stamp[:8]}/{region}/{service}/aws4_request"


def _signature(key: bytes, canonical: str, stamp: str, scope: str) -> str:
    to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


# Four of the five HMACs of a signature depend on the day only.
@lru_cache(maxsize=32)
def _signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _canonical_path(path: str) -> str:
    """The path without empty and dot segments, percent-encoded once more: what every service but S3 expects."""
    if path == "/":
        return path
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    trailing = "/" if path.endswith("/") and segments else ""
    return quote("/" + "/".join(segments) + trailing, safe="/~")
