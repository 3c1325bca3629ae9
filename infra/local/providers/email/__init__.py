"""A stand-in for Amazon SES, receiving and sending, and for the mailboxes of customers."""

from infra.local.providers.email.provider import EmailProvider
from infra.local.providers.email.settings import AccountSettings, AwsSettings, EmailSettings

__all__ = ["AccountSettings", "AwsSettings", "EmailProvider", "EmailSettings"]
