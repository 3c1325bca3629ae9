"""Given a company whose agents work in a helpdesk, when customers write, then what is closed on one side is closed on
the other, what could not be delivered is explained, and a helpdesk that loses answers has everything once."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import pytest

from tests.e2e.chat_client import ChatClient
from tests.e2e.helpdesk_world import PATIENCE, HelpdeskWorld, notes, said, say, status_of, subscribed
from tests.e2e.outside import Outside, eventually


@pytest.fixture(scope="module", params=["chatwoot", "zendesk"])
def helpdesk(outside: Outside, request: pytest.FixtureRequest) -> Iterator[HelpdeskWorld]:
    with subscribed(outside, request.param) as world:
        yield world


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex[:12]


def test_closing_there_closes_here_and_a_customer_who_writes_again_is_heard(
    outside: Outside, helpdesk: HelpdeskWorld, mark: str
) -> None:
    with ChatClient(outside) as visitor:
        say(visitor, f"Thanks! {mark}")
        first = helpdesk.ticket_with(f"Thanks! {mark}")
        conversation = outside.conversation_with(f"Thanks! {mark}")
        # when
        helpdesk.act("statuses", {"ticket": first["id"], "status": "closed"})
        # then
        eventually(lambda: status_of(outside, conversation) == "closed", PATIENCE)
        # when the customer writes again
        say(visitor, f"One more thing. {mark}")
        again = helpdesk.ticket_with(f"One more thing. {mark}")
        assert again["status"] == "open"
        assert again["contact"] == first["contact"]
        latest = outside.conversation_with(f"One more thing. {mark}")
        # and when it is closed here, then it is closed there
        closed = outside.call("PATCH", f"/v1/conversations/{latest}", {"status": "closed"})
        assert closed.status == 200, closed.body
        helpdesk.until_status(again["id"], "closed")
        outside.call("PATCH", f"/v1/conversations/{latest}", {"status": "open"})
        helpdesk.until_status(again["id"], "open")
        # and nothing goes on by itself
        time.sleep(2)
        assert status_of(outside, latest) == "open"
        assert helpdesk.ticket(again["id"])["status"] == "open"


def test_what_could_not_be_delivered_is_a_note_that_no_customer_sees(
    outside: Outside, helpdesk: HelpdeskWorld, mark: str
) -> None:
    # given a customer whom WeChat will not deliver to
    openid = outside.wechat_user("Wang Fang")
    outside.wechat(f"customers/{openid}/messages", {"type": "text", "text": f"你好 {mark}"})
    ticket = helpdesk.ticket_with(f"你好 {mark}")
    outside.wechat("fail", {"path": "message/custom/send", "errcode": 45015})
    # when
    helpdesk.act("replies", {"ticket": ticket["id"], "text": f"Hello {mark}"})
    # then
    (note,) = eventually(lambda: notes(helpdesk.ticket(ticket["id"])), PATIENCE)
    assert "did not reach the customer" in note
    assert outside.wechat_screen(openid) == []


def test_a_helpdesk_that_loses_answers_and_asks_for_time_has_everything_once(
    outside: Outside, helpdesk: HelpdeskWorld, mark: str
) -> None:
    with ChatClient(outside) as visitor:
        for number in ("one", "two"):
            say(visitor, f"{number} {mark}")
        ticket = helpdesk.ticket_with(f"two {mark}")
        # given the answer to the next message is lost, and the call after it is too many
        path = helpdesk.place_of(ticket)
        helpdesk.act("fail", {"path": path, "when": "after", "http_status": 502})
        helpdesk.act("fail", {"path": path, "http_status": 429, "headers": {"Retry-After": "2"}})
        # when
        for number in ("three", "four"):
            say(visitor, f"{number} {mark}")
        # then
        eventually(lambda: len(said(helpdesk.ticket(ticket["id"]))) >= 4, 60)
        assert said(helpdesk.ticket(ticket["id"])) == [f"{number} {mark}" for number in ("one", "two", "three", "four")]
