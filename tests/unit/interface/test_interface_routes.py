"""Every route is declared, and every declared route is there."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions import chat
from functions.api import subscriptions
from functions.api.application import app
from functions.api.contract.operations import OPERATIONS
from functions.api.contract.problems import PROBLEMS, refusals

ROOT = Path(__file__).parents[3]
ELSEWHERE = "/chat/{account}/link-codes"
"""A path of web chat that the API function answers."""


def declared() -> set[tuple[str, str]]:
    return {(operation.method, operation.path) for operation in OPERATIONS}


def of_the_api_function() -> set[tuple[str, str]]:
    routes = [*app._static_routes, *app._dynamic_routes]
    return {(method, re.sub(r"<(\w+)>", r"{\1}", route.path)) for route in routes for method in _methods(route.method)}


def of_the_chat_function() -> set[tuple[str, str]]:
    resources = {name: methods for name, methods in chat._METHODS.items() if name not in chat._ANSWERED_ELSEWHERE}
    return {(method, f"/chat/{{account}}/{name}") for name, methods in resources.items() for method in methods}


def of_the_gateway() -> set[tuple[str, str]]:
    """The routes of template.yaml that are whole by themselves."""

    class Loader(yaml.SafeLoader):
        """Reads CloudFormation's tags as what they stand before."""

    Loader.add_multi_constructor("!", lambda loader, suffix, node: getattr(node, "value", None))
    template = yaml.load((ROOT / "template.yaml").read_text("utf-8"), Loader)
    keys = [
        each["Properties"]["RouteKey"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::ApiGatewayV2::Route" and each["Properties"]["RouteKey"].startswith(("GET ", "POST "))
    ]
    return {(method, path) for method, path in (key.split() for key in keys) if path not in ("/v1", ELSEWHERE)}


def test_every_route_is_declared_and_every_declared_route_is_there() -> None:
    """Declare a new route in functions/api/contract."""
    assert declared() == of_the_api_function() | of_the_chat_function() | of_the_gateway()


def test_operations_are_named_once() -> None:
    names = [operation.id for operation in OPERATIONS]
    assert len(names) == len(set(names)) == len(declared())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
def test_what_an_operation_refuses_is_in_the_catalogue(operation: Any) -> None:
    assert set(operation.problems) <= set(PROBLEMS)
    assert set(refusals(operation)) >= set(operation.problems)


def test_every_refusal_of_the_catalogue_is_one_of_some_operation() -> None:
    used = {name for operation in OPERATIONS for name in refusals(operation)}
    assert sorted(set(PROBLEMS) - used) == []


def test_a_route_that_asks_for_a_key_asks_for_the_scope_that_is_declared() -> None:
    """Read from the route's source: the tests of the functions call each with a key of the lesser scope."""
    by_place = {(operation.method, operation.path): operation.access for operation in OPERATIONS}
    for route in [*app._static_routes, *app._dynamic_routes]:
        asked = re.search(r'authenticated\(router, (?:"(\w+)"|(MANAGE))\)', inspect.getsource(route.func))
        access = by_place[next(iter(_methods(route.method))), re.sub(r"<(\w+)>", r"{\1}", route.path)]
        expected = access if access in ("read", "write", "admin") else None
        assert (asked[1] or subscriptions.MANAGE if asked else None) == expected, route.path


def _methods(method: str | list[str] | tuple[str, ...]) -> set[str]:
    return {method} if isinstance(method, str) else set(method)
