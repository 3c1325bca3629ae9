"""What the command line raises on purpose, and how every error reads in one line.

OnethreadError
├── UsageError     exit code 2: the command was given wrongly; nothing was done
└── CommandError   exit code 1: the command was understood and could not be carried out
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

from shared.errors import ConfigurationError, InfrastructureError, OnethreadError, RequestError


class UsageError(OnethreadError):
    """The command was given wrongly."""


class CommandError(OnethreadError):
    """The command failed. ``code`` is stable, for programs that read the output of ``--json``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Explanation(NamedTuple):
    """An error as it is shown: a stable code, and one sentence."""

    code: str
    message: str


def explain(error: Exception) -> Explanation:
    """Any error in one line. What nobody expected is named by its place, never by its text, which may hold a secret."""
    if isinstance(error, UsageError):
        return Explanation("usage", str(error))
    if isinstance(error, CommandError | RequestError):
        return Explanation(error.code, str(error))
    if isinstance(error, OnethreadError):
        return Explanation(_code(error), str(error))
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return Explanation("system", f"{where}{error.strerror or type(error).__name__}")
    return _of_aws(error) or Explanation("unexpected", _place(error))


def _code(error: OnethreadError) -> str:
    if isinstance(error, ConfigurationError):
        return "configuration"
    return str(getattr(error, "code", "aws" if isinstance(error, InfrastructureError) else "failed"))


def _of_aws(error: Exception) -> Explanation | None:
    """What boto3 raised, if it did; a command that never loaded it cannot have been failed by it."""
    if "botocore" not in sys.modules:
        return None
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        code = details.get("Code", "aws")
        return Explanation(code, f"{error.operation_name}: {details.get('Message') or code}")
    if isinstance(error, BotoCoreError):
        return Explanation(type(error).__name__, str(error))
    return None


def _place(error: Exception) -> str:
    if os.environ.get("ONETHREAD_DEBUG"):
        traceback.print_exception(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"unexpected {type(error).__name__} at {place}; ONETHREAD_DEBUG=1 shows where it came from"
