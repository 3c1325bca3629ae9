"""What becomes of a mail, by its recipient's address.

Source: Amazon SES developer guide, "Using the mailbox simulator". The two domains below are this stand-in's own.
"""

from __future__ import annotations

from typing import NamedTuple

SIMULATOR = "simulator.amazonses.com"
BOUNCING_DOMAIN = "bounce.example"
SLOW_DOMAIN = "slow.example"
SLOW_SECONDS = 3.0


class Fate(NamedTuple):
    """``bounce`` is the subtype of a permanent bounce."""

    bounce: str | None = None
    slow: bool = False
    complains: bool = False
    out_of_office: bool = False

    @property
    def arrives(self) -> bool:
        return self.bounce is None


_SIMULATED = {
    "bounce": Fate(bounce="General"),
    "suppressionlist": Fate(bounce="Suppressed"),
    "complaint": Fate(complains=True),
    "ooto": Fate(out_of_office=True),
}


def fate_of(recipient: str) -> Fate:
    """Labels (``bounce+one@``) count as the address without them."""
    local, _, domain = recipient.lower().rpartition("@")
    if domain == SIMULATOR:
        return _SIMULATED.get(local.partition("+")[0], Fate())
    if domain == BOUNCING_DOMAIN:
        return Fate(bounce="General")
    return Fate(slow=domain == SLOW_DOMAIN)
