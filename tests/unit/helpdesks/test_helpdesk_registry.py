"""Finding helpdesks: a folder with an adapter is one, and only the one that is asked for is imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors import registry
from shared.errors import NotFound

ROOT = Path(__file__).parents[3]
FOLDERS = sorted(path.parent.name for path in (ROOT / "connectors" / "helpdesks").glob("*/adapter.py"))


def test_every_folder_with_an_adapter_is_a_helpdesk() -> None:
    assert registry.helpdesks() == FOLDERS
    assert "generic" in FOLDERS


@pytest.mark.parametrize("name", FOLDERS)
def test_a_helpdesk_is_found_by_its_name(name: str) -> None:
    assert registry.helpdesk(name) is registry.helpdesk(name)
    assert registry.helpdesk_ingress(name).body_limit > 0


@pytest.mark.parametrize("name", ["", "pigeon", "Generic", "generic.ingress", "../channels", "generic/", "wechat"])
def test_what_is_no_helpdesk_is_not_found(name: str) -> None:
    for find in (registry.helpdesk, registry.helpdesk_ingress):
        with pytest.raises(NotFound) as refused:
            find(name)
        assert refused.value.code == "unknown_helpdesk"
