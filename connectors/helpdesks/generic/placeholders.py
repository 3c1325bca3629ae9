"""The placeholder language of the account's templates.

``{message.text}`` is replaced by the value of that name, ``{customer.name|A customer}`` by the words behind the bar
when there is no value; ``{{`` and ``}}`` are braces. What is put in is escaped by the place: percent-encoded in a
path, a JSON value in a JSON body. A value is never read for placeholders again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from shared.errors import DeliveryError

_TOKEN = re.compile(r"\{\{|\}\}|\{([a-z_]+(?:\.[a-z_]+)*)(?:\|([^{}]*))?\}|[{}]")

Value = str | int | bool
Values = Mapping[str, Value | None]
Piece = tuple[str, str | None, str | None]
"""(text before, name of the value, fallback)."""


class TemplateError(ValueError):
    """The template is not one: its text says where."""


@lru_cache(maxsize=512)
def pieces(template: str) -> tuple[Piece, ...]:
    """A template taken apart. Raises TemplateError."""
    found: list[Piece] = []
    before, position = "", 0
    for token in _TOKEN.finditer(template):
        before += template[position : token.start()]
        position = token.end()
        if token[0] in ("{{", "}}"):
            before += token[0][0]
        elif token[1] is None:
            raise TemplateError(f"a lone {token[0]} at character {token.start() + 1}; write {token[0] * 2} for a brace")
        else:
            found.append((before, token[1], token[2]))
            before = ""
    return (*found, (before + template[position:], None, None))


def names(template: str) -> Iterator[str]:
    """The names of the values that a template asks for. Raises TemplateError."""
    return (name for _, name, _ in pieces(template) if name is not None)


def fill(template: str, values: Values, escape: Callable[[str], str] = str) -> str:
    """The text with its values. Raises DeliveryError(permanent, ``missing_value``) for one that is not there and has
    no fallback."""
    return "".join(
        before if name is None else before + escape(str(_plain(_value(values, name, fallback))))
        for before, name, fallback in pieces(template)
    )


def fill_tree(tree: Any, values: Values) -> Any:
    """A JSON value with every text in it filled; a text that is one placeholder alone becomes the value, with its
    type. Raises DeliveryError(permanent, ``missing_value``)."""
    if isinstance(tree, str):
        return _filled(tree, values)
    if isinstance(tree, list):
        return [fill_tree(member, values) for member in tree]
    if isinstance(tree, dict):
        return {name: fill_tree(member, values) for name, member in tree.items()}
    return tree


def texts(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, with where it is."""
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, list):
        for number, member in enumerate(tree):
            yield from texts(member, f"{path}[{number}]")
    elif isinstance(tree, dict):
        for name, member in tree.items():
            yield from texts(member, f"{path}.{name}")


def _filled(template: str, values: Values) -> Value:
    parts = pieces(template)
    if len(parts) == 2 and parts[0][0] == "" and parts[1][0] == "":
        _, name, fallback = parts[0]
        if name is not None:
            value = _value(values, name, fallback)
            # Ids of the helpdesk are kept as text, and many APIs take nothing but a number for theirs.
            return int(value) if name.startswith("desk.") and _is_number(value) else value
    return fill(template, values)


def _is_number(value: Value) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and str(int(value)) == value


def _value(values: Values, name: str, fallback: str | None) -> Value:
    value = values.get(name)
    if value is not None and value != "":
        return value
    if fallback is not None:
        return fallback
    raise DeliveryError("permanent", "missing_value", f"there is no {{{name}}} here, and the template has no fallback")


def _plain(value: Value) -> Value:
    return str(value).lower() if isinstance(value, bool) else value
