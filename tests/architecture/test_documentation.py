"""The documentation is current, hangs together, and its examples work."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from connectors import registry
from infra.documentation.pages import PAGES, TABLES, current_texts
from infra.documentation.specimens import becomes, specimens
from infra.documentation.tables import ROOT, page_of
from infra.documentation.words import WORDS, Words
from shared.errors import RequestError
from shared.model.event import EVENT_TYPES

FENCE = re.compile(r"^(?P<mark>```|~~~).*?^(?P=mark)[ ]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[[^\[\]]*\]\((?P<target>[^()\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *#*$", re.MULTILINE)
NAMED_FILE = re.compile(r"^\*\*`(?P<path>[^`]+)`\*\*\n\n```[a-z]+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
IN_BOTH_LANGUAGES = (
    "README.md",
    "docs/consuming.md",
    "docs/channels.md",
    "docs/parts.md",
    "docs/deploying.md",
    "docs/api.md",
    "docs/events.md",
)


@cache
def pages() -> list[Path]:
    """Every Markdown page of ours, committed or not."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return sorted({ROOT / name for name in listed if name and (ROOT / name).is_file()})


def prose(page: Path) -> str:
    """The page without code, in which brackets mean something else."""
    return CODE.sub("", FENCE.sub("", page.read_text("utf-8")))


@cache
def anchors(page: Path) -> frozenset[str]:
    """What one can link to in a page, as GitHub names it: lower case, no punctuation, hyphens for spaces."""
    found: set[str] = set()
    for heading in HEADING.finditer(FENCE.sub("", page.read_text("utf-8"))):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading["text"]).replace("`", "")
        name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = 0
        while f"{name}-{number}" if number else name in found:
            number += 1
        found.add(f"{name}-{number}" if number else name)
    return frozenset(found)


def broken_links(page: Path) -> Iterator[str]:
    for link in LINK.finditer(prose(page)):
        path, _, fragment = unquote(link["target"]).partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f"{link['target']}: there is no such file"
        elif fragment and fragment not in anchors(target):
            yield f"{link['target']}: there is no such heading"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_generated_tables_and_pictures_are_current() -> None:
    """Run ``python -m infra.documentation`` when this fails."""
    assert [path.name for path, text in current_texts().items() if path.read_text("utf-8") != text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_a_page_with_generated_tables_has_the_table_that_it_is_for(page: Any) -> None:
    first = {"docs/parts": "rendering", "docs/api": "routes", "docs/events": "events"}
    table = first.get(page.path.partition(".")[0], "channels")
    assert f"<!-- generated: {table} -->\n\n|" in (ROOT / page.path).read_text("utf-8")


def test_every_table_is_on_a_page_in_both_languages() -> None:
    texts = {page.path: (ROOT / page.path).read_text("utf-8") for page in PAGES}
    for name in TABLES:
        languages = {page.language for page in PAGES if f"<!-- generated: {name} -->" in texts[page.path]}
        assert languages == set(WORDS), name


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_every_loss_that_is_explained_happens_to_a_specimen_or_is_the_attachments_of_mail(words: Words) -> None:
    lost = {name for channel in registry.channels() for each in specimens() for name in becomes(channel, each.part)[1]}
    assert set(words.lost) - lost <= {"attachment"}


@pytest.mark.parametrize("channel", registry.channels())
def test_every_channel_has_a_page_in_both_languages(channel: str) -> None:
    assert page_of(channel, "en").is_file()
    assert page_of(channel, "zh-CN").is_file()


@pytest.mark.parametrize("name", IN_BOTH_LANGUAGES)
def test_a_page_that_is_promised_in_both_languages_is_there_and_links_the_other(name: str) -> None:
    english, chinese = ROOT / name, (ROOT / name).with_suffix(".zh-CN.md")
    assert f"]({chinese.name})" in english.read_text("utf-8")
    assert f"]({english.name})" in chinese.read_text("utf-8")


def test_the_walk_through_is_the_same_in_both_languages() -> None:
    def commands(name: str) -> list[str]:
        lines = marked("walk-through", ROOT / name).splitlines()
        return [re.sub(r'"text": "[^"]*"', "", line) for line in lines if line.strip() and not line.startswith("#")]

    assert commands("README.md") == commands("README.zh-CN.md")


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


def marked(name: str, page: Path) -> str:
    """The code that follows the comment ``<!-- tested: name -->``."""
    found = re.search(rf"<!-- tested: {name} -->\n```[a-z]+\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def _consumer() -> Callable[..., None]:
    names: dict[str, Any] = {"json": json}
    exec(compile(marked("consumer", ROOT / "docs/events.md"), "docs/events.md", "exec"), names)
    consume: Callable[..., None] = names["consume"]
    return consume


def _subclasses(kind: type[RequestError]) -> Iterator[type[RequestError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)
