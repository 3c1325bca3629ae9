"""Which settings a function's code asks for, read from the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.architecture.template import ROOT


class Wiring(NamedTuple):
    """A function of a module of functions/bootstrap/: ``store``, ``people``."""

    module: str
    name: str


def settings_of(function: str) -> set[str]:
    """The names that a function's modules ask ``environment.setting`` for, themselves or through what they wire up."""
    folder = ROOT / "functions" / function
    modules = list(folder.glob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    pending: list[tuple[str, ast.AST]] = [("", _parse(module)) for module in modules]
    seen: set[Wiring] = set()
    settings: set[str] = set()
    while pending:
        home, tree = pending.pop()
        settings |= set(_settings(home, tree))
        for wiring in set(_named(home, tree)) & _wirings().keys() - seen:
            seen.add(wiring)
            pending.append((wiring.module, _wirings()[wiring]))
    return settings


@cache
def _wirings() -> dict[Wiring, ast.FunctionDef]:
    return {
        Wiring(path.stem, node.name): node
        for path in (ROOT / "functions/bootstrap").glob("*.py")
        for node in _parse(path).body
        if isinstance(node, ast.FunctionDef)
    }


def _named(home: str, tree: ast.AST) -> Iterator[Wiring]:
    """Whatever may be a wiring: what is called, and what is handed on to be called later."""
    return (named for node in ast.walk(tree) if (named := _as_wiring(home, node)) is not None)


def _as_wiring(home: str, node: ast.AST) -> Wiring | None:
    match node:
        case ast.Name(id=name):
            return Wiring(home, name)
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return Wiring(module, name)
    return None


def _settings(home: str, tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=function, args=[ast.Constant(value=str(name))]):
                if _as_wiring(home, function) == ("environment", "setting"):
                    yield name


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())
