"""Building the pages, and comparing what is committed with what its sources make."""

from __future__ import annotations

import tempfile
from pathlib import Path

from infra.frontend.toolchain import MODULES, ROOT, run_node

BUILD_PROGRAM = Path(__file__).with_name("build.mjs")
BUILT_FOLDERS = ("connectors/channels/webchat/widget/dist", "infra/desk/dist")


def build(destination: Path = ROOT) -> None:
    """Writes the built folders below ``destination``. Raises ToolchainError."""
    run_node(BUILD_PROGRAM, destination)


def check_types() -> None:
    """Raises ToolchainError with what the TypeScript compiler found."""
    run_node(MODULES / "typescript" / "bin" / "tsc", "--project", ROOT)


def outdated_files() -> list[str]:
    """The committed files that are not what their sources make, or are there without being made. Raises
    ToolchainError."""
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch)
        build(made)
        fresh, committed = _built_files(made), _built_files(ROOT)
    return sorted(name for name in fresh.keys() | committed.keys() if fresh.get(name) != committed.get(name))


def _built_files(root: Path) -> dict[str, bytes]:
    paths = (path for folder in BUILT_FOLDERS for path in (root / folder).rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
