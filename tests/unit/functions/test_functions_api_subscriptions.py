"""The API's routes of subscriptions."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from functions.bootstrap import relay
from shared.core.relay.records import Attempt, Health, Lane, Outcome, Skipped
from tests.unit.functions.stage import Stage
from tests.unit.functions.subscriber import Subscriber

PATH = "/v1/subscriptions"
URL = "https://desk.example/hooks"


@pytest.fixture(scope="module")
def admin(stage: Stage) -> str:
    return stage.key("admin")


@pytest.fixture
def made(stage: Stage, admin: str) -> dict[str, Any]:
    """A subscription of a test's own, as it was shown when it was made."""
    answer = stage.api("POST", PATH, {"url": URL}, key=admin)
    assert answer.status == 201
    found: dict[str, Any] = answer.json
    return found


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    made = Subscriber()
    yield made
    made.close()


def queued(stage: Stage) -> list[dict[str, Any]]:
    """What waits in the relay's queue, taken out of it."""
    found: list[dict[str, Any]] = []
    while True:
        request = {"QueueUrl": stage.queues["forward"], "MaxNumberOfMessages": 10}
        received = stage.client.call("sqs", "ReceiveMessage", request).get("Messages", [])
        if not received:
            return found
        for message in received:
            found.append(json.loads(message["Body"]))
            handle = {"QueueUrl": stage.queues["forward"], "ReceiptHandle": message["ReceiptHandle"]}
            stage.client.call("sqs", "DeleteMessage", handle)


class TestMaking:
    def test_a_subscription_is_shown_with_its_secret_once(self, stage: Stage, admin: str, reader: str) -> None:
        wanted = {
            "url": URL,
            "types": ["message.received"],
            "channels": ["wechat"],
            "description": "the desk",
            "metadata": {"team": "north"},
        }
        made = stage.api("POST", PATH, wanted, key=admin).json
        assert {name: made[name] for name in wanted} == wanted
        assert (made["status"], made["signing"]) == ("active", "hmac")
        assert made["id"].startswith("sub_")
        assert made["secret"].startswith("whsec_")
        shown = stage.api("GET", f"{PATH}/{made['id']}", key=reader).json
        assert "secret" not in shown
        assert {name: shown[name] for name in wanted} == wanted
        assert (shown["health"], shown["pending"], shown["failing_conversations"]) == ({"status": "ok"}, 0, [])

    def test_one_that_is_signed_with_ed25519_shows_its_public_key_and_no_secret(self, stage: Stage, admin: str) -> None:
        made = stage.api("POST", PATH, {"url": URL, "signing": "ed25519"}, key=admin).json
        assert made["public_key"].startswith("whpk_")
        assert "secret" not in made
        assert stage.api("GET", f"{PATH}/{made['id']}", key=admin).json["public_key"] == made["public_key"]

    def test_all_are_listed_in_the_order_of_their_making(self, stage: Stage, admin: str, reader: str) -> None:
        made = [stage.api("POST", PATH, {"url": URL}, key=admin).json["id"] for _ in range(3)]
        listed = stage.api("GET", PATH, key=reader).json["items"]
        assert [each["id"] for each in listed if each["id"] in made] == made
        assert all("secret" not in each for each in listed)

    def test_the_same_idempotency_key_makes_one(self, stage: Stage, admin: str) -> None:
        headers = {"Idempotency-Key": uuid4().hex}
        first = stage.api("POST", PATH, {"url": URL}, key=admin, headers=headers)
        again = stage.api("POST", PATH, {"url": URL}, key=admin, headers=headers)
        assert (first.status, again.status) == (201, 201)
        assert again.json == first.json
        other = stage.api("POST", PATH, {"url": f"{URL}/other"}, key=admin, headers=headers)
        assert (other.status, other.code) == (422, "idempotency_key_reused")
        elses = stage.api("POST", PATH, {"url": URL}, key=stage.key("admin"), headers=headers)
        assert elses.json["id"] != first.json["id"]

    @pytest.mark.parametrize(
        ("wanted", "status", "code"),
        [
            ({}, 422, "bad_target"),
            ({"url": URL, "helpdesk": "generic/main"}, 422, "bad_target"),
            ({"url": "http://desk.example/hooks"}, 422, "bad_url"),
            ({"url": "https://127.0.0.1/hooks"}, 422, "bad_url"),
            ({"url": "https://169.254.169.254/latest"}, 422, "bad_url"),
            ({"url": "https://user@desk.example/"}, 422, "bad_url"),
            ({"url": "https://desk.example:8443/"}, 422, "bad_url"),
            ({"url": "nonsense"}, 422, "bad_url"),
            ({"url": URL, "types": ["message.lost"]}, 422, "bad_types"),
            ({"url": URL, "channels": ["pigeon"]}, 422, "bad_channels"),
            ({"url": URL, "since": "tomorrow"}, 422, "bad_since"),
            ({"url": URL, "description": "x" * 501}, 422, "bad_description"),
            ({"url": URL, "metadata": {"x": "x" * 5000}}, 422, "bad_metadata"),
            ({"helpdesk": "carrier-pigeon/main"}, 422, "unknown_helpdesk"),
            ({"helpdesk": "../main"}, 422, "bad_helpdesk"),
            ({"helpdesk": "generic/nobody"}, 422, "unknown_account"),
            ({"url": URL, "signing": "rot13"}, 400, "bad_request_body"),
            ({"url": URL, "colour": "red"}, 400, "bad_request_body"),
        ],
    )
    def test_what_can_never_work_is_refused(
        self, stage: Stage, admin: str, wanted: dict[str, Any], status: int, code: str
    ) -> None:
        before = len(stage.api("GET", PATH, key=admin).json["items"])
        answer = stage.api("POST", PATH, wanted, key=admin)
        assert (answer.status, answer.code) == (status, code)
        assert len(stage.api("GET", PATH, key=admin).json["items"]) == before

    def test_a_helpdesk_that_is_set_up_can_be_named(self, stage: Stage, admin: str) -> None:
        secret = {"Name": f"{stage.name}-helpdesk/generic/main", "SecretString": "{}"}
        stage.client.call("secretsmanager", "CreateSecret", secret)
        made = stage.api("POST", PATH, {"helpdesk": "generic/main"}, key=admin)
        assert (made.status, made.json["helpdesk"]) == (201, "generic/main")
        assert "secret" not in made.json


