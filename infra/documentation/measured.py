"""What the benchmarks printed: it stands on the English page, and the Chinese one shows the same."""

from __future__ import annotations

import re
from pathlib import Path

SOURCE = "docs/performance.md"
PAGES = ("docs/performance.zh-CN.md",)

_BLOCK = re.compile(r"(<!-- measured -->\n)(.*?)(<!-- end of measured -->)", re.DOTALL)


def with_measured(page: str, root: Path) -> str:
    """The page with the output that the English page shows. Raises ValueError when that shows none."""
    source = _BLOCK.search((root / SOURCE).read_text("utf-8"))
    if source is None:
        raise ValueError(f"{SOURCE} has no block between <!-- measured --> and <!-- end of measured -->")
    output = source[2]
    return _BLOCK.sub(lambda found: f"{found[1]}{output}{found[3]}", page)
