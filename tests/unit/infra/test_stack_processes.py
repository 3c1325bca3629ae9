"""Background processes of the local stack: known by a lock that dies with them, never by a number alone."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.local.stack.processes import Process

SLEEPER = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process("sleeper", tmp_path / "run")
    yield process
    process.stop()


def begin(process: Process, tmp_path: Path, program: str = SLEEPER, **environment: str) -> None:
    process.start([sys.executable, "-c", program], environment, tmp_path, tmp_path / "logs/sleeper.log")


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_a_process_runs_from_start_to_stop(process: Process, tmp_path: Path) -> None:
    assert not process.running()

    begin(process, tmp_path)

    assert process.running()
    assert process.stop()
    assert not process.running()
    assert not process.stop()


def test_another_command_sees_the_same_process(process: Process, tmp_path: Path) -> None:
    begin(process, tmp_path)

    other = Process("sleeper", tmp_path / "run")

    assert other.running()
    with pytest.raises(RuntimeError, match="running already"):
        begin(other, tmp_path)


def test_a_process_that_died_is_not_running_although_its_file_is_there(process: Process, tmp_path: Path) -> None:
    begin(process, tmp_path)
    file = tmp_path / "run/sleeper.pid"

    os.kill(int(file.read_text()), signal.SIGKILL)

    assert eventually(lambda: not process.running())
    assert file.exists()


def test_a_file_left_by_a_crash_never_gets_a_stranger_killed(process: Process, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/sleeper.pid").write_text(str(os.getpid()))

    assert not process.running()
    assert not process.stop()


def test_a_process_that_ignores_the_request_is_ended_by_force(
    process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.local.stack.processes.STOP_SECONDS", 0.3)
    begin(process, tmp_path, STUBBORN)
    log = tmp_path / "logs/sleeper.log"
    assert eventually(lambda: log.read_text() == "deaf\n")

    assert process.stop()

    assert eventually(lambda: not process.running())


def test_a_process_gets_the_given_environment_and_nothing_else(
    process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    log = tmp_path / "logs/sleeper.log"

    begin(
        process,
        tmp_path,
        "import os; print(sorted(n for n in os.environ if not n.startswith('LC_')))",
        GREETING="hello",
    )

    assert eventually(lambda: log.exists() and log.read_text() == "['GREETING']\n")
