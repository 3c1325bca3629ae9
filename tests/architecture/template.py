"""template.yaml, as CloudFormation gets it."""

from __future__ import annotations

import copy
import os
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from samtranslator.translator.transform import transform

from infra.local.stack.template import Template, read_template, with_code

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = {"Architecture": "arm64", "LogLevel": "INFO"}


@cache
def source() -> Template:
    return with_code(read_template(ROOT / "template.yaml"), "s3://bucket/code.zip", lambda path: f"https://host/{path}")


class NoManagedPolicies:
    """SAM asks for these only for roles that it makes itself."""

    def load(self) -> dict[str, str]:
        return {}


def transformed(template: Template) -> dict[str, Any]:
    """The resources after the SAM transform. Raises InvalidDocumentException."""
    # It asks for a region, and makes no call.
    with patch.dict(os.environ, AWS_DEFAULT_REGION="eu-west-1"):
        result = transform(copy.deepcopy(template), dict(PARAMETERS), NoManagedPolicies())
    resources: dict[str, Any] = result["Resources"]
    return resources


@cache
def resources() -> dict[str, Any]:
    return transformed(source())


def of_type(kind: str) -> dict[str, Any]:
    return {name: each["Properties"] for name, each in resources().items() if each["Type"] == kind}


def logical(function: str) -> str:
    return function.capitalize()


def statements(function: str) -> list[dict[str, Any]]:
    (policy,) = resources()[f"{logical(function)}Role"]["Properties"]["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def actions(statement: dict[str, Any]) -> set[str]:
    """The actions of a statement on AWS."""
    return {action for action in as_list(statement["Action"]) if isinstance(action, str)}


def local_actions(statement: dict[str, Any]) -> set[str]:
    """Those that it has on the local AWS besides."""
    conditional = [action["Fn::If"] for action in as_list(statement["Action"]) if isinstance(action, dict)]
    assert all((condition, on_aws) == ("OnAws", {"Ref": "AWS::NoValue"}) for condition, on_aws, _ in conditional)
    return {local for _, _, local in conditional}


def leading_keys(statement: dict[str, Any]) -> list[str]:
    keys: list[str] = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    return keys


def alarms() -> dict[str, dict[str, Any]]:
    """Everything in the template of the alarms."""
    found: dict[str, dict[str, Any]] = read_template(ROOT / "infra/alarms.yaml")["Resources"]
    return found
