"""The API on messages: replies, files to send, typing; and on customers and channels."""

from __future__ import annotations

from typing import Any

import pytest

from functions.api.files import LARGEST_FILE
from functions.bootstrap import channels
from tests.unit.functions.http_events import Answer
from tests.unit.functions.stage import Stage
from tests.unit.functions.wechat_api import WeChatApi

TEXT = {"parts": [{"type": "text", "text": "answer"}]}


class TestReplies:
    def reply(self, stage: Stage, conversation: str, key: str, value: object = TEXT, **headers: str) -> Answer:
        path = f"/v1/conversations/{conversation}/messages"
        return stage.api(
            "POST", path, value, key=key, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )

    def test_a_reply_is_accepted(self, stage: Stage, writer: str, fresh: str) -> None:
        answer = self.reply(stage, fresh, writer)
        assert answer.status == 202
        assert set(answer.json) == {"message_id", "sequence", "status", "route", "degradations"}
        assert (answer.json["sequence"], answer.json["status"], answer.json["route"]["remaining"]) == (3, "queued", 4)

    def test_a_used_up_window_is_409_with_the_route(self, stage: Stage, writer: str, fresh: str) -> None:
        for _ in range(5):
            assert self.reply(stage, fresh, writer).status == 202
        answer = self.reply(stage, fresh, writer)
        assert (answer.status, answer.code) == (409, "window_closed")
        assert (answer.json["route"]["can_reply"], answer.json["route"]["reason"]) == (False, "window_closed")

    def test_a_repeat_under_the_same_key_is_answered_the_same(self, stage: Stage, writer: str, fresh: str) -> None:
        for _ in range(4):
            self.reply(stage, fresh, writer)
        first = self.reply(stage, fresh, writer, idempotency_key="k1")
        again = self.reply(stage, fresh, writer, Idempotency_Key="k1")
        assert (again.status, again.json) == (202, first.json)
        other = self.reply(stage, fresh, writer, {"parts": [{"type": "text", "text": "x"}]}, idempotency_key="k1")
        assert (other.status, other.code) == (422, "idempotency_key_reused")

    @pytest.mark.parametrize("key", ["", "k" * 256])
    def test_an_idempotency_key_has_a_length(self, stage: Stage, writer: str, conversation: str, key: str) -> None:
        answer = self.reply(stage, conversation, writer, idempotency_key=key)
        assert (answer.status, answer.code) == (400, "bad_idempotency_key")

    @pytest.mark.parametrize(
        ("value", "status", "code"),
        [
            ({}, 400, "bad_request_body"),
            ({"parts": "hi"}, 400, "bad_request_body"),
            ({"parts": [1]}, 400, "bad_request_body"),
            ({"parts": []}, 422, "bad_parts"),
            ({"parts": [{"type": "hologram"}]}, 422, "unknown_part_type"),
            ({"parts": [{"type": "text", "text": "  "}]}, 422, "empty_message"),
            ({"parts": [{"type": "text", "text": "x" * 100_001}]}, 422, "message_too_large"),
            ({**TEXT, "author": {"type": "customer"}}, 422, "bad_author"),
            ({**TEXT, "author": {"type": "ghost"}}, 400, "bad_request_body"),
            ({**TEXT, "route": "idn_nobody"}, 422, "unknown_route"),
            ({**TEXT, "route": {"channel": "pigeon"}}, 422, "unknown_route"),
            ({**TEXT, "route": 7}, 400, "bad_request_body"),
            ({**TEXT, "fallback": "maybe"}, 422, "bad_fallback"),
            ({**TEXT, "degrade": "maybe"}, 422, "bad_degrade"),
            (
                {"parts": [{"type": "location", "latitude": 1, "longitude": 2}], "degrade": "refuse"},
                422,
                "would_degrade",
            ),
            ({"parts": [{"type": "text", "text": "好" * 4096}]}, 409, "window_exceeded"),
            ({"parts": [{"type": "image", "media": {"media_id": "../x"}}]}, 422, "unknown_media"),
        ],
    )
    def test_a_reply_that_cannot_be_sent_is_refused(
        self, stage: Stage, writer: str, conversation: str, value: Any, status: int, code: str
    ) -> None:
        answer = self.reply(stage, conversation, writer, value)
        assert (answer.status, answer.code) == (status, code)

    def test_a_reply_to_nobody_is_not_found(self, stage: Stage, writer: str) -> None:
        answer = self.reply(stage, "conv_1", writer)
        assert (answer.status, answer.code) == (404, "unknown_conversation")


