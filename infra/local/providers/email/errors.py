"""The errors of the SES API v2.

Source: Amazon SES API v2 reference, "SendEmail" and "Common errors"; IAM user guide, "Signature Version 4 errors".
"""

from __future__ import annotations

STATUS: dict[str, int] = {
    "AccountSuspendedException": 400,
    "BadRequestException": 400,
    "IncompleteSignatureException": 403,
    "InvalidSignatureException": 403,
    "LimitExceededException": 400,
    "MailFromDomainNotVerifiedException": 400,
    "MessageRejected": 400,
    "MissingAuthenticationTokenException": 403,
    "NotFoundException": 404,
    "SendingPausedException": 400,
    "SerializationException": 400,
    "TooManyRequestsException": 429,
    "UnknownOperationException": 404,
}


class ApiError(Exception):
    """An answer with this name in ``x-amzn-ErrorType`` and ``{"message"}`` as its body."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message
        self.status = STATUS.get(name, 500 if name.startswith("Internal") else 400)


def bad_request(message: str) -> ApiError:
    return ApiError("BadRequestException", message)
