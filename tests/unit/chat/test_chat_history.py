"""What a visitor may see: of their own customer's conversation, what was said since they are in it, by and to those who
are in it now. Nothing of anybody else ever comes out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pytest

from shared.aws.chat_history import LoggedHistory
from shared.core.chat.ports import View
from shared.core.chat.service import ChatService
from shared.core.messages import stored_form
from shared.core.records import Entry, Head, RouteState, StoredIdentity
from shared.model.conversation import Customer, Identity
from tests.unit.chat.fakes import NOW, Chat, a_chat, a_message
from tests.unit.core.memory import MemoryStore

ANN, BEN, EVE = "idn_ann", "idn_ben", "idn_eve"
WEB = RouteState(channel="webchat", account="main")


@dataclass
class WatchedStore(MemoryStore):
    """``read_after``: where in the log each page that was read began."""

    read_after: list[int] = field(default_factory=list)

    def entries(self, conversation_id: str, after: int, limit: int) -> list[Entry]:
        self.read_after.append(after)
        return super().entries(conversation_id, after, limit)


class World:
    """A store with customers and conversations in it, and the history that visitors read."""

    def __init__(self) -> None:
        self.store = WatchedStore()
        self.history = LoggedHistory(self.store, self.store, self.store)

    def identity(self, identity_id: str, customer_id: str, last: str | None) -> None:
        identity = Identity(
            id=identity_id,
            channel="webchat",
            scope="main",
            external_id=identity_id,
            customer_id=customer_id,
            account="main",
        )
        self.store.identities[identity_id] = StoredIdentity(identity, last)

    def open_with(self, customer_id: str, conversation_id: str) -> None:
        self.store.customers[customer_id] = (Customer(id=customer_id), conversation_id)

    def conversation(self, name: str, customer_id: str, routes: dict[str, RouteState], said_by: list[str]) -> None:
        """``said_by``: whose message is at each place of the log, from 1; ``""`` is an entry that is no message."""
        self.store.heads[name] = Head(name, customer_id, "open", len(said_by), NOW, NOW, routes)
        self.store.logs[name] = [self._entry(name, place, whose) for place, whose in enumerate(said_by, 1)]

    def _entry(self, name: str, sequence: int, whose: str) -> Entry:
        if not whose:
            return Entry(name, sequence, "conversation.updated", NOW, {})
        message = a_message(sequence, conversation_id=name, identity_id=whose)
        return Entry(name, sequence, "message.sent", NOW, {"message": stored_form(message)}, message_id=message.id)

    def shown_to(self, identity_id: str, after: int = 0, limit: int = 50) -> list[int]:
        view = self.history.view_of(identity_id)
        return [] if view is None else [each.sequence for each in self.history.seen(view, after, limit)]


def ann_alone() -> World:
    """Ann (cus_1) wrote at 2 and was answered at 4 in conv_1."""
    world = World()
    world.identity(ANN, "cus_1", "conv_1")
    world.open_with("cus_1", "conv_1")
    world.conversation("conv_1", "cus_1", {ANN: WEB}, ["", ANN, "", ANN])
    return world


def test_a_visitor_sees_the_messages_of_their_own_conversation() -> None:
    world = ann_alone()
    assert world.history.view_of(ANN) == View("conv_1", 0, frozenset({ANN}))
    assert world.shown_to(ANN) == [2, 4]
    assert world.shown_to(ANN, after=2) == [4]


def test_somebody_unknown_sees_nothing() -> None:
    assert ann_alone().history.view_of("idn_nobody") is None


def test_a_conversation_that_is_another_customers_now_is_not_shown() -> None:
    # given Ann's identity still points at a conversation that went over to cus_2, and even is among its routes
    world = ann_alone()
    world.store.heads["conv_1"] = replace(world.store.heads["conv_1"], customer_id="cus_2")
    # then
    assert world.history.view_of(ANN) is None
    assert world.shown_to(ANN) == []


def test_a_conversation_that_the_visitor_was_parted_from_is_not_shown_though_it_is_of_their_customer() -> None:
    world = ann_alone()
    world.store.heads["conv_1"] = replace(world.store.heads["conv_1"], routes={BEN: WEB})
    assert world.history.view_of(ANN) is None


def test_a_conversation_that_is_gone_is_not_shown() -> None:
    world = ann_alone()
    del world.store.heads["conv_1"]
    assert world.history.view_of(ANN) is None


@pytest.mark.parametrize("last", [None, "conv_1"])
def test_a_visitor_who_came_to_another_customer_sees_the_conversation_that_is_open_with_them(last: str | None) -> None:
    # given Ann is of cus_2 now and takes part in conv_2; her last conversation is cus_1's
    world = ann_alone()
    world.identity(ANN, "cus_2", last)
    world.identity(BEN, "cus_2", "conv_2")
    world.open_with("cus_2", "conv_2")
    world.conversation("conv_2", "cus_2", {BEN: WEB, ANN: WEB}, ["", BEN, ANN])
    # then
    assert world.history.view_of(ANN) == View("conv_2", 0, frozenset({ANN, BEN}))
    assert world.shown_to(ANN) == [2, 3]


def test_the_open_conversation_of_the_customer_is_shown_to_those_only_who_take_part_in_it() -> None:
    world = World()
    world.identity(ANN, "cus_2", None)
    world.open_with("cus_2", "conv_2")
    world.conversation("conv_2", "cus_2", {BEN: WEB}, ["", BEN])
    assert world.history.view_of(ANN) is None


def test_an_open_conversation_that_has_gone_over_to_another_customer_meanwhile_is_not_shown() -> None:
    world = World()
    world.identity(ANN, "cus_2", None)
    world.open_with("cus_2", "conv_2")
    world.conversation("conv_2", "cus_3", {ANN: WEB, EVE: WEB}, ["", EVE])
    assert world.history.view_of(ANN) is None


def test_what_was_said_before_the_visitor_came_is_not_shown_where_it_is_not_theirs() -> None:
    # given Ann was linked at 4, with a proof that does not open what was said before
    world = World()
    world.identity(ANN, "cus_2", "conv_2")
    world.conversation("conv_2", "cus_2", {BEN: WEB, ANN: replace(WEB, shows_from=4)}, ["", BEN, BEN, "", BEN, ANN])
    # then Ann sees what was said since, and Ben everything
    world.identity(BEN, "cus_2", "conv_2")
    assert world.shown_to(ANN) == [5, 6]
    assert world.shown_to(ANN, after=5) == [6]
    assert world.shown_to(BEN) == [2, 3, 5, 6]


def test_what_was_said_before_is_not_even_read() -> None:
    world = World()
    world.identity(ANN, "cus_2", "conv_2")
    world.conversation("conv_2", "cus_2", {ANN: replace(WEB, shows_from=90)}, [BEN] * 89 + [ANN] * 3)
    assert world.shown_to(ANN) == [90, 91, 92]
    assert world.store.read_after == [89]


def test_the_first_entry_that_may_be_shown_is_shown() -> None:
    world = World()
    world.identity(ANN, "cus_2", "conv_2")
    world.identity(BEN, "cus_2", "conv_2")
    world.conversation("conv_2", "cus_2", {BEN: WEB, ANN: replace(WEB, shows_from=3)}, ["", BEN, BEN, BEN])
    assert world.shown_to(ANN) == [3, 4]


def test_after_an_unlink_the_other_persons_messages_are_gone() -> None:
    # given Ann and Ben were one customer for a while, and Ben's identity was taken out again
    world = World()
    world.identity(ANN, "cus_1", "conv_1")
    world.identity(BEN, "cus_1", "conv_1")
    world.conversation("conv_1", "cus_1", {ANN: WEB, BEN: WEB}, ["", ANN, BEN, BEN, ANN])
    assert world.shown_to(ANN) == [2, 3, 4, 5]
    world.store.heads["conv_1"] = replace(world.store.heads["conv_1"], routes={ANN: WEB})
    # then
    assert world.shown_to(ANN) == [2, 5]


def test_an_older_conversation_that_still_lists_who_was_parted_shows_nothing_of_them() -> None:
    # given Ann has not written since, and her last conversation has Ben among its routes for good
    world = World()
    world.identity(ANN, "cus_1", "conv_1")
    world.identity(BEN, "cus_2", "conv_2")
    world.conversation("conv_1", "cus_1", {ANN: WEB, BEN: WEB}, ["", ANN, BEN, BEN, ANN])
    # then
    assert world.shown_to(ANN) == [2, 5]


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_what_is_not_shown_does_not_shorten_a_page(limit: int) -> None:
    # given Ann's messages with many of somebody else's in between
    world = World()
    world.identity(ANN, "cus_1", "conv_1")
    said_by = ([ANN] + [EVE] * 28) * 4
    world.conversation("conv_1", "cus_1", {ANN: WEB}, said_by)
    hers = [place for place, whose in enumerate(said_by, 1) if whose == ANN]
    # when she reads page by page
    read: list[int] = []
    while page := world.shown_to(ANN, after=read[-1] if read else 0, limit=limit):
        assert len(page) == min(limit, len(hers) - len(read))
        read += page
    # then it is hers, all of it
    assert read == hers


@pytest.mark.parametrize(("others", "reads"), [(0, 1), (1, 1), (2, 1), (3, 2)])
def test_a_page_with_a_few_entries_between_that_are_no_messages_is_read_at_once(others: int, reads: int) -> None:
    world = World()
    world.conversation("conv_1", "cus_1", {ANN: WEB}, [""] * others + [ANN] * 60)

    assert len(world.history.messages("conv_1", 0, 50)) == 50
    assert len(world.store.read_after) == reads


def test_a_message_behind_hundreds_that_are_not_shown_is_found_in_a_few_reads() -> None:
    world = World()
    world.identity(ANN, "cus_1", "conv_1")
    world.conversation("conv_1", "cus_1", {ANN: WEB}, [EVE] * 400 + [ANN])

    assert world.shown_to(ANN, limit=1) == [401]
    assert len(world.store.read_after) <= 10


def test_the_files_of_what_is_not_shown_get_no_address() -> None:
    world = World()
    world.identity(ANN, "cus_1", "conv_1")
    world.conversation("conv_1", "cus_1", {ANN: WEB}, [EVE, ANN, EVE])
    world.shown_to(ANN)
    assert world.store.filled == ["msg_2"]


def test_those_at_our_side_go_on_to_see_everything() -> None:
    world = World()
    world.conversation("conv_1", "cus_1", {ANN: replace(WEB, shows_from=4)}, ["", BEN, ANN, "", EVE, ANN])
    assert [each.sequence for each in world.history.messages("conv_1", 0, 50)] == [2, 3, 5, 6]
    assert [each.sequence for each in world.history.messages("conv_1", 2, 2)] == [3, 5]


class TestThroughTheService:
    """The same over the socket, over HTTP and in the answer to a new session."""

    def visited(self, head_customer: str) -> tuple[Chat, ChatService, str]:
        """A visitor of cus_1 whose last conversation is of ``head_customer``, with somebody else's message in it."""
        chat, world = a_chat(), World()
        service = replace(chat.service, history_of=world.history)
        session = chat.connected()
        visitor = session["identity_id"]
        world.identity(visitor, "cus_1", "conv_1")
        world.open_with("cus_1", "conv_1")
        routes = {visitor: replace(WEB, shows_from=3)}
        world.conversation("conv_1", head_customer, routes, ["", visitor, visitor, EVE, visitor])
        return chat, service, session["token"]

    def test_a_visitor_gets_what_they_may_see(self) -> None:
        chat, service, token = self.visited("cus_1")
        reply = json.loads(service.receive("socket1=", b'{"type":"resume","after":0}') or b"")
        assert [frame["message"]["sequence"] for _, frame in chat.sockets.posted] == [3, 5]
        assert reply == {"type": "resumed", "sequence": 5, "conversation_id": "conv_1"}
        page = service.history("main", token, 0, 50)
        assert [item["sequence"] for item in page["items"]] == [3, 5]
        assert service.open_session("main", b"", token)["conversation_id"] == "conv_1"

    def test_a_visitor_gets_nothing_of_another_customers_conversation(self) -> None:
        chat, service, token = self.visited("cus_2")
        assert json.loads(service.receive("socket1=", b'{"type":"resume"}') or b"") == {
            "type": "resumed",
            "sequence": 0,
        }
        assert chat.sockets.posted == []
        assert service.history("main", token, 0, 50) == {"items": []}
        assert "conversation_id" not in service.open_session("main", b"", token)
