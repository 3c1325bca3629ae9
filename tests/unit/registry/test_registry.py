"""Finding connectors: a folder is a channel, and only the one that is asked for is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from connectors import registry
from shared.errors import NotFound
from shared.model.capabilities import Capabilities

ROOT = Path(__file__).parents[3]
FOLDERS = sorted(path.parent.name for path in (ROOT / "connectors" / "channels").glob("*/connector.py"))


def test_every_folder_with_a_connector_is_a_channel() -> None:
    assert registry.channels() == FOLDERS
    assert {"wechat", "webchat"} <= set(FOLDERS)


@pytest.mark.parametrize("channel", FOLDERS)
def test_a_channel_is_found_by_its_name(channel: str) -> None:
    capabilities = registry.connector(channel).capabilities
    assert isinstance(capabilities, Capabilities)
    assert capabilities.channel == channel
    assert registry.ingress(channel).body_limit >= 0
    assert registry.connector(channel) is registry.connector(channel)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "pigeon",
        "WeChat",
        "wechat.ingress",
        "..",
        "../wechat",
        "wechat/",
        "wechat\n",
        "x",
        "w" * 40,
        "__init__",
        "é",
    ],
)
def test_what_is_no_channel_is_not_found_and_nothing_is_imported_for_it(name: str) -> None:
    before = set(sys.modules)
    for find in (registry.ingress, registry.connector):
        with pytest.raises(NotFound) as refused:
            find(name)
        assert refused.value.code == "unknown_channel"
    assert not [module for module in set(sys.modules) - before if module.startswith("connectors.")]


@pytest.mark.parametrize("part", ["ingress", "connector"])
@pytest.mark.parametrize("channel", FOLDERS)
def test_only_the_channel_that_is_asked_for_is_imported(channel: str, part: str) -> None:
    program = (
        "import sys\n"
        "from connectors import registry\n"
        f"registry.{part}({channel!r})\n"
        "print(*sorted({name.split('.')[2] for name in sys.modules if name.startswith('connectors.channels.')}))\n"
        f"print('connectors.channels.{channel}.connector' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    names, whole = done.stdout.splitlines()
    assert names.split() == [channel]
    assert whole == str(part == "connector")
