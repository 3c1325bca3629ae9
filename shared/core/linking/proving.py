"""What a customer proves, and what they only say.

A new identity that proves an address of a known customer joins them. An identity that was known already and proves one
later brings its customer along, if it is the only identity they have; with more than one it stays a suggestion, which
a person decides on. What was only said is a suggestion and never more.

People are found by what they prove now: who proves another address is not found by the one before any more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.core.linking.joining import Evidence
from shared.core.linking.records import Claim
from shared.errors import Conflict
from shared.model.conversation import Suggestion
from shared.model.parts import ContactPart, TextPart
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.linking.linker import Linker
    from shared.core.linking.ports import Links
    from shared.core.storage import People
    from shared.model.conversation import Identity
    from shared.model.inbound import InboundMessage
    from shared.ports.clock import Clock

KINDS = ("email", "phone", "unionid")
"""Kinds of aliases and claims by which people are found."""

SHOWING_ALL = ("provider", "signed_token", "code")
"""Levels of proof after which the one who comes may see what was said before, unless the deployer says otherwise."""

_MOST_CLAIMS = 5
_LONGEST = 320
_ADDRESS = re.compile(r"(?<![\w.+-])([\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24})(?![\w-]|\.\w)", re.IGNORECASE)


class Prove:
    """``shows_all`` are the levels of verification after which everything is shown."""

    def __init__(
        self, linker: Linker, links: Links, people: People, clock: Clock, shows_all: tuple[str, ...] = SHOWING_ALL
    ) -> None:
        self._linker = linker
        self._links = links
        self._people = people
        self._clock = clock
        self._shows_all = shows_all

    def holder(self, aliases: Mapping[str, str], but: str | None = None) -> tuple[str, str, str] | None:
        """The customer who has proven one of these aliases before: (customer, identity, kind)."""
        for kind, value in proven(aliases).items():
            identity_id = self._links.holder(kind, value)
            if identity_id is None or identity_id == but:
                continue
            stored = self._people.identity(identity_id)
            if stored is not None and _still_proves(stored.identity, kind, value):
                return stored.identity.customer_id, identity_id, kind
        return None

    def unheld(self, aliases: Mapping[str, str]) -> dict[str, str]:
        """Those aliases that nobody has proven yet."""
        return {kind: value for kind, value in proven(aliases).items() if self._links.holder(kind, value) is None}

    def evidence(self, identity: Identity, kind: str) -> Evidence:
        level = identity.verification
        by = {"type": "system", "id": identity.id}
        return Evidence(kind, level, by, shows_all=level in self._shows_all)

    def __call__(self, identity: Identity, aliases: Mapping[str, str]) -> bool:
        """Writes down what a known identity has newly proven, and follows it. Whether its customer is another one now.

        A lost race leaves everything as it was: the next message proves it again.
        """
        wanted = proven(aliases)
        holders = {kind: self._links.holder(kind, value) for kind, value in wanted.items()}
        held = sorted(kind for kind, holder in holders.items() if holder is not None)
        others = {kind: wanted[kind] for kind in held if holders[kind] != identity.id}
        found = self.holder(others, but=identity.id)
        brought = False
        if found is not None and found[0] != identity.customer_id:
            customer_id, _, kind = found
            comes = self._comes_along(identity, customer_id, kind)
            if comes is None:
                return True
            brought = comes
            if not brought:
                self.suggest(identity, kind, wanted[kind])
        self._links.prove(identity.id, wanted, held, self._given_up(identity, wanted))
        return brought

    def _given_up(self, identity: Identity, wanted: Mapping[str, str]) -> dict[tuple[str, str], str | None]:
        """What an identity was found by until it proved another in its place: tomorrow it may be somebody else's.
        Another identity of the same customer that proves it as well is found by it from now on."""
        before = proven(identity.aliases)
        old = sorted((kind, before[kind]) for kind in wanted if before.get(kind, wanted[kind]) != wanted[kind])
        theirs = [handle for handle in old if self._links.holder(*handle) == identity.id]
        state = self._links.state(identity.customer_id) if theirs else None
        others = (
            [] if state is None else [each.identity for each in state.identities if each.identity.id != identity.id]
        )
        return {
            (kind, value): next((each.id for each in others if _still_proves(each, kind, value)), None)
            for kind, value in theirs
        }

    def suggest(self, identity: Identity, kind: str, value: str) -> None:
        """Leaves it to a person that somebody has proven what another customer has proven as well."""
        self._links.note(identity.customer_id, [Claim(kind, value, identity.id, self._clock(), proven=True)])

    def _comes_along(self, identity: Identity, customer_id: str, kind: str) -> bool | None:
        """Brings the customer of an identity along, if it is all that they have; None when the race was lost."""
        state = self._links.state(identity.customer_id)
        if state is None or len(state.identities) != 1:
            return False
        try:
            return self._linker.bring(identity.id, customer_id, self.evidence(identity, kind)) is not None or None
        except Conflict as refused:
            return False if refused.code == "too_many_identities" else None


def _still_proves(identity: Identity, kind: str, value: str) -> bool:
    return proven(identity.aliases).get(kind) == value


def proven(aliases: Mapping[str, str]) -> dict[str, str]:
    """The aliases by which people are found, in the form they are compared in."""
    found = {kind: normal(kind, aliases[kind]) for kind in KINDS if kind in aliases}
    return {kind: value for kind, value in found.items() if value and len(value) <= _LONGEST}


def normal(kind: str, value: str) -> str:
    """An address without regard to capitals, a number as digits with its ``+``, an id as it is."""
    if kind == "email":
        return value.strip().lower()
    if kind == "phone":
        digits = re.sub(r"[^\d+]", "", value)
        return digits if re.fullmatch(r"\+\d{6,15}", digits) else ""
    return value


def claims_of(event: InboundMessage, identity_id: str, now: float) -> list[Claim]:
    """What a message says of its sender without proving it: what its channel passes on, addresses in its text, and the
    contacts in it."""
    said = list(proven(event.sender.claims).items())
    for part in event.parts:
        if isinstance(part, TextPart) and "@" in part.text:
            said += [("email", normal("email", found)) for found in _ADDRESS.findall(part.text[:8_000])]
        elif isinstance(part, ContactPart):
            said += [("email", normal("email", each)) for each in part.emails]
            said += [("phone", normal("phone", each)) for each in part.phones]
    known = proven(event.sender.aliases)
    wanted = {(kind, value) for kind, value in said if value and len(value) <= _LONGEST and known.get(kind) != value}
    return [Claim(kind, value, identity_id, now) for kind, value in sorted(wanted)][:_MOST_CLAIMS]


def suggestions(links: Links, people: People, customer_id: str) -> list[Suggestion]:
    """Other customers who have proven what this one has said."""
    found: list[Suggestion] = []
    for claim in links.claims(customer_id):
        identity_id = links.holder(claim.kind, claim.value)
        stored = None if identity_id is None else people.identity(identity_id)
        if stored is None or not _still_proves(stored.identity, claim.kind, claim.value):
            continue
        if stored.identity.customer_id != customer_id:
            found.append(
                Suggestion(
                    kind=claim.kind,
                    value=claim.value,
                    customer_id=stored.identity.customer_id,
                    identity_id=claim.identity_id,
                    said_at=rfc3339(claim.at),
                    proven=claim.proven,
                )
            )
    return found
