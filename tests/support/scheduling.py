"""Which process runs which test.

The end-to-end tests need a local stack, and a stack takes much of a machine. However many processes run the tests, two
of them have one: one for the files that open pages, and one for all others. ``xdist_group`` would say the same, but
xdist 3.8 writes it where pytest 9.2 does not read it.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

PAGES = ("test_desk", "test_page", "test_tour", "test_widget")
"""How the names of those files begin whose tests open a browser."""


def group(nodeid: str) -> str:
    """The name of the group that a test runs with; its own, when it runs with no other."""
    path = PurePosixPath(nodeid.partition("::")[0])
    if path.parts[:2] != ("tests", "e2e"):
        return nodeid
    return "pages" if path.name.startswith(PAGES) else "calls"


class TwoStacks(LoadScopeScheduling):
    """Groups go to one process each, the largest first; all other tests to whichever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)
