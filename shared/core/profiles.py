"""Who a new sender is, as the provider knows them: asked once, after their first message is safe."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.core.later import TryLater
from shared.errors import ConfigurationError, DeliveryError

if TYPE_CHECKING:
    from shared.core.linking.proving import Prove
    from shared.core.records import Entry
    from shared.core.storage import People
    from shared.ports.connector import Connector
    from shared.ports.context import ChannelContext

TRIES = 3
PAUSE = 2.0
"""Seconds between two tries."""


class LearnProfile:
    """Asks a provider for a sender's name, language and proven ids, and follows what they prove."""

    def __init__(
        self,
        people: People,
        prove: Prove,
        *,
        connector_of: Callable[[str], Connector],
        context_of: Callable[[str, str], ChannelContext],
    ) -> None:
        self._people = people
        self._prove = prove
        self._connector_of = connector_of
        self._context_of = context_of

    def __call__(self, entry: Entry, attempt: int) -> str:
        """What became of it, in a word. A provider that says nothing is asked three times and then left, for replies
        wait behind it. Raises TryLater, InfrastructureError."""
        named = entry.data.get("identity")
        stored = None if named is None else self._people.identity(named["id"])
        if named is None or stored is None:
            return "profile_unknown"
        identity = stored.identity
        try:
            context = self._context_of(named["channel"], named["account"])
            profile = self._connector_of(named["channel"]).profile(identity.external_id, context)
        except DeliveryError as error:
            if error.error_class == "retry" and attempt < TRIES:
                raise TryLater(PAUSE) from error
            return "profile_unknown"
        except ConfigurationError:
            return "profile_unknown"
        if profile is None:
            return "profile_unknown"
        if profile.name or profile.language:
            self._people.describe(identity.id, profile.name, profile.language)
        if profile.aliases:
            self._prove(identity, profile.aliases)
        return "profile"
