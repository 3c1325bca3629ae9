"""The OpenAPI 3.1 document of the HTTP interface, made of the declared routes.

Source of its form: the OpenAPI Specification 3.1.1.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from functions.api.contract import VERSION
from functions.api.contract.operation import Body, Document, Operation, Page, Parameter
from functions.api.contract.operations import OPERATIONS
from functions.api.contract.problems import PROBLEMS, refusals
from functions.api.contract.schemas import components
from shared.model.declared_answers import Problem

_JSON = "application/json"
_PROBLEM = "application/problem+json"

_ACCESS: dict[str, list[dict[str, list[str]]]] = {
    "read": [{"apiKey": []}],
    "write": [{"apiKey": []}],
    "admin": [{"apiKey": []}],
    "session": [{"session": []}],
    "optional session": [{}, {"session": []}],
    "provider": [],
    "anybody": [],
}

_SECURITY_SCHEMES = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key. It has scopes: admin includes write, write includes read.",
    },
    "session": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a web-chat session, as POST /chat/{account}/sessions gave it.",
    },
}

_PATH_PARAMETERS = {
    "account": "The name of a channel account.",
    "channel": "The name of a channel, such as wechat.",
    "conversation_id": "The id of a conversation: conv_...",
    "customer_id": "The id of a customer: cus_...",
    "helpdesk": "The name of a helpdesk, such as chatwoot.",
    "identity_id": "The id of an identity: idn_...",
    "subscription_id": "The id of a subscription: sub_...",
}


@cache
def openapi() -> dict[str, Any]:
    """The document."""
    definitions, schemas = components([Problem, *(kind for operation in OPERATIONS for kind in _kinds(operation))])
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "onethread",
            "version": VERSION,
            "description": "Every channel that customers write on, one conversation, one ordered stream. Accept fields "
            "that you do not know, and ignore types that you do not know: changes only ever add.",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": definitions, "securitySchemes": _SECURITY_SCHEMES},
    }


def _operation(operation: Operation, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": " ".join(filter(None, (operation.description, _scope_sentence(operation)))),
        "security": _ACCESS[operation.access],
        "parameters": [*map(_path_parameter, operation.path_parameters), *map(_parameter, operation.parameters)],
        "responses": {
            **{str(status): _answer(answer, schemas) for status, answer in operation.answers.items()},
            **_problems(operation, schemas),
        },
    }
    if operation.body is not None:
        content = {_JSON: {"schema": _body(operation.body, schemas)}}
        shown["requestBody"] = {"required": not operation.body.optional, "content": content}
    return shown


def _scope_sentence(operation: Operation) -> str:
    return f"The key needs the scope {operation.access}." if operation.access in ("read", "write", "admin") else ""


def _path_parameter(name: str) -> dict[str, Any]:
    # Longer ones are no id of ours; a path is at most 512 characters.
    schema = {"type": "string", "minLength": 1, "maxLength": 128}
    return {"name": name, "in": "path", "required": True, "description": _PATH_PARAMETERS[name], "schema": schema}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": False,
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _body(body: Body, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    return {"anyOf": [schemas[kind] for kind in body.kind]} if isinstance(body.kind, tuple) else schemas[body.kind]


def _answer(answer: Any, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    match answer:
        case None:
            return {"description": "Done."}
        case Document():
            content = {} if answer.media_type is None else _content(answer.media_type, {})
            return {"description": answer.description, **content}
        case Page():
            properties = {"items": {"type": "array", "items": schemas[answer.item]}, "cursor": {"type": "string"}}
            schema: dict[str, Any] = {"type": "object", "properties": properties, "required": ["items"]}
            return {"description": "A page; ask again with its cursor while there is one.", **_content(_JSON, schema)}
        case _:
            return {"description": _first_sentence(answer), **_content(_JSON, schemas[answer])}


def _problems(operation: Operation, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    """By status: which codes there are, and what each means."""
    by_status: dict[str, dict[str, str]] = {str(status): {} for status in operation.open_problems}
    for name in refusals(operation):
        status, code = name.split()
        by_status.setdefault(status, {})[code] = PROBLEMS[name]
    return {
        status: {
            "description": _meanings(codes),
            **_content(_PROBLEM, _problem(int(status), codes, operation, schemas[Problem])),
        }
        for status, codes in sorted(by_status.items())
    }


def _problem(status: int, codes: dict[str, str], operation: Operation, problem: dict[str, Any]) -> dict[str, Any]:
    known = "examples" if status in operation.open_problems else "enum"
    code = {"type": "string", known: list(codes)} if codes else {"type": "string"}
    return {"allOf": [problem, {"properties": {"status": {"const": status}, "code": code}}]}


def _meanings(codes: dict[str, str]) -> str:
    return "\n".join(f"- `{code}`: {meaning}" for code, meaning in codes.items()) or "A code of the channel."


def _content(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


def _first_sentence(kind: Any) -> str:
    text = " ".join((kind.__doc__ or kind.__name__).split())
    return f"{text.partition('. ')[0].rstrip('.')}."


def _kinds(operation: Operation) -> list[Any]:
    """The Structs that an operation names."""
    taken = () if operation.body is None else operation.body.kind
    kinds = list(taken) if isinstance(taken, tuple) else [taken]
    for answer in operation.answers.values():
        if isinstance(answer, Page):
            kinds.append(answer.item)
        elif answer is not None and not isinstance(answer, Document):
            kinds.append(answer)
    return kinds
