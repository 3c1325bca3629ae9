"""The settings of a channel account as they are written on the command line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.cli.errors import UsageError

_ASSIGNMENT = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(:?=)(.*)", re.DOTALL)


def read_assignments(words: Iterable[str]) -> dict[str, Any]:
    """``key=text``, ``key=@file``, ``key=-`` (standard input) and ``key:=JSON``, as a dict.

    A text from a file or from standard input loses the line ends at its end. Raises UsageError, which never shows a
    value, and OSError for a file that cannot be read.
    """
    settings: dict[str, Any] = {}
    for word in words:
        found = _ASSIGNMENT.fullmatch(word)
        if found is None:
            raise UsageError(
                "a setting is written key=value, key=@file, key=- or key:=JSON, its key in letters, digits and _"
            )
        name, operator, value = found.groups()
        if name in settings:
            raise UsageError(f"{name} is given twice")
        settings[name] = _json(name, value) if operator == ":=" else _text(name, value)
    return settings


def _json(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        # "from None": the parser's error would show the value.
        raise UsageError(f"the value of {name}:= is not JSON") from None


def _text(name: str, value: str) -> str:
    if value == "-":
        return sys.stdin.read().rstrip("\r\n")
    if not value.startswith("@"):
        return value
    try:
        return Path(value[1:]).read_text("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError(f"the file for {name} is not UTF-8 text") from None


class ObservedSettings(Mapping[str, Any]):
    """Settings that note which of them are looked at: a connector that validates them shows which ones it knows."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._seen: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self._seen.add(name)
        return self._settings[name]

    def __iter__(self) -> Iterator[str]:
        self._seen.update(self._settings)
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)

    def unseen(self) -> list[str]:
        return sorted(set(self._settings) - self._seen)
