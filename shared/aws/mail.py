"""Sending mail through Amazon SES.

Sources: "Amazon SES API v2 Reference" (SendEmail, GetEmailIdentity, GetAccount and their errors) and "Email sending
errors" (Amazon SES Developer Guide).
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shared.aws.errors import AwsError, NotFound, Throttled, Unreachable, Unsent, json_object
from shared.errors import DeliveryError, InfrastructureError
from shared.ports.connector import Finding

if TYPE_CHECKING:
    from shared.aws.client import AwsClient
    from shared.ports.mailer import OutgoingMail

SENDING_TIMEOUT = 30.0
"""Seconds for one wait; the largest mail has 53 MB in the form that SES takes."""

_JSON = {"content-type": "application/json"}
_ACCOUNT_CODES = {
    "AccountSuspendedException": "account_suspended",
    "SendingPausedException": "sending_paused",
    "MailFromDomainNotVerifiedException": "mail_from_not_verified",
}
_TOO_MANY_A_DAY = "daily"
_NOT_VERIFIED = "not verified"


class SesMailer:
    """Implements shared.ports.mailer.Mailer. ``configuration_set`` is the one whose events come back as reports."""

    def __init__(self, client: AwsClient, configuration_set: str | None = None) -> None:
        self._client = client
        self._configuration_set = configuration_set

    def send(self, mail: OutgoingMail, api_base: str | None) -> str:
        """SES's MessageId. SendEmail is not idempotent, so it is called once: an answer that is lost leaves it unknown
        whether the mail went out. Raises DeliveryError."""
        body: dict[str, Any] = {
            "FromEmailAddress": mail.sender,
            "Destination": {"ToAddresses": list(mail.recipients)},
            "Content": {"Raw": {"Data": b64encode(mail.raw).decode("ascii")}},
        }
        if self._configuration_set:
            body["ConfigurationSetName"] = self._configuration_set
        if mail.tags:
            body["EmailTags"] = [{"Name": name, "Value": value} for name, value in mail.tags.items()]
        try:
            response = self._client.request(
                "ses",
                "POST",
                "/v2/email/outbound-emails",
                headers=_JSON,
                body=json.dumps(body).encode("ascii"),
                operation="SendEmail",
                endpoint=self._endpoint(api_base),
                timeout=SENDING_TIMEOUT,
                once=True,
            )
        except AwsError as error:
            raise refusal(error) from error
        except InfrastructureError as error:
            raise DeliveryError("unknown", "provider_garbled", "SES's answer could not be read") from error
        provider_id = (json_object(response.body) or {}).get("MessageId")
        if not isinstance(provider_id, str) or not provider_id:
            raise DeliveryError("unknown", "provider_garbled", "SES took the mail and its answer names no MessageId")
        return provider_id

    def message_ids(self, provider_id: str) -> tuple[str, ...]:
        """SES writes ``<id@email.amazonses.com>`` in us-east-1 and ``<id@region.amazonses.com>`` elsewhere."""
        return f"<{provider_id}@{self._client.region}.amazonses.com>", f"<{provider_id}@email.amazonses.com>"

    def check(self, address: str, api_base: str | None) -> list[Finding]:
        """Whether the address or its domain is verified, how the domain signs, and whether the account may write to
        anybody."""
        endpoint = self._endpoint(api_base)
        try:
            return [*self._identity(address, endpoint), *_account(self._get("/v2/email/account", endpoint))]
        except AwsError as error:
            raise refusal(error) from error

    def _identity(self, address: str, endpoint: str) -> list[Finding]:
        """The address itself, else its domain, else the domain that this is a part of: SES looks in this order."""
        domain = address.rpartition("@")[2]
        labels = domain.split(".")
        for name in (address, *(".".join(labels[start:]) for start in range(len(labels) - 1))):
            try:
                found = self._get(f"/v2/email/identities/{quote(name, safe='')}", endpoint)
            except NotFound:
                continue
            return _verified(name, found)
        return [Finding(False, "identity", f"SES knows neither {address} nor {domain} in {self._client.region}")]

    def _get(self, path: str, endpoint: str) -> dict[str, Any]:
        response = self._client.request("ses", "GET", path, operation=path.split("/")[3], endpoint=endpoint)
        return json_object(response.body) or {}

    def _endpoint(self, api_base: str | None) -> str:
        # The host of the API is not named like the service that its signatures are for.
        return api_base or self._client.endpoint("email")


def refusal(error: AwsError) -> DeliveryError:
    """What SES's error means for the mail."""
    if isinstance(error, Unsent):
        return DeliveryError("retry", "provider_unreachable", "no connection to SES could be made")
    if isinstance(error, Unreachable):
        return DeliveryError("unknown", "provider_timeout", "SES did not answer")
    words = error.message.lower()
    if isinstance(error, Throttled):
        if _TOO_MANY_A_DAY in words:
            return DeliveryError("account", "daily_quota", "the day's quota of SES is used up")
        return DeliveryError("retry", "rate_limited", "SES takes no more mails just now", error.retry_after)
    if error.status >= 500:
        return DeliveryError("retry", "provider_error", f"SES failed ({error.code})", error.retry_after)
    if error.code in _ACCOUNT_CODES:
        return DeliveryError("account", _ACCOUNT_CODES[error.code], f"SES refuses to send ({error.code})")
    if _NOT_VERIFIED in words:
        return DeliveryError("account", "not_verified", _not_verified())
    if error.status in (401, 403):
        return DeliveryError("account", "not_permitted", f"SES does not let this stack send ({error.code})")
    if isinstance(error, NotFound):
        return DeliveryError("account", "not_set_up", f"SES does not know what the mail names ({error.code})")
    if error.code == "MessageRejected":
        return DeliveryError("permanent", "mail_rejected", "SES refuses the content of the mail")
    return DeliveryError("permanent", "mail_refused", f"SES refuses the mail ({error.code})")


