"""What linking needs of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.core.linking.records import Claim, CustomerState, LinkCode, Rearrangement, StoredLink


class Links(Protocol):
    """Customers, what is proven of them, and the links between them."""

    def state(self, customer_id: str) -> CustomerState | None:
        """Read strongly: one call for the customer and one for the identities."""
        ...

    def holder(self, kind: str, value: str) -> str | None:
        """The identity that has proven this address, number or id first, read strongly."""
        ...

    def prove(
        self,
        identity_id: str,
        aliases: Mapping[str, str],
        held: Sequence[str],
        given_up: Mapping[tuple[str, str], str | None] = MappingProxyType({}),
    ) -> None:
        """Writes down all that an identity has proven; the kinds in ``held`` are proven by another already, who keeps
        being found by them.

        ``given_up`` are what it was found by so far and proves no longer, (kind, value), each with the identity that is
        found by it from now on, if there is one.
        """
        ...

    def note(self, customer_id: str, claims: Sequence[Claim]) -> None:
        """Keeps what a customer has said of themselves; the same thing twice is kept once."""
        ...

    def claims(self, customer_id: str) -> list[Claim]:
        """What a customer has said of themselves."""
        ...

    def rearrange(self, plan: Rearrangement) -> bool:
        """Does all of it in one transaction; False when anything is not as it was read, and then nothing happened."""
        ...

    def link(self, customer_id: str, link_id: str) -> StoredLink | None:
        """A link that is written down with the customer whom somebody came to."""
        ...


class LinkCodes(Protocol):
    """Link codes, and how often they were asked for and guessed at."""

    def issue(self, code: LinkCode) -> bool:
        """Keeps a new code until it expires. False when the very code is there already."""
        ...

    def find(self, code: str) -> LinkCode | None:
        """The code as it is kept, used or not, expired or not; compared in constant time."""
        ...

    def use(self, code: LinkCode, identity_id: str) -> bool:
        """Uses a code up for somebody who needs no link. False when it is used up already, or has expired."""
        ...

    def count_issued(self, customer_id: str, most: int, seconds: float) -> float | None:
        """Counts one more code for a customer, or says after how many seconds there may be one again."""
        ...

    def count_wrong(self, identity_id: str, seconds: float) -> None:
        """Counts one more code that was wrong."""
        ...

    def wrong(self, identity_id: str, seconds: float) -> int:
        """How many codes were wrong lately."""
        ...
