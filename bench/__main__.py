"""``python -m bench [imports|parse|calls|local|sustained ...] [--json]``: all parts, unless some are named."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context

from bench.parts import PARTS, measured
from bench.report import as_json, summary, text_of


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures, side by side, and compares.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; without any: all of them")
    parser.add_argument("--json", action="store_true", help="the results as JSON on stdout")
    arguments = parser.parse_args()
    chosen = arguments.parts or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"there is no part named {', '.join(sorted(unknown))}")
    # A process for each: what one part imports or leaves in memory does not slow the next.
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        reports = list(pool.map(measured, [part for part in PARTS if part in chosen]))
    if arguments.json:
        print(json.dumps({**_machine(), "reports": as_json(reports)}, indent=2, ensure_ascii=False))
        return 0
    print("  ".join(f"{name}: {value}" for name, value in _machine().items()))
    for table in (*(table for report in reports for table in report.tables), summary(reports)):
        print(f"\n{text_of(table)}")
    return 0


def _machine() -> dict[str, str]:
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} x {platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    sys.exit(main())
