"""``python -m infra.documentation [--check]``: brings the generated parts of the documentation up to date."""

from __future__ import annotations

import argparse
import sys

from infra.documentation.pages import current_texts, stale
from infra.documentation.tables import ROOT


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.documentation", description="Writes the generated tables.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 when a file is not current")
    arguments = parser.parse_args()
    outdated = stale()
    texts = {} if arguments.check else current_texts()
    for path in outdated:
        print(f"{'not current' if arguments.check else 'written'}: {path.relative_to(ROOT)}")
        if path in texts:
            path.write_text(texts[path], "utf-8")
    return 1 if arguments.check and outdated else 0


if __name__ == "__main__":
    sys.exit(main())
