"""The wiring costs a cold start next to nothing: it imports what it wires up when that is asked for, and not before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from functions import bootstrap

ROOT = Path(__file__).parents[3]
MODULES = sorted(path.stem for path in Path(bootstrap.__path__[0]).glob("*.py") if path.stem != "__init__")


def imported_by(program: str) -> set[str]:
    """Our own modules that a program makes a fresh process import."""
    command = [sys.executable, "-c", f"import sys, {program}; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return {name for name in done.stdout.split() if name.partition(".")[0] in {"connectors", "functions", "shared"}}


def test_the_wiring_of_everything_imports_no_more_than_the_client_of_aws() -> None:
    everything = {f"functions.bootstrap.{name}" for name in MODULES}

    loaded = imported_by(", ".join(sorted(everything)))

    assert loaded == everything | {"functions", "functions.bootstrap"} | imported_by("shared.aws.client")


@pytest.mark.parametrize("function", ["webhook", "helpdesk"])
def test_a_function_that_a_provider_waits_for_loads_only_the_wiring_of_what_comes_in(function: str) -> None:
    loaded = imported_by(f"functions.{function}")

    assert {name.rpartition(".")[2] for name in loaded if name.startswith("functions.bootstrap.")} == {
        "environment",
        "receiving",
    }
