"""Whether a call is signed as SES demands. The secret of a temporary key is not known here: the form is checked.

Source: IAM user guide, "Signature Version 4 signing process" and "Troubleshooting".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from infra.local.providers.email.errors import ApiError

MAXIMUM_SKEW = 15 * 60
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[\w-]+)/(?P<day>\d{8})/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)"
    r"/aws4_request, ?SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


def check_signature(headers: Mapping[str, str], body: bytes, region: str, now: float) -> None:
    """Raises ApiError (403)."""
    authorization = headers.get("Authorization", "")
    if not authorization:
        raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")
    found = _AUTHORIZATION.fullmatch(authorization.strip())
    if found is None:
        raise ApiError("IncompleteSignatureException", "Authorization header is not of Signature Version 4.")
    if found["service"] != "ses":
        raise _invalid("Credential should be scoped to correct service: 'ses'.")
    if found["region"] != region:
        raise _invalid(f"Credential should be scoped to a valid region, not '{found['region']}'.")
    signed = found["headers"].split(";")
    if signed != sorted(signed) or "host" not in signed or "x-amz-date" not in signed:
        raise _invalid("'Host' and 'X-Amz-Date' must be signed headers.")
    missing = [name for name in signed if name not in headers]
    if missing:
        raise _invalid(f"The signed header {missing[0]} is not in the request.")
    date = headers.get("X-Amz-Date", "")
    if not date.startswith(found["day"]) or abs(_seconds(date) - now) > MAXIMUM_SKEW:
        raise _invalid(f"Signature expired: {date}")
    digest = headers.get("X-Amz-Content-Sha256")
    if digest not in (None, "UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
        raise _invalid("The provided 'x-amz-content-sha256' header does not match what was computed.")


def _seconds(date: str) -> float:
    try:
        return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ApiError("IncompleteSignatureException", "Date must be in ISO-8601 'basic format'.") from None


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidSignatureException", message)