class TestWhoMay:
    @pytest.mark.parametrize(
        ("method", "suffix", "value"),
        [
            ("POST", "", {"url": URL}),
            ("PATCH", "/{id}", {"status": "paused"}),
            ("DELETE", "/{id}", None),
            ("POST", "/{id}/test", None),
            ("POST", "/{id}/replay", None),
            ("POST", "/{id}/skip", {"conversation_id": "conv_1", "sequence": 1}),
            ("POST", "/{id}/secret/rotate", None),
        ],
    )
    def test_a_key_for_answering_decides_nothing(
        self, stage: Stage, writer: str, made: dict[str, Any], method: str, suffix: str, value: object
    ) -> None:
        answer = stage.api(method, PATH + suffix.format(id=made["id"]), value, key=writer)
        assert (answer.status, answer.code) == (403, "scope_missing")

    @pytest.mark.parametrize("suffix", ["", "/{id}", "/{id}/attempts"])
    def test_a_key_for_reading_sees(self, stage: Stage, reader: str, made: dict[str, Any], suffix: str) -> None:
        assert stage.api("GET", PATH + suffix.format(id=made["id"]), key=reader).status == 200
        assert stage.api("GET", PATH + suffix.format(id=made["id"])).status == 401

    @pytest.mark.parametrize(
        ("method", "suffix", "value"),
        [
            ("GET", "", None),
            ("PATCH", "", {"status": "paused"}),
            ("DELETE", "", None),
            ("POST", "/test", None),
            ("POST", "/replay", None),
            ("POST", "/skip", {"conversation_id": "conv_1", "sequence": 1}),
            ("POST", "/secret/rotate", None),
            ("GET", "/attempts", None),
        ],
    )
    def test_what_is_not_there_is_not_found(
        self, stage: Stage, admin: str, method: str, suffix: str, value: object
    ) -> None:
        answer = stage.api(method, f"{PATH}/sub_nobody{suffix}", value, key=admin)
        assert (answer.status, answer.code) == (404, "unknown_subscription")


