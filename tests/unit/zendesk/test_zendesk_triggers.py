"""Given the page that people follow when they set Zendesk up, then the triggers that it writes out are those of its
file, and an agent's doing is carried out whatever order their webhooks come in."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desks import Connected, StandIn, eventually, stand_in

PAGES = Path(__file__).parents[3] / "docs" / "helpdesks"
TRIGGERS = json.loads((PAGES / "zendesk-triggers.json").read_bytes())["triggers"]
BODIES = {each["title"].removeprefix("onethread: "): each["actions"][0]["value"][1] for each in TRIGGERS}


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with stand_in("zendesk") as running:
        yield running


@pytest.mark.parametrize("page", ["zendesk.md", "zendesk.zh-CN.md"])
def test_the_body_that_a_page_shows_is_that_of_the_file(page: str) -> None:
    (shown,) = re.findall(r"^ +```\n(.*?)^ +```$", (PAGES / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert "".join(shown.split()) == "".join(BODIES["answer"].split())


@pytest.mark.parametrize("status", ["open", "pending", "solved"])
def test_the_body_of_a_status_begins_with_it(status: str) -> None:
    assert BODIES[status] == BODIES["answer"].replace("{", f'{{"status": "{status}", ', 1)


def test_the_triggers_are_in_the_order_of_the_page() -> None:
    assert list(BODIES) == ["open", "pending", "solved", "answer"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
@pytest.mark.parametrize(("before", "status"), [("open", "closed"), ("closed", "open"), ("open", "pending")])
def test_an_answer_that_changes_the_status_is_sent_in_whatever_order_its_webhooks_come(
    provider: StandIn, order: tuple[int, ...], before: str, status: str
) -> None:
    connected = Connected("zendesk", provider.account)
    conversation = connected.write("hello")
    connected.tell(conversation)
    ticket = connected.memory.theirs("conversation", conversation)
    provider.webhooks.clear()
    if before == "closed":
        provider.act("statuses", {"ticket": ticket, "status": "closed"})
        carried_out(connected, provider, range(len(provider.webhooks)))
        provider.webhooks.clear()
    provider.act("replies", {"ticket": ticket, "text": "An answer", "status": status})
    eventually(lambda: len(provider.webhooks) == 2)
    carried_out(connected, provider, order)
    assert connected.messages(conversation) == ["An answer"]
    assert connected.desk.store.heads[conversation].status == status


def carried_out(connected: Connected, provider: StandIn, order: range | tuple[int, ...]) -> None:
    for number in order:
        for envelope in connected.envelopes(provider.webhooks[number]):
            connected.act(envelope)
