"""Finds a connector by its channel's name, or an adapter by its helpdesk's, and imports only that one.

A channel is a package ``connectors/channels/<name>/`` with two modules: ``ingress`` (its ``INGRESS``) for the webhook
function, and ``connector`` (its ``CONNECTOR``) for everything else. A channel with a mailbox has ``intake`` too (its
``INTAKE``). A helpdesk is a package ``connectors/helpdesks/<name>/`` with ``ingress`` (its ``INGRESS``) and ``adapter``
(its ``ADAPTER``). A folder that is there is a channel, or a helpdesk; nothing else registers it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from shared.errors import NotFound

if TYPE_CHECKING:
    from shared.helpdesk.seam import Helpdesk
    from shared.ports.connector import Connector
    from shared.ports.ingress import Ingress, Intake

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


@cache
def helpdesk(name: str) -> Helpdesk:
    """The helpdesk's adapter. Raises NotFound(``unknown_helpdesk``)."""
    return cast("Helpdesk", import_module(f"{_helpdesk_package(name)}.adapter").ADAPTER)


@cache
def helpdesk_ingress(name: str) -> Ingress:
    """The helpdesk's ingress. Raises NotFound(``unknown_helpdesk``)."""
    return cast("Ingress", import_module(f"{_helpdesk_package(name)}.ingress").INGRESS)


def channels() -> list[str]:
    """The names of all channels, in alphabetical order."""
    return _folders("channels", "connector")


def helpdesks() -> list[str]:
    """The names of all helpdesks, in alphabetical order."""
    return _folders("helpdesks", "adapter")


def _folders(kind: str, module: str) -> list[str]:
    """The packages of a kind that have the module, as source or compiled."""
    from pathlib import Path  # the webhook function asks for one channel only, and needs no paths

    folder = Path(__file__).parent / kind
    return sorted(
        entry.name
        for entry in folder.iterdir()
        if (entry / f"{module}.py").is_file() or (entry / f"{module}.pyc").is_file()
    )


def _package(channel: str) -> str:
    package = f"connectors.channels.{channel}"
    if not _NAME.fullmatch(channel) or find_spec(package) is None:
        raise NotFound("unknown_channel", f"there is no channel named {channel[:32]!r}")
    return package


def _helpdesk_package(name: str) -> str:
    package = f"connectors.helpdesks.{name}"
    if not _NAME.fullmatch(name) or find_spec(package) is None:
        raise NotFound("unknown_helpdesk", f"there is no helpdesk named {name[:32]!r}")
    return package
