"""A stand-in's memory on disk: written shortly after a change, whole or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

WRITE_DELAY_SECONDS = 0.3


class StateFile[State]:
    """One JSON file holding ``state``, a struct of this ``kind``.

    Call ``changed()`` after each change; ``flush()`` writes what is unwritten.
    """

    def __init__(self, path: Path, kind: type[State]) -> None:
        self.path = path
        self.state = msgspec.json.decode(path.read_bytes(), type=kind) if path.exists() else kind()
        self._changed = asyncio.Event()

    def changed(self) -> None:
        self._changed.set()

    def flush(self) -> None:
        if not self._changed.is_set():
            return
        self._changed.clear()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(self.state))
        draft.chmod(0o600)
        draft.replace(self.path)

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """While inside, changes reach the disk within a moment; leaving writes the last of them."""
        writer = asyncio.create_task(self._write_changes())
        try:
            yield
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            self.flush()

    async def _write_changes(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(WRITE_DELAY_SECONDS)
            self.flush()


class FileFolder:
    """Bytes on disk, one file for each id."""

    def __init__(self, folder: Path, suffix: str = "") -> None:
        self.folder = folder
        self.suffix = suffix

    def write(self, file_id: str, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._path(file_id).write_bytes(data)

    def read(self, file_id: str) -> bytes:
        return self._path(file_id).read_bytes()

    def remove(self, file_id: str) -> None:
        self._path(file_id).unlink(missing_ok=True)

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, file_id: str) -> Path:
        return self.folder / f"{file_id}{self.suffix}"
