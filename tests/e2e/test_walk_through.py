"""Given a stack that is up, when somebody pastes the walk-through of the README into a shell, then a customer is
answered."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from infra.local.stack.lifecycle import LocalStack
from tests.support.pages import page

ROOT = Path(__file__).parents[2]
PATIENT = "sleep() { command sleep 5; }\n"
"""The page waits as long as a machine takes that has nothing else to do."""

WORDS = {
    "README.md": ("Where is my parcel?", "It left today."),
    "README.zh-CN.md": ("我的包裹到哪儿了？", "今天已经发货。"),
}


@pytest.mark.parametrize("name", WORDS)
def test_the_walk_through_ends_with_the_answer_and_with_the_log(name: str, stack: LocalStack, tmp_path: Path) -> None:
    # Given: a folder in which a stack is up, and a shell in it
    (tmp_path / ".onethread").symlink_to(stack.settings.home, target_is_directory=True)
    shell = shutil.which("bash") or "bash"

    # When
    commands = page(ROOT / name).marked("walk-through")
    done = subprocess.run(
        [shell, "-eu", "-o", "pipefail", "-c", PATIENT + commands],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    # Then
    asked, answered = WORDS[name]
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-5:] == [
        f'[2,"inbound","{asked}"]',
        f'[3,"outbound","{answered}"]',
        '[1,"conversation.opened"]',
        '[2,"message.received"]',
        '[3,"message.sent"]',
    ]
