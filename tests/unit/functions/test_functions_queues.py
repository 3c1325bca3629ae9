"""The functions behind queues: events in, one call each, and what failed named."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from functions import deliver, email, ingest, media
from functions.bootstrap import channels, conversations, environment, objects, receiving, store
from shared.core.delivery import Job
from shared.core.later import TryLater
from shared.core.mail import Unaddressed
from shared.core.records import Entry
from shared.errors import InfrastructureError
from shared.model.envelope import Envelope


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
