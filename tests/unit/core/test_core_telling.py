"""Given open web chats, when somebody is linked, parted or goes on elsewhere, then the browsers that show the
conversation are told, and no others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.core.telling import TellBrowsers
from shared.errors import UnknownAccount
from shared.ports.context import ChannelContext
from tests.support.providers import channel_context
from tests.support.stores import Surroundings
from tests.unit.core.desk import Desk
from tests.unit.core.people import (
    brings,
    close,
    code_for,
    customer_of,
    last_of,
    merge,
    named,
    unlink,
)

ANN, ANNS_CHAT, BOBS_CHAT = named("ann"), named("ann", "lounge"), named("bob", "lounge")


class Browsers:
    """Open sockets: ``heard`` is what each identity's were sent."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.taken_down = False
        self.tell = TellBrowsers(
            desk.store, desk.store, connector_of=desk.channels.__getitem__, context_of=self._context
        )

    def push(self, identity_id: str, frame: bytes) -> int:
        self.heard.append((identity_id, json.loads(frame)))
        return 1

    def told(self, conversation_id: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """What the browsers hear of the last entry of a type."""
        self.heard = []
        assert self.tell(last_of(self.desk, conversation_id, kind)) == "told"
        return sorted(self.heard, key=lambda each: each[0])

    def _context(self, channel: str, account: str) -> ChannelContext:
        if self.taken_down:
            raise UnknownAccount(account)
        return channel_context({}, http=Surroundings(), name=account, sockets=self)


@pytest.fixture
def desk() -> Desk:
    """Ann writes letters, and Bob is in a chat."""
    desk = Desk()
    desk.write("ann")
    desk.write("bob", channel="lounge")
    return desk


@pytest.fixture
def browsers(desk: Desk) -> Browsers:
    return Browsers(desk)


def test_who_is_linked_hears_which_conversation_is_theirs_now(desk: Desk, browsers: Browsers) -> None:
    merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
    conversation = desk.conversation("ann").conversation_id
    frame = {"type": "conversation", "conversation_id": conversation}
    assert browsers.told(conversation, "identity.linked") == [(BOBS_CHAT, frame)]


def test_who_was_there_hears_of_who_joins(desk: Desk, browsers: Browsers) -> None:
    brings(desk, "ann", code_for(desk, customer_of(desk, "ann")))
    conversation = desk.conversation("ann").conversation_id
    merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
    frame = {"type": "conversation", "conversation_id": conversation}
    told = browsers.told(conversation, "identity.linked")
    assert told == sorted([(ANNS_CHAT, frame), (BOBS_CHAT, frame)], key=lambda each: each[0])


def test_who_is_parted_hears_where_they_are_and_those_who_stay_do_too(desk: Desk, browsers: Browsers) -> None:
    brings(desk, "ann", code_for(desk, customer_of(desk, "ann")))
    bobs = desk.conversation("bob", "lounge").conversation_id
    merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
    unlink(desk, customer_of(desk, "ann"), BOBS_CHAT)
    anns = desk.conversation("ann").conversation_id
    told = dict(browsers.told(anns, "identity.unlinked"))
    assert told == {
        ANNS_CHAT: {"type": "conversation", "conversation_id": anns},
        BOBS_CHAT: {"type": "conversation", "conversation_id": bobs},
    }


def test_who_goes_with_the_conversation_that_they_brought_and_who_stays_hear_of_it(
    desk: Desk, browsers: Browsers
) -> None:
    brings(desk, "ann", code_for(desk, customer_of(desk, "ann")))
    anns = desk.conversation("ann").conversation_id
    close(desk, "ann")
    merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
    desk.write("ann", channel="lounge")
    bobs = desk.conversation("bob", "lounge").conversation_id
    assert desk.conversation("ann", "lounge").conversation_id == bobs

    unlink(desk, customer_of(desk, "ann"), BOBS_CHAT)

    told = dict(browsers.told(bobs, "identity.unlinked"))
    assert told[BOBS_CHAT] == {"type": "conversation", "conversation_id": bobs}
    assert desk.store.identities[ANNS_CHAT].conversation_id == anns
    assert told[ANNS_CHAT] == {"type": "conversation", "conversation_id": anns}


def test_a_switch_is_told_to_all_chats_of_the_conversation_by_channels_only(desk: Desk, browsers: Browsers) -> None:
    merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
    desk.write("bob", "here now", channel="lounge")
    conversation = desk.conversation("ann").conversation_id
    sequence = last_of(desk, conversation, "conversation.channel_switched").sequence
    assert browsers.told(conversation, "conversation.channel_switched") == [
        (
            BOBS_CHAT,
            {
                "type": "channel_switched",
                "from": {"channel": "letters"},
                "to": {"channel": "lounge"},
                "sequence": sequence,
            },
        )
    ]


def test_channels_without_browsers_are_told_nothing(desk: Desk, browsers: Browsers) -> None:
    desk.write("cid", channel="post")
    merge(desk, customer_of(desk, "cid", "post"), customer_of(desk, "ann"))
    assert browsers.told(desk.conversation("ann").conversation_id, "identity.linked") == []


def test_a_chat_that_was_taken_down_is_passed_over(desk: Desk, browsers: Browsers) -> None:
    merge(desk, customer_of(desk, "bob", "lounge"), customer_of(desk, "ann"))
    browsers.taken_down = True
    assert browsers.told(desk.conversation("ann").conversation_id, "identity.linked") == []
