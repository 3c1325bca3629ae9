"""The functions of template.yaml: their handlers, their settings and their logs."""

from __future__ import annotations

import copy

import pytest
from samtranslator.model.exceptions import InvalidDocumentException

from infra.packaging.bundle import FUNCTIONS
from tests.architecture.template import logical, of_type, resources, source, transformed
from tests.architecture.wiring import settings_of


def test_the_template_has_exactly_the_known_functions_with_their_handlers() -> None:
    handlers = {properties["Handler"] for properties in of_type("AWS::Lambda::Function").values()}

    assert handlers == {f"functions.{name}.handler" for name in FUNCTIONS}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_told_every_setting_that_its_code_asks_for_and_no_other(function: str) -> None:
    variables = set(resources()[f"{logical(function)}Function"]["Properties"]["Environment"]["Variables"])

    told = {name for name in variables if not name.startswith("POWERTOOLS_")}
    assert told == settings_of(function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_logs_have_a_group_and_an_end(function: str) -> None:
    properties = resources()[f"{logical(function)}Function"]["Properties"]
    group = resources()[f"{logical(function)}Logs"]["Properties"]

    assert properties["LoggingConfig"]["LogGroup"] == {"Ref": f"{logical(function)}Logs"}
    assert properties["LoggingConfig"]["LogFormat"] == "JSON"
    assert group["RetentionInDays"] == {"Ref": "LogDays"}


def test_a_misspelt_property_of_an_event_does_not_pass() -> None:
    template = copy.deepcopy(source())
    event = template["Resources"]["IngestFunction"]["Properties"]["Events"]["Inbound"]["Properties"]
    event["BatchSiz"] = event.pop("BatchSize")

    with pytest.raises(InvalidDocumentException):
        transformed(template)
