"""Demo accounts, one module per channel with ``accounts(settings)``: a channel that has a module is set up."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from infra.local.stack.settings import Settings


@dataclass(frozen=True)
class DemoAccount:
    """``secret`` is what ``onethread channel set`` would store; ``stand_in`` what the provider's stand-in is told, if
    the channel has one."""

    channel: str
    name: str
    secret: dict[str, Any]
    stand_in: dict[str, Any] | None = None


def demo_channels() -> list[str]:
    return sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def demo_accounts(settings: Settings) -> list[DemoAccount]:
    """The accounts of all channels, with secrets that are new each time."""
    return [
        DemoAccount(channel, name, **values)
        for channel in demo_channels()
        for name, values in import_module(f"{__name__}.{channel}").accounts(settings).items()
    ]
