"""A Chatwoot that lives in one process: an account with one inbox of the type API, its contacts and conversations."""

from infra.local.providers.chatwoot.provider import ChatwootProvider
from infra.local.providers.chatwoot.settings import AccountSettings

__all__ = ["AccountSettings", "ChatwootProvider"]
