"""Packages come from wherever the user's pip is set up to get them, whichever program fetches them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from infra.pip_settings import in_words_of_uv

ROOT = Path(__file__).parents[3]


def test_where_pip_looks_uv_looks() -> None:
    listed = (
        "global.index-url='https://packages.example/simple'\n"
        "global.extra-index-url='file:///srv/one/simple\\nfile:///srv/two/simple'\n"
        "global.find-links='/srv/wheels /srv/more'\n"
        "global.timeout='60'\n"
    )

    assert in_words_of_uv(listed) == {
        "UV_DEFAULT_INDEX": "https://packages.example/simple",
        "UV_INDEX": "file:///srv/one/simple file:///srv/two/simple",
        "UV_FIND_LINKS": "/srv/wheels,/srv/more",
    }


def test_the_environment_outdoes_the_section_of_the_command_and_that_the_global_one() -> None:
    lines = [":env:.cert='/c'", "install.cert='/b'", "global.cert='/a'"]

    assert in_words_of_uv("\n".join(lines)) == {"SSL_CERT_FILE": "/c"}
    assert in_words_of_uv("\n".join(lines[1:])) == {"SSL_CERT_FILE": "/b"}


def test_a_pip_without_settings_leaves_uv_as_it_is() -> None:
    assert in_words_of_uv("") == {}


def test_a_shell_reads_the_lines_as_they_were_meant(tmp_path: Path) -> None:
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = https://user:pa$$'word@packages.example/simple\n")
    environment = {"PIP_CONFIG_FILE": str(settings), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    script = f'eval "$(\'{sys.executable}\' infra/pip_settings.py)" && printf %s "$UV_DEFAULT_INDEX"'

    said = subprocess.run(
        ["sh", "-c", script], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout

    assert said == "https://user:pa$$'word@packages.example/simple"