class TestChanging:
    def test_what_is_given_changes_and_the_rest_stays(self, stage: Stage, admin: str, made: dict[str, Any]) -> None:
        path = f"{PATH}/{made['id']}"
        change = {"types": ["message.sent"], "description": "new", "metadata": {"a": 1}}
        shown = stage.api("PATCH", path, change, key=admin).json
        assert {name: shown[name] for name in change} == change
        assert (shown["url"], shown["status"]) == (URL, "active")
        assert stage.api("PATCH", path, {"description": None}, key=admin).json.get("description") is None

    def test_pausing_and_resuming_catches_up(self, stage: Stage, admin: str, made: dict[str, Any]) -> None:
        path = f"{PATH}/{made['id']}"
        paused = stage.api("PATCH", path, {"status": "paused"}, key=admin).json
        assert paused["status"] == "paused"
        assert "status_since" in paused
        queued(stage)
        assert stage.api("PATCH", path, {"status": "active"}, key=admin).json["status"] == "active"
        assert [(item["kind"], item["pending"]) for item in queued(stage)] == [("sweep", True)]

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"status": "disabled"}, 400, "bad_request_body"),
            ({"signing": "ed25519"}, 400, "bad_request_body"),
            ({"url": "https://10.0.0.1/"}, 422, "bad_url"),
            ({"types": ["x"]}, 422, "bad_types"),
        ],
    )
    def test_a_change_that_makes_no_sense_is_refused(
        self, stage: Stage, admin: str, made: dict[str, Any], change: dict[str, Any], status: int, code: str
    ) -> None:
        answer = stage.api("PATCH", f"{PATH}/{made['id']}", change, key=admin)
        assert (answer.status, answer.code) == (status, code)

    def test_what_is_taken_away_is_gone(self, stage: Stage, admin: str, made: dict[str, Any]) -> None:
        answer = stage.api("DELETE", f"{PATH}/{made['id']}", key=admin)
        assert (answer.status, answer.body) == (204, "")
        assert stage.api("GET", f"{PATH}/{made['id']}", key=admin).status == 404

    def test_a_new_secret_is_shown_and_the_old_one_is_used_for_a_day(
        self, stage: Stage, admin: str, subscriber: Subscriber
    ) -> None:
        made = stage.api("POST", PATH, {"url": subscriber.url}, key=admin).json
        path = f"{PATH}/{made['id']}"
        rotated = stage.api("POST", f"{path}/secret/rotate", key=admin).json
        assert rotated["id"] == made["id"]
        assert rotated["secret"] != made["secret"]
        assert stage.api("GET", path, key=admin).json["previous_secret_until"] == rotated["previous_secret_until"]
        stage.api("POST", f"{path}/test", key=admin)
        assert subscriber.signed_by(made["secret"])
        assert subscriber.signed_by(rotated["secret"])

    def test_a_secret_that_has_leaked_ends_at_once(self, stage: Stage, admin: str, subscriber: Subscriber) -> None:
        made = stage.api("POST", PATH, {"url": subscriber.url}, key=admin).json
        path = f"{PATH}/{made['id']}"
        rotated = stage.api("POST", f"{path}/secret/rotate", {"expire_previous_after": 0}, key=admin).json
        assert "previous_secret_until" not in rotated
        stage.api("POST", f"{path}/test", key=admin)
        assert not subscriber.signed_by(made["secret"])
        assert subscriber.signed_by(rotated["secret"])


class TestTrying:
    def test_a_test_event_is_sent_at_once_and_signed(self, stage: Stage, admin: str, subscriber: Subscriber) -> None:
        made = stage.api("POST", PATH, {"url": subscriber.url}, key=admin).json
        answer = stage.api("POST", f"{PATH}/{made['id']}/test", key=admin).json
        assert (answer["delivered"], answer["status"]) == (True, 204)
        assert answer["milliseconds"] >= 0
        [event] = subscriber.events()
        assert (event["type"], event["subject"]) == ("subscription.test", made["id"])
        assert subscriber.signed_by(made["secret"])

    @pytest.mark.parametrize(("status", "code"), [(500, "http_500"), (401, "http_401"), (410, "http_410")])
    def test_what_an_endpoint_refuses_is_said(
        self, stage: Stage, admin: str, subscriber: Subscriber, status: int, code: str
    ) -> None:
        subscriber.status = status
        made = stage.api("POST", PATH, {"url": subscriber.url}, key=admin).json
        answer = stage.api("POST", f"{PATH}/{made['id']}/test", key=admin).json
        assert (answer["delivered"], answer["status"], answer["code"]) == (False, status, code)

    def test_an_endpoint_that_is_not_there_is_said_without_a_status(self, stage: Stage, admin: str) -> None:
        gone = Subscriber()
        gone.close()
        made = stage.api("POST", PATH, {"url": gone.url}, key=admin).json
        answer = stage.api("POST", f"{PATH}/{made['id']}/test", key=admin).json
        assert answer["delivered"] is False
        assert "status" not in answer
        [attempt] = stage.api("GET", f"{PATH}/{made['id']}/attempts", key=admin).json["items"]
        assert (attempt["type"], attempt["code"]) == ("subscription.test", answer["code"])


