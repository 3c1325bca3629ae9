"""Results as plain tables, and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from textwrap import fill

LINE = 110


@dataclass(frozen=True)
class Target:
    """A goal and what was measured. ``at_most`` says which side is good; ``None`` where nothing was measured."""

    code: str
    what: str
    measured: float | None
    goal: float
    unit: str
    at_most: bool

    @property
    def reached(self) -> bool | None:
        if self.measured is None:
            return None
        # What is printed is what is judged.
        shown = round(self.measured, 2)
        return shown <= self.goal if self.at_most else shown >= self.goal

    def row(self) -> list[str]:
        measured = "not measured" if self.measured is None else f"{self.measured:.2f}{self.unit}"
        verdict = {None: "-", True: "yes", False: "no"}[self.reached]
        return [self.code, self.what, measured, f"{'<=' if self.at_most else '>='} {self.goal:g}{self.unit}", verdict]


@dataclass(frozen=True)
class Table:
    """Rows of text under column names; ``note`` says how to read them."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str = ""


@dataclass
class Report:
    """What one part of the benchmark found."""

    part: str
    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)


def text_of(table: Table) -> str:
    """Aligned columns; the first is text, the others are set to the right."""
    rows = [table.columns, *table.rows]
    widths = [max(len(row[index]) for row in rows) for index in range(len(table.columns))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    note = fill(table.note, LINE, initial_indent="  ", subsequent_indent="  ")
    return "\n".join([table.title, *(f"  {line}" for line in lines), *([note] if note else [])])


def summary(reports: list[Report]) -> Table:
    rows = [target.row() for report in reports for target in report.targets]
    return Table("Targets", ["#", "what", "measured", "target", "reached"], rows)


def as_json(reports: list[Report]) -> list[dict[str, object]]:
    return [
        {
            "part": report.part,
            "tables": [asdict(table) for table in report.tables],
            "targets": [{**asdict(target), "reached": target.reached} for target in report.targets],
        }
        for report in reports
    ]


def _line(row: list[str], widths: list[int]) -> str:
    cells = [
        cell.ljust(width) if index == 0 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
