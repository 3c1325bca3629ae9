"""Where a local stack keeps its files and on which ports it listens."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOST = "127.0.0.1"
REGION: Final = "eu-west-1"
STACK_NAME = "onethread"
DEFAULT_HOME = ".onethread"
DEFAULT_PORT = 8700
DEFAULT_AWS_PORT = 4570
DEFAULT_SMTP_PORT = 8725
DESK_ORIGIN = "http://desk.localhost"
"""Where a desk served as plain files may be on this machine, to try how that is."""


@dataclass(frozen=True)
class Settings:
    """``port`` is the front server's, ``aws_port`` MiniStack's, ``smtp_port`` takes mail. Everything of the stack is
    below ``home``."""

    home: Path
    port: int = DEFAULT_PORT
    aws_port: int = DEFAULT_AWS_PORT
    smtp_port: int = DEFAULT_SMTP_PORT

    @classmethod
    def from_environment(cls) -> Settings:
        """ONETHREAD_HOME, ONETHREAD_PORT, ONETHREAD_AWS_PORT, ONETHREAD_SMTP_PORT. Raises ValueError for a port that is
        none."""
        return cls(
            home=Path(os.environ.get("ONETHREAD_HOME") or DEFAULT_HOME).resolve(),
            port=_port("ONETHREAD_PORT", DEFAULT_PORT),
            aws_port=_port("ONETHREAD_AWS_PORT", DEFAULT_AWS_PORT),
            smtp_port=_port("ONETHREAD_SMTP_PORT", DEFAULT_SMTP_PORT),
        )

    @classmethod
    def with_free_ports(cls, home: Path) -> Settings:
        """Ports that nobody listens on now."""
        with ExitStack() as stack:
            probes = [stack.enter_context(socket.socket()) for _ in range(3)]
            for probe in probes:
                probe.bind((HOST, 0))
            port, aws_port, smtp_port = (probe.getsockname()[1] for probe in probes)
        return cls(home=home.resolve(), port=port, aws_port=aws_port, smtp_port=smtp_port)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def providers_url(self) -> str:
        """Where the providers' stand-ins are: ``api_base`` of a demo account is below it."""
        return f"{self.url}/providers"

    @property
    def aws_url(self) -> str:
        return f"http://{HOST}:{self.aws_port}"

    @property
    def aws_authority(self) -> str:
        return f"{HOST}:{self.aws_port}"

    @property
    def local_file(self) -> Path:
        """The public description of the running stack."""
        return self.home / "local.json"

    @property
    def front_file(self) -> Path:
        return self.home / "front.json"

    @property
    def credentials_file(self) -> Path:
        return self.home / "credentials.json"

    @property
    def providers_folder(self) -> Path:
        return self.home / "providers"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def temporary(self) -> Path:
        return self.home / "tmp"


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError(f"{name} is {text!r}: a port is a number from 1 to 65535")
    return int(text)