class TestReplaying:
    def test_one_conversation_is_told_again_after_a_sequence(
        self, stage: Stage, admin: str, made: dict[str, Any], conversation: str
    ) -> None:
        queued(stage)
        wanted = {"conversation_id": conversation, "after": 1}
        answer = stage.api("POST", f"{PATH}/{made['id']}/replay", wanted, key=admin)
        assert (answer.status, answer.json) == (202, {"queued": True, **wanted})
        [item] = queued(stage)
        assert (item["kind"], item["conversation_id"], item["restart"]) == ("wake", conversation, 1)

    @pytest.mark.parametrize("wanted", [None, {}, {"after_sequence": 0}, {"since": "2026-01-01T00:00:00Z"}])
    def test_all_of_them_are_told_again(
        self, stage: Stage, admin: str, made: dict[str, Any], wanted: dict[str, Any] | None
    ) -> None:
        queued(stage)
        assert stage.api("POST", f"{PATH}/{made['id']}/replay", wanted, key=admin).status == 202
        assert [item["kind"] for item in queued(stage)] == ["sweep"]

    @pytest.mark.parametrize(
        ("wanted", "status", "code"),
        [
            ({"conversation_id": "conv_nobody"}, 404, "unknown_conversation"),
            ({"after": -1}, 422, "bad_replay"),
            ({"after": 1, "since": "2026-01-01T00:00:00Z"}, 422, "bad_replay"),
            ({"since": "now"}, 422, "bad_since"),
            ({"before": 7}, 400, "bad_request_body"),
        ],
    )
    def test_what_cannot_be_replayed_is_refused(
        self, stage: Stage, admin: str, made: dict[str, Any], wanted: dict[str, Any], status: int, code: str
    ) -> None:
        answer = stage.api("POST", f"{PATH}/{made['id']}/replay", wanted, key=admin)
        assert (answer.status, answer.code) == (status, code)


class TestSkipping:
    @pytest.fixture
    def stuck(self, made: dict[str, Any], conversation: str) -> str:
        """A conversation whose first event the endpoint refuses."""
        last = {"event_id": f"{conversation}:1", "at": "2026-01-01T00:00:00.000Z", "status": 422, "code": "http_422"}
        lane = Lane(made["id"], conversation, 0, failures=3, failing_since=time.time(), pending=True, last=last)
        relay.lanes().save(lane)
        return conversation

    def test_what_a_conversation_fails_over_is_shown_with_what_names_it(
        self, stage: Stage, reader: str, made: dict[str, Any], stuck: str
    ) -> None:
        shown = stage.api("GET", f"{PATH}/{made['id']}", key=reader).json
        [found] = shown["failing_conversations"]
        assert (found["conversation_id"], found["sequence"], found["event_id"]) == (stuck, 1, f"{stuck}:1")
        assert (found["status"], found["code"]) == (422, "http_422")
        assert shown["skipped"] == []

    def test_that_it_is_passed_over_is_queued_with_who_said_so(
        self, stage: Stage, admin: str, made: dict[str, Any], stuck: str
    ) -> None:
        queued(stage)
        wanted = {"conversation_id": stuck, "sequence": 1}
        answer = stage.api("POST", f"{PATH}/{made['id']}/skip", wanted, key=admin)
        assert (answer.status, answer.json) == (202, {"queued": True, **wanted, "event_id": f"{stuck}:1"})
        [item] = queued(stage)
        assert (item["kind"], item["conversation_id"]) == ("wake", stuck)
        assert (item["skip"]["sequence"], item["skip"]["by"]) == (1, admin.split("_")[1])

    def test_what_was_passed_over_is_shown_the_latest_first(
        self, stage: Stage, reader: str, made: dict[str, Any]
    ) -> None:
        for sequence in (1, 2):
            event_id = f"conv_1:{sequence}"
            skipped = Skipped("conv_1", sequence, event_id, "3f2a90c1d4e5", 1_767_225_600.0 + sequence, 8, None, 422)
            relay.skips().keep(made["id"], skipped)
        [second, first] = stage.api("GET", f"{PATH}/{made['id']}", key=reader).json["skipped"]
        assert (first["sequence"], second["sequence"]) == (1, 2)
        assert first == {
            "conversation_id": "conv_1",
            "sequence": 1,
            "event_id": "conv_1:1",
            "at": "2026-01-01T00:00:01.000Z",
            "by": "3f2a90c1d4e5",
            "failures": 8,
            "status": 422,
        }

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"sequence": 2}, 409, "not_failing_there"),
            ({"sequence": 0}, 409, "not_failing_there"),
            ({"conversation_id": "conv_nobody"}, 404, "unknown_conversation"),
            ({"sequence": "1"}, 400, "bad_request_body"),
            ({"all": True}, 400, "bad_request_body"),
        ],
    )
    def test_anything_else_is_refused(
        self,
        stage: Stage,
        admin: str,
        made: dict[str, Any],
        stuck: str,
        changes: dict[str, Any],
        status: int,
        code: str,
    ) -> None:
        queued(stage)
        wanted = {"conversation_id": stuck, "sequence": 1, **changes}
        answer = stage.api("POST", f"{PATH}/{made['id']}/skip", wanted, key=admin)
        assert (answer.status, answer.code) == (status, code)
        assert queued(stage) == []


