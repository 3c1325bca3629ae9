"""Demo accounts of helpdesks: one for each stand-in that has a module ``demo``. Nothing is told to any of them until
somebody subscribes it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from infra.local import providers
from infra.local.stack.settings import Settings

NAME = "demo"


@dataclass(frozen=True)
class DemoHelpdesk:
    """``secret`` is what ``onethread helpdesk set`` would store; ``stand_in`` what the stand-in is told."""

    helpdesk: str
    name: str
    secret: dict[str, Any]
    stand_in: dict[str, Any]


def demo_helpdesks(settings: Settings) -> list[DemoHelpdesk]:
    """All of them, with secrets that are new each time."""
    folders = (path.parent.name for path in Path(providers.__file__).parent.glob("*/demo.py"))
    return [_demo(helpdesk, settings) for helpdesk in sorted(folders)]


def _demo(helpdesk: str, settings: Settings) -> DemoHelpdesk:
    api_base, webhook_url = f"{settings.providers_url}/{helpdesk}", f"{settings.url}/helpdesks/{helpdesk}/{NAME}"
    made = import_module(f"{providers.__name__}.{helpdesk}.demo").demo(api_base, webhook_url)
    return DemoHelpdesk(helpdesk, NAME, secret=made.secret, stand_in=made.stand_in)
