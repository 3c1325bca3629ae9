"""The wiring costs a cold start next to nothing: it imports what it wires up when that is asked for, and not before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from functions import bootstrap
from infra.packaging.bundle import FUNCTIONS

ROOT = Path(__file__).parents[3]
MODULES = sorted(path.stem for path in Path(bootstrap.__path__[0]).glob("*.py") if path.stem != "__init__")


def imported_by(modules: str) -> set[str]:
    """Everything that is loaded in a fresh process when these have been imported."""
    command = [sys.executable, "-c", f"import sys, {modules}; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def of_ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] in {"connectors", "functions", "shared"}}


def test_the_wiring_of_everything_imports_no_more_than_the_client_of_aws() -> None:
    everything = {f"functions.bootstrap.{name}" for name in MODULES}

    loaded = of_ours(imported_by(", ".join(sorted(everything))))

    assert loaded == everything | {"functions", "functions.bootstrap"} | of_ours(imported_by("shared.aws.client"))


@pytest.mark.parametrize("function", ["webhook", "helpdesk"])
def test_a_function_that_a_provider_waits_for_loads_only_the_wiring_of_what_comes_in(function: str) -> None:
    loaded = imported_by(f"functions.{function}")

    assert {name.rpartition(".")[2] for name in loaded if name.startswith("functions.bootstrap.")} == {
        "environment",
        "receiving",
    }


@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - {"api"}))
def test_no_function_but_the_api_loads_what_powertools_has_for_every_kind_of_event(function: str) -> None:
    """Its batch processor and its router bring asyncio and a class for each service of AWS: a third of a cold start."""
    loaded = imported_by(f"functions.{function}")

    assert loaded.isdisjoint({"asyncio", "aws_lambda_powertools.utilities.data_classes", "boto3", "botocore.session"})


@pytest.mark.parametrize("function", ["email", "ingest", "media"])
def test_a_consumer_of_a_queue_imports_its_use_case_when_it_is_first_asked_for(function: str) -> None:
    loaded = imported_by(f"functions.{function}")

    assert {name for name in loaded if name.startswith("shared.core.")} == {"shared.core.later"}
