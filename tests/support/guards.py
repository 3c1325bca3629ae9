"""Lines of the code that keep somebody out, and taking them away: what was refused has to succeed then, or the test
that saw it refused proves nothing."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType

import pytest

from tests.support.legal import check


@dataclass(frozen=True)
class Guard:
    """``line`` stands once in ``module``; ``without`` is what it would say if nobody had thought of the attack."""

    module: str
    line: str
    without: str


def remove(guards: Iterable[Guard], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the functions with these lines do without them, wherever they have been imported. Raises AssertionError
    when a guard is not there."""
    for name in dict.fromkeys(guard.module for guard in guards):
        module = importlib.import_module(name)
        text = inspect.getsource(module)
        for guard in (each for each in guards if each.module == name):
            check(text.count(guard.line) == 1, f"{name} has no such line any more, or several: {guard.line}")
            text = text.replace(guard.line, guard.without)
        changed = {code.co_qualname: code for code in _code_of(compile(text, module.__file__ or "", "exec"))}
        different = [each for each in _functions(module) if changed[each.__code__.co_qualname] != each.__code__]
        check(bool(different), f"no function of {name} is another one without its guards")
        for function in different:
            monkeypatch.setattr(function, "__code__", changed[function.__code__.co_qualname])


def _code_of(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _code_of(each)


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """The functions and methods that a module defines."""
    for found in vars(module).values():
        members = vars(found).values() if isinstance(found, type) else (found,)
        for member in members:
            function = getattr(member, "__func__", getattr(member, "fget", member))
            if isinstance(function, FunctionType) and function.__code__.co_filename == module.__file__:
                yield function
