"""What the mail stand-in is told: the accounts, the local AWS behind it, and the port for incoming mail."""

from __future__ import annotations

import msgspec


class AccountSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A mail account: what the receipt rule takes mail for, and what is verified for sending."""

    address: str
    reply_domain: str
    from_name: str | None = None

    def __post_init__(self) -> None:
        if self.address.count("@") != 1:
            raise ValueError("address is a mail address")

    def takes(self, recipient: str) -> bool:
        """Whether mail to this address is for the account: the address, with or without ``+tag``, or the reply
        domain."""
        local, _, domain = recipient.lower().rpartition("@")
        own_local, _, own_domain = self.address.lower().rpartition("@")
        if domain == self.reply_domain.lower():
            return True
        return domain == own_domain and local.partition("+")[0] == own_local

    def identities(self) -> tuple[str, ...]:
        """What is verified in SES for this account."""
        return (self.address.lower(), self.address.lower().rpartition("@")[2], self.reply_domain.lower())


class AwsSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where received mail is put and sending events are published: bucket, topic and configuration set of the stack."""

    url: str
    region: str
    access_key_id: str
    secret_access_key: str
    bucket: str
    topic_arn: str
    configuration_set: str


class EmailSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``smtp_port`` 0 takes any free port."""

    accounts: dict[str, AccountSettings]
    aws: AwsSettings
    smtp_port: int
