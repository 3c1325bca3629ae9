"""Our own code on its way to Lambda: what a bundle holds, and that equal sources make equal bytes."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from infra.packaging.archive import archive
from infra.packaging.bundle import FUNCTIONS, OWN_PACKAGES, copy_own
from infra.packaging.bytecode import compile_folder
from infra.packaging.libraries import ROOT

UNCHECKED_HASH = 0b01
"""PEP 552: bit 0 says that the file is found by hash, bit 1 that the hash is checked."""


def flags(compiled: Path) -> int:
    return int.from_bytes(compiled.read_bytes()[4:8], "little")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_bundle_has_its_own_function_and_none_of_the_others(tmp_path: Path, function: str) -> None:
    copy_own(tmp_path, function)

    modules = {path.relative_to(tmp_path / "functions").parts[0] for path in (tmp_path / "functions").rglob("*.py")}
    assert {name.removesuffix(".py") for name in modules} & set(FUNCTIONS) == {function}
    assert {"__init__.py", "bootstrap"} <= modules


def test_every_function_of_the_folder_is_known() -> None:
    shared_by_all = {"__init__", "bootstrap", "attention", "batches", "telemetry", "lines"}
    found = {
        path.name.removesuffix(".py") for path in (ROOT / "functions").iterdir() if not path.name.startswith("__p")
    }

    assert found - shared_by_all == set(FUNCTIONS)


def test_a_bundle_has_all_shared_packages_and_no_compiled_leftovers(tmp_path: Path) -> None:
    copy_own(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == set(OWN_PACKAGES)
    assert (tmp_path / "shared/core/ingest.py").is_file()
    assert (tmp_path / "connectors/registry.py").is_file()
    assert not list(tmp_path.rglob("__pycache__"))


def test_the_widget_is_in_the_chat_function_as_it_was_built_and_its_sources_are_nowhere(tmp_path: Path) -> None:
    widget = "connectors/channels/webchat/widget"
    for function in FUNCTIONS:
        copy_own(tmp_path / function, function)
        files = {path.name for path in (tmp_path / function / widget).rglob("*") if path.is_file()}

        assert files == ({"widget.js"} if function == "chat" else set()), function


def test_compiled_modules_are_loaded_without_looking_at_their_source(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package/module.py").write_text("answer = 42\n")

    assert compile_folder(tmp_path, _this_python())

    (compiled,) = (tmp_path / "package/__pycache__").glob("module.*.pyc")
    assert flags(compiled) == UNCHECKED_HASH


def test_compiled_modules_do_not_know_where_they_were_built(tmp_path: Path) -> None:
    written = []
    for folder in (tmp_path / "here", tmp_path / "somewhere/else"):
        folder.mkdir(parents=True)
        (folder / "module.py").write_text("def answer():\n    return 42\n")
        compile_folder(folder, _this_python())
        written.append(next(folder.rglob("*.pyc")).read_bytes())

    assert written[0] == written[1]
    assert b"/var/task/module.py" in written[0]


def test_a_missing_compiler_is_said_and_leaves_the_sources(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "module.py").write_text("answer = 42\n")

    assert not compile_folder(tmp_path, "3.99")

    assert "no python3.99" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["module.py"]


def test_an_archive_depends_on_names_and_content_alone(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, names in ((first, ("a", "b")), (second, ("b", "a"))):
        folder.mkdir()
        for name in names:
            (folder / name).write_text(f"content of {name}")

    assert archive(first) == archive(second)
    (second / "b").write_text("changed")
    assert archive(first) != archive(second)


def test_an_archive_can_be_read_by_the_user_that_lambda_runs_as(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("")
    (tmp_path / "module.py").chmod(0o600)

    with zipfile.ZipFile(BytesIO(archive(tmp_path))) as file:
        modes = {entry.filename: entry.external_attr >> 16 for entry in file.infolist()}

    assert modes == {"module.py": 0o644}


def _this_python() -> str:
    import sys

    return f"{sys.version_info.major}.{sys.version_info.minor}"
