"""Starting the local stack: what is checked before anything is started, and what is left when it fails."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from infra.local.stack.code import code_archive, sources_digest
from infra.local.stack.lifecycle import LocalStack, StackError
from infra.local.stack.settings import HOST, Settings


@pytest.mark.parametrize(
    ("taken", "variable"),
    [("port", "ONETHREAD_PORT"), ("aws_port", "ONETHREAD_AWS_PORT"), ("smtp_port", "ONETHREAD_SMTP_PORT")],
)
def test_a_port_in_use_is_named_together_with_the_way_out(tmp_path: Path, taken: str, variable: str) -> None:
    settings = Settings.with_free_ports(tmp_path)
    with socket.socket() as listener:
        listener.bind((HOST, getattr(settings, taken)))
        listener.listen()

        with pytest.raises(StackError, match=f"port {getattr(settings, taken)} .* set {variable}"):
            LocalStack(settings).up()

    assert not settings.local_file.exists()


def test_a_stack_that_is_not_up_says_so(tmp_path: Path) -> None:
    stack = LocalStack(Settings.with_free_ports(tmp_path))

    assert not stack.down()
    with pytest.raises(StackError, match="make up"):
        stack.description()


def test_a_description_without_processes_is_not_believed(tmp_path: Path) -> None:
    settings = Settings.with_free_ports(tmp_path)
    settings.local_file.write_text("{}")

    assert not LocalStack(settings).running()


def test_the_code_is_packed_once_and_older_archives_go(tmp_path: Path) -> None:
    older = tmp_path / "0123.zip"
    older.write_bytes(b"")

    first = code_archive(tmp_path)
    written = first.stat().st_mtime_ns

    assert first.name == f"{sources_digest()}.zip"
    assert code_archive(tmp_path) == first
    assert first.stat().st_mtime_ns == written
    assert not older.exists()
