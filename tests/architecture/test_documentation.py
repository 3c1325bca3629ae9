"""The documentation is current, hangs together, and its examples work."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from infra.documentation import measured
from infra.documentation.pages import PAGES, TABLES, current_texts
from infra.documentation.specimens import becomes, specimens
from infra.documentation.tables import ROOT, page_of
from infra.documentation.words import WORDS, Words
from shared.errors import RequestError
from shared.model.event import EVENT_TYPES
from tests.support.pages import page, pages

NAMED_FILE = re.compile(r"^\*\*`(?P<path>[^`]+)`\*\*\n\n```[a-z]+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURE = re.compile(r"(?<![\d.])\d+\.\d\d(?!\d)")


def broken_links(path: Path) -> Iterator[str]:
    for there, anchor in page(path).links:
        if re.match(r"[a-z]+:", there):
            continue
        target = (path.parent / there).resolve() if there else path
        if not target.exists():
            yield f"{there}: there is no such file"
        elif anchor and anchor not in page(target).anchors:
            yield f"{there}#{anchor}: there is no such heading"


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert list(broken_links(path)) == []


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_list_of_what_is_on_a_page_leaves_nothing_out(path: Path) -> None:
    whole = page(path)
    listed = {anchor for there, anchor in whole.links_before_the_first_section if not there}
    sections = {anchor for anchor, level in zip(whole.anchors, whole.levels, strict=True) if level == 2}
    assert not listed or sorted(sections - listed) == []


def test_generated_tables_and_pictures_are_current() -> None:
    """Run ``python -m infra.documentation`` when this fails."""
    assert [path.name for path, text in current_texts().items() if path.read_text("utf-8") != text] == []


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.path)
def test_a_page_with_generated_tables_has_the_table_that_it_is_for(each: Any) -> None:
    first = {
        "docs/parts": "rendering",
        "docs/api": "routes",
        "docs/events": "events",
        "docs/command-line": "commands",
    }
    table = first.get(each.path.partition(".")[0], "channels")
    assert f"<!-- generated: {table} -->\n\n|" in (ROOT / each.path).read_text("utf-8")


def test_what_was_measured_is_copied_from_the_english_page_to_the_chinese_one(tmp_path: Path) -> None:
    source = tmp_path / measured.SOURCE
    source.parent.mkdir(parents=True)
    source.write_text("Measured.\n\n<!-- measured -->\n9 ms\n<!-- end of measured -->\n", "utf-8")
    page = "实测。\n\n<!-- measured -->\n8 ms\n<!-- end of measured -->\n"
    assert measured.with_measured(page, tmp_path) == page.replace("8 ms", "9 ms")
    source.write_text("Measured.\n", "utf-8")
    with pytest.raises(ValueError, match="no block"):
        measured.with_measured(page, tmp_path)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_what_the_readme_says_was_measured_is_on_the_page_of_numbers(name: str) -> None:
    """Figures with two decimals are as they were printed; rounder ones are rounded."""
    section = re.search(
        r"^## (?:Performance|性能)$.*?(?=^## )", (ROOT / name).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert section is not None
    rows = [row for row in section[0].splitlines() if row.startswith("|")]
    measured_there = [figure for row in rows for figure in FIGURE.findall(row.rstrip("| ").rpartition("|")[2])]
    assert len(measured_there) > 8
    printed = FIGURE.findall((ROOT / measured.SOURCE).read_text("utf-8"))
    assert sorted(set(measured_there) - set(printed)) == []


def test_every_table_is_on_a_page_in_both_languages() -> None:
    texts = {each.path: (ROOT / each.path).read_text("utf-8") for each in PAGES}
    for name in TABLES:
        languages = {each.language for each in PAGES if f"<!-- generated: {name} -->" in texts[each.path]}
        assert languages == set(WORDS), name


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_every_loss_that_is_explained_happens_to_a_specimen_or_is_the_attachments_of_mail(words: Words) -> None:
    lost = {name for channel in registry.channels() for each in specimens() for name in becomes(channel, each.part)[1]}
    assert set(words.lost) - lost <= {"attachment"}


@pytest.mark.parametrize("channel", registry.channels())
def test_every_channel_has_a_page_in_both_languages(channel: str) -> None:
    assert page_of(channel, "en").is_file()
    assert page_of(channel, "zh-CN").is_file()


def test_every_event_type_is_explained() -> None:
    text = (ROOT / "docs/events.md").read_text("utf-8")
    assert [kind for kind in EVENT_TYPES if f"`{kind}`" not in text] == []


def test_every_error_code_of_the_api_is_explained() -> None:
    """Codes of channels are on the pages of the channels."""
    text = (ROOT / "docs/api.md").read_text("utf-8")
    names = "|".join(each.__name__ for each in _subclasses(RequestError))
    code = re.compile(rf"\b(?:{names})\(\s*\"([a-z_]+)\"|problem_of\(\d+, \"([a-z_]+)\"")
    sources = [*(ROOT / "functions/api").glob("*.py"), *(ROOT / "shared/core").glob("*.py")]
    used = {name for source in sources for found in code.findall(source.read_text("utf-8")) for name in found if name}
    assert len(used) > 20
    assert sorted(name for name in used if f"`{name}`" not in text) == []


def test_the_example_of_a_new_channel_passes_the_contract_suite(tmp_path: Path) -> None:
    for folder in ("connectors", "shared", "infra/documentation", "tests/contract", "tests/fixtures", "tests/support"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    files = list(NAMED_FILE.finditer((ROOT / "docs/adding-a-channel.md").read_text("utf-8")))
    for file in files:
        path = tmp_path / file["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file["text"], "utf-8")
    # The suite of helpdesks stands on stand-ins that a channel knows nothing of.
    others = "--ignore=tests/contract/helpdesks"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "pigeon", others, "tests/contract"]
    done = subprocess.run(
        [*command, f"--rootdir={tmp_path}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert len(files) == 9
    assert done.returncode == 0, done.stdout[-3000:]


class Queue:
    """A queue of events, as boto3 shows one."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self.messages = [{"Body": json.dumps(event), "ReceiptHandle": str(n)} for n, event in enumerate(events)]
        self.deleted: list[str] = []

    def receive_message(self, **_: Any) -> dict[str, Any]:
        return {"Messages": self.messages}

    def delete_message(self, **sent: Any) -> None:
        self.deleted.append(sent["ReceiptHandle"])


