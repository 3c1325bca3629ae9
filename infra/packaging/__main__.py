"""``python -m infra.packaging FUNCTION DESTINATION``: one function's folder, as AWS runs it.

Called by the ``build-*`` targets of the Makefile, which ``sam build`` calls (template.yaml, ``BuildMethod: makefile``).
The folder holds sources and bytecode: the .py files for tracebacks, the .pyc files because Lambda's task folder is
read-only and every cold start would compile anew.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra.packaging.bundle import FUNCTIONS, bundle
from infra.packaging.libraries import PackagingError
from infra.packaging.target import ARCHITECTURES, Target


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.packaging", description="Builds one function's folder.")
    parser.add_argument("function", choices=FUNCTIONS)
    parser.add_argument("destination", type=Path)
    parser.add_argument("--architecture", choices=sorted(ARCHITECTURES), default="arm64")
    arguments = parser.parse_args()
    try:
        bundle(arguments.function, arguments.destination, Target(arguments.architecture))
    except PackagingError as error:
        print(f"cannot build {arguments.function}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
