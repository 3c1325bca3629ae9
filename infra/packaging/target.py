"""The machine a bundle is for: Lambda's Python on one of its processors."""

from __future__ import annotations

from typing import NamedTuple

PYTHON = "3.13"
"""The runtime in template.yaml."""

ARCHITECTURES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's name of a processor, and its name in wheels."""

# Lambda's Python 3.12 and later run on Amazon Linux 2023, which has glibc 2.34 ("Lambda runtimes", developer guide).
_MANYLINUX = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")


class Target(NamedTuple):
    """``architecture`` is Lambda's name of the processor."""

    architecture: str
    python: str = PYTHON

    @property
    def name(self) -> str:
        return f"python{self.python}-{self.architecture}"

    def pip_options(self) -> list[str]:
        """What makes pip choose the target's wheels instead of this machine's; nothing is compiled here."""
        machine = ARCHITECTURES[self.architecture]
        platforms = [f"--platform={system}_{machine}" for system in _MANYLINUX]
        return [*platforms, "--implementation=cp", f"--python-version={self.python}", "--only-binary=:all:"]
