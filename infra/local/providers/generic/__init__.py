"""A small helpdesk that exists nowhere, for the generic adapter: strict about what it is sent, and complete enough to
be worked in."""

from infra.local.providers.generic.provider import GenericProvider
from infra.local.providers.generic.settings import AccountSettings

__all__ = ["AccountSettings", "GenericProvider"]
