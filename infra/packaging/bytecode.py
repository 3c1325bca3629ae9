"""Compiling ahead: unchecked-hash .pyc files, which Python loads without looking at the source's time or content.

Source: PEP 552. Archives do not keep times to the fraction of a second, and Lambda unpacks anew, so time-checked
files would be thrown away.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def compile_folder(folder: Path, python: str) -> bool:
    """Compiles every module below ``folder`` for the Python version ``python`` ("3.13").

    False when this machine has no such Python: the bundle works all the same, and starts more slowly.
    """
    interpreter = _interpreter(python)
    if interpreter is None:
        print(f"warning: no python{python} here to compile with: cold starts will be slower", file=sys.stderr)
        return False
    command = [interpreter, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    # The path inside the files is Lambda's, so that the same sources make the same bytes on every machine.
    command += ["-s", str(folder), "-p", "/var/task", str(folder)]
    subprocess.run(command, check=True)
    return True


def _interpreter(python: str) -> str | None:
    if sys.version_info[:2] == tuple(int(part) for part in python.split(".")):
        return sys.executable
    found = shutil.which(f"python{python}")
    if found is None:
        return None
    # A version manager's shim may be there and answer that the version is not chosen.
    works = subprocess.run([found, "-c", ""], check=False, capture_output=True).returncode == 0
    return found if works else None