class TestHowItGoes:
    def test_an_endpoint_that_fails_is_shown_with_what_waits(
        self, stage: Stage, admin: str, reader: str, made: dict[str, Any]
    ) -> None:
        # Given
        now = time.time()
        failure = {"at": now, "code": "http_500", "status": 500, "event_id": "conv_1:7"}
        lanes = relay.lanes()
        failing = Health(failing_since=now - 60, open_since=now, probe_at=now + 30, last_failure=failure)
        assert lanes.save_health(made["id"], Health(), failing)
        lanes.save(Lane(made["id"], "conv_1", 6, failures=3, failing_since=now - 60, next_at=now + 9, pending=True))
        lanes.save(Lane(made["id"], "conv_2", 1, pending=True))
        # When
        shown = stage.api("GET", f"{PATH}/{made['id']}", key=reader).json
        # Then
        assert (shown["health"]["status"], shown["pending"]) == ("open", 2)
        assert shown["health"]["last_failure"]["code"] == "http_500"
        assert {"failing_since", "next_probe_at"} <= shown["health"].keys()
        [stuck] = shown["failing_conversations"]
        assert (stuck["conversation_id"], stuck["failures"]) == ("conv_1", 3)

    def test_the_attempts_come_in_pages_the_latest_first(
        self, stage: Stage, admin: str, reader: str, made: dict[str, Any]
    ) -> None:
        now = time.time()
        for number in range(1, 8):
            outcome = Outcome("retry", 12, 503, "http_503", 5.0)
            event = f"conv_{number % 2}:{number}"
            attempt = Attempt(
                now + number, event, "message.sent", outcome, event.partition(":")[0], number, number, now + 60
            )
            relay.attempts().record(made["id"], attempt)
        path, query = f"{PATH}/{made['id']}/attempts", {"limit": "3"}
        seen: list[int] = []
        while True:
            page = stage.api("GET", path, key=reader, query=query).json
            seen += [item["number"] for item in page["items"]]
            if "cursor" not in page:
                break
            query = {"limit": "3", "cursor": page["cursor"]}
        assert seen == [7, 6, 5, 4, 3, 2, 1]
        first = page["items"][0]
        assert (first["delivered"], first["status"], first["code"]) == (False, 503, "http_503")
        assert "next_attempt_at" in first
        of_one = stage.api("GET", path, key=reader, query={"conversation_id": "conv_0"}).json["items"]
        assert [item["number"] for item in of_one] == [6, 4, 2]

    @pytest.mark.parametrize("cursor", ["x", "%%%", "é", "A" * 500, "QiM", "QSNé"])
    def test_a_cursor_of_elsewhere_is_refused(
        self, stage: Stage, reader: str, made: dict[str, Any], cursor: str
    ) -> None:
        answer = stage.api("GET", f"{PATH}/{made['id']}/attempts", key=reader, query={"cursor": cursor})
        assert (answer.status, answer.code) == (400, "bad_cursor")
