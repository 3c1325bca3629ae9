"""Each function starts with its own requirement set alone, as it will on Lambda, where nothing else is installed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import distribution, packages_distributions

import pytest

from connectors.registry import channels
from infra.packaging.bundle import FUNCTIONS, requirements_of
from infra.packaging.libraries import ROOT

# Refuses every module that is neither Python's own, nor ours, nor in the set: the machine of a developer has more.
PROGRAM = """
import importlib, json, sys

allowed, modules = json.loads(sys.argv[1])
known = {*sys.stdlib_module_names, "functions", "shared", "connectors", *allowed}

class Guard:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in known:
            raise ModuleNotFoundError(f"{name} is in no requirement set of this function", name=name)

sys.meta_path.insert(0, Guard())
for module in modules:
    importlib.import_module(module)
"""


def importable(function: str) -> list[str]:
    """The top-level modules that the function's requirement set brings."""
    names = re.findall(r"^([A-Za-z0-9._-]+)==", requirements_of(function).read_text(), re.MULTILINE)
    wanted = {distribution(name).metadata["Name"] for name in names}
    return [module for module, owners in packages_distributions().items() if wanted & set(owners)]


def start(function: str, modules: list[str]) -> subprocess.CompletedProcess[str]:
    given = json.dumps([importable(function), modules])
    return subprocess.run([sys.executable, "-c", PROGRAM, given], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_imports_nothing_outside_its_requirement_set(function: str) -> None:
    done = start(function, [f"functions.{function}"])

    assert done.returncode == 0, done.stderr


def test_the_webhook_function_verifies_every_channel_with_its_small_set() -> None:
    ingresses = [f"connectors.channels.{channel}.ingress" for channel in channels()]
    done = start("webhook", ["functions.webhook", "shared.core.webhook", "shared.aws.inbound_queue", *ingresses])

    assert done.returncode == 0, done.stderr


def test_every_connector_works_with_the_set_of_the_other_functions() -> None:
    done = start("deliver", [f"connectors.channels.{channel}.connector" for channel in channels()])

    assert done.returncode == 0, done.stderr


def test_the_guard_of_this_test_refuses_what_is_not_in_the_set() -> None:
    done = start("webhook", ["boto3"])

    assert done.returncode == 1
    assert "boto3 is in no requirement set" in done.stderr
