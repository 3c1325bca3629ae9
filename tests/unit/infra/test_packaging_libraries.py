"""A requirement set on its way to Lambda: installed once, for the target, from wheels, without what never runs."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from infra.packaging.libraries import PackagingError, libraries
from infra.packaging.target import Target

TARGET = Target("arm64", "3.13")
FILES = {
    "sample/__init__.py": "answer = 42\n",
    "sample/py.typed": "",
    "sample/__init__.pyi": "answer: int\n",
    "sample/tests/test_sample.py": "raise AssertionError\n",
    "sample-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n",
    "sample-1.0.dist-info/licenses/LICENSE": "free to use\n",
    "sample-1.0.dist-info/top_level.txt": "sample\n",
}


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, which is all that pip can see."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)
    return folder


def add_wheel(folder: Path, tag: str) -> Path:
    wheel = folder / f"sample-1.0-{tag}.whl"
    information = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n"
    with zipfile.ZipFile(wheel, "w") as file:
        for name, text in {**FILES, "sample-1.0.dist-info/WHEEL": information, "sample/tag.txt": tag}.items():
            file.writestr(name, text)
        listed = [*FILES, "sample/tag.txt", "sample-1.0.dist-info/WHEEL", "sample-1.0.dist-info/RECORD"]
        file.writestr("sample-1.0.dist-info/RECORD", "".join(f"{name},,\n" for name in listed))
    return wheel


def requirements(folder: Path, *wheels: Path) -> Path:
    hashes = [f"--hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}" for wheel in wheels]
    file = folder / "sample.txt"
    file.write_text(f"sample==1.0 {' '.join(hashes)}\n")
    return file


def test_wheels_are_chosen_for_the_target_and_not_for_this_machine(tmp_path: Path, wheels: Path) -> None:
    ours = add_wheel(wheels, "cp313-cp313-manylinux2014_aarch64")
    other = add_wheel(wheels, "cp313-cp313-manylinux2014_x86_64")
    file = requirements(tmp_path, ours, other)

    folder = libraries(file, TARGET, tmp_path / "cache")

    assert (folder / "sample/tag.txt").read_text() == "cp313-cp313-manylinux2014_aarch64"


def test_what_never_runs_is_left_out_and_licences_stay(tmp_path: Path, wheels: Path) -> None:
    file = requirements(tmp_path, add_wheel(wheels, "py3-none-any"))

    folder = libraries(file, TARGET, tmp_path / "cache")

    kept = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file()
    }
    assert kept == {
        "sample/__init__.py",
        "sample/py.typed",
        "sample/tag.txt",
        "sample-1.0.dist-info/METADATA",
        "sample-1.0.dist-info/licenses/LICENSE",
    }


def test_a_set_is_installed_once(tmp_path: Path, wheels: Path) -> None:
    wheel = add_wheel(wheels, "py3-none-any")
    file = requirements(tmp_path, wheel)

    first = libraries(file, TARGET, tmp_path / "cache")
    wheel.unlink()

    assert libraries(file, TARGET, tmp_path / "cache") == first


def test_a_changed_set_is_installed_anew(tmp_path: Path, wheels: Path) -> None:
    file = requirements(tmp_path, add_wheel(wheels, "py3-none-any"))
    first = libraries(file, TARGET, tmp_path / "cache")
    file.write_text(f"# a comment\n{file.read_text()}")

    assert libraries(file, TARGET, tmp_path / "cache") != first
    assert libraries(file, Target("x86_64", "3.13"), tmp_path / "cache") != first


def test_a_file_with_another_hash_is_refused_and_nothing_is_left_behind(tmp_path: Path, wheels: Path) -> None:
    wheel = add_wheel(wheels, "py3-none-any")
    file = requirements(tmp_path, wheel)
    wheel.write_bytes(wheel.read_bytes() + b"\0")

    with pytest.raises(PackagingError, match=r"sample\.txt for python3\.13-arm64"):
        libraries(file, TARGET, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_a_library_that_would_have_to_be_compiled_is_refused(tmp_path: Path, wheels: Path) -> None:
    file = requirements(tmp_path, add_wheel(wheels, "cp313-cp313-macosx_11_0_arm64"))

    with pytest.raises(PackagingError):
        libraries(file, TARGET, tmp_path / "cache")
