"""The functions' code for the local stack: one archive for all, made anew only when a source has changed.

MiniStack's workers run on this very Python and see its libraries, so the archive holds our packages alone. That each
function's own requirement set is enough for it is proved by tests/unit/infra.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

from infra.packaging.archive import archive
from infra.packaging.bundle import OWN_PACKAGES, copy_own
from infra.packaging.bytecode import compile_folder
from infra.packaging.libraries import ROOT

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def sources_digest() -> str:
    """Changes with any file that the archive is made of or made by."""
    digest = hashlib.sha256(PYTHON.encode())
    for package in (*OWN_PACKAGES, "infra/packaging"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def code_archive(folder: Path) -> Path:
    """The archive ``<folder>/<digest>.zip``; older ones are removed."""
    file = folder / f"{sources_digest()}.zip"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for older in folder.glob("*.zip"):
            older.unlink()
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            copy_own(Path(scratch))
            compile_folder(Path(scratch), PYTHON)
            file.write_bytes(archive(Path(scratch)))
    return file
