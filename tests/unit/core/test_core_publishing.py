"""The stream: every entry one event under an id that never changes, in order per conversation, with nothing personal
beside its body."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws.event_topic import SnsEventTopic
from shared.aws.topics import TopicEntry
from shared.core.delivery_state import DeliveryState, Reached
from shared.core.publishing import (
    LARGEST_EVENT,
    Publication,
    entry_event,
    media_event,
    present_events,
    publication,
    status_event,
)
from shared.core.records import Entry, Located
from shared.model.event import Event
from shared.model.message import STATUS_RANK
from tests.unit.core.desk import Desk
from tests.unit.core.fake_topics import RecordingTopics

SOURCE = "urn:onethread:test"
CANARY = "canary-7f3a"


@pytest.fixture
def conversation() -> list[Entry]:
    """Opened, written to, and answered."""
    desk = Desk()
    desk.write(CANARY, CANARY)
    conversation_id = desk.conversation(CANARY).conversation_id
    desk.answer(conversation_id, CANARY)
    return desk.store.logs[conversation_id]


def of_entry(entry: Entry) -> Publication:
    return publication(entry_event(entry, SOURCE), channel=entry.channel, origin=entry.origin, tasks=entry.tasks)


def test_every_entry_is_one_event_that_names_its_place_and_the_one_before(conversation: list[Entry]) -> None:
    events = [entry_event(entry, SOURCE) for entry in conversation]
    conversation_id = conversation[0].conversation_id
    assert [event.type for event in events] == ["conversation.opened", "message.received", "message.sent"]
    assert [event.sequence for event in events] == [1, 2, 3]
    assert [event.previous_sequence for event in events] == [0, 1, 2]
    assert [event.id for event in events] == [f"{conversation_id}:{place}" for place in (1, 2, 3)]
    assert {(event.specversion, event.source, event.subject) for event in events} == {("1.0", SOURCE, conversation_id)}


def test_the_event_of_an_entry_is_the_same_whenever_it_is_made(conversation: list[Entry]) -> None:
    for entry in conversation:
        assert of_entry(entry) == of_entry(entry)


def test_a_message_is_in_its_event_in_its_public_form(conversation: list[Entry]) -> None:
    message = json.loads(of_entry(conversation[1]).body)["data"]["message"]
    assert (message["text"], message["sequence"], message["direction"]) == (CANARY, 2, "inbound")
    assert (message["external_ids"], message["degradations"], message["metadata"]) == ([], [], {})


def test_nothing_personal_stands_beside_the_body(conversation: list[Entry]) -> None:
    for entry in conversation:
        made = of_entry(entry)
        assert CANARY not in json.dumps([made.group, made.id, made.attributes])
        assert set(made.attributes) <= {"type", "channel", "origin", "tasks"}


def test_what_a_subscriber_filters_by_is_in_the_attributes(conversation: list[Entry]) -> None:
    assert [of_entry(entry).attributes for entry in conversation] == [
        {"type": "conversation.opened"},
        {"type": "message.received", "channel": "letters", "origin": "customer"},
        {"type": "message.sent", "channel": "letters", "origin": "agent", "tasks": ["send"]},
    ]


def test_an_event_too_large_for_the_topic_says_where_its_data_is(conversation: list[Entry]) -> None:
    entry = conversation[0]
    event = entry_event(entry, SOURCE)
    event.data = {"text": "好" * (LARGEST_EVENT // 3)}
    event.sequence, event.previous_sequence = 7, 6
    body = json.loads(publication(event, channel=None, origin=None, tasks=()).body)
    assert "data" not in body
    assert body["dataref"] == f"/v1/conversations/{entry.conversation_id}/events?after=6&limit=1"
    assert (body["id"], body["sequence"]) == (event.id, 7)


@settings(max_examples=30, deadline=None)
@given(size=st.integers(LARGEST_EVENT - 600, LARGEST_EVENT + 100))
def test_no_body_is_over_the_limit(size: int) -> None:
    event = entry_event(Entry("conv_1", 1, "conversation.updated", 0.0, {"text": "x" * size}), SOURCE)
    body = publication(event, channel=None, origin=None, tasks=()).body
    assert len(body.encode()) <= LARGEST_EVENT
    assert ("dataref" in json.loads(body)) != ("data" in json.loads(body))


OURS = Located("conv_1", 3, "msg_1")


def status_of(state: DeliveryState) -> Event:
    """The event of a first receipt."""
    told = status_event(OURS, None, state, SOURCE)
    assert told is not None
    event, tasks = told
    assert tasks == ()
    return event


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "failed", "unknown"])
def test_a_receipt_names_the_message_and_its_rank_and_is_no_entry(status: str) -> None:
    state = DeliveryState(status=status, rank=STATUS_RANK[status], external_ids=("p1",), at=1_800_000_000.0)
    event = status_of(state)
    assert event.data == {
        "message_id": "msg_1",
        "sequence": 3,
        "status": status,
        "rank": STATUS_RANK[status],
        "external_ids": ["p1"],
    }
    assert (event.id, event.sequence, event.previous_sequence) == (f"conv_1:3:{status}", None, None)


def test_a_receipt_of_a_failure_says_why() -> None:
    error = {"code": "blocked", "title": "The customer is gone", "retryable": False}
    event = status_of(DeliveryState(status="failed", rank=3, error=error))
    assert event.data is not None
    assert event.data["error"] == error


LEFT = {
    "identity_id": "idn_1",
    "channel": "letters",
    "account": "main",
    "status": "failed",
    "reason": "refused",
    "at": "2027-01-15T08:00:00.000Z",
}
TAKEN = {"identity_id": "idn_2", "channel": "post", "account": "main", "at": 1_800_000_000.0}
QUEUED = {"identity_id": "idn_2", "channel": "post", "account": "main", "status": "queued"}
SENT_BEFORE = DeliveryState(status="sent", rank=2, at=1_800_000_000.0, external_ids=("p1",))
ON_THE_NEXT = DeliveryState(
    status="sent",
    rank=2,
    route=1,
    wanted=1,
    attempts=(LEFT,),
    taken=TAKEN,
    here="queued",
    earlier=Reached("sent", 2, 0.0),
)


def told(before: DeliveryState, after: DeliveryState) -> tuple[str, dict[str, Any], tuple[str, ...]] | None:
    """The id, the data and the tasks of what a change says."""
    found = status_event(OURS, before, after, SOURCE)
    if found is None:
        return None
    event, tasks = found
    assert event.data is not None
    return event.id, event.data, tasks


def test_that_a_message_should_go_on_is_told_to_whoever_sends_it() -> None:
    leaving = {"reason": "bounced", "at": 1_800_000_000.0}
    change = told(SENT_BEFORE, replace(SENT_BEFORE, wanted=1, leaving=leaving))
    assert change is not None
    event_id, data, tasks = change
    assert (event_id, tasks) == ("conv_1:3:wanted:1:bounced", ("send", "fallback"))
    assert (data["status"], data["rank"], data["reason"]) == ("sent", 2, "bounced")


def test_a_route_that_is_left_is_told_with_all_attempts_and_a_rank_that_does_not_go_down() -> None:
    change = told(replace(SENT_BEFORE, wanted=1), ON_THE_NEXT)
    assert change is not None
    event_id, data, tasks = change
    assert (event_id, tasks) == ("conv_1:3:queued:1", ())
    assert (data["status"], data["rank"], data["attempts"]) == ("sent", 2, [LEFT, QUEUED])


def test_when_no_route_is_left_the_attempts_are_those_that_were_made() -> None:
    ended = replace(ON_THE_NEXT, attempts=(LEFT, LEFT), ended=True, route=2)
    change = told(ON_THE_NEXT, ended)
    assert change is not None
    assert change[1]["attempts"] == [LEFT, LEFT]


@pytest.mark.parametrize(
    ("after", "suffix"),
    [
        (replace(ON_THE_NEXT, here="sent"), "sent:1"),
        (replace(ON_THE_NEXT, here="unknown"), "unknown:1"),
        (replace(ON_THE_NEXT, status="delivered", rank=4, here="delivered"), "delivered:1"),
        (replace(ON_THE_NEXT, status="delivered", rank=4), "delivered:1:earlier"),
    ],
)
def test_what_becomes_of_it_on_any_route_is_told_under_an_id_of_its_own(after: DeliveryState, suffix: str) -> None:
    change = told(ON_THE_NEXT, after)
    assert change is not None
    assert change[0] == f"conv_1:3:{suffix}"


@pytest.mark.parametrize(
    "after",
    [
        replace(SENT_BEFORE, leaving={"reason": "refused", "class": "permanent", "at": 0.0}),
        replace(SENT_BEFORE, started=1, tries=1),
    ],
    ids=["leaving", "trying"],
)
def test_what_the_sender_notes_for_itself_is_not_told(after: DeliveryState) -> None:
    assert told(SENT_BEFORE, after) is None


LEAVING = {"reason": "bounced", "at": 1_800_000_000.0}


@pytest.mark.parametrize(
    ("state", "ids"),
    [
        (DeliveryState(started=1), []),
        (SENT_BEFORE, ["sent"]),
        (replace(SENT_BEFORE, wanted=1, leaving=LEAVING), ["sent", "wanted:1:bounced"]),
        (replace(ON_THE_NEXT, here="sent"), ["queued:1", "sent:1"]),
        (ON_THE_NEXT, ["queued:1", "sent:1:earlier"]),
        (replace(ON_THE_NEXT, here="sent", wanted=2, leaving=LEAVING), ["queued:1", "sent:1", "wanted:2:bounced"]),
    ],
)
def test_a_state_can_be_told_to_somebody_who_has_missed_how_it_came_about(state: DeliveryState, ids: list[str]) -> None:
    events = present_events(OURS, state, SOURCE)
    assert [event.id.removeprefix("conv_1:3:") for event, _ in events] == ids
    assert [tasks for event, tasks in events if "wanted" in event.id] == [("send", "fallback")] * (
        state.leaving is not None
    )


def test_a_stored_file_is_an_event_of_its_message() -> None:
    media = {"state": "stored", "mime_type": "image/png"}
    event = media_event(
        conversation_id="conv_1", sequence=2, media_id="med_1", media=media, at=1_800_000_000.0, source=SOURCE
    )
    assert (event.type, event.id) == ("message.media_changed", "conv_1:2:med_1")
    assert event.data == {"sequence": 2, "media": {"media_id": "med_1", **media}}


PLACES = st.lists(st.sampled_from("abcde"), max_size=60)


def some(groups: list[str]) -> list[Publication]:
    return [Publication(group, f"{group}:{place}", "{}", {}) for place, group in enumerate(groups)]


@settings(max_examples=150, deadline=None)
@given(groups=PLACES)
def test_each_conversation_is_published_in_order_and_once_in_a_call(groups: list[str]) -> None:
    topics = RecordingTopics()
    given = some(groups)
    assert SnsEventTopic(topics, "arn").publish(given) == set()
    for group in set(groups):
        assert topics.taken(group) == [each.id for each in given if each.group == group]
    for call in topics.calls:
        assert len(call) <= 10
        assert len({entry.group_id for entry in call}) == len(call)


@settings(max_examples=150, deadline=None)
@given(groups=PLACES, data=st.data())
def test_a_refusal_stops_its_conversation_and_no_other(groups: list[str], data: Any) -> None:
    given = some(groups)
    names = [each.id for each in given]
    refused = set(data.draw(st.lists(st.sampled_from(names), unique=True))) if names else set()
    topics = RecordingTopics(refused)
    left = SnsEventTopic(topics, "arn").publish(given)
    for group in set(groups):
        of_group = [each.id for each in given if each.group == group]
        first = next((place for place, name in enumerate(of_group) if name in refused), len(of_group))
        assert topics.taken(group) == of_group[:first]
        assert left & set(of_group) == set(of_group[first:])


def test_busy_conversations_share_calls() -> None:
    topics = RecordingTopics()
    SnsEventTopic(topics, "arn").publish(some([str(number % 10) for number in range(30)]))
    assert [len(call) for call in topics.calls] == [10, 10, 10]


def test_the_event_id_is_what_the_topic_drops_repeats_by() -> None:
    topics = RecordingTopics()
    SnsEventTopic(topics, "arn").publish([Publication("conv_1", "conv_1:1", "{}", {"type": "t"})])
    assert topics.calls == [[TopicEntry("conv_1:1", "{}", "conv_1", "conv_1:1", {"type": "t"})]]
