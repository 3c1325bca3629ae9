"""What commands print: lines and tables for people, one JSON value for programs."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from infra.cli.errors import Explanation


class Output:
    """Results go to standard output, warnings and errors to standard error; with ``as_json`` all of it is JSON."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, value: Mapping[str, Any], lines: Iterable[str]) -> None:
        """One result: ``value`` for programs, ``lines`` for people."""
        if self.as_json:
            self.json(value)
        else:
            for line in lines:
                self.line(line)

    def items(self, items: Sequence[Mapping[str, Any]], columns: Sequence[str], empty: str) -> None:
        """A list: {"items": [...]} for programs; for people a table of the named columns, or ``empty``."""
        if self.as_json:
            self.json({"items": items})
        elif not items:
            self.line(empty)
        else:
            rows = [[_cell(item.get(column)) for column in columns] for item in items]
            for line in _aligned([[column.replace("_", " ").upper() for column in columns], *rows]):
                self.line(line)

    def records(self, items: Sequence[Mapping[str, Any]], empty: str) -> None:
        """A list like ``items``; for people field by field, for what is too wide for a table."""
        if self.as_json:
            self.json({"items": items})
        elif not items:
            self.line(empty)
        else:
            for item in items:
                for name, value in item.items():
                    self.line(f"{name.replace('_', ' '):17} {_cell(value)}")
                self.line("")

    def json(self, value: object) -> None:
        _write(sys.stdout, json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def line(self, text: str) -> None:
        _write(sys.stdout, printable(text))

    def note(self, text: str) -> None:
        """Something to know beside the result; programs do not get it on standard output."""
        self._aside({"note": text}, f"onethread: {text}")

    def error(self, explanation: Explanation) -> None:
        self._aside({"error": explanation._asdict()}, f"onethread: {explanation.message}")

    def _aside(self, value: Mapping[str, Any], text: str) -> None:
        _write(sys.stderr, json.dumps(value, ensure_ascii=False) if self.as_json else printable(" ".join(text.split())))


def printable(text: str) -> str:
    """The text without control characters: what a customer writes must not steer the reader's terminal."""
    return "".join(" " if unicodedata.category(character) in ("Cc", "Cf", "Cs") else character for character in text)


def _write(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
