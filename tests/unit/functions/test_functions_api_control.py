"""The API on control: a bot and a desk in one conversation, each with a key of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.functions.http_events import Answer
from tests.unit.functions.stage import Stage


@pytest.fixture(scope="module")
def bot(stage: Stage) -> str:
    return stage.key("write")


def control(stage: Stage, conversation: str, key: str, action: str, **more: Any) -> Answer:
    return stage.api("POST", f"/v1/conversations/{conversation}/control", {"action": action, **more}, key=key)


def reply(stage: Stage, conversation: str, key: str, **more: Any) -> Answer:
    value = {"parts": [{"type": "text", "text": "answer"}], **more}
    return stage.api("POST", f"/v1/conversations/{conversation}/messages", value, key=key)


def key_id(key: str) -> str:
    return key.split("_")[1]


BY_BOT = {"author": {"type": "bot", "name": "Berta"}}


def test_a_take_is_answered_with_the_conversation_and_the_last_messages(stage: Stage, bot: str) -> None:
    for number in range(22):
        conversation = stage.says("talkative ann", f"message {number}")
    answer = control(stage, conversation, bot, "take", **{"as": "bot"}, name="Berta")
    assert answer.status == 200
    shown = answer.json["conversation"]["controller"]
    assert (shown["type"], shown["id"], shown["name"], shown["timeout"]) == ("bot", key_id(bot), "Berta", 900)
    assert [each["text"] for each in answer.json["messages"]] == [f"message {number}" for number in range(2, 22)]
    assert answer.json["history"] == {"after": 0, "sequence": 23}


def test_a_bot_hands_over_to_a_desk_with_a_note(stage: Stage, bot: str, writer: str, fresh: str) -> None:
    # given a bot that answers
    control(stage, fresh, bot, "take", **{"as": "bot"})
    assert reply(stage, fresh, bot, **BY_BOT).status == 202
    # when
    offered = control(stage, fresh, bot, "offer", to="desk", note="wants a refund", **{"as": "bot"})
    taken = control(stage, fresh, writer, "take", name="Kim")
    # then
    assert (offered.status, "messages" in offered.json) == (200, False)
    assert offered.json["conversation"]["offered_to"] == {"type": "desk"}
    assert (taken.status, taken.json["note"]) == (200, "wants a refund")
    assert taken.json["messages"][-1]["origin"] == "bot"
    # and the bot may not go on
    refused = reply(stage, fresh, bot, **BY_BOT)
    assert (refused.status, refused.code) == (409, "not_controller")
    assert refused.json["controller"]["name"] == "Kim"
    again = control(stage, fresh, bot, "take", **{"as": "bot"})
    assert (again.status, again.code) == (409, "controlled_by_another")


def test_control_is_passed_to_a_key_that_exists(stage: Stage, bot: str, writer: str, reader: str, fresh: str) -> None:
    to = {"type": "bot", "id": key_id(bot)}
    passed = control(stage, fresh, writer, "pass", to=to)
    assert passed.json["conversation"]["controller"]["id"] == key_id(bot)
    for other in ("000000000000", key_id(reader)):
        refused = control(stage, fresh, bot, "pass", to={"type": "desk", "id": other}, **{"as": "bot"})
        assert (refused.status, refused.code) == (422, "unknown_party")


def test_who_may_not_reply_may_not_seem_to_type(stage: Stage, bot: str, writer: str, fresh: str) -> None:
    control(stage, fresh, bot, "take", **{"as": "bot"})
    path = f"/v1/conversations/{fresh}/typing"
    refused = stage.api("POST", path, {"active": True}, key=writer)
    assert (refused.status, refused.code) == (409, "not_controller")
    assert stage.api("POST", path, key=bot).status == 202
    assert stage.api("POST", path, {"as": "bot"}, key=bot).status == 202
    assert stage.api("POST", path, {"as": "desk"}, key=bot).status == 409


@pytest.mark.parametrize(
    ("value", "status", "code"),
    [
        ({}, 400, "bad_request_body"),
        ({"action": "steal"}, 400, "bad_request_body"),
        ({"action": "take", "as": "customer"}, 400, "bad_request_body"),
        ({"action": "offer"}, 422, "bad_control"),
        ({"action": "offer", "to": "everybody"}, 400, "bad_request_body"),
        ({"action": "offer", "to": {"type": "bot"}}, 400, "bad_request_body"),
        ({"action": "take", "timeout_seconds": 5}, 422, "bad_control"),
    ],
)
def test_what_cannot_be_is_refused(
    stage: Stage, writer: str, conversation: str, value: dict[str, Any], status: int, code: str
) -> None:
    answer = stage.api("POST", f"/v1/conversations/{conversation}/control", value, key=writer)
    assert (answer.status, answer.code) == (status, code)


def test_control_is_for_those_who_may_write(stage: Stage, reader: str, conversation: str) -> None:
    assert control(stage, conversation, reader, "take").status == 403


def test_a_bots_reply_wears_the_mark_that_wechat_asks_for(stage: Stage, wechat: Any, bot: str, fresh: str) -> None:
    reply(stage, fresh, bot, **BY_BOT)
    reply(stage, fresh, bot)
    stage.run()
    sent = [each for each in wechat.sent if each.get("msgtype") == "text"][-2:]
    assert [each.get("aimsgcontext") for each in sent] == [{"is_ai_msg": 1}, None]
