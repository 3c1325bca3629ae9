"""The templates of the generic adapter: values go in by the place, and nothing of a value is read as a template."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.helpdesks.generic.calling import Caller
from connectors.helpdesks.generic.placeholders import TemplateError, fill, fill_tree, names
from connectors.helpdesks.generic.settings import Settings, Template, read
from shared.errors import DeliveryError
from shared.ports.http import HttpResponse
from tests.support.desks import FIXTURES
from tests.support.providers import Provider

VALUES: dict[str, Any] = {"message.text": "hi", "desk.ticket": "12", "customer.name": None, "message.sequence": 3}


def test_values_take_the_place_of_their_names() -> None:
    assert fill("{message.text}, {{{customer.name|somebody}}} {desk.ticket}", VALUES) == "hi, {somebody} 12"


def test_a_value_that_is_not_there_is_an_error_that_names_it() -> None:
    with pytest.raises(DeliveryError, match=r"customer\.name"):
        fill("{customer.name}", VALUES)


@pytest.mark.parametrize("template", ["{", "}", "{message text}", "{Message}", "{a|{b}}", "a { b"])
def test_a_lone_brace_is_refused_with_its_place(template: str) -> None:
    with pytest.raises(TemplateError, match="character"):
        list(names(template))


def test_a_placeholder_alone_keeps_its_type_and_an_id_that_is_a_number_becomes_one() -> None:
    tree = {"ticket": "{desk.ticket}", "number": "{message.sequence}", "text": "no. {desk.ticket}", "more": [True, 1]}
    assert fill_tree(tree, VALUES) == {"ticket": 12, "number": 3, "text": "no. 12", "more": [True, 1]}


@pytest.mark.parametrize("ours", ["007", "12a", "-1", "١٢", "1e3"])
def test_an_id_that_is_not_plainly_a_number_stays_a_text(ours: str) -> None:
    assert fill_tree("{desk.ticket}", {"desk.ticket": ours}) == ours


@given(st.text(min_size=1))
def test_nothing_that_a_customer_writes_is_read_as_a_template_or_leaves_its_place(text: str) -> None:
    body, path = _sent(text.encode("utf-8", "replace").decode())
    assert json.loads(body) == {"comment": text.encode("utf-8", "replace").decode(), "public": True}
    segments = path.split("/")
    assert len(segments) == 4
    assert unquote(segments[2]) == text.encode("utf-8", "replace").decode()


def _sent(text: str) -> tuple[bytes, str]:
    """The body and the path of a call whose templates hold the text."""
    provider = Provider()

    class Client:
        def request(self, method: str, url: str, **options: Any) -> HttpResponse:
            provider.paths()
            sent.append((options["body"], url.removeprefix("https://desk.example")))
            return HttpResponse(200, {}, b"{}")

    sent: list[tuple[bytes, str]] = []
    template = Template(path="/tickets/{message.text}/x", body={"comment": "{message.text}", "public": True})
    Caller(_settings(), Client()).call(template, {"message.text": text})
    return sent[0]


def _settings() -> Settings:
    account = json.loads((FIXTURES / "generic" / "contract.json").read_text())["account"]
    return read({**account, "api_base": "https://desk.example"})
