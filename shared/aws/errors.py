"""What AWS's error answers mean, in a short tree.

AwsError                  AWS answered with an error, or not at all
├── Throttled             too fast; three tries were not enough
├── ConditionFailed       a conditional write met another state
├── TransactionCancelled  ``reasons``, one per item of the transaction
├── NotFound              no such table, queue, secret, bucket or key
└── Unreachable           no connection, no answer in time, or half an answer
    └── Unsent            no connection: the call was certainly not carried out
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shared.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.aws.connection import Response

# The codes that botocore's standard retry mode takes for throttling.
_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
# SQS and DynamoDB answer 400 for what is not there; the others 404.
_NOT_FOUND = frozenset({"ResourceNotFoundException", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"})


class AwsError(InfrastructureError):
    """``code`` is AWS's name for the error, ``status`` the HTTP status (0: no answer), ``body`` the answer if JSON.

    ``retry_after`` is the pause in seconds that the answer asks for, if it does.
    """

    retry_after: float | None = None

    def __init__(self, code: str, message: str, status: int = 0, body: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.body: dict[str, Any] = dict(body or {})


class Throttled(AwsError):
    """AWS asks to slow down."""


class ConditionFailed(AwsError):
    """The condition of a single write does not hold. ``body["Item"]`` is the item, if the call asked for it."""


class TransactionCancelled(AwsError):
    """No part of the transaction was written. ``reasons`` has one entry per part, in order: Code, Message?, Item?."""

    def __init__(self, code: str, message: str, status: int = 0, body: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, message, status, body)
        self.reasons: list[dict[str, Any]] = list(self.body.get("CancellationReasons") or [])


class NotFound(AwsError):
    """The thing that the call names is not there."""


class Unreachable(AwsError):
    """No whole answer came: the call may or may not have been carried out."""


class Unsent(Unreachable):
    """No connection could be made: the call was not carried out."""


def error_from(response: Response) -> AwsError:
    """The error that an answer of status 300 or above stands for, whichever of AWS's protocols it came by."""
    body = json_object(response.body) or {}
    code = _code(response, body)
    message = str(body.get("message") or body.get("Message") or _element(response.body, b"Message"))
    error = _error_class(code, response.status)(code, message, response.status, body)
    pause = response.headers.get("retry-after", "")
    if pause.isascii() and pause.isdigit():
        error.retry_after = float(pause)
    return error


def json_object(content: bytes) -> dict[str, Any] | None:
    """The JSON object in a body; an empty body counts as an empty one. None for everything else."""
    if not content:
        return {}
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _error_class(code: str, status: int) -> type[AwsError]:
    if code == "ConditionalCheckFailedException":
        return ConditionFailed
    if code == "TransactionCanceledException":
        return TransactionCancelled
    if code in _THROTTLED or status == 429:
        return Throttled
    if code in _NOT_FOUND or status == 404:
        return NotFound
    return AwsError


def _code(response: Response, body: Mapping[str, Any]) -> str:
    """The bare name: AWS JSON has ``namespace#Name``, REST services a header ``Name:http://...``, the others <Code>."""
    text = str(body.get("__type") or response.headers.get("x-amzn-errortype") or body.get("code") or "")
    name = text.partition(":")[0].rpartition("#")[2]
    return name or _element(response.body, b"Code") or f"HTTP{response.status}"


def _element(document: bytes, name: bytes) -> str:
    """The text of the first XML element of this name; two finds instead of a parser, for two words of an error."""
    text = document.partition(b"<%b>" % name)[2].partition(b"</%b>" % name)[0]
    return text.decode("utf-8", "replace")
