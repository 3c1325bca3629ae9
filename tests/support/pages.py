"""A Markdown page of ours, taken apart: headings, code, tables, links. Only what GitHub renders is looked at."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path
from urllib.parse import unquote

from infra.documentation.tables import ROOT

TWIN = ".zh-CN.md"

_FENCE = re.compile(r"^(?P<mark>```|~~~).*?\n(?P<text>.*?)^(?P=mark)[ ]*$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!-- (?P<text>.*?) -->")
_CODE = re.compile(r"`([^`\n]*)`")
_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"!?\[[^\[\]]*\]\((?P<target>[^()\s]+)\)")
_PICTURED_LINK = re.compile(r"!\[(?P<said>[^\[\]]*)\]\(")
_HEADING = re.compile(r"^(?P<level>#{1,6}) +(?P<text>.+?) *#*$", re.MULTILINE)


@cache
def pages() -> list[Path]:
    """Every Markdown page of ours, committed or not."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return sorted({ROOT / name for name in listed if name and (ROOT / name).is_file()})


@dataclass(frozen=True)
class Page:
    """``path`` is absolute. What is counted or compared leaves out what stands in code, unless it is code."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def outside_fences(self) -> str:
        return _FENCE.sub("", self.text)

    @cached_property
    def prose(self) -> str:
        """The page without code, in which brackets mean something else."""
        return _CODE.sub("", self.outside_fences)

    @cached_property
    def levels(self) -> list[int]:
        """How deep each heading is, in the order of the page."""
        return [len(found["level"]) for found in _HEADING.finditer(self.outside_fences)]

    @cached_property
    def anchors(self) -> tuple[str, ...]:
        """What one can link to, heading by heading, as GitHub names it: lower case, no punctuation, hyphens."""
        found: list[str] = []
        for heading in _HEADING.finditer(self.outside_fences):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading["text"]).replace("`", "")
            name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            number = 0
            while (f"{name}-{number}" if number else name) in found:
                number += 1
            found.append(f"{name}-{number}" if number else name)
        return tuple(found)

    @cached_property
    def code(self) -> list[list[str]]:
        """The blocks of code, line by line: the fenced ones, then those that are set in by four spaces."""
        fenced = [found["text"].splitlines() for found in _FENCE.finditer(self.text)]
        return fenced + list(self._set_in())

    @cached_property
    def names(self) -> set[str]:
        """What is named in code within the text: single words, in no human language."""
        spans = _SPAN.findall(self.outside_fences)
        return {span for span in spans if span.isascii() and not re.search(r"[\s{}\"<>=]", span)}

    @cached_property
    def tables(self) -> list[list[list[str]]]:
        """Tables by row and cell. The line under the heading counts as a row."""
        lines = self.outside_fences.splitlines()
        runs = (list(run) for is_table, run in groupby(lines, lambda line: line.startswith("|")) if is_table)
        return [[[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in run] for run in runs]

    @cached_property
    def links(self) -> list[tuple[str, str]]:
        """Where links and pictures lead, as (path, anchor), in the order of the page."""
        return _links(self.prose)

    @cached_property
    def links_before_the_first_section(self) -> list[tuple[str, str]]:
        """Those of the introduction: where a page lists what is on it, it does so there."""
        return _links(re.split(r"^## ", self.prose, maxsplit=1, flags=re.MULTILINE)[0])

    @cached_property
    def pictures(self) -> list[str]:
        """What each picture is said to show, for those who do not see it."""
        return [found["said"] for found in _PICTURED_LINK.finditer(self.prose)]

    @cached_property
    def comments(self) -> list[str]:
        """The comments, which mark what is generated and what is tested."""
        return [found["text"] for found in _COMMENT.finditer(self.text)]

    def marked(self, name: str) -> str:
        """The code that follows the comment ``<!-- tested: name -->``. Raises LookupError."""
        found = re.search(rf"<!-- tested: {name} -->\n```[a-z]+\n(.*?)```", self.text, re.DOTALL)
        if found is None:
            raise LookupError(f"{self.path.name} has no code marked {name}")
        return found[1]

    def _set_in(self) -> Iterator[list[str]]:
        """Code set in by four spaces begins after an empty line; a paragraph's further lines are not code."""
        run: list[str] = []
        before = ""
        for line in [*self.outside_fences.splitlines(), "end"]:
            if line.startswith("    ") and (run or not before):
                run.append(line.strip())
            elif run and line:
                yield run
                run = []
            before = line


def _links(prose: str) -> list[tuple[str, str]]:
    targets = [unquote(found["target"]) for found in _LINK.finditer(prose)]
    return [(path, anchor) for path, _, anchor in (target.partition("#") for target in targets)]


@cache
def page(path: Path) -> Page:
    return Page(path)


def twin(english: Path) -> Path:
    """Where the Chinese page of an English one is."""
    return english.with_suffix(TWIN)
