"""What one can set, call or run into is on the page for it, in both languages: commands and their options, parameters,
outputs, variables, alarms, queues and error codes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from functions.api.contract.problems import PROBLEMS
from infra.cli.dead_letters import QUEUES
from infra.cli.main import build_parser
from infra.documentation import interface_words
from infra.documentation.commands import CHINESE, commands
from infra.documentation.remedies import REMEDIES
from infra.documentation.tables import ROOT
from infra.local.stack.template import read_template
from tests.support.pages import page, twin

PROGRAMS = ("bench", "connectors", "examples", "functions", "infra", "shared", "tests")
VARIABLE = re.compile(r"\bONETHREAD_[A-Z_]+")
CODE = re.compile(r"```.*?```|`[^`\n]+`|^ {4}.+$", re.DOTALL | re.MULTILINE)

in_both_languages = pytest.mark.parametrize("language", ["en", "zh-CN"])


def missing(names: Iterable[str], name: str, language: str) -> list[str]:
    """The names that a page does not have: as a whole, in code."""
    path = ROOT / name
    code = "\n".join(CODE.findall(page(path if language == "en" else twin(path)).text))
    return sorted(each for each in set(names) if not re.search(rf"(?<![\w-]){re.escape(each)}(?![\w-])", code))


def variables_of_functions() -> set[str]:
    template = read_template(ROOT / "template.yaml")
    functions = [each["Properties"] for each in template["Resources"].values() if "Environment" in each["Properties"]]
    owners = [template["Globals"]["Function"], *functions]
    return {name for each in owners for name in each["Environment"]["Variables"]}


def variables_of_programs() -> set[str]:
    files = [
        path for folder in PROGRAMS for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".sh", ".mjs"}
    ]
    return {name for path in [ROOT / "Makefile", *files] for name in VARIABLE.findall(path.read_text("utf-8"))}


@in_both_languages
def test_every_command_and_every_option_is_on_the_page_of_the_command_line(language: str) -> None:
    parsers = dict(commands(build_parser()))
    options = {option for each in parsers.values() for option in each._option_string_actions} - {"-h"}
    assert {"channel set", "subscription rotate", "send"} <= set(parsers)
    assert {"--reveal", "--expire-previous-after", "--stack"} <= options
    assert missing([*parsers, *options], "docs/command-line.md", language) == []


def test_what_each_command_does_is_said_in_chinese() -> None:
    assert set(CHINESE) == {name for name, _ in commands(build_parser())}


@in_both_languages
def test_every_queue_of_what_was_set_aside_is_on_the_page_of_the_command_line(language: str) -> None:
    assert missing(QUEUES, "docs/command-line.md", language) == []


@in_both_languages
def test_every_parameter_of_the_template_is_on_the_page_of_deploying(language: str) -> None:
    assert missing(read_template(ROOT / "template.yaml")["Parameters"], "docs/deploying.md", language) == []


@in_both_languages
def test_every_output_of_the_template_but_the_queues_is_on_the_page_of_deploying(language: str) -> None:
    outputs = {name for name in read_template(ROOT / "template.yaml")["Outputs"] if not name.endswith("QueueUrl")}
    assert {"Url", "MailTopicArn"} <= outputs
    assert missing(outputs, "docs/deploying.md", language) == []


@in_both_languages
def test_every_variable_of_the_environment_is_on_the_page_of_deploying(language: str) -> None:
    ours, theirs = variables_of_programs(), variables_of_functions()
    assert "ONETHREAD_HOME" in ours
    assert {"TABLE_NAME", "POWERTOOLS_LOG_LEVEL"} <= theirs
    assert missing(ours | theirs, "docs/deploying.md", language) == []


@in_both_languages
def test_every_alarm_is_in_the_runbook(language: str) -> None:
    resources = read_template(ROOT / "infra/alarms.yaml")["Resources"].values()
    alarms = [each["Properties"]["AlarmName"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]
    names = [re.sub(r".*\$\{Prefix\}-", "", str(each["Fn::Sub"])) for each in alarms]
    assert "dead-letters" in names
    assert missing(names, "docs/runbook.md", language) == []


def test_every_refusal_of_the_interface_is_explained_in_chinese_and_has_one_remedy() -> None:
    """The table itself, on the page of the API, is generated and tested to be current."""
    assert list(interface_words.PROBLEMS) == list(PROBLEMS)
    assert sorted(problem for each in REMEDIES for problem in each.problems) == sorted(PROBLEMS)


def test_a_name_that_is_part_of_another_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "page.md").write_text("`--since TIME` and `MailDays`, in code; --file in prose only.\n", "utf-8")
    assert missing(["--since", "Days", "MailDays", "--file"], "page.md", "en") == ["--file", "Days"]
