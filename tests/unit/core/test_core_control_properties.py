"""Given three parties, a customer and time, when they do anything in any order, then one party has control at most, no
other is heard, and the log alone explains who had it when."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core.control.parties import Party, controller_at
from shared.core.conversations import ConversationChange
from shared.errors import Conflict
from tests.unit.core.controlling import Controlling, type_of

PARTIES = ("bot-1", "bot-2", "desk-1")
TIMEOUTS = (30, 60, 900)

NAMED = st.sampled_from(PARTIES).map(lambda key_id: {"type": type_of(key_id), "id": key_id})
RECEIVERS = st.one_of(st.sampled_from(["bot", "desk"]), NAMED)
MOVES = st.one_of(
    st.fixed_dictionaries(
        {"action": st.sampled_from(["take", "extend"]), "timeout_seconds": st.sampled_from(TIMEOUTS)}
    ),
    st.fixed_dictionaries({"action": st.sampled_from(["offer", "pass"]), "to": RECEIVERS}),
    st.just({"action": "release"}),
)
TURNS = st.one_of(
    st.tuples(st.just("moves"), st.sampled_from(PARTIES), MOVES),
    st.tuples(st.just("says"), st.sampled_from(PARTIES), st.none()),
    st.tuples(st.sampled_from(["writes", "sweeps", "closes"]), st.none(), st.none()),
)
PAUSES = st.sampled_from([0, 0, 0, 1, 29, 30, 60, 899, 900])
STEPS = st.lists(st.tuples(PAUSES, TURNS), min_size=5, max_size=40)


class World:
    """``waiting`` and ``sign`` are when the customer began to wait and when the controller was last heard, as anybody
    could note them down who reads the log and knows who wrote what in it; ``authors`` are the keys behind replies."""

    def __init__(self) -> None:
        self.desk = Controlling()
        self.authors: dict[int, str] = {}
        self.read = len(self.desk.log)
        self.controller: dict[str, Any] | None = None
        self.waiting: float | None = self.desk.clock()
        self.sign = 0.0

    def step(self, kind: str, who: Any, move: Any) -> None:
        if self.desk.head.status == "closed":
            self.desk.change(self.desk.conversation_id, ConversationChange(status="open"))
            self.follow()
        before = self.desk.head
        lost = self.over()
        try:
            self.act(kind, who, move)
        except Conflict:
            # A refusal may only have said what silence had done before.
            said = [entry.data.get("reason") for entry in self.desk.log[self.read :]]
            assert said == (["timeout"] if lost else [])
            assert said or self.desk.head == before
        self.follow()

    def act(self, kind: str, who: Any, move: Any) -> None:
        match kind:
            case "moves":
                self.desk.does(who, **move)
            case "says":
                self.authors[self.desk.says(who)["sequence"]] = who
            case "writes":
                self.desk.write("ann")
            case "sweeps":
                self.desk.end_lease(self.desk.conversation_id)
            case "closes":
                self.desk.change(self.desk.conversation_id, ConversationChange(status="closed"))

    def over(self) -> bool:
        """Whether the controller has let the customer wait for too long."""
        if self.controller is None or self.waiting is None:
            return False
        timeout: int = self.controller["timeout"]
        return self.desk.clock() >= max(self.sign, self.waiting) + timeout

    def follow(self) -> None:
        """Reads on in the log."""
        for entry in self.desk.log[self.read :]:
            if entry.type == "conversation.control_changed":
                self.changed(entry.data, entry.at)
            elif entry.type == "conversation.closed":
                self.controller = self.waiting = None
            elif entry.type == "message.received":
                self.waiting = entry.at if self.waiting is None else self.waiting
            elif entry.type == "message.sent":
                author = self.authors[entry.sequence]
                assert self.controller is None or self.controller["id"] == author
                assert not self.over()
                self.sign, self.waiting = entry.at, None
        self.read = len(self.desk.log)
        self.agrees()

    def changed(self, told: dict[str, Any], at: float) -> None:
        if "previous" in told:
            assert self.controller is not None
            assert told["previous"]["id"] == self.controller["id"]
        assert (told.get("reason") == "timeout") == self.over()
        self.controller, self.sign = told.get("controller"), at

    def agrees(self) -> None:
        """What the log says is what the conversation says, and what it says of now."""
        head = self.desk.head
        told = None if self.controller is None else Party(self.controller["type"], self.controller["id"])
        assert (None if head.controller is None else head.controller.party) == told
        live = controller_at(head, self.desk.clock())
        assert (live is None) == (self.controller is None or self.over())


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_one_party_at_most_is_in_control_and_no_other_is_heard(steps: list[tuple[int, tuple[str, Any, Any]]]) -> None:
    world = World()
    for pause, turn in steps:
        world.desk.clock.advance(pause)
        world.step(*turn)
    sequences = [entry.sequence for entry in world.desk.log]
    assert sequences == list(range(1, len(sequences) + 1))
