"""Programs on a page: each is a file of the folder ``examples``, shown as it is between two comments that name it."""

from __future__ import annotations

import re
from pathlib import Path

PAGES = ("docs/consuming.md", "docs/consuming.zh-CN.md")

LANGUAGES = {".py": "python", ".mjs": "javascript", ".sh": "bash"}

_BLOCK = re.compile(r"(<!-- file: (?P<path>examples/[a-z_]+\.[a-z]+) -->\n).*?(<!-- end of file -->)", re.DOTALL)


def shown(page: str) -> list[str]:
    """The paths of the files that a page shows."""
    return [found["path"] for found in _BLOCK.finditer(page)]


def with_examples(page: str, root: Path) -> str:
    """The page with the files as they are now."""

    def block(found: re.Match[str]) -> str:
        path = root / found["path"]
        return f"{found[1]}\n```{LANGUAGES[path.suffix]}\n{path.read_text('utf-8')}```\n\n{found[3]}"

    return _BLOCK.sub(block, page)
