"""The bench of cold starts measures every function that there is."""

from __future__ import annotations

from bench.imports import FIRST_EVENT, functions
from infra.packaging.bundle import FUNCTIONS


def test_every_function_of_the_template_is_measured_with_what_its_first_event_imports() -> None:
    assert sorted(functions()) == sorted(FUNCTIONS)
    assert set(functions()) == set(FIRST_EVENT)
