"""The functions behind queues and stream: events in, one call each, and what failed named."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from functions import deliver, email, ingest, media, publish
from functions.bootstrap import channels, conversations, environment, objects, receiving, relay, store
from shared.aws.attributes import encode_item
from shared.core.delivery import Job
from shared.core.later import TryLater
from shared.core.mail import Unaddressed
from shared.core.publishing import Publication
from shared.core.records import Entry
from shared.core.relay.records import Subscription, Sweep, WakeUp
from shared.errors import InfrastructureError
from shared.model.envelope import Envelope

SOURCE = "urn:onethread:test"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "INBOUND_QUEUE_URL",
        "INBOUND_ASIDE_URL",
        "OUTBOUND_QUEUE_URL",
        "OUTBOUND_ASIDE_URL",
        "MEDIA_QUEUE_URL",
        "MAIL_QUEUE_URL",
    ):
        monkeypatch.setenv(name, name.lower())
    monkeypatch.setenv("EVENT_SOURCE", SOURCE)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """(queue, seconds) of every record that was postponed."""
    found: list[tuple[str, int]] = []

    class Client:
        def call(self, service: str, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
            found.extend((payload["QueueUrl"], entry["VisibilityTimeout"]) for entry in payload["Entries"])
            return {}

    monkeypatch.setattr(environment, "client", Client)
    return found


def records(*bodies: str, tries: int = 1, tasks: list[str] | None = None) -> dict[str, Any]:
    """Every record is a group of its own."""
    return {
        "Records": [
            {
                "messageId": f"m{place}",
                "receiptHandle": f"r{place}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(tries), "MessageGroupId": f"g{place}"},
                "messageAttributes": {"tasks": {"stringValue": json.dumps(tasks), "dataType": "String.Array"}},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue.fifo",
            }
            for place, body in enumerate(bodies)
        ]
    }


def failed(response: Any) -> list[str]:
    return [each["itemIdentifier"] for each in response["batchItemFailures"]]


class TestIngest:
    @pytest.fixture
    def seen(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What the use case was called with: ``start`` and the bodies of envelopes; a body ``bad`` fails."""
        found: list[str] = []

        class Ingest:
            def start_batch(self) -> None:
                found.append("start")

            def __call__(self, envelope: Envelope) -> Counter[str]:
                found.append(envelope.body.decode())
                if envelope.body == b"bad":
                    raise InfrastructureError("down")
                return Counter(received=1, stored=1)

        monkeypatch.setattr(conversations, "ingest", Ingest)
        return found

    def envelope(self, body: bytes) -> str:
        return Envelope("letters", "main", 0.0, body).to_json()

    def test_a_batch_starts_anew_and_names_what_failed(self, seen: list[str], pauses: list[tuple[str, int]]) -> None:
        event = records(self.envelope(b"1"), self.envelope(b"bad"), "no envelope", self.envelope(b"2"))
        assert failed(ingest.handler(event, None)) == ["m1", "m2"]
        assert seen == ["start", "1", "bad", "2"]
        assert [queue for queue, _ in pauses] == ["inbound_queue_url"] * 2


