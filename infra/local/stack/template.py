"""template.yaml as data, its code and nested templates replaced by where they were uploaded to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

Template = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, read into their long form."""


def _short_tag(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    match node:
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case _:
            raise yaml.YAMLError(f"!{suffix} stands before nothing")
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)
# CloudFormation's versions look like dates and are texts.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_template(file: Path) -> Template:
    """Raises OSError, yaml.YAMLError."""
    loader = _Loader(file.read_text())
    try:
        template: Template = loader.get_single_data()
    finally:
        loader.dispose()
    return template


def with_code(template: Template, code_uri: str, upload_nested: Callable[[str], str]) -> Template:
    """A copy in which every function's code is ``code_uri``; nested templates are where ``upload_nested`` puts them."""
    globals_ = template.get("Globals", {})
    functions = {**globals_.get("Function", {}), "CodeUri": code_uri}
    resources = {
        name: _nested(resource, upload_nested) if resource["Type"] == "AWS::CloudFormation::Stack" else resource
        for name, resource in template["Resources"].items()
    }
    return {**template, "Globals": {**globals_, "Function": functions}, "Resources": resources}


def _nested(resource: dict[str, Any], upload: Callable[[str], str]) -> dict[str, Any]:
    properties = resource["Properties"]
    return {**resource, "Properties": {**properties, "TemplateURL": upload(properties["TemplateURL"])}}
