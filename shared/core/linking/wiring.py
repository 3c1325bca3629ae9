"""The use cases of linking, put together on a store."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from shared.core.linking.linker import Linker
from shared.core.linking.proving import SHOWING_ALL, Prove
from shared.core.linking.redeeming import RedeemLinkCode

if TYPE_CHECKING:
    from shared.core.linking.ports import LinkCodes, Links
    from shared.core.storage import ConversationLog, People
    from shared.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Linking:
    """Who is the same customer: linking and unlinking, what is proven, and link codes. ``shows_all`` are the levels of
    verification after which the one who comes may see what was said before."""

    links: Links
    linker: Linker
    prove: Prove
    redeem: RedeemLinkCode
    shows_all: tuple[str, ...]

    @classmethod
    def on(
        cls,
        log: ConversationLog,
        people: People,
        links: Links,
        codes: LinkCodes,
        *,
        clock: Clock,
        shows_all: tuple[str, ...] = SHOWING_ALL,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Self:
        linker = Linker(log, people, links, clock, sleep)
        prove = Prove(linker, links, people, clock, shows_all)
        redeem = RedeemLinkCode(
            linker, prove, codes, log, people, clock=clock, shows_all="code" in shows_all, sleep=sleep
        )
        return cls(links, linker, prove, redeem, shows_all)
