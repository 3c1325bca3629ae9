"""Every error that onethread raises on purpose, in one tree.

OnethreadError
├── RequestError            the caller's fault: answered as problem+json, nothing is written
│   ├── BadRequest          400  the request cannot be understood
│   ├── Unauthorized        401  who is calling is not proven
│   ├── Forbidden           403  the caller is known and may not do this
│   ├── NotFound            404
│   ├── MethodNotAllowed    405
│   ├── Conflict            409
│   ├── PayloadTooLarge     413
│   ├── UnsupportedMedia    415
│   ├── Unprocessable       422  understood, and refused for what it says
│   └── TooManyRequests     429
├── ConfigurationError      the deployer's fault: an account or a stack is set up wrongly
│   └── UnknownAccount      no secret is stored for this channel account
├── DeliveryError           a provider refused or lost what we sent; ``error_class`` says what to do next
│   └── Redirected          it answered that what we want is elsewhere
└── InfrastructureError     AWS failed us: the work is tried again, then set aside
    └── WriteConflict       too many writers met at one conversation; trying again later is safe
"""

from __future__ import annotations

from typing import ClassVar, Literal

ErrorClass = Literal["retry", "token", "permanent", "window", "blocked", "account", "unknown"]
"""What a provider's answer means for the message that was sent.

``retry`` the same request may work later; ``token`` refresh the access token once and try again; ``permanent`` it will
never work; ``window`` the customer has to write first; ``blocked`` the customer is gone or refuses messages;
``account`` the whole channel account is at fault; ``unknown`` the provider may or may not have accepted it.
"""


class OnethreadError(Exception):
    """The root of the tree. The message is for people; it never holds message text, secrets or personal data."""


class RequestError(OnethreadError):
    """A request that is refused. ``code`` is stable and public; ``status`` is the HTTP status of the answer."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Bad request"

    def __init__(self, code: str, detail: str = "", **members: object) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail
        self.members = members


class BadRequest(RequestError):
    """400: the request cannot be understood."""


class Unauthorized(RequestError):
    """401: who is calling is not proven (missing, wrong, stale or forged credentials)."""

    status = 401
    title = "Unauthorized"


class Forbidden(RequestError):
    """403: the caller is known, and may not do this."""

    status = 403
    title = "Forbidden"


class NotFound(RequestError):
    """404: there is no such thing."""

    status = 404
    title = "Not found"


class MethodNotAllowed(RequestError):
    """405: the thing exists, and does not answer to this method."""

    status = 405
    title = "Method not allowed"


class Conflict(RequestError):
    """409: the request does not fit the present state."""

    status = 409
    title = "Conflict"


class PayloadTooLarge(RequestError):
    """413: the body is over the limit; it was not parsed."""

    status = 413
    title = "Payload too large"


class UnsupportedMedia(RequestError):
    """415: the body is not of a type that is read here."""

    status = 415
    title = "Unsupported media type"


class Unprocessable(RequestError):
    """422: the request is well formed, and refused for what it says."""

    status = 422
    title = "Unprocessable content"


class TooManyRequests(RequestError):
    """429: slow down."""

    status = 429
    title = "Too many requests"


class ConfigurationError(OnethreadError):
    """An account or a stack is set up wrongly; only its owner can mend it."""


class UnknownAccount(ConfigurationError):
    """No secret is stored for this channel account."""


class DeliveryError(OnethreadError):
    """A provider did not take what was sent.

    ``error_class`` decides what happens next, ``code`` is stable and shown on the message, ``retry_after`` is in
    seconds.
    """

    def __init__(self, error_class: ErrorClass, code: str, title: str, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {title}")
        self.error_class: ErrorClass = error_class
        self.code = code
        self.title = title
        self.retry_after = retry_after


class Redirected(DeliveryError):
    """A provider said that what was asked for is at ``location``, which nobody has looked at yet. Redirects are never
    followed by themselves."""

    def __init__(self, status: int, location: str) -> None:
        super().__init__("permanent", "provider_redirected", f"the provider redirected ({status})")
        self.location = location


class InfrastructureError(OnethreadError):
    """AWS refused or failed a call. The work is tried again by its queue, then set aside in a dead-letter queue."""


class WriteConflict(InfrastructureError):
    """Too many writers met at one conversation; trying again later is safe."""