class TestDeliver:
    @pytest.fixture
    def jobs(self, monkeypatch: pytest.MonkeyPatch) -> list[Job]:
        found: list[Job] = []

        class Deliver:
            def __call__(self, job: Job) -> str:
                found.append(job)
                if job.entry.conversation_id == "conv_busy":
                    raise TryLater(42)
                return "sent"

        monkeypatch.setattr(channels, "deliver", Deliver)
        return found

    def event(self, conversation_id: str = "conv_1", **more: Any) -> str:
        value = {"subject": conversation_id, "sequence": 3, "type": "message.sent", "time": "2026-01-02T03:04:05.678Z"}
        return json.dumps({**value, "data": {"message": {"id": "msg_1"}}, "traceparent": "t", **more})

    def test_an_event_is_a_job_with_what_the_use_case_needs(self, jobs: list[Job]) -> None:
        deliver.handler(records(self.event(), tries=4, tasks=["send", "push"]), None)
        [job] = jobs
        assert job.attempt == 4
        assert job.entry == Entry(
            conversation_id="conv_1",
            sequence=3,
            type="message.sent",
            at=1_767_323_045.678,
            data={"message": {"id": "msg_1"}},
            tasks=("send", "push"),
            traceparent="t",
        )

    def test_an_event_too_large_to_carry_its_data_is_read_from_the_log(
        self, jobs: list[Job], pauses: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stored = Entry("conv_1", 3, "message.sent", 0.0, {"message": {}}, tasks=("send",))

        class Log:
            def entry(self, conversation_id: str, sequence: int) -> Entry | None:
                return stored if (conversation_id, sequence) == ("conv_1", 3) else None

        monkeypatch.setattr(store, "conversation_log", Log)
        bodies = [json.loads(self.event("conv_1")), json.loads(self.event("conv_2"))]
        for body in bodies:
            del body["data"]
        event = records(*map(json.dumps, bodies), tasks=["send"])
        assert failed(deliver.handler(event, None)) == ["m1"]
        assert [job.entry for job in jobs] == [stored]

    def test_an_event_that_a_message_should_go_on_is_a_job_for_the_messages_own_entry(self, jobs: list[Job]) -> None:
        event = json.loads(self.event(type="message.status_changed", data={"message_id": "msg_1", "sequence": 7}))
        del event["sequence"]
        deliver.handler(records(json.dumps(event), tasks=["send", "fallback"]), None)
        [job] = jobs
        assert (job.entry.conversation_id, job.entry.sequence) == ("conv_1", 7)
        assert job.entry.tasks == ("send", "fallback")

    def test_what_is_to_be_tried_later_comes_back_then(self, jobs: list[Job], pauses: list[tuple[str, int]]) -> None:
        event = records(self.event("conv_busy"), self.event(), tasks=["send"])
        assert failed(deliver.handler(event, None)) == ["m0"]
        assert pauses == [("outbound_queue_url", 42)]
        assert len(jobs) == 2


class TestMedia:
    def test_the_fifth_try_is_the_last(self, monkeypatch: pytest.MonkeyPatch, pauses: list[tuple[str, int]]) -> None:
        seen: list[tuple[str, int, bool]] = []

        class FetchMedia:
            def __call__(self, conversation_id: str, sequence: int, *, final: bool) -> list[object]:
                seen.append((conversation_id, sequence, final))
                if not final:
                    raise InfrastructureError("not yet")
                return [object()]

        monkeypatch.setattr(channels, "fetch_media", FetchMedia)
        body = json.dumps({"type": "message.received", "subject": "conv_1", "sequence": 2})
        assert failed(media.handler(records(body, tries=4), None)) == ["m0"]
        assert failed(media.handler(records(body, tries=5), None)) == []
        assert seen == [("conv_1", 2, False), ("conv_1", 2, True)]
        assert [queue for queue, _ in pauses] == ["media_queue_url"]

    def test_the_files_of_a_message_that_was_taken_back_are_deleted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        deleted: list[str] = []

        class Files:
            def delete(self, key: str) -> None:
                deleted.append(key)

        monkeypatch.setattr(objects, "media_bucket", Files)
        data = {"message_id": "msg_1", "message_sequence": 2, "media_ids": ["med_1", "med_2"]}
        body = json.dumps({"type": "message.deleted", "subject": "conv_1", "sequence": 5, "data": data})
        assert failed(media.handler(records(body), None)) == []
        assert deleted == ["media/conv_1/med_1", "media/conv_1/med_2"]


class TestEmail:
    @pytest.fixture
    def taken(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What was taken in: keys of mail, and reports."""
        found: list[str] = []

        class Receive:
            def mail(self, key: str) -> int:
                if key == "mail/nobody":
                    raise Unaddressed("no account has any of the recipients")
                found.append(key)
                return 1

            def report(self, body: bytes) -> int:
                found.append(body.decode())
                return 1

        monkeypatch.setattr(receiving, "receive_mail", Receive)
        return found

    @staticmethod
    def stored(*keys: str) -> str:
        """What S3 says when objects were put."""
        return json.dumps(
            {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key}}} for key in keys]}
        )

    def test_mail_and_reports_are_taken_in(self, taken: list[str]) -> None:
        report = json.dumps({"Type": "Notification", "Message": '{"eventType":"Bounce"}'})
        response = email.handler(records(self.stored("mail/a%2Bb+c", "mail/2"), report), None)
        assert failed(response) == []
        assert taken == ["mail/a+b c", "mail/2", '{"eventType":"Bounce"}']

    def test_the_notice_that_notifications_are_set_up_says_nothing(self, taken: list[str]) -> None:
        assert failed(email.handler(records('{"Service":"Amazon S3","Event":"s3:TestEvent"}'), None)) == []
        assert taken == []

    def test_mail_for_nobody_comes_again_and_keeps_nobody_waiting(
        self, taken: list[str], pauses: list[tuple[str, int]]
    ) -> None:
        response = email.handler(records(self.stored("mail/nobody"), self.stored("mail/2"), "no notice at all"), None)
        assert failed(response) == ["m0", "m2"]
        assert taken == ["mail/2"]
        assert {queue for queue, _ in pauses} == {"mail_queue_url"}


def change(name: str, sort: str, image: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """A stream record of an item of conversation conv_1."""
    keys = {"PK": "C#conv_1", "SK": sort}
    record: dict[str, Any] = {"Keys": encode_item(keys), "NewImage": encode_item({**keys, **image})}
    if before is not None:
        record["OldImage"] = encode_item({**keys, **before})
    if name == "REMOVE":
        record["OldImage"] = record.pop("NewImage")
    return {"eventName": name, "dynamodb": record}


ENTRY = {"type": "conversation.opened", "at": 1_800_000_000.0, "data": "{}"}
SENT = {"status": "sent", "rank": 2, "at": 1_800_000_000.0, "message_id": "msg_1"}


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
