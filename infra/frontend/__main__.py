"""``python -m infra.frontend [build|check|install]``: the chat widget and the desk.

``build`` (also without a word) checks types and writes the built files; ``check`` checks types and that the built files
are current; ``install`` only fetches the tools, for those who test with them.
"""

from __future__ import annotations

import argparse
import sys

from infra.frontend.build import build, check_types, outdated_files
from infra.frontend.toolchain import ToolchainError, install


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.frontend", description="The chat widget and the desk.")
    parser.add_argument("task", nargs="?", choices=("build", "check", "install"), default="build")
    try:
        return _run(parser.parse_args().task)
    except ToolchainError as error:
        print(error, file=sys.stderr)
        return 1


def _run(task: str) -> int:
    install()
    if task == "install":
        return 0
    check_types()
    if task == "build":
        build()
        return 0
    outdated = outdated_files()
    for name in outdated:
        print(f"{name} is not what its sources make: run python -m infra.frontend", file=sys.stderr)
    return 1 if outdated else 0


if __name__ == "__main__":
    sys.exit(main())
