"""Which pages hold what is generated, and how it gets there: between two comments, that name it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.documentation import examples, measured
from infra.documentation.commands import commands_table
from infra.documentation.interface import events_table, problems_table, routes_table
from infra.documentation.picture import picture
from infra.documentation.rendering import files_table, losses_table, rendering_table
from infra.documentation.switching_picture import switching_picture
from infra.documentation.tables import ROOT, channels_table, limits_table, parts_table
from infra.documentation.words import Language

Table = Callable[[Language, str], str]
Picture = Callable[[Language], str]

TABLES: dict[str, Table] = {
    "channels": channels_table,
    "parts": parts_table,
    "limits": limits_table,
    "rendering": rendering_table,
    "files": files_table,
    "losses": losses_table,
    "routes": routes_table,
    "problems": problems_table,
    "events": events_table,
    "commands": commands_table,
}

_BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z]+) -->\n).*?(<!-- end of generated -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """A Markdown page with generated blocks. ``path`` is from the root."""

    path: str
    language: Language


PAGES = (
    Page("README.md", "en"),
    Page("README.zh-CN.md", "zh-CN"),
    Page("docs/channels.md", "en"),
    Page("docs/channels.zh-CN.md", "zh-CN"),
    Page("docs/parts.md", "en"),
    Page("docs/parts.zh-CN.md", "zh-CN"),
    Page("docs/api.md", "en"),
    Page("docs/api.zh-CN.md", "zh-CN"),
    Page("docs/events.md", "en"),
    Page("docs/events.zh-CN.md", "zh-CN"),
    Page("docs/command-line.md", "en"),
    Page("docs/command-line.zh-CN.md", "zh-CN"),
)
PICTURES: dict[str, tuple[Picture, Language]] = {
    "docs/images/trunk.svg": (picture, "en"),
    "docs/images/trunk.zh-CN.svg": (picture, "zh-CN"),
    "docs/images/switching.svg": (switching_picture, "en"),
    "docs/images/switching.zh-CN.svg": (switching_picture, "zh-CN"),
}


def current_texts(root: Path = ROOT) -> dict[Path, str]:
    """Every file with generated content, as it should read now. Raises KeyError for a block that nobody generates."""
    texts = {root / page.path: _filled((root / page.path).read_text("utf-8"), page) for page in PAGES}
    texts |= {root / path: examples.with_examples((root / path).read_text("utf-8"), root) for path in examples.PAGES}
    texts |= {root / path: measured.with_measured((root / path).read_text("utf-8"), root) for path in measured.PAGES}
    return texts | {root / path: draw(language) for path, (draw, language) in PICTURES.items()}


def stale(root: Path = ROOT) -> list[Path]:
    """The files that do not read as they should."""
    return [path for path, text in current_texts(root).items() if not path.exists() or path.read_text("utf-8") != text]


def _filled(text: str, page: Page) -> str:
    folder = Path(page.path).parent.as_posix()

    def block(found: re.Match[str]) -> str:
        return f"{found[1]}\n{TABLES[found['name']](page.language, folder)}\n\n{found[3]}"

    return _BLOCK.sub(block, text)
