"""A Zendesk Support account that lives in one process: its users, tickets, uploads and triggers."""

from infra.local.providers.zendesk.provider import ZendeskProvider
from infra.local.providers.zendesk.settings import AccountSettings

__all__ = ["AccountSettings", "ZendeskProvider"]
