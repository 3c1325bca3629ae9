"""Machines do not answer each other for ever; people are never stopped."""

from __future__ import annotations

import pytest

from shared.errors import Unprocessable
from shared.model.message import Message
from tests.unit.email_outbound.letters import NOW, body_of, outgoing, received, recipient, sent

MACHINE = received(automatic="auto_reply", at=NOW - 5)


def five_by_a_bot(at: float = NOW - 300) -> list[Message]:
    return [sent(origin="bot", at=at) for _ in range(5)]


@pytest.mark.parametrize("origin", ["bot", "system"])
@pytest.mark.parametrize(
    "earlier", [[MACHINE], [sent(), MACHINE], five_by_a_bot(at=NOW - 599), [received(), *five_by_a_bot()]], ids=len
)
def test_a_machine_is_stopped(origin: str, earlier: list[Message]) -> None:
    with pytest.raises(Unprocessable) as refusal:
        body_of(outgoing(origin="bot" if origin == "bot" else "system"), recipient(*earlier))

    assert refusal.value.code == "loop_suspected"


@pytest.mark.parametrize("earlier", [[MACHINE], five_by_a_bot(), five_by_a_bot() * 4], ids=len)
def test_a_person_is_not(earlier: list[Message]) -> None:
    assert body_of(outgoing(), recipient(*earlier))["automatic"] is False


@pytest.mark.parametrize(
    "earlier",
    [
        [],
        [received()],
        [received(), MACHINE],
        five_by_a_bot()[:4],
        five_by_a_bot(at=NOW - 600),
        [sent() for _ in range(9)],
        [sent(origin="bot", status="failed") for _ in range(9)],
    ],
    ids=["nothing", "a person", "a person after a machine", "four", "long ago", "agents", "never sent"],
)
def test_a_bot_may_write_when_no_loop_shows(earlier: list[Message]) -> None:
    assert body_of(outgoing(origin="bot"), recipient(*earlier))["automatic"] is True
