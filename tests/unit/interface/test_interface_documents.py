"""The documents of the contract are what the standards ask for, by the standards' own tools."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.api.contract.asyncapi import TEST, asyncapi
from functions.api.contract.openapi import openapi
from infra.frontend.toolchain import MODULES, ROOT, install
from shared.model.chat_contract import FROM_BROWSER, TO_BROWSER
from shared.model.event import EVENT_TYPES
from shared.model.schema import names, type_schema


@pytest.fixture(scope="module")
def asyncapi_rules() -> Draft7Validator:
    """The specification's own schema, out of the npm package @asyncapi/specs."""
    install()
    return Draft7Validator(json.loads((MODULES / "@asyncapi/specs/schemas/3.0.0.json").read_text("utf-8")))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name == "$ref" and isinstance(each, str):
                yield each
            else:
                yield from references(each)


def resolved(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def test_the_openapi_document_is_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(openapi()).validate()


def test_a_wrong_openapi_document_is_noticed() -> None:
    wrong = json.loads(json.dumps(openapi()))
    wrong["paths"]["/v1/channels"]["get"]["responses"]["200"].pop("description")
    assert list(OpenAPIV31SpecValidator(wrong).iter_errors())


@pytest.mark.parametrize("name", sorted(openapi()["components"]["schemas"]))
def test_every_schema_of_the_interface_is_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(openapi()["components"]["schemas"][name])


@pytest.mark.parametrize("name", names())
def test_every_published_type_is_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(type_schema(name))


def test_the_asyncapi_document_is_asyncapi_3_0(asyncapi_rules: Draft7Validator) -> None:
    assert [f"{error.json_path}: {error.message[:200]}" for error in asyncapi_rules.iter_errors(asyncapi())] == []


def test_a_wrong_asyncapi_document_is_noticed(asyncapi_rules: Draft7Validator) -> None:
    wrong = json.loads(json.dumps(asyncapi()))
    wrong["operations"]["tell"]["action"] = "shout"
    assert not asyncapi_rules.is_valid(wrong)


@pytest.mark.parametrize("make", [openapi, asyncapi])
def test_every_reference_of_a_document_leads_somewhere(make: Any) -> None:
    document = make()
    found = list(references(document))
    assert found
    for reference in found:
        resolved(document, reference)


def test_the_asyncapi_document_has_every_event_on_both_channels_and_every_frame() -> None:
    channels = asyncapi()["channels"]
    assert set(channels["topic"]["messages"]) == set(EVENT_TYPES)
    assert set(channels["webhook"]["messages"]) == {*EVENT_TYPES, TEST}
    assert set(channels["socket"]["messages"]) == {kind.__name__ for kind in (*FROM_BROWSER, *TO_BROWSER)}


def test_the_published_schema_of_an_event_is_that_of_both_documents() -> None:
    """But for where its definitions are."""
    for kind in EVENT_TYPES:
        published = json.dumps({"allOf": type_schema(f"event.{kind}")["allOf"]}).replace(
            "#/$defs/", "#/components/schemas/"
        )
        for document in (openapi(), asyncapi()):
            assert document["components"]["schemas"][f"event.{kind}"] == json.loads(published)


@pytest.mark.parametrize("command", ["openapi", "asyncapi"])
def test_the_command_line_prints_them_without_a_stack(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.cli.main", command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == (openapi() if command == "openapi" else asyncapi())


def test_the_api_function_starts_without_them() -> None:
    loaded = "[name for name in sys.modules if name.startswith('functions.api.contract')]"
    probe = f"import sys, functions.api; print({loaded})"
    found = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
