"""What holds for all tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

from tests.support.scheduling import TwoStacks

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer

# No test asserts a time, and a busy machine is no failure. Where a change is judged, the same examples are tried each
# time; on a developer's machine new ones are, and what they find is kept as a test.
settings.register_profile(
    "onethread",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("onethread")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TwoStacks:
    """Two processes have a local stack, however many there are."""
    return TwoStacks(config, log)
