"""Where the local stack is: from the environment, and apart from its neighbours."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.local.stack.settings import Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ONETHREAD_HOME", "ONETHREAD_PORT", "ONETHREAD_AWS_PORT", "ONETHREAD_SMTP_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_without_settings_it_is_at_home_on_the_known_ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    settings = Settings.from_environment()

    assert settings.home == tmp_path / ".onethread"
    assert settings.url == "http://127.0.0.1:8700"
    assert settings.aws_url == "http://127.0.0.1:4570"
    assert settings.smtp_port == 8725
    assert settings.providers_url == "http://127.0.0.1:8700/providers"


def test_the_environment_moves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHREAD_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("ONETHREAD_PORT", "9700")
    monkeypatch.setenv("ONETHREAD_AWS_PORT", "9570")
    monkeypatch.setenv("ONETHREAD_SMTP_PORT", "9725")

    settings = Settings.from_environment()

    assert settings == Settings(home=tmp_path / "other", port=9700, aws_port=9570, smtp_port=9725)
    assert settings.local_file == tmp_path / "other/local.json"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "87 00"])
def test_a_port_that_is_none_is_refused_by_name(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONETHREAD_AWS_PORT", port)

    with pytest.raises(ValueError, match="ONETHREAD_AWS_PORT"):
        Settings.from_environment()


def test_free_ports_are_three_different_ones(tmp_path: Path) -> None:
    settings = Settings.with_free_ports(tmp_path)

    assert len({settings.port, settings.aws_port, settings.smtp_port, 0}) == 4
