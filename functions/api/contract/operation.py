"""How a route is declared: what it takes, what it answers, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Access = Literal["read", "write", "admin", "session", "optional session", "provider", "anybody"]
"""Who may call: a key with a scope, a visitor with a session token (or with none yet), a provider that signs, or
anybody."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter or a header. ``schema`` is its JSON Schema."""

    name: str
    description: str
    schema: dict[str, Any]
    place: Literal["query", "header"] = "query"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that is a list: ``{items, cursor?}``."""

    item: Any


@dataclass(frozen=True, slots=True)
class Document:
    """An answer that is not one of our Structs. ``media_type`` None: the provider decides."""

    media_type: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent. ``kind`` is a Struct, or a tuple of those of which it is one; ``optional``: it may be empty."""

    kind: Any
    optional: bool = False


Answer = Any
"""A Struct, a Page of them, a Document, or None for an answer without a body."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One route and method. ``path`` is as in OpenAPI; ``problems`` are the refusals of its own, as ``status code``
    (:mod:`functions.api.contract.problems`), ``open_problems`` the statuses under which a channel may have further
    codes of its own."""

    method: str
    path: str
    id: str
    tag: str
    access: Access
    summary: str
    answers: dict[int, Answer]
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    problems: tuple[str, ...] = ()
    open_problems: tuple[int, ...] = ()

    @property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


AFTER = Parameter(
    "after",
    "Where to begin: what comes after this sequence.",
    {"type": "integer", "minimum": 0, "maximum": 999_999_999_998, "default": 0},
)
LIMIT = Parameter(
    "limit", "The largest number of items.", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
)
CURSOR = Parameter("cursor", "The cursor that the last page gave.", {"type": "string"})
DRY_RUN = Parameter(
    "dry_run",
    "Write nothing, and say what would be.",
    {"type": "string", "enum": ["true", "false"], "default": "false"},
)
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "Within 24 hours the same key with the same request is answered as the first time, and sends nothing again.",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "header",
)
