"""What a batch of the stream has to say to subscribers: for each of them, which conversations to look at."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from shared.core.relay.filters import wants
from shared.core.relay.records import WakeUp
from shared.model.event import UNSEQUENCED

if TYPE_CHECKING:
    from shared.core.publishing import Publication
    from shared.core.relay.records import Subscription

LARGEST_STATES: Final = 50_000
"""Bytes of JSON that a wake-up carries. Of more, it only says which messages they are about."""


@dataclass(slots=True)
class _Gathered:
    """What one conversation has for one subscription. ``size`` is that of the states, in bytes of JSON."""

    first: int = 0
    states: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    size: int = 0


def wake_ups(publications: Iterable[Publication], subscriptions: Iterable[Subscription]) -> list[WakeUp]:
    """One wake-up for each subscription and conversation that it wants to hear something new of; in the order of the
    stream, and the same for the same batch.

    Subscriptions that are paused are woken too: they keep their place. Those that are disabled are not.
    """
    listening = [each for each in subscriptions if each.status != "disabled"]
    if not listening:
        return []
    gathered: dict[tuple[str, str], _Gathered] = {}
    for publication in publications:
        _gather(publication, listening, gathered)
    return [_wake_up(*names, found) for names, found in gathered.items()]


def _gather(
    publication: Publication, listening: list[Subscription], gathered: dict[tuple[str, str], _Gathered]
) -> None:
    event_type, channel = publication.attributes["type"], publication.attributes.get("channel")
    if not isinstance(event_type, str) or isinstance(channel, list):
        raise TypeError("the type and the channel of an event are one each")
    interested = [each for each in listening if wants(each, event_type, channel)]
    if not interested:
        return
    sequence = sequence_in(publication.group, publication.id)
    state = json.loads(publication.body) if event_type in UNSEQUENCED else None
    for subscription in interested:
        found = gathered.setdefault((subscription.id, publication.group), _Gathered())
        if state is not None:
            found.states.append((sequence, state))
            found.size += len(publication.body.encode())
        else:
            found.first = min(found.first or sequence, sequence)


def sequence_in(conversation_id: str, event_id: str) -> int:
    """Which entry an event is, or is about: the id is <conversation>:<sequence>, and of a state goes on."""
    return int(event_id.removeprefix(conversation_id + ":").partition(":")[0])


def _wake_up(subscription_id: str, conversation_id: str, found: _Gathered) -> WakeUp:
    if found.size > LARGEST_STATES:
        owed = tuple(sorted({sequence for sequence, _ in found.states}))
        return WakeUp(subscription_id, conversation_id, found.first, owed=owed)
    return WakeUp(subscription_id, conversation_id, found.first, tuple(state for _, state in found.states))
