"""Background processes that outlive the command that starts them, one lock file each.

The process inherits a lock that the system releases when it ends, however it ends: so a process id is never taken for
somebody else's who got the same number later.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

POLL_SECONDS = 0.05
STOP_SECONDS = 10.0


class Process:
    """A background process by the name of its lock file ``<folder>/<name>.pid``."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._file = folder / f"{name}.pid"

    def running(self) -> bool:
        if not self._file.exists():
            return False
        with self._file.open("r+") as file:
            return not _lock(file.fileno())

    def start(self, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> None:
        """Starts it in its own session, with nothing but ``environment``, in ``folder``; what it writes goes to
        ``log``.

        Raises RuntimeError when it is running already.
        """
        for parent in (self._file.parent, log.parent):
            parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+") as file, log.open("ab") as output:
            if not _lock(file.fileno()):
                raise RuntimeError(f"{self.name} is running already")
            started = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(file.fileno(),),
            )
            file.truncate(0)
            file.write(str(started.pid))
        # The process is meant to be left behind: without this, Python would warn that nobody waited for it.
        started.returncode = 0

    def stop(self) -> bool:
        """Ends it and all that it has started; whether it was running."""
        if not self.running():
            return False
        group = int(self._file.read_text())
        _signal(group, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self.running() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            _reap(group)
        _signal(group, signal.SIGKILL)
        self._file.unlink(missing_ok=True)
        return True


def _lock(descriptor: int) -> bool:
    """Whether the lock could be taken: nobody else holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _reap(child: int) -> None:
    """Takes note of the end of a child of this very process; a process started by an earlier command is init's."""
    try:
        os.waitpid(child, os.WNOHANG)
    except ChildProcessError:
        return
