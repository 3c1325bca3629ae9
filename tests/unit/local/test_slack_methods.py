"""The stand-in's Web API refuses what Slack refuses, and Slack's own client can talk to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from infra.local.providers.slack.blocks import MAXIMUM_TEXT
from tests.unit.local.slack_stage import BOT, BOT_ID, TEAM, TOKEN, SlackStage, on_slack_stage

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
BEARER = {"Authorization": f"Bearer {TOKEN}"}
POST = "/api/chat.postMessage"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[SlackStage]:
    async with on_slack_stage(tmp_path) as made:
        yield made


def button(**changes: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "a", **changes}


def actions(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "actions", "elements": list(elements)}]


async def posted(stage: SlackStage, **content: Any) -> dict[str, Any]:
    return await stage.api("chat.postMessage", {"channel": await stage.support(), **content})


async def test_a_message_is_kept_as_it_was_written(stage: SlackStage) -> None:
    channel = await stage.support()
    answer = await posted(stage, text="*a* &lt;b&gt; <https://x.test|y>", blocks=[SECTION], unfurl_links=False)
    (message,) = await stage.messages(channel)
    assert (answer["ok"], answer["channel"], answer["ts"]) == (True, channel, message["ts"])
    assert (message["text"], message["bot_id"], message["user"]) == ("*a* &lt;b&gt; <https://x.test|y>", BOT_ID, BOT)
    assert message["blocks"][0]["block_id"]
    assert "response_metadata" not in answer


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, "not_authed"),
        ({"Authorization": "Basic eA=="}, "not_authed"),
        ({"Authorization": "Bearer xoxb-other"}, "invalid_auth"),
    ],
)
async def test_a_call_needs_the_token_in_its_header(stage: SlackStage, headers: dict[str, str], error: str) -> None:
    body = {"channel": "C1", "text": "x", "token": TOKEN}
    _, _, content = await stage.raw("POST", POST, json=body, params={"token": TOKEN}, headers=headers)
    assert json.loads(content)["error"] == error


@pytest.mark.parametrize("standing", ["account_inactive", "token_revoked", "token_expired"])
async def test_an_ended_installation_is_told(stage: SlackStage, standing: str) -> None:
    await stage.control("POST", "accounts/main", {"standing": standing})
    assert (await stage.api("auth.test"))["error"] == standing


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b"[1]", "json_not_object"),
        ("application/json; charset=gbk", b"{}", "invalid_charset"),
        ("text/plain", b"{}", "invalid_post_type"),
    ],
)
async def test_a_body_that_slack_cannot_read_is_refused(
    stage: SlackStage, content_type: str, body: bytes, error: str
) -> None:
    _, _, content = await stage.raw("POST", POST, data=body, headers={**BEARER, "Content-Type": content_type})
    assert json.loads(content)["error"] == error


async def test_slack_warns_of_a_missing_charset_and_of_arguments_it_does_not_know(stage: SlackStage) -> None:
    body = json.dumps({"channel": await stage.support(), "text": "x", "colour": "red"})
    _, _, content = await stage.raw("POST", POST, data=body, headers={**BEARER, "Content-Type": "application/json"})
    answer = json.loads(content)
    assert (answer["ok"], answer["warning"]) == (True, "missing_charset")
    assert answer["response_metadata"]["messages"] == ["[WARN] ignored argument: colour"]


async def test_a_form_does_as_well_with_blocks_as_json(stage: SlackStage) -> None:
    answer = await stage.form("chat.postMessage", channel=await stage.support(), blocks=json.dumps([SECTION]))
    assert answer["message"]["blocks"][0]["type"] == "section"


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("files.getUploadURLExternal", {"filename": "a.txt", "length": 1}),
        ("files.info", {"file": "F1"}),
        ("users.info", {"user": BOT}),
        ("conversations.info", {"channel": "C1"}),
    ],
)
async def test_some_methods_read_forms_only(stage: SlackStage, method: str, body: dict[str, Any]) -> None:
    assert (await stage.api(method, body))["error"] == "invalid_arguments"


async def test_an_unknown_method_is_unknown(stage: SlackStage) -> None:
    assert await stage.api("chat.shout") == {"ok": False, "error": "unknown_method", "req_method": "chat.shout"}


async def test_a_missing_scope_is_named(stage: SlackStage) -> None:
    await stage.control("POST", "accounts/main", {"scopes": ["im:history"]})
    answer = await stage.api("chat.postMessage", {"channel": "C1", "text": "x"})
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "chat:write", "im:history")


async def test_the_token_s_scopes_are_in_a_header(stage: SlackStage) -> None:
    _, headers, content = await stage.raw("POST", "/api/auth.test", headers=BEARER)
    answer = json.loads(content)
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (TEAM, BOT, BOT_ID)
    assert {"chat:write", "im:write"} <= set(headers["X-OAuth-Scopes"].split(","))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({}, "no_text"),
        ({"text": " "}, "no_text"),
        ({"blocks": []}, "no_text"),
        ({"text": 7}, "invalid_arguments"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "thread_ts": "1.2"}, "invalid_thread_ts"),
        ({"text": "x", "thread_ts": "1700000000.000100"}, "thread_not_found"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"text": "x", "attachments": "x"}, "invalid_attachments"),
        ({"text": "x", "channel": "C0NONE"}, "channel_not_found"),
        ({"text": "x", "channel": "#none"}, "channel_not_found"),
        ({"text": "x", "channel": None}, "invalid_arguments"),
    ],
)
async def test_a_message_that_cannot_be_posted(stage: SlackStage, content: dict[str, Any], error: str) -> None:
    assert (await posted(stage, **content))["error"] == error


@pytest.mark.parametrize(
    ("blocks", "rule"),
    [
        ([{"type": "marquee"}], "unsupported type: marquee"),
        (["x"], "unsupported type: x"),
        ([SECTION] * 51, "no more than 50 items allowed"),
        ([{"type": "section"}], "must define either `text` or `fields`"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}], "must be less than 3001 characters"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": ""}}], "must be more than 0 characters"),
        ([{"type": "section", "text": {"type": "markdown", "text": "x"}}], "must be one of the types"),
        ([{"type": "section", "text": "x"}], "must provide an object"),
        ([{**SECTION, "colour": "red"}], "invalid additional property: colour"),
        ([{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}], "no more than 10 items allowed"),
        ([{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}], "must be less than 2001"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "must be less than 151"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "must be one of the types: plain_text"),
        ([{"type": "image", "image_url": "https://x.test/a.png"}], "missing required field: alt_text"),
        ([{"type": "image", "image_url": "x" * 3001, "alt_text": "a"}], "must be less than 3001"),
        ([{"type": "image", "image_url": "javascript:x", "alt_text": "a"}], "Invalid URL"),
        (actions(*[button(action_id=str(number)) for number in range(26)]), "no more than 25 items allowed"),
        (actions(), "must provide a non-empty array"),
        (actions(button(text={"type": "plain_text", "text": "x" * 76})), "must be less than 76"),
        (actions(button(value="x" * 2001)), "must be less than 2001"),
        (actions(button(url="https://x.test/" + "x" * 3000)), "must be less than 3001"),
        (actions(button(action_id="x" * 256)), "must be less than 256"),
        (actions(button(style="green")), "must be one of: primary, danger"),
        (actions(button(), button()), "action_id `a` already exists"),
        (actions({"type": "button", "action_id": "a"}), "missing required field: text"),
        (actions({"type": "gauge"}), "unsupported type: gauge"),
        (
            actions({"type": "static_select", "options": [{"text": {"type": "plain_text", "text": "x"}}] * 101}),
            "no more than 100 items allowed",
        ),
        (
            actions({"type": "static_select", "options": [{"text": {"type": "plain_text", "text": "x" * 76}}]}),
            "must be less than 76",
        ),
        ([{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}], "no more than 10 items allowed"),
        ([{**SECTION, "block_id": "b"}, {**SECTION, "block_id": "b"}], "block_id `b` already exists"),
    ],
)
async def test_wrong_blocks_are_refused_with_the_rule_and_the_place(
    stage: SlackStage, blocks: list[Any], rule: str
) -> None:
    answer = await posted(stage, text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    (message,) = [text for text in answer["response_metadata"]["messages"] if rule in text][:1]
    assert message.startswith("[ERROR] ")
    assert "[json-pointer:/blocks" in message


async def test_an_action_id_may_return_in_another_block(stage: SlackStage) -> None:
    assert (await posted(stage, text="x", blocks=actions(button()) + actions(button())))["ok"] is True


async def test_blocks_are_a_list_and_not_too_much_together(stage: SlackStage) -> None:
    assert (await posted(stage, text="x", blocks="x"))["error"] == "invalid_blocks_format"
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    assert (await posted(stage, text="x", blocks=[section] * (MAXIMUM_TEXT // 3000)))["ok"] is True
    assert (await posted(stage, text="x", blocks=[section] * (MAXIMUM_TEXT // 3000 + 1)))["error"] == (
        "msg_blocks_too_long"
    )


@pytest.mark.parametrize(
    ("change", "error"),
    [({"with_app": False}, "not_in_channel"), ({"archived": True}, "is_archived")],
)
async def test_the_app_writes_only_where_it_may(stage: SlackStage, change: dict[str, bool], error: str) -> None:
    await stage.control("POST", f"channels/{await stage.support()}", change)
    assert (await posted(stage, text="x"))["error"] == error


async def test_a_private_channel_without_the_app_does_not_exist(stage: SlackStage) -> None:
    secret = await stage.control("POST", "channels", {"name": "secret", "private": True, "with_app": False})
    assert (await stage.api("chat.postMessage", {"channel": secret["id"], "text": "x"}))["error"] == "channel_not_found"
    assert (await stage.form("conversations.info", channel=secret["id"]))["error"] == "channel_not_found"


async def test_a_thread_is_answered_at_its_first_message(stage: SlackStage) -> None:
    first = await posted(stage, text="1")
    second = await posted(stage, text="2", thread_ts=first["ts"])
    third = await posted(stage, text="3", thread_ts=second["ts"])
    assert second["message"]["thread_ts"] == first["ts"]
    assert third["error"] == "cannot_reply_to_message"


async def test_a_direct_conversation_is_opened_before_it_is_used(stage: SlackStage) -> None:
    user = await stage.user()
    first = await stage.api("conversations.open", {"users": user})
    second = await stage.api("conversations.open", {"users": user})
    assert first["channel"]["id"] == second["channel"]["id"]
    assert (await stage.api("chat.postMessage", {"channel": first["channel"]["id"], "text": "x"}))["ok"] is True
    assert (await stage.api("chat.postMessage", {"channel": user, "text": "x"}))["channel"] == first["channel"]["id"]


async def test_whom_the_app_cannot_write_to(stage: SlackStage) -> None:
    gone, stranger = await stage.user(), await stage.user("Mia", organisation="Acme")
    await stage.control("POST", f"users/{gone}", {"deleted": True})
    asked: list[tuple[dict[str, str], str]] = [
        ({}, "users_list_not_supplied"),
        ({"users": "U0NONE"}, "user_not_found"),
        ({"users": gone}, "user_disabled"),
        ({"users": BOT}, "cannot_dm_bot"),
        ({"users": stranger}, "user_not_visible"),
    ]
    assert [(await stage.api("conversations.open", body))["error"] for body, _ in asked] == [code for _, code in asked]


async def test_the_app_changes_and_deletes_its_own_messages_only(stage: SlackStage) -> None:
    channel = await stage.support()
    theirs = (await stage.write(await stage.user(), "hi", channel=channel))["ts"]
    ours = (await posted(stage, text="1"))["ts"]
    for method in ("chat.update", "chat.delete"):
        error = "cant_update_message" if method == "chat.update" else "cant_delete_message"
        assert (await stage.api(method, {"channel": channel, "ts": theirs, "text": "x"}))["error"] == error
        assert (await stage.api(method, {"channel": channel, "ts": "1.2", "text": "x"}))["error"] == "message_not_found"
    assert (await stage.api("chat.update", {"channel": channel, "ts": ours, "text": "2"}))["text"] == "2"
    assert (await stage.api("chat.delete", {"channel": channel, "ts": ours}))["ok"] is True
    assert [message["ts"] for message in await stage.messages(channel)] == [theirs]


async def test_reactions_are_given_once_by_a_proper_name(stage: SlackStage) -> None:
    channel = await stage.support()
    item = {"channel": channel, "timestamp": (await posted(stage, text="1"))["ts"]}
    assert (await stage.api("reactions.add", {**item, "name": "No Good"}))["error"] == "invalid_name"
    assert (await stage.api("reactions.add", {**item, "name": "+1"}))["ok"] is True
    assert (await stage.api("reactions.add", {**item, "name": "+1"}))["error"] == "already_reacted"
    assert (await stage.api("reactions.add", {**item, "timestamp": "x", "name": "+1"}))["error"] == "bad_timestamp"


async def test_people_are_told_with_their_address_only_when_the_scope_is_there(stage: SlackStage) -> None:
    user = await stage.user()
    known = (await stage.form("users.info", user=user))["user"]
    await stage.control("POST", "accounts/main", {"scopes": ["users:read"]})
    unknown = (await stage.form("users.info", user=user))["user"]
    assert known["profile"]["real_name"] == "Anna Smit"
    assert "email" in known["profile"]
    assert "email" not in unknown["profile"]
    assert (await stage.form("users.info", user="U0NONE"))["error"] == "user_not_found"


async def test_after_a_burst_one_message_a_second_and_channel(stage: SlackStage) -> None:
    channel, other = await stage.support(), await stage.direct(await stage.user())
    body = {"channel": channel, "text": "x"}
    answers = [await stage.raw("POST", POST, json=body, headers=BEARER) for _ in range(5)]
    _, headers, content = answers[-1]
    assert [status for status, _, _ in answers] == [200] * 4 + [429]
    assert (headers["Retry-After"], json.loads(content)) == ("1", {"ok": False, "error": "ratelimited"})
    assert (await stage.raw("POST", POST, json={**body, "channel": other}, headers=BEARER))[0] == 200
    await stage.control("POST", "clock", {"advance_seconds": 1})
    assert (await stage.raw("POST", POST, json=body, headers=BEARER))[0] == 200
    await stage.control("POST", "behaviour", {"rate_limits": False})
    assert [(await stage.raw("POST", POST, json=body, headers=BEARER))[0] for _ in range(9)] == [200] * 9


async def test_other_methods_have_their_tier(stage: SlackStage) -> None:
    user = await stage.user()
    taken = 0
    while (await stage.raw("GET", "/api/users.info", params={"user": user}, headers=BEARER))[0] == 200:
        taken += 1
    assert taken >= 100, "a slow machine calls more often, for calls come back with time"


async def test_a_file_is_announced_uploaded_and_shared(stage: SlackStage) -> None:
    channel = await stage.support()
    address = await stage.form("files.getUploadURLExternal", filename="名.txt", length="2")
    for data, status in ((b"abc", 400), (b"hi", 200)):
        async with stage.session.post(address["upload_url"], data=data) as answer:
            assert answer.status == status
    files = [{"id": address["file_id"], "title": "Name"}]
    done = await stage.api("files.completeUploadExternal", {"files": files, "channel_id": channel})
    (message,) = await stage.messages(channel)
    assert (message["subtype"], message["file_ids"]) == ("file_share", [address["file_id"]])
    assert "shares" not in done["files"][0]
    again = await stage.api("files.completeUploadExternal", {"files": files, "channel_id": channel})
    assert again["error"] == "file_not_found"
    looks = [(await stage.form("files.info", file=address["file_id"]))["file"]["shares"] for _ in range(2)]
    assert looks[0] == {}, "Slack shares a file a moment after it was completed"
    assert looks[1]["private"] == {channel: [{"ts": message["ts"]}]}


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"length": "1"}, "missing required field: filename"),
        ({"filename": "a"}, "missing required field: length"),
        ({"filename": "a", "length": "0"}, "must be greater than 0"),
        ({"filename": "a", "length": "1.5"}, "must be an integer"),
    ],
)
async def test_a_wrong_announcement_of_a_file(stage: SlackStage, fields: dict[str, str], rule: str) -> None:
    answer = await stage.form("files.getUploadURLExternal", **fields)
    assert answer["error"] == "invalid_arguments"
    assert rule in answer["response_metadata"]["messages"][0]


async def test_a_file_that_was_not_uploaded_cannot_be_shared(stage: SlackStage) -> None:
    address = await stage.form("files.getUploadURLExternal", filename="a", length="2")
    body = {"files": [{"id": address["file_id"]}], "channel_id": await stage.support()}
    assert (await stage.api("files.completeUploadExternal", body))["error"] == "file_not_found"
    assert (await stage.api("files.completeUploadExternal", {"files": "x"}))["error"] == "invalid_arguments"
    assert (await stage.api("files.completeUploadExternal", {}))["error"] == "invalid_arguments"


async def test_a_download_without_the_token_is_the_sign_in_page(stage: SlackStage) -> None:
    user = await stage.user()
    await stage.write(user, "", files=[{"name": "a.png", "data": "aGk="}])
    address = stage.server.events()[0]["files"][0]["url_private_download"]

    async def fetched(headers: dict[str, str]) -> tuple[int, str, bytes]:
        async with stage.session.get(address, headers=headers) as answer:
            return answer.status, answer.content_type, await answer.read()

    assert await fetched(BEARER) == (200, "image/png", b"hi")
    assert (await fetched({}))[:2] == (200, "text/html")
    await stage.control("POST", "accounts/main", {"scopes": ["chat:write"]})
    assert (await fetched(BEARER))[:2] == (200, "text/html")


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ({"error": "internal_error"}, 200, "internal_error"),
        ({"retry_after": 7}, 429, "ratelimited"),
        ({"http_status": 503, "error": "service_unavailable"}, 503, "service_unavailable"),
    ],
)
async def test_failures_come_when_asked_for(stage: SlackStage, fault: dict[str, Any], status: int, error: str) -> None:
    await stage.control("POST", "fail", {"path": "auth.test", **fault})
    answered, headers, content = await stage.raw("POST", "/api/auth.test", headers=BEARER)
    assert (answered, json.loads(content)["error"]) == (status, error)
    assert headers.get("Retry-After") == ("7" if "retry_after" in fault else None)
    assert (await stage.api("auth.test"))["ok"] is True


async def test_uploads_and_downloads_can_fail_as_well(stage: SlackStage) -> None:
    address = await stage.form("files.getUploadURLExternal", filename="a", length="2")
    await stage.control("POST", "fail", {"path": "files/upload", "http_status": 500})
    await stage.control("POST", "fail", {"path": "files/download", "redirect": "https://example.com/"})
    async with stage.session.post(address["upload_url"], data=b"hi") as answer:
        assert answer.status == 500
    assert (await stage.raw("GET", "/files/files-pri/T1-F1/a", headers=BEARER))[0] == 302


async def test_a_lost_answer_leaves_the_message_posted_and_a_lost_call_does_not(stage: SlackStage) -> None:
    await stage.control("POST", "fail", {"path": "chat.postMessage", "http_status": 502, "when": "after"})
    await stage.control("POST", "fail", {"path": "chat.postMessage", "hang_seconds": 0.02})
    body = {"channel": await stage.support(), "text": "x"}
    assert (await stage.raw("POST", POST, json=body, headers=BEARER))[0] == 502
    with pytest.raises(aiohttp.ClientConnectionError):
        await stage.raw("POST", POST, json=body, headers=BEARER)
    assert len(await stage.messages(await stage.support())) == 1


@pytest.mark.parametrize(
    "fault", [{"path": "x"}, {"path": "", "error": "x"}, {"path": "x", "garbage": True, "times": 0}]
)
async def test_a_fault_that_says_nothing_is_refused(stage: SlackStage, fault: dict[str, Any]) -> None:
    assert (await stage.asked_control("POST", "fail", fault))[0] == 400


async def test_calls_are_remembered(stage: SlackStage) -> None:
    await posted(stage, text="你好")
    (call,) = (await stage.control("GET", "requests?path=chat.postMessage"))["items"]
    assert json.loads(call["body"])["text"] == "你好"
    assert json.loads(call["answer"])["ok"] is True


async def test_slack_s_own_client_posts_and_uploads(stage: SlackStage) -> None:
    channel = await stage.support()
    client = WebClient(TOKEN, base_url=f"{stage.url}/slack/api/")

    def work() -> None:
        first = client.chat_postMessage(channel=channel, text="hi", blocks=[SECTION])
        client.chat_postMessage(channel=channel, text="thread", thread_ts=str(first["ts"]))
        client.files_upload_v2(channel=channel, content="content", filename="a.txt", initial_comment="look")
        client.reactions_add(channel=channel, timestamp=str(first["ts"]), name="eyes")
        assert client.auth_test()["user_id"] == BOT
        assert client.users_info(user=BOT)["user"]["is_bot"] is True
        assert client.conversations_info(channel=channel)["channel"]["name"] == "support"
        with pytest.raises(SlackApiError, match="channel_not_found"):
            client.chat_postMessage(channel="C0NONE", text="x")

    await asyncio.to_thread(work)
    first, _, shared = await stage.messages(channel)
    assert first["reactions"][0]["name"] == "eyes"
    assert (shared["text"], shared["files"][0]["size"]) == ("look", 7)


async def test_people_channels_and_files_are_there_after_a_restart(tmp_path: Path) -> None:
    async with on_slack_stage(tmp_path) as stage:
        user = await stage.user()
        sent = await stage.write(user, "hi", files=[{"name": "a.txt", "data": "aGk="}])
        before = (await stage.messages(sent["channel"]))[0]
    async with on_slack_stage(tmp_path) as stage:
        (after,) = await stage.messages(sent["channel"])
        assert (after["ts"], after["file_ids"]) == (before["ts"], before["file_ids"])
        assert (await stage.form("files.info", file=after["file_ids"][0]))["ok"] is True
