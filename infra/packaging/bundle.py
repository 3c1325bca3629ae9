"""One function's folder: its libraries, and of our packages those that it runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from infra.packaging.bytecode import compile_folder
from infra.packaging.libraries import CACHE, ROOT, copy_folder, libraries
from infra.packaging.target import Target

FUNCTIONS = (
    *("webhook", "chat", "socket", "email", "ingest", "publish"),
    *("deliver", "media", "forward", "helpdesk", "watch", "api"),
)
OWN_PACKAGES = ("functions", "shared", "connectors")

_WIDGET = Path("connectors/channels/webchat/widget")
"""The chat function serves what is built of it; nothing runs its sources."""

# 1 January 2020: a fixed time makes the same sources the same archive.
_TIME = 1577836800


def requirements_of(function: str) -> Path:
    """The requirement set: the webhook function stands in front of every message and carries as little as it can."""
    return ROOT / "requirements" / ("webhook.txt" if function == "webhook" else "functions.txt")


def bundle(function: str, destination: Path, target: Target, cache: Path = CACHE) -> None:
    """Fills ``destination``. Raises PackagingError when the libraries cannot be had."""
    destination.mkdir(parents=True, exist_ok=True)
    copy_folder(libraries(requirements_of(function), target, cache), destination)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        own = Path(scratch)
        copy_own(own, function)
        compile_folder(own, target.python)
        copy_folder(own, destination)
    for path in destination.rglob("*"):
        os.utime(path, (_TIME, _TIME), follow_symlinks=False)


def copy_own(destination: Path, function: str | None = None) -> None:
    """Our packages as sources; with ``function``, the other functions' modules are left out."""
    for package in OWN_PACKAGES:
        source = ROOT / package
        for path in sorted(source.rglob("*")):
            relative = path.relative_to(ROOT)
            if not _belongs(path, relative) or (function and _is_of_others(relative, function)):
                continue
            copied = destination / relative
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)


def _belongs(path: Path, relative: Path) -> bool:
    if _WIDGET in relative.parents and relative.parent != _WIDGET / "dist":
        return False
    return path.is_file() and "__pycache__" not in relative.parts and not path.name.startswith(".")


def _is_of_others(relative: Path, function: str) -> bool:
    return _is_other_function(relative, function) or (_WIDGET in relative.parents and function != "chat")


def _is_other_function(relative: Path, function: str) -> bool:
    """Of ``functions`` a bundle has its own module and what all share (``bootstrap/`` and the like)."""
    if relative.parts[0] != "functions":
        return False
    name = relative.parts[1].removesuffix(".py")
    return name in FUNCTIONS and name != function
