"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No test asserts a time, and a busy machine is no failure. Where a change is judged, the same examples are tried each
# time;
# on a developer's machine new ones are, and what they find is kept as a test.
settings.register_profile(
    "onethread",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("onethread")
