"""The libraries of a requirement set, installed once per target into a cache and copied from there."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.packaging.bytecode import compile_folder
from infra.packaging.target import Target

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "libraries"

# A library's own tests, type stubs and C sources never run; of its metadata only name, version and licence matter.
_UNUSED_FOLDERS = frozenset({"tests", "test", "__pycache__", "bin"})
_UNUSED_SUFFIXES = frozenset({".pyi", ".pyx", ".pxd", ".c", ".h", ".pyc"})
_KEPT_METADATA = frozenset({"METADATA", "licenses"})


class PackagingError(Exception):
    """A bundle cannot be made; the text says why."""


def libraries(requirements: Path, target: Target, cache: Path = CACHE) -> Path:
    """The folder with what a compiled requirements file names, pruned and compiled. Do not change it.

    Installed with the user's own pip settings. Raises PackagingError.
    """
    digest = hashlib.sha256(requirements.read_bytes() + target.name.encode() + _own_digest()).hexdigest()[:16]
    folder = cache / f"{requirements.stem}-{target.name}-{digest}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".new-") as scratch:
            draft = Path(scratch) / "libraries"
            _install(requirements, draft, target)
            _prune(draft)
            compile_folder(draft, target.python)
            _publish(draft, folder)
    return folder


def _install(requirements: Path, folder: Path, target: Target) -> None:
    # The compiled requirements name every library, so nothing has to be resolved.
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--require-hashes"]
    command += ["--disable-pip-version-check", f"--target={folder}", f"--requirement={requirements}"]
    done = subprocess.run([*command, *target.pip_options()], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise PackagingError(f"pip could not install {requirements.name} for {target.name}:\n{done.stderr.strip()}")


def _prune(folder: Path) -> None:
    # Deepest first, so that what is inside a removed folder is not looked at again.
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if path.name in _UNUSED_FOLDERS:
                shutil.rmtree(path)
        elif path.suffix in _UNUSED_SUFFIXES or _is_unused_metadata(path.relative_to(folder)):
            path.unlink()


def _is_unused_metadata(path: Path) -> bool:
    return path.parts[0].endswith(".dist-info") and path.parts[1] not in _KEPT_METADATA


def _publish(draft: Path, folder: Path) -> None:
    """Puts the finished folder in place at once; when another build was faster, its folder is as good."""
    try:
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _own_digest() -> bytes:
    """Changes with the way libraries are pruned and compiled, so that a cache made differently is not used."""
    here = Path(__file__).parent
    return b"".join((here / name).read_bytes() for name in ("libraries.py", "bytecode.py", "target.py"))


def copy_folder(source: Path, destination: Path) -> None:
    """Copies what is in a folder into another one; links are cheaper than bytes, and nobody writes to either end."""
    shutil.copytree(source, destination, dirs_exist_ok=True, copy_function=_link)


def _link(source: str, destination: str) -> None:
    try:
        os.link(source, destination)
    except OSError:
        shutil.copy2(source, destination)
