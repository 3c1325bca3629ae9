"""The pages as they are committed: what their sources make, within their budget, with the tools that the lock names."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator

import pytest

from infra.frontend import build
from infra.frontend.toolchain import ROOT, ToolchainError, install, run_node

WIDGET = ROOT / "connectors/channels/webchat/widget"
BUDGET = 15_000
"""Bytes of the whole widget as browsers fetch it: script, styles, both languages, pictures."""


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    install()


def strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from strings(each)
        case list():
            for each in value:
                yield from strings(each)


def test_the_committed_pages_are_what_their_sources_make() -> None:
    """Run ``python -m infra.frontend`` when this fails."""
    assert build.outdated_files() == []


def test_a_change_of_a_source_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_built_files", lambda root: {"widget.js": b"old" if root == ROOT else b"new"})
    assert build.outdated_files() == ["widget.js"]


def test_the_widget_is_within_its_budget() -> None:
    size = len(gzip.compress((WIDGET / "dist/widget.js").read_bytes(), 9))
    print(f"widget.js: {size} of {BUDGET} bytes")
    assert size <= BUDGET


def test_the_widget_has_no_way_to_turn_text_into_code_or_markup() -> None:
    built = (WIDGET / "dist/widget.js").read_text("utf-8")
    to_markup = "innerHTML|outerHTML|insertAdjacentHTML|document.write|DOMParser|srcdoc|createContextualFragment"
    assert re.findall(rf"{to_markup}|\beval\(|\bFunction\(|setAttribute\(\"style", built) == []
    assert re.findall(r"https?://[\w.-]+", built) == ["http://www.w3.org", "https://www.openstreetmap.org"]


def test_both_languages_have_the_same_texts_with_the_same_gaps() -> None:
    def texts(name: str) -> dict[str, list[str]]:
        source = (WIDGET / f"source/texts/{name}.ts").read_text("utf-8")
        return {
            key: sorted(re.findall(r"\{\w+\}", text)) for key, text in re.findall(r"^  (\w+): \"(.*)\",$", source, re.M)
        }

    assert texts("english") == texts("chinese")
    assert len(texts("english")) > 30


@pytest.mark.parametrize("code", json.loads((ROOT / "tests/fixtures/webchat/qr_codes.json").read_text("utf-8")))
def test_qr_codes_are_those_that_a_reader_of_others_has_read(code: dict[str, object]) -> None:
    program = (
        f"import {{ qrCode }} from {json.dumps(str(WIDGET / 'source/qr.ts'))};"
        f"console.log(JSON.stringify(qrCode({json.dumps(code['text'])}).map(row => row.map(Number).join(''))))"
    )
    assert json.loads(run_node("--input-type=module", "--eval", program)) == code["rows"]


def test_a_text_that_is_too_long_has_no_qr_code() -> None:
    program = (
        f"import {{ qrCode }} from {json.dumps(str(WIDGET / 'source/qr.ts'))}; console.log(qrCode('x'.repeat(135)))"
    )
    assert run_node("--input-type=module", "--eval", program) == "undefined\n"


def test_the_lock_names_no_registry_and_pins_every_package() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert lock["lockfileVersion"] == 3
    assert [name for name, each in packages.items() if "resolved" in each or "integrity" not in each] == []
    assert [text for text in strings(packages) if "registry" in text] == []


def test_a_tool_that_fails_says_what_it_said() -> None:
    with pytest.raises(ToolchainError, match="no such thing"):
        run_node("--eval", "throw new Error('no such thing')")
