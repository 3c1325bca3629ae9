"""Finds a connector by its channel's name and imports only that one.

A channel is a package ``connectors/channels/<name>/`` with two modules: ``ingress`` (its ``INGRESS``) for the webhook
function, and ``connector`` (its ``CONNECTOR``) for everything else. A channel with a mailbox has ``intake`` too (its
``INTAKE``). A folder that is there is a channel; nothing else
registers it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from shared.errors import NotFound

if TYPE_CHECKING:
    from shared.ports import Connector, Ingress, Intake

_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")


@cache
def ingress(channel: str) -> Ingress:
    """The channel's ingress. Raises NotFound(``unknown_channel``)."""
    return cast("Ingress", import_module(f"{_package(channel)}.ingress").INGRESS)


@cache
def intake(channel: str) -> Intake:
    """The intake of a channel that has a mailbox. Raises NotFound(``unknown_channel``), ModuleNotFoundError."""
    return cast("Intake", import_module(f"{_package(channel)}.intake").INTAKE)


@cache
def connector(channel: str) -> Connector:
    """The channel's connector. Raises NotFound(``unknown_channel``)."""
    return cast("Connector", import_module(f"{_package(channel)}.connector").CONNECTOR)


def channels() -> list[str]:
    """The names of all channels, in alphabetical order."""
    from pathlib import Path  # the webhook function asks for one channel only, and needs no paths

    folder = Path(__file__).parent / "channels"
    return sorted(
        entry.name
        for entry in folder.iterdir()
        if (entry / "connector.py").is_file() or (entry / "connector.pyc").is_file()
    )


def _package(channel: str) -> str:
    package = f"connectors.channels.{channel}"
    if not _NAME.fullmatch(channel) or find_spec(package) is None:
        raise NotFound("unknown_channel", f"there is no channel named {channel[:32]!r}")
    return package
