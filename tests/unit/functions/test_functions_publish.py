"""The function behind the table's stream: changes in, events on the topic and wake-ups in the relay's queue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions import publish
from functions.bootstrap import relay
from shared.aws.attributes import encode_item
from shared.core.publishing import Publication
from shared.core.relay.records import Subscription, Sweep, WakeUp
from shared.errors import InfrastructureError

SOURCE = "urn:onethread:test"
ENTRY = {"type": "conversation.opened", "at": 1_800_000_000.0, "data": "{}"}
SENT = {"status": "sent", "rank": 2, "at": 1_800_000_000.0, "message_id": "msg_1"}


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENT_SOURCE", SOURCE)


def change(name: str, sort: str, image: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """A stream record of an item of conversation conv_1."""
    keys = {"PK": "C#conv_1", "SK": sort}
    record: dict[str, Any] = {"Keys": encode_item(keys), "NewImage": encode_item({**keys, **image})}
    if before is not None:
        record["OldImage"] = encode_item({**keys, **before})
    if name == "REMOVE":
        record["OldImage"] = record.pop("NewImage")
    return {"eventName": name, "dynamodb": record}


class TestPublish:
    @pytest.fixture
    def published(self, monkeypatch: pytest.MonkeyPatch) -> list[Publication]:
        """What reached the topic; what is in ``refused`` of the class does not."""
        found: list[Publication] = []

        class Stream:
            def publish(self, publications: list[Publication]) -> set[str]:
                found.extend(publications)
                return {each.id for each in publications if each.id == "conv_1:13"}

        monkeypatch.setattr(relay, "event_stream", Stream)
        return found

    @pytest.fixture(autouse=True)
    def woken(self, monkeypatch: pytest.MonkeyPatch) -> list[WakeUp]:
        """Who was woken, of two subscribers. The second one is not when it is about entry 14."""
        found: list[WakeUp] = []

        class Queue:
            def put(self, items: list[WakeUp | Sweep]) -> set[int]:
                found.extend(each for each in items if isinstance(each, WakeUp))
                return {place for place, each in enumerate(items) if place and getattr(each, "first", 0) == 14}

        class Subscriptions:
            def all(self) -> list[Subscription]:
                wanted = {"sub_1": (), "sub_2": ("conversation.opened",)}
                return [
                    Subscription(name, 1.0, f"https://{name}.example", types=types) for name, types in wanted.items()
                ]

        monkeypatch.setattr(relay, "wake_up_queue", Queue)
        monkeypatch.setattr(relay, "recent_subscriptions", Subscriptions)
        return found

    def test_each_subscriber_is_woken_once_for_a_conversation_with_what_it_wants(
        self, published: list[Publication], woken: list[WakeUp]
    ) -> None:
        changes = [
            change("INSERT", "E#000000000001", ENTRY),
            change("INSERT", "E#000000000002", ENTRY),
            change("MODIFY", "E#000000000002#S", SENT, {"started": 1}),
        ]
        publish.handler({"Records": changes}, None)
        assert [(each.subscription_id, each.conversation_id, each.first) for each in woken] == [
            ("sub_1", "conv_1", 1),
            ("sub_2", "conv_1", 1),
        ]
        assert [[state["id"] for state in each.states] for each in woken] == [["conv_1:2:sent"], []]

    def test_who_was_not_woken_brings_the_batch_back_after_the_topic_has_had_it(
        self, published: list[Publication], woken: list[WakeUp]
    ) -> None:
        with pytest.raises(InfrastructureError, match="1 subscribers"):
            publish.handler({"Records": [change("INSERT", "E#000000000014", ENTRY)]}, None)
        assert [each.id for each in published] == ["conv_1:14"]

    def test_entries_receipts_and_files_are_published_and_nothing_else(self, published: list[Publication]) -> None:
        changes = [
            change("INSERT", "HEAD", {"status": "open"}),
            change("INSERT", "E#000000000001", ENTRY),
            change("MODIFY", "E#000000000001", ENTRY, ENTRY),
            change("REMOVE", "E#000000000001", ENTRY),
            change("INSERT", "E#000000000002#S", {"started": 1, "message_id": "msg_1"}),
            change("MODIFY", "E#000000000002#S", SENT, {"started": 1}),
            change("MODIFY", "E#000000000002#S", {**SENT, "done": 1}, SENT),
            change("MODIFY", "E#000000000002#S", {**SENT, "status": "read", "rank": 5}, SENT),
            change("INSERT", "E#000000000003#M#med_1", {"state": "stored", "at": 1_800_000_000.0, "key": "k"}),
        ]
        publish.handler({"Records": changes}, None)
        assert [(each.id, each.attributes["type"]) for each in published] == [
            ("conv_1:1", "conversation.opened"),
            ("conv_1:2:sent", "message.status_changed"),
            ("conv_1:2:read", "message.status_changed"),
            ("conv_1:3:med_1", "message.media_changed"),
        ]
        assert {each.group for each in published} == {"conv_1"}
        assert json.loads(published[3].body)["data"] == {
            "sequence": 3,
            "media": {"media_id": "med_1", "state": "stored"},
        }

    def test_the_same_change_twice_is_the_same_event_twice(self, published: list[Publication]) -> None:
        records = [change("INSERT", "E#000000000001", ENTRY)] * 2
        publish.handler({"Records": records}, None)
        assert published[0] == published[1]

    def test_what_was_not_taken_brings_the_batch_back(self, published: list[Publication]) -> None:
        with pytest.raises(InfrastructureError, match="1 events"):
            publish.handler({"Records": [change("INSERT", "E#000000000013", ENTRY)]}, None)

    def test_records_without_anything_to_say_cost_no_call(self, published: list[Publication]) -> None:
        publish.handler({"Records": [change("MODIFY", "HEAD", {})]}, None)
        assert published == []
