"""The settings of the generic adapter: the documented examples are complete, and a mistake is named with its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from tests.support.desks import FIXTURES

ROOT = Path(__file__).parents[3]


def contract_account() -> dict[str, Any]:
    account: dict[str, Any] = json.loads((FIXTURES / "generic" / "contract.json").read_text())["account"]
    account["api_base"] = "https://desk.example"
    return account


def test_the_documented_example_is_complete() -> None:
    example = json.loads((ROOT / "docs" / "helpdesks" / "django-helpdesk.json").read_text())
    assert registry.helpdesk("generic").validate(example) == []


MISTAKES: list[tuple[str, Any, str]] = [
    ("api_base", "desk.example", "api_base: it is the http(s) address"),
    ("requests.message.path", "tickets", "requests.message.path: it begins with a slash"),
    (
        "requests.message.body.body",
        "{mesage.text}",
        "requests.message.body.body: there is no value named {mesage.text}",
    ),
    ("requests.message.body.body", "{file.name}", "requests.message.body.body: there is no value named {file.name}"),
    ("requests.message.body.body", "a { brace", "requests.message.body.body: a lone { at character 3"),
    ("requests.message.id", "a..b", "requests.message.id: 'a..b': a name is missing at character 3"),
    ("requests.message.id", None, "requests.message.id: the path of the id in the answer is missing"),
    ("requests.message.find.id", None, "requests.message.find.id: the path of the id is missing"),
    ("requests.message.method", "FETCH", "requests.message.method: Invalid enum value 'FETCH'"),
    ("requests.message.boddy", {}, "requests.message: Object contains unknown field `boddy`"),
    ("requests.file.body", {"file": {"content": "x"}}, "requests.file.body: a multipart body is an object of texts"),
    ("authentication.token", None, "authentication.token: bearer needs it"),
    ("webhook.verification.secret", "short", "webhook.verification.secret: it has at least 16 characters"),
    ("webhook.verification.header", None, "webhook.verification.header: hmac needs the header"),
    ("webhook.verification.signed", ["X-Desk-Timestamp"], "webhook.verification.signed: the signature has to cover"),
    ("webhook.verification.type", "none", "webhook.verification.type: Invalid enum value 'none'"),
    ("webhook.message", None, "webhook: text and message are given both or neither"),
    ("webhook.statuses", {}, "webhook.statuses: status needs it"),
    ("webhook.ticket", "[", "webhook: '[': at character 1 stands neither [number] nor [path=path]"),
]


@pytest.mark.parametrize(("place", "value", "sentence"), MISTAKES, ids=[f"{each[0]}={each[1]}" for each in MISTAKES])
def test_a_mistake_is_named_with_its_place(place: str, value: Any, sentence: str) -> None:
    account = copy.deepcopy(contract_account())
    *parents, name = place.split(".")
    holder = account
    for parent in parents:
        holder = holder[parent]
    if value is None:
        holder.pop(name)
    else:
        holder[name] = value
    problems = registry.helpdesk("generic").validate(account)
    assert any(each.startswith(sentence) for each in problems), problems


def test_no_secret_is_shown_in_what_is_wrong() -> None:
    account = contract_account()
    account["authentication"] = {"type": "bearer", "token": 12345678901234567890}
    account["webhook"]["verification"]["secret"] = ["hidden-secret-word"]
    shown = " ".join(registry.helpdesk("generic").validate(account))
    assert "12345678901234567890" not in shown
    assert "hidden-secret-word" not in shown