class TestTyping:
    def test_the_customer_is_shown_that_somebody_types(
        self, stage: Stage, writer: str, fresh: str, wechat: WeChatApi
    ) -> None:
        before = len(wechat.sent)
        path = f"/v1/conversations/{fresh}/typing"
        assert stage.api("POST", path, key=writer).json == {"shown": True}
        assert stage.api("POST", path, {"active": False}, key=writer).status == 202
        assert [each["command"] for each in wechat.sent[before:]] == ["Typing", "CancelTyping"]

    def test_a_provider_that_refuses_is_no_error(
        self, stage: Stage, writer: str, fresh: str, wechat: WeChatApi
    ) -> None:
        wechat.answers = [{"errcode": 48001, "errmsg": "api unauthorized"}]
        answer = stage.api("POST", f"/v1/conversations/{fresh}/typing", key=writer)
        assert (answer.status, answer.json) == (202, {"shown": False})

    def test_an_account_that_was_taken_down_is_no_error(self, stage: Stage, writer: str, fresh: str) -> None:
        contexts = channels.channel_contexts()
        with pytest.MonkeyPatch.context() as patch:
            accounts = vars(contexts)["_accounts"]
            patch.setattr(accounts, "_prefix", "nothing-here/")
            answer = stage.api("POST", f"/v1/conversations/{fresh}/typing", key=writer)
        assert (answer.status, answer.json) == (202, {"shown": False})

    def test_an_unknown_conversation_is_not_found(self, stage: Stage, writer: str) -> None:
        assert stage.api("POST", "/v1/conversations/conv_1/typing", key=writer).code == "unknown_conversation"

    def test_what_is_neither_on_nor_off_is_refused(self, stage: Stage, writer: str, conversation: str) -> None:
        answer = stage.api("POST", f"/v1/conversations/{conversation}/typing", {"active": "yes"}, key=writer)
        assert (answer.status, answer.code) == (400, "bad_request_body")


class TestCustomers:
    def test_a_customer_is_shown_with_identities_and_can_be_changed(
        self, stage: Stage, writer: str, fresh: str
    ) -> None:
        customer_id = stage.api("GET", f"/v1/conversations/{fresh}", key=writer).json["customer_id"]
        path = f"/v1/customers/{customer_id}"
        shown = stage.api("GET", path, key=writer).json
        assert (shown["id"], shown["tags"], shown["attributes"]) == (customer_id, [], {})
        assert [identity["channel"] for identity in shown["identities"]] == ["wechat"]
        change = {"name": "安娜", "tags": ["vip"], "attributes": {"size": 38}, "language": "zh"}
        assert stage.api("PATCH", path, change, key=writer).status == 200
        again = stage.api("GET", path, key=writer).json
        assert {name: again[name] for name in change} == change
        assert again["identities"] == shown["identities"]

    @pytest.mark.parametrize("change", [{"id": "cus_2"}, {"tags": "vip"}, {"attributes": []}, {"name": 7}])
    def test_a_change_that_makes_no_sense_is_refused(self, stage: Stage, writer: str, change: dict[str, Any]) -> None:
        answer = stage.api("PATCH", "/v1/customers/cus_1", change, key=writer)
        assert (answer.status, answer.code) == (400, "bad_request_body")


class TestChannels:
    def test_accounts_are_listed_with_what_they_can_do(self, stage: Stage, reader: str) -> None:
        stage.account("pigeon", "main", {})
        items = stage.api("GET", "/v1/channels", key=reader).json["items"]
        assert [(item["channel"], item["account"]) for item in items] == [
            ("webchat", "main"),
            ("wechat", "plain"),
            ("wechat", "secure"),
        ]
        assert [item.get("webhook_url") for item in items] == [
            None,
            "https://api.example/hooks/wechat/plain",
            "https://api.example/hooks/wechat/secure",
        ]
        assert all(item["capabilities"]["channel"] == item["channel"] for item in items)
        assert {item["health"]["status"] for item in items} <= {"ok", "failing", "unknown"}


class TestFiles:
    def test_a_form_for_an_upload_is_given(self, stage: Stage, writer: str) -> None:
        answer = stage.api("POST", "/v1/media", {"mime_type": "image/png", "size": 10}, key=writer)
        assert answer.status == 201
        assert answer.json["media_id"].startswith("med_")
        assert answer.json["fields"]["key"] == f"uploads/_agents/{answer.json['media_id']}"
        assert answer.json["fields"]["Content-Type"] == "image/png"
        assert answer.json["url"].startswith("http")

    @pytest.mark.parametrize(
        ("value", "status", "code"),
        [
            ({"mime_type": "image/png", "size": 0}, 422, "bad_size"),
            ({"mime_type": "image/png", "size": -1}, 422, "bad_size"),
            ({"mime_type": "image/png", "size": LARGEST_FILE + 1}, 422, "bad_size"),
            ({"mime_type": "image/png", "size": 10**30}, 422, None),
            ({"mime_type": "image/png"}, 400, "bad_request_body"),
            ({"mime_type": "image/png", "size": True}, 400, "bad_request_body"),
            ({"size": 1}, 400, "bad_request_body"),
        ],
    )
    def test_a_file_that_cannot_be_sent_gets_no_form(
        self, stage: Stage, writer: str, value: Any, status: int, code: str | None
    ) -> None:
        answer = stage.api("POST", "/v1/media", value, key=writer)
        assert answer.status in ({status} if code else {400, 422})
        assert code in (None, answer.code)
