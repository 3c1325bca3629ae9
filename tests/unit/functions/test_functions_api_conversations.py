"""The API on conversations: the list, one, its change, and its log in pages."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.unit.functions.stage import Stage


@pytest.fixture(scope="module")
def long(stage: Stage) -> str:
    """A conversation of seven messages, after the entry that opened it."""
    sender = f"long-{uuid4().hex}"
    for number in range(7):
        found = stage.says(sender, f"message {number}")
    return found


class TestConversations:
    def test_a_conversation_is_shown_with_its_routes(self, stage: Stage, reader: str, conversation: str) -> None:
        shown = stage.api("GET", f"/v1/conversations/{conversation}", key=reader).json
        assert (shown["id"], shown["status"], shown["sequence"], shown["tags"]) == (conversation, "open", 2, [])
        [route] = shown["routes"]
        assert (route["channel"], route["account"], route["can_reply"]) == ("wechat", "plain", True)
        assert route["remaining"] == 5
        assert shown["active_route"] == route["identity_id"]
        assert shown["customer_typing"] is False

    def test_the_list_is_paged_without_gaps_or_repeats(self, stage: Stage, reader: str) -> None:
        made = {stage.says(f"pages-{number}") for number in range(3)}
        seen: list[str] = []
        query: dict[str, str] = {"limit": "2"}
        while True:
            page = stage.api("GET", "/v1/conversations", key=reader, query=query).json
            seen += [item["id"] for item in page["items"]]
            if "cursor" not in page:
                break
            assert len(page["items"]) == 2
            query = {"limit": "2", "cursor": page["cursor"]}
        assert made <= set(seen)
        assert len(seen) == len(set(seen))

    def test_the_list_can_be_of_one_status(self, stage: Stage, writer: str, fresh: str) -> None:
        stage.api("PATCH", f"/v1/conversations/{fresh}", {"status": "closed"}, key=writer)
        for status in ("open", "pending", "closed"):
            answer = stage.api("GET", "/v1/conversations", key=writer, query={"status": status, "limit": "100"})
            assert (fresh in [item["id"] for item in answer.json["items"]]) == (status == "closed")
            assert {item["status"] for item in answer.json["items"]} <= {status}

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"status": "asleep"}, "bad_parameter"),
            ({"limit": "-1"}, "bad_parameter"),
            ({"limit": "many"}, "bad_parameter"),
            ({"limit": "٣"}, "bad_parameter"),
            ({"cursor": "x"}, "bad_cursor"),
            ({"cursor": "%%%"}, "bad_cursor"),
            ({"cursor": "é"}, "bad_cursor"),
            ({"cursor": "AAAA" * 500}, "bad_cursor"),
            ({"cursor": "MjAyNi0wMS0wMVQwMDowMCNjb252X" + "A" * 200}, "bad_cursor"),
        ],
    )
    def test_parameters_that_cannot_be_are_refused(
        self, stage: Stage, reader: str, query: dict[str, str], code: str
    ) -> None:
        answer = stage.api("GET", "/v1/conversations", key=reader, query=query)
        assert (answer.status, answer.code) == (400, code)

    @pytest.mark.parametrize("limit", ["0", "1", "100", "101", "999999999999"])
    def test_a_limit_is_kept_within_bounds(self, stage: Stage, reader: str, conversation: str, limit: str) -> None:
        answer = stage.api("GET", "/v1/conversations", key=reader, query={"limit": limit})
        assert 1 <= len(answer.json["items"]) <= 100

    def test_a_change_is_made_and_shown(self, stage: Stage, writer: str, fresh: str) -> None:
        change = {"status": "pending", "tags": ["vip", "vip", "shoes"], "priority": "high", "assignee": "kim"}
        shown = stage.api("PATCH", f"/v1/conversations/{fresh}", change, key=writer).json
        assert {name: shown[name] for name in change} == {**change, "tags": ["vip", "shoes"]}
        again = stage.api("GET", f"/v1/conversations/{fresh}", key=writer).json
        assert {name: again[name] for name in change} == {**change, "tags": ["vip", "shoes"]}

    @pytest.mark.parametrize(
        "change",
        [{"status": "asleep"}, {"status": None}, {"tags": "vip"}, {"tags": [1]}, {"priority": 1}, {"colour": "red"}],
    )
    def test_a_change_that_makes_no_sense_is_refused(
        self, stage: Stage, writer: str, conversation: str, change: dict[str, Any]
    ) -> None:
        answer = stage.api("PATCH", f"/v1/conversations/{conversation}", change, key=writer)
        assert (answer.status, answer.code) == (400, "bad_request_body")

    def test_a_conversation_is_opened_again_only_while_it_is_the_latest(self, stage: Stage, writer: str) -> None:
        sender = f"reopens-{uuid4().hex}"
        first = stage.says(sender)
        path = f"/v1/conversations/{first}"
        assert stage.api("PATCH", path, {"status": "closed"}, key=writer).json["status"] == "closed"
        assert stage.api("PATCH", path, {"status": "open"}, key=writer).json["status"] == "open"
        stage.api("PATCH", path, {"status": "closed"}, key=writer)
        assert stage.says(sender) != first
        answer = stage.api("PATCH", path, {"status": "open"}, key=writer)
        assert (answer.status, answer.code) == (409, "another_conversation_open")

    def test_changing_what_is_not_there_is_not_found(self, stage: Stage, writer: str) -> None:
        answer = stage.api("PATCH", "/v1/conversations/conv_1", {"status": "closed"}, key=writer)
        assert (answer.status, answer.code) == (404, "unknown_conversation")


class TestTheLog:
    @pytest.mark.parametrize("limit", [1, 3, 7, 8, 100])
    @pytest.mark.parametrize("by", ["after", "cursor"])
    def test_events_are_paged_gap_free(self, stage: Stage, reader: str, long: str, limit: int, by: str) -> None:
        seen, position = [], "0"
        while position is not None:
            query = {by: position, "limit": str(limit)}
            page = stage.api("GET", f"/v1/conversations/{long}/events", key=reader, query=query).json
            seen += [(event["sequence"], event["previous_sequence"]) for event in page["items"]]
            position = page.get("cursor")
        assert seen == [(place, place - 1) for place in range(1, 9)]

    @pytest.mark.parametrize("limit", [1, 3, 7, 100])
    def test_messages_are_paged_in_order(self, stage: Stage, reader: str, long: str, limit: int) -> None:
        seen, position = [], "0"
        while position is not None:
            query = {"after": position, "limit": str(limit)}
            page = stage.api("GET", f"/v1/conversations/{long}/messages", key=reader, query=query).json
            seen += [message["text"] for message in page["items"]]
            position = page.get("cursor")
        assert seen == [f"message {number}" for number in range(7)]

    def test_a_page_after_the_end_is_empty(self, stage: Stage, reader: str, long: str) -> None:
        for suffix in ("events", "messages"):
            path = f"/v1/conversations/{long}/{suffix}"
            assert stage.api("GET", path, key=reader, query={"after": "999999999999"}).json == {"items": []}

    @pytest.mark.parametrize("after", ["-1", "x", "1.5", "9999999999999", " "])
    @pytest.mark.parametrize("suffix", ["events", "messages"])
    def test_a_place_that_cannot_be_is_refused(
        self, stage: Stage, reader: str, long: str, suffix: str, after: str
    ) -> None:
        answer = stage.api("GET", f"/v1/conversations/{long}/{suffix}", key=reader, query={"after": after})
        assert (answer.status, answer.code) == (400, "bad_parameter")
