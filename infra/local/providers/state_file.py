"""A stand-in's memory on disk: written shortly after a change, whole or not at all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec

WRITE_DELAY_SECONDS = 0.3


class StateFile[State: msgspec.Struct]:
    """One JSON file holding ``state``. Call ``changed()`` after each change; ``flush()`` writes what is unwritten."""

    def __init__(self, path: Path, kind: type[State], new: Callable[[], State]) -> None:
        self.path = path
        self.state = msgspec.json.decode(path.read_bytes(), type=kind) if path.exists() else new()
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
