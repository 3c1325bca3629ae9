"""A small AWS client: signs by hand, keeps connections, and retries what is safe to retry.

It stands in for boto3 because functions start cold: importing boto3 takes longer than all the work of a webhook, and
each of its calls costs several times the CPU of one made here.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from shared.aws.connection import BODY_LIMIT, READ_TIMEOUT, TRANSPORT_ERRORS, Connections, NotConnected, Response
from shared.aws.errors import (
    AwsError,
    ConditionFailed,
    NotFound,
    Throttled,
    TransactionCancelled,
    Unreachable,
    Unsent,
    error_from,
    json_object,
)
from shared.aws.signing import Credentials, SigningRequest, canonical_query, sign
from shared.errors import InfrastructureError

__all__ = [
    "AwsClient",
    "AwsError",
    "CallRecord",
    "ConditionFailed",
    "Credentials",
    "NotFound",
    "Response",
    "Throttled",
    "TransactionCancelled",
    "Unreachable",
    "Unsent",
]

TRIES = 3
BACKOFF_BASE = 0.05
BACKOFF_CAP = 1.0

# json.dumps would make an encoder of its own for every call.
_encode = json.JSONEncoder(separators=(",", ":")).encode

# Content type and target prefix of the services that speak AWS JSON.
_PROTOCOLS = {
    "dynamodb": ("application/x-amz-json-1.0", "DynamoDB_20120810"),
    "sqs": ("application/x-amz-json-1.0", "AmazonSQS"),
    "secretsmanager": ("application/x-amz-json-1.1", "secretsmanager"),
}


class CallRecord(NamedTuple):
    """One answered HTTP call, repeats included: what a benchmark counts.

    ``request`` and ``response`` are the JSON objects, or ``{"bytes": size of the body}`` for services without JSON.
    """

    service: str
    operation: str
    request: dict[str, Any]
    response: dict[str, Any]
    status: int


class _Endpoint(NamedTuple):
    """``origin`` is scheme and host; ``host`` has no default port; ``path`` does not end in a slash."""

    origin: str
    host: str
    path: str


class _Call(NamedTuple):
    """A request before it is signed. ``payload`` is None for services that do not speak JSON; ``once`` is for what is
    not to be repeated."""

    service: str
    operation: str
    origin: str
    request: SigningRequest
    payload: dict[str, Any] | None
    timeout: float
    limit: int
    once: bool = False


class AwsClient:
    """Calls AWS in one region. Safe to share between threads.

    Throttling, 5xx answers and missing answers are tried three times in all, after random waits ("full jitter") of at
    most 50 and 100 ms. ``endpoint_url`` (a local stack) replaces every service's own address. ``on_call`` is told of
    every answer.
    """

    def __init__(
        self,
        region: str,
        credentials: Credentials,
        endpoint_url: str | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] | None = None,
        connections: Connections | None = None,
    ) -> None:
        self.region = region
        self.credentials = credentials
        self.endpoint_url = endpoint_url.rstrip("/") if endpoint_url else None
        self.clock = clock
        self.on_call: Callable[[CallRecord], None] | None = None
        self._sleep = sleep
        self._random = random or _random_fraction
        self._connections = connections or Connections()

    @classmethod
    def from_environment(cls) -> AwsClient:
        """From AWS_REGION, the access key and, optionally, AWS_ENDPOINT_URL. Raises InfrastructureError."""
        region = os.environ.get("AWS_REGION")
        if not region:
            raise InfrastructureError("AWS_REGION is not set")
        return cls(region, Credentials.from_environment(), os.environ.get("AWS_ENDPOINT_URL") or None)

    def endpoint(self, service: str) -> str:
        """Where a service is called, e.g. ``https://sqs.eu-west-1.amazonaws.com``; no slash at the end."""
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return self.endpoint_url or f"https://{service}.{self.region}.{suffix}"

    def call(
        self, service: str, operation: str, payload: dict[str, Any], *, timeout: float = READ_TIMEOUT
    ) -> dict[str, Any]:
        """One operation of DynamoDB, SQS or Secrets Manager. ``timeout`` is the wait for an answer. Raises AwsError."""
        content_type, prefix = _PROTOCOLS[service]
        if operation == "TransactWriteItems" and "ClientRequestToken" not in payload:
            payload = {**payload, "ClientRequestToken": os.urandom(16).hex()}
        endpoint = _parse_endpoint(self.endpoint(service))
        headers = {"content-type": content_type, "x-amz-target": f"{prefix}.{operation}"}
        body = _encode(payload).encode("ascii")
        request = SigningRequest("POST", endpoint.host, endpoint.path or "/", "", headers, body)
        response = self._answer(_Call(service, operation, endpoint.origin, request, payload, timeout, BODY_LIMIT))
        result = json_object(response.body)
        if result is None:
            raise AwsError("MalformedAnswer", f"{service} {operation} did not answer with JSON", response.status)
        return result

    def request(
        self,
        service: str,
        method: str,
        path: str,
        query: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        *,
        body: bytes = b"",
        operation: str | None = None,
        endpoint: str | None = None,
        timeout: float = READ_TIMEOUT,
        limit: int = BODY_LIMIT,
        once: bool = False,
    ) -> Response:
        """One HTTP request to a service without AWS JSON; the answer's status is below 300. Raises AwsError.

        ``path`` is percent-encoded and added to the path of ``endpoint``, which is given where the usual address is not
        the one; ``operation`` is the name that ``on_call`` hears; ``limit`` is the largest answer in bytes
        (ResponseTooLarge). With ``once`` it is tried once whatever happens, for what would be done twice.
        """
        address = _parse_endpoint(endpoint or self.endpoint(service))
        request = SigningRequest(method, address.host, address.path + path, canonical_query(query), headers or {}, body)
        call = _Call(service, operation or method, address.origin, request, None, timeout, limit, once)
        return self._attempt(call) if once else self._answer(call)

    def _answer(self, call: _Call) -> Response:
        # A lost answer leaves open whether the call was carried out. Repeating it is safe for what is called here:
        # queue and topic sends carry deduplication ids (a standard queue may deliver twice anyway), puts and deletes
        # say the same again, and TransactWriteItems may be repeated only because our transactions are conditional: a
        # second pass writes nothing. Its ClientRequestToken, which DynamoDB keeps for ten minutes, also turns that
        # second pass into the first one's success. A cancelled transaction is never repeated here: only the caller can
        # tell a duplicate from a race.
        for attempt in range(TRIES - 1):
            try:
                return self._attempt(call)
            except AwsError as error:
                if not (isinstance(error, Throttled | Unreachable) or error.status >= 500):
                    raise
            self._sleep(self._random() * min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt))
        return self._attempt(call)

    def _attempt(self, call: _Call) -> Response:
        request = call.request
        headers = sign(request, self.credentials, self.region, call.service, self.clock())
        target = f"{request.path}?{request.query}" if request.query else request.path
        try:
            response = self._connections.exchange(
                call.origin,
                request.method,
                target,
                headers,
                request.body,
                read_timeout=call.timeout,
                limit=call.limit,
                fresh=call.once,
            )
        except NotConnected as error:
            raise Unsent("Unreachable", f"{call.service} {call.operation}: {error}") from error
        except TRANSPORT_ERRORS as error:
            raise Unreachable("Unreachable", f"{call.service} {call.operation}: {type(error).__name__}") from error
        if self.on_call is not None:
            self.on_call(_record(call, response))
        if response.status >= 300:
            raise error_from(response)
        return response


def _record(call: _Call, response: Response) -> CallRecord:
    if call.payload is None:
        request: dict[str, Any] = {"bytes": len(call.request.body)}
        answer: dict[str, Any] = {"bytes": len(response.body)}
    else:
        request = call.payload
        answer = json_object(response.body) or {}
    return CallRecord(call.service, call.operation, request, answer, response.status)


@lru_cache(maxsize=64)
def _parse_endpoint(url: str) -> _Endpoint:
    scheme, authority, path = urlsplit(url)[:3]
    host = authority.removesuffix(":443" if scheme == "https" else ":80").lower()
    return _Endpoint(f"{scheme}://{host}", host, path.rstrip("/"))


def _random_fraction() -> float:
    """At least 0 and below 1; the random module is one import more at every cold start."""
    return int.from_bytes(os.urandom(6), "big") / 2**48
