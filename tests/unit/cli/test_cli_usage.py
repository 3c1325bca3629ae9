"""How the command line takes words, and how it says that something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.cli import schema as schema_command
from infra.cli.main import build_parser
from infra.cli.output import printable
from infra.cli.parser import parse
from shared.model.schema import names
from tests.unit.cli.stage import Result, Stack

Run = Callable[..., Result]

COMMANDS = [
    ("channel", "set"),
    ("channel", "list"),
    ("channel", "check"),
    ("channel", "remove"),
    ("key", "create"),
    ("key", "list"),
    ("key", "revoke"),
    ("dlq", "list"),
    ("dlq", "show"),
    ("dlq", "redrive"),
    ("schema",),
    ("openapi",),
    ("asyncapi",),
    ("tail",),
    ("send",),
]


WITHOUT_A_STACK = [("schema",), ("openapi",), ("asyncapi",)]


@pytest.mark.parametrize("words", [(), *COMMANDS], ids=" ".join)
def test_every_command_has_a_help_text_with_examples(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(build_parser(), [*words, "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"  onethread {'' if words in WITHOUT_A_STACK else '--'}" in text.partition("examples:")[2]
    assert " ".join(words) in text.partition("examples:")[2]


def test_help_loads_neither_aws_nor_the_schema() -> None:
    loaded = "[name for name in ('boto3', 'msgspec') if name in sys.modules]"
    probe = f"import sys, infra.cli.main as m; m.build_parser(); print({loaded})"
    root = Path(__file__).parents[3]
    found = subprocess.run([sys.executable, "-c", probe], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "the following arguments are required: command"),
        (("channel",), "the following arguments are required: command"),
        (("nonsense",), "invalid choice: 'nonsense'"),
        (("channel", "list"), "which stack? give --local, or --stack NAME"),
        (("--local", "--stack", "shop", "channel", "list"), "--local and --stack exclude each other"),
        (("--local", "dlq", "show", "inbound", "--limit", "0"), "'0' is not a whole number above 0"),
        (("--local", "dlq", "redrive", "inbound", "--rate", "nan"), "'nan' is not a number above 0"),
        (("--local", "dlq", "show", "elsewhere"), "invalid choice: 'elsewhere'"),
        (("--local", "key", "create"), "the following arguments are required: --name"),
        (("--local", "key", "create", "--name", "a", "--scope", "all"), "invalid choice: 'all'"),
        (("--local", "channel", "list", "more"), "unrecognized arguments: more"),
        (
            ("--local", "channel", "set", "webchat", "main", "--unset", "a", "--wrong=x"),
            "unrecognized arguments: --wrong",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(run: Run, words: tuple[str, ...], complaint: str) -> None:
    result = run(*words)
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith("onethread: ")
    assert complaint in result.err
    assert len(result.err.splitlines()) == 1


def test_with_json_wrong_usage_is_json_as_well(run: Run) -> None:
    result = run("channel", "list", "--json", "--nonsense")
    assert result.code == 2
    assert result.error["code"] == "usage"
    assert "--nonsense" in result.error["message"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_options_of_every_command_may_stand_anywhere(place: int) -> None:
    words = ["channel", "list"]
    words[place:place] = ["--stack", "shop", "--json"]
    arguments = parse(build_parser(), words)
    assert (arguments.stack, arguments.json, arguments.local) == ("shop", True, False)


def test_settings_may_stand_before_and_after_an_option() -> None:
    words = ["channel", "set", "webchat", "main", "a=1", "--unset", "b", "c=-", "--local", "d=2"]
    arguments = parse(build_parser(), words)
    assert (arguments.settings, arguments.unset, arguments.local) == (["a=1", "c=-", "d=2"], ["b"], True)


def test_without_a_local_stack_it_says_what_to_do(run: Run) -> None:
    result = run("--local", "key", "list")
    assert result.code == 1
    assert "run make up first" in result.err
    assert run("--local", "--json", "key", "list").error["code"] == "not_running"


def test_a_local_file_that_cannot_be_read_is_said_so(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "home" / "local.json"
    path.parent.mkdir()
    path.write_text('{"url": "http://127.0.0.1:1"}')
    assert run("--local", "--json", "key", "list").error["code"] == "bad_local_file"


def test_a_stack_that_is_not_there_is_named(run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.endpoint_url)
    result = run("--stack", "elsewhere", "--region", "eu-west-1", "dlq", "list")
    assert result.code == 1
    assert result.err == "onethread: there is no stack elsewhere in eu-west-1\n"


def test_a_stack_in_aws_is_found_by_its_outputs(run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.endpoint_url)
    result = run("--stack", "shop", "--json", "key", "list")
    assert (result.code, result.json) == (0, {"items": []})


def test_without_a_region_it_asks_for_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert run("--stack", "shop", "--json", "dlq", "list").error["code"] == "no_region"


def test_an_unknown_profile_is_one_line(run: Run) -> None:
    result = run("--stack", "shop", "--profile", "nobody", "dlq", "list")
    assert result.code == 1
    assert "nobody" in result.err
    assert len(result.err.splitlines()) == 1


def test_an_error_of_aws_is_one_line_with_its_code(run: Run, stack: Stack) -> None:
    stack.sqs.delete_queue(QueueUrl=stack.outputs["InboundDeadLetterQueueUrl"])
    result = run("--local", "--json", "dlq", "list")
    assert result.code == 1
    assert "NonExistentQueue" in result.error["code"] or "QueueDoesNotExist" in result.error["code"]


def test_what_nobody_expected_is_named_by_its_place_without_its_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(arguments: object, output: object) -> int:
        raise LookupError("a secret")

    monkeypatch.setattr(schema_command, "_schema", broken)
    result = run("schema")
    assert result.code == 1
    assert "unexpected LookupError at test_cli_usage.py:" in result.err
    assert "secret" not in result.err
    assert "Traceback" not in result.err


def test_a_reader_that_goes_away_is_no_error() -> None:
    root = Path(__file__).parents[3]
    reading, writing = os.pipe()
    os.close(reading)
    found = subprocess.run(
        [sys.executable, "-m", "infra.cli.main", "schema"],
        cwd=root,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (found.returncode, found.stderr) == (1, b"")


def test_control_characters_never_reach_the_terminal() -> None:
    assert printable("a\x1b[2Jb\r\nc\u202ed") == "a [2Jb  c d"
    assert printable("收到，谢谢 👍") == "收到，谢谢 👍"


def test_the_schema_is_printed_whole_or_by_type(run: Run) -> None:
    assert list(json.loads(run("schema").out)["types"]) == list(names())
    for name in names():
        document = run("schema", "--type", name, "--json").json
        assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert document["$defs"]


def test_a_type_that_is_not_published_is_wrong_usage(run: Run) -> None:
    result = run("schema", "--type", "event.message.invented")
    assert result.code == 2
    assert "there is no type 'event.message.invented'; there are message, part," in result.err