def _not_verified() -> str:
    return "the address is not verified with SES; in the sandbox those written to have to be, too"


def _verified(name: str, found: dict[str, Any]) -> list[Finding]:
    findings = []
    if found.get("VerifiedForSendingStatus"):
        findings.append(Finding(True, "identity", f"{name} is verified with SES"))
    else:
        status = str(found.get("VerificationStatus") or "pending").lower()
        findings.append(Finding(False, "identity", f"{name} is not verified with SES ({status})"))
    signing = found.get("DkimAttributes") or {}
    if signing.get("SigningEnabled") and signing.get("Status") == "SUCCESS":
        findings.append(Finding(True, "DKIM", "mail is signed"))
    else:
        status = str(signing.get("Status") or "not started").lower()
        findings.append(Finding(False, "DKIM", f"mail is not signed ({status}); publish the CNAME records SES shows"))
    return_path = found.get("MailFromAttributes") or {}
    domain = return_path.get("MailFromDomain")
    if domain and return_path.get("MailFromDomainStatus") == "SUCCESS":
        findings.append(Finding(True, "MAIL FROM", f"{domain}: SPF is aligned with the sender"))
    elif domain:
        findings.append(Finding(False, "MAIL FROM", f"{domain} is set, and its MX and TXT records are not found yet"))
    else:
        findings.append(Finding(True, "MAIL FROM", "amazonses.com: SPF is not aligned, DMARC rests on DKIM alone"))
    return findings


def _account(found: dict[str, Any]) -> list[Finding]:
    quota = found.get("SendQuota") or {}
    findings = []
    if found.get("ProductionAccessEnabled"):
        limit = f"{quota.get('Max24HourSend', 0):.0f} mails a day, {quota.get('MaxSendRate', 0):.0f} a second"
        findings.append(Finding(True, "sandbox", f"left: {limit}"))
    else:
        detail = (
            "the SES account is in the sandbox: mail goes to verified addresses only; ask AWS for production access"
        )
        findings.append(Finding(False, "sandbox", detail))
    if not found.get("SendingEnabled", True):
        findings.append(Finding(False, "sending", "AWS or somebody of the account has paused sending"))
    return findings