def test_the_example_of_a_consumer_handles_every_entry_once_and_in_order() -> None:
    log = [{"sequence": n, "previous_sequence": n - 1, "subject": "conv_1", "data": {}} for n in range(1, 8)]
    receipt = {"subject": "conv_1", "data": {"status": "sent"}}
    # Given: the second comes twice, the fourth never does, the sixth is too large for the stream.
    too_large = {name: value for name, value in log[5].items() if name != "data"}
    queue = Queue(log[0], log[1], log[1], receipt, log[2], log[4], too_large, log[6])
    seen: dict[str, int] = {}
    handled: list[dict[str, Any]] = []

    # When
    consume = _consumer()
    consume(queue, "https://queue", seen, lambda conversation, after: log[after:6], handled.append)

    # Then
    assert [each["sequence"] for each in handled if "sequence" in each] == [1, 2, 3, 4, 5, 6, 7]
    assert handled.count(receipt) == 1
    assert seen == {"conv_1": 7}
    assert len(queue.deleted) == 8


def _consumer() -> Callable[..., None]:
    names: dict[str, Any] = {"json": json}
    exec(compile(page(ROOT / "docs/events.md").marked("consumer"), "docs/events.md", "exec"), names)
    consume: Callable[..., None] = names["consume"]
    return consume


def _subclasses(kind: type[RequestError]) -> Iterator[type[RequestError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)
