"""The API's feed of all conversations, and what its events show."""

from __future__ import annotations

from uuid import uuid4

import pytest

from shared.model.timestamps import rfc3339
from tests.unit.functions.stage import Stage


def catch_up(stage: Stage, key: str, **query: str) -> tuple[list[dict[str, object]], str]:
    """All events by now, and the cursor to go on with."""
    found: list[dict[str, object]] = []
    while True:
        page = stage.api("GET", "/v1/events", key=key, query=query).json
        found += page["items"]
        if not page["more"]:
            return found, page["cursor"]
        query = {**{name: value for name, value in query.items() if name != "since"}, "cursor": page["cursor"]}


class TestTheFeed:
    def test_whoever_has_no_cursor_hears_from_now_on(self, stage: Stage, reader: str) -> None:
        # Given
        first = stage.api("GET", "/v1/events", key=reader).json
        assert (first["items"], first["more"]) == ([], False)
        # When
        conversation = stage.says(f"feed-{uuid4().hex}", "hello feed")
        events, cursor = catch_up(stage, reader, cursor=first["cursor"])
        # Then
        ours = [event for event in events if event["subject"] == conversation]
        assert [(event["sequence"], event["type"]) for event in ours] == [
            (1, "conversation.opened"),
            (2, "message.received"),
        ]
        assert catch_up(stage, reader, cursor=cursor)[0] == []

    @pytest.mark.parametrize("query", [{"cursor": "start"}, {"since": "2020-01-01T00:00:00Z"}])
    def test_from_the_start_everything_comes_in_pages(
        self, stage: Stage, reader: str, conversation: str, query: dict[str, str]
    ) -> None:
        events, _ = catch_up(stage, reader, limit="3", **query)
        assert [event["sequence"] for event in events if event["subject"] == conversation] == [1, 2]
        ids = [event["id"] for event in events]
        assert len(ids) == len(set(ids))

    def test_an_event_is_the_one_that_the_log_of_its_conversation_shows(
        self, stage: Stage, reader: str, conversation: str
    ) -> None:
        events, _ = catch_up(stage, reader, cursor="start", limit="100")
        log = stage.api("GET", f"/v1/conversations/{conversation}/events", key=reader).json["items"]
        assert [event for event in events if event["subject"] == conversation] == log

    def test_only_the_types_that_are_asked_for_come(self, stage: Stage, reader: str, conversation: str) -> None:
        events, _ = catch_up(stage, reader, cursor="start", types="message.received,message.sent")
        assert conversation in {event["subject"] for event in events}
        assert {event["type"] for event in events} <= {"message.received", "message.sent"}

    def test_a_message_shows_how_far_it_is_by_now(self, stage: Stage, writer: str, fresh: str) -> None:
        body = {"parts": [{"type": "text", "text": "on its way"}]}
        sent = stage.api("POST", f"/v1/conversations/{fresh}/messages", body, key=writer).json
        stage.run()
        events, _ = catch_up(stage, writer, cursor="start", limit="100")
        [event] = [each for each in events if (each["subject"], each["sequence"]) == (fresh, sent["sequence"])]
        data = event["data"]
        assert isinstance(data, dict)
        assert data["message"]["status"] == "sent"

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"cursor": "x"}, "bad_cursor"),
            ({"cursor": "%%%"}, "bad_cursor"),
            ({"cursor": "A" * 9000}, "bad_cursor"),
            ({"since": "yesterday"}, "bad_parameter"),
            ({"since": "1969-01-01T00:00:00Z"}, "bad_parameter"),
            ({"since": "9999-12-31T23:59:59Z"}, "bad_parameter"),
            ({"since": "2020-01-01T00:00:00Z", "cursor": "start"}, "bad_parameter"),
            ({"types": "message.lost", "cursor": "start"}, "bad_parameter"),
            ({"types": "message.status_changed", "cursor": "start"}, "bad_parameter"),
            ({"limit": "-1", "cursor": "start"}, "bad_parameter"),
        ],
    )
    def test_what_cannot_be_is_refused(self, stage: Stage, reader: str, query: dict[str, str], code: str) -> None:
        answer = stage.api("GET", "/v1/events", key=reader, query=query)
        assert (answer.status, answer.code) == (400, code)

    def test_a_time_may_have_any_offset(self, stage: Stage, reader: str) -> None:
        for since in (rfc3339(4e9), "2090-01-01T00:00:00+08:00", "2090-01-01T00:00:00 08:00"):
            assert catch_up(stage, reader, since=since)[0] == []

    def test_without_a_key_nothing_is_shown(self, stage: Stage) -> None:
        assert stage.api("GET", "/v1/events").status == 401
