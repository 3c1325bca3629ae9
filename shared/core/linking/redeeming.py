"""A customer brings a link code on another channel: they are who the code was made for, and go on from here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shared.core.changes import TRIES, Change, apply_change, pause
from shared.core.linking.joining import Arrival, Evidence
from shared.core.records import Reference, RouteState
from shared.core.routes import route_opened
from shared.core.switching import switch
from shared.core.windows import opened
from shared.errors import Conflict, WriteConflict
from shared.model import link_codes
from shared.model.parts import TextPart

if TYPE_CHECKING:
    from shared.core.linking.linker import Linker
    from shared.core.linking.ports import LinkCodes
    from shared.core.linking.proving import Prove
    from shared.core.linking.records import LinkCode
    from shared.core.records import Head, StoredIdentity
    from shared.core.storage import ConversationLog, People
    from shared.model.conversation import Identity
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundMessage
    from shared.ports.clock import Clock

MOST_WRONG = 5
"""Wrong codes from one identity within 15 minutes; after them none is looked at."""


def code_in(event: InboundMessage) -> tuple[str, bool] | None:
    """The code that a message brings, and whether it says nothing else: as the channel handed it in, or as the one text
    of the message. None for a message without one, and for everything that a customer did not write."""
    if event.origin != "customer":
        return None
    if event.link_code is not None:
        code = link_codes.read_code(event.link_code)
        return None if code is None else (code, event.link_only)
    if len(event.parts) == 1 and isinstance(event.parts[0], TextPart):
        code = link_codes.read_code(event.parts[0].text)
        return None if code is None else (code, True)
    return None


@dataclass(frozen=True, slots=True)
class Brought:
    """A code, and the message that brought it. ``whole``: it says nothing else, and is not stored as a message.

    ``identity`` is who the sender is if they were never seen; ``reference`` is the provider's id of the message.
    """

    code: str
    whole: bool
    identity: Identity
    event: InboundMessage
    envelope: Envelope
    reference: Reference


class RedeemLinkCode:
    """``shows_all`` says whether who comes by a code may see what was said before."""

    def __init__(
        self,
        linker: Linker,
        prove: Prove,
        codes: LinkCodes,
        log: ConversationLog,
        people: People,
        *,
        clock: Clock,
        shows_all: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._linker = linker
        self._prove = prove
        self._codes = codes
        self._log = log
        self._people = people
        self._clock = clock
        self._shows_all = shows_all
        self._sleep = sleep

    def __call__(self, brought: Brought) -> bool:
        """Whether the sender is linked by the code, now or by an earlier delivery of the same message. A code that is
        wrong, used, expired or meant for another channel links nobody, and nothing is said about which of these it was.

        Raises WriteConflict.
        """
        identity_id = brought.identity.id
        for attempt in range(TRIES):
            found = self._codes.find(brought.code)
            if found is not None and found.used_by == identity_id:
                self._go_on(found, brought)
                return True
            if self._log.find(brought.reference) is not None:
                # It was stored as a message, when its code did not count.
                return False
            if found is None or not self._counts(found, brought):
                self._codes.count_wrong(identity_id, link_codes.SECONDS)
                return False
            if self._codes.wrong(identity_id, link_codes.SECONDS) >= MOST_WRONG:
                return False
            linked = self._link(found, brought)
            if linked:
                self._go_on(found, brought)
            if linked is not None:
                return linked
            pause(attempt, self._sleep)
        raise WriteConflict("the customers are being written to by too many")

    def _counts(self, found: LinkCode, brought: Brought) -> bool:
        """Whether the code may be used by this sender, here and now."""
        envelope = brought.envelope
        here = found.channel in (None, envelope.channel) and found.account in (None, envelope.account)
        fresh = found.used_by is None and found.expires_at > self._clock()
        return here and fresh and not brought.event.sender.unproven

    def _link(self, found: LinkCode, brought: Brought) -> bool | None:
        """None when the race was lost: ask again what is the case."""
        target_id = self._linker.current(found.customer_id)
        if target_id is None:
            return False
        stored = self._people.identity(brought.identity.id)
        if stored is not None and stored.identity.customer_id == target_id:
            return self._codes.use(found, brought.identity.id) or None
        try:
            return self._bring(stored, target_id, found, brought)
        except Conflict as refused:
            # A customer who can take nobody in is for a person to look at; everything else is a lost race.
            return False if refused.code in ("too_many_identities", "no_conversation") else None

    def _bring(self, stored: StoredIdentity | None, target_id: str, found: LinkCode, brought: Brought) -> bool | None:
        issued = {f"code_by_{name}": value for name, value in found.by.items()}
        evidence = Evidence("code", "code", {"type": "customer", "id": brought.identity.id, **issued}, self._shows_all)
        arrival = Arrival(brought.identity.id, lambda known: self._route(known, brought))
        reference = brought.reference if brought.whole else None
        if stored is None:
            handles = self._prove.unheld(brought.identity.aliases)
            outcome = self._linker.admit(
                brought.identity, target_id, evidence, handles=handles, arrival=arrival, code=found, reference=reference
            )
        else:
            outcome = self._linker.bring(
                brought.identity.id, target_id, evidence, arrival=arrival, code=found, reference=reference
            )
        return None if outcome is None else True

    def _route(self, known: RouteState | None, brought: Brought) -> RouteState:
        """The sender's route, with the send window that coming has opened."""
        event, envelope = brought.event, brought.envelope
        route = known or RouteState(channel=envelope.channel, account=envelope.account)
        route = replace(route, thread_id=event.thread_id or route.thread_id, blocked=None)
        at = min(event.occurred_at, self._clock())
        before = None if event.opens is None else route.windows.get(event.opens)
        if before is not None and before.opened_at >= at:
            # An earlier delivery has opened it, and what was sent since counts.
            return route
        return opened(route, event.opens, at)

    def _go_on(self, found: LinkCode, brought: Brought) -> None:
        """Replies follow to where the code was brought, if a conversation is open; coming opens a send window in any
        case."""
        identity_id = brought.identity.id
        stored = self._people.identity(identity_id)
        conversation_id = None if stored is None else self._people.open_conversation(stored.identity.customer_id)
        if conversation_id is None:
            return
        # A delivery that is repeated later does not fetch the customer back from where they have gone since.
        once = Reference(brought.envelope.channel, brought.envelope.account, f"switch:{found.code}")

        def prepare(head: Head) -> Change | None:
            if stored is None or head.customer_id != stored.identity.customer_id:
                return None
            known, now = head.routes.get(identity_id), self._clock()
            if known is None and not self._belongs(identity_id, head):
                return None
            route = self._route(known, brought)
            if head.status != "closed" and head.active_identity != identity_id:
                return Change(*switch(head, identity_id, route, "link_code", now), reference=once)
            return None if route == known else Change(*route_opened(head, identity_id, route, now), reference=once)

        apply_change(self._log, conversation_id, prepare, self._sleep)

    def _belongs(self, identity_id: str, head: Head) -> bool:
        """Whether somebody who has no route in a conversation is of its customer still, as of the time it was read."""
        stored = self._people.identity(identity_id)
        return stored is not None and stored.identity.customer_id == head.customer_id
