"""Dollars from counts: list prices times what was counted, with every assumption in ``prices.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

MILLION = 1_000_000
GB = 1024**3


@cache
def price_list() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("prices.json").read_text())
    return content


def dollars_per_million(counts: Mapping[str, float], messages: float) -> dict[str, float]:
    """What a million messages cost, by price, when ``counts`` were used for ``messages`` of them."""
    prices = price_list()["prices"]
    return {
        name: count * prices[name]["usd"] / prices[name]["per"] * MILLION / messages for name, count in counts.items()
    }


def memory_of(hop: str) -> int:
    """The memory in MB (template.yaml) of the function whose name the hop's begins with: ``publish (sent), 10``."""
    memory: dict[str, int] = price_list()["assumptions"]["memory_mb"]
    return memory.get(hop.replace(",", " ").split()[0], memory["other"])


def lambda_milliseconds(hop: str, cpu_milliseconds: float, waits: Mapping[str, float]) -> float:
    """The billed duration: CPU stretched by the share of a core that the memory buys, and waiting for each call.

    ``waits`` counts calls by the names under ``milliseconds``.
    """
    assumed = price_list()["assumptions"]
    share: float = min(1.0, memory_of(hop) / assumed["full_core_mb"])
    waiting = sum(count * assumed["milliseconds"][kind] for kind, count in waits.items())
    return cpu_milliseconds / share + float(waiting)


def gb_seconds(hop: str, milliseconds: float) -> float:
    """Lambda bills whole milliseconds of the configured memory."""
    whole = -(-milliseconds // 1)
    return whole / 1000 * memory_of(hop) / 1024
