"""What people do reaches the app's server as Slack would post it: signed, and again when it fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from tests.unit.local.slack_stage import APP, BOT, BOT_ID, SECRET, TEAM, SlackStage, on_slack_stage

BUTTONS = [
    {
        "type": "actions",
        "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Yes"}, "action_id": "yes", "value": "1"},
            {
                "type": "static_select",
                "action_id": "menu",
                "options": [{"text": {"type": "plain_text", "text": "Blue"}, "value": "b"}],
            },
        ],
    }
]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[SlackStage]:
    async with on_slack_stage(tmp_path) as made:
        yield made


async def test_everything_posted_has_a_signature_that_slack_s_own_verifier_accepts(stage: SlackStage) -> None:
    user = await stage.user()
    await stage.write(user, "你好 <b> & @onethread https://example.com/")
    await stage.control("POST", "commands", {"user": user, "text": "help"})
    assert len(stage.server.posts) == 2
    for headers, body in stage.server.posts:
        assert SignatureVerifier(SECRET).is_valid_request(body, headers)


async def test_a_direct_message_comes_escaped_and_as_rich_text(stage: SlackStage) -> None:
    user = await stage.user()
    await stage.write(user, "a <b> & @onethread https://example.com/")
    (envelope,) = stage.server.envelopes()
    event = envelope["event"]
    assert (envelope["type"], envelope["team_id"], envelope["api_app_id"]) == ("event_callback", TEAM, APP)
    assert envelope["authorizations"][0]["user_id"] == BOT
    assert event["text"] == f"a &lt;b&gt; &amp; <@{BOT}> <https://example.com/>"
    assert (event["type"], event["channel_type"], event["user"], event["team"]) == ("message", "im", user, TEAM)
    kinds = [element["type"] for element in event["blocks"][0]["elements"][0]["elements"]]
    assert kinds == ["text", "user", "text", "link"]


async def test_a_mention_in_a_channel_comes_twice_with_one_ts(stage: SlackStage) -> None:
    user, channel = await stage.user(), await stage.support()
    await stage.write(user, "@onethread help", channel=channel)
    events = stage.server.events()
    assert {event["type"] for event in events} == {"message", "app_mention"}
    assert len({event["ts"] for event in events}) == 1
    assert len({envelope["event_id"] for envelope in stage.server.envelopes()}) == 2


async def test_a_reply_names_its_thread_and_who_began_it(stage: SlackStage) -> None:
    anna, tom, channel = await stage.user(), await stage.user("Tom", role="staff"), await stage.support()
    first = await stage.write(anna, "question", channel=channel)
    await stage.write(tom, "answer", channel=channel, thread_ts=first["ts"])
    reply = stage.server.events()[-1]
    assert (reply["thread_ts"], reply["parent_user_id"], reply["user"]) == (first["ts"], anna, tom)


async def test_people_of_another_organisation_carry_their_own_team(stage: SlackStage) -> None:
    guest = await stage.user("Mia", organisation="Acme")
    shared = await stage.control("POST", "channels", {"name": "acme", "shared": True})
    files = [{"name": "a.txt", "data": "aGk="}]
    await stage.write(guest, "hello", channel=shared["id"], files=files)
    (envelope,) = stage.server.envelopes()
    event = envelope["event"]
    assert envelope["is_ext_shared_channel"] is True
    assert envelope["team_id"] == TEAM
    assert event["user_team"] == event["source_team"] == event["user_profile"]["team"] != TEAM
    assert event["files"][0]["file_access"] == "check_file_info"
    found = await stage.form("files.info", file=event["files"][0]["id"])
    assert found["file"]["name"] == "a.txt"
    assert (
        await stage.asked_control("POST", "messages", {"user": guest, "text": "x", "channel": await stage.support()})
    )[0] == 409


async def test_changes_come_as_hidden_messages_with_what_was_before(stage: SlackStage) -> None:
    user = await stage.user()
    first = await stage.write(user, "one https://example.com/")
    place = {"channel": first["channel"], "ts": first["ts"]}
    await stage.control("POST", "unfurls", place)
    await stage.control("POST", "edits", {**place, "user": user, "text": "two"})
    await stage.control("POST", "deletions", {**place, "user": user})
    _, unfurl, edit, deletion = stage.server.events()
    assert unfurl["message"]["text"] == unfurl["previous_message"]["text"]
    assert (edit["subtype"], edit["message"]["text"], edit["message"]["edited"]["user"]) == (
        "message_changed",
        "two",
        user,
    )
    assert (deletion["subtype"], deletion["deleted_ts"], deletion["hidden"]) == ("message_deleted", first["ts"], True)
    assert await stage.messages(first["channel"]) == []


async def test_a_deleted_first_message_of_a_thread_leaves_a_tombstone(stage: SlackStage) -> None:
    user = await stage.user()
    first = await stage.write(user, "one")
    await stage.write(user, "two", thread_ts=first["ts"])
    await stage.control("POST", "deletions", {"user": user, "channel": first["channel"], "ts": first["ts"]})
    event = stage.server.events()[-1]
    assert (event["subtype"], event["message"]["subtype"]) == ("message_changed", "tombstone")


async def test_reactions_come_and_go(stage: SlackStage) -> None:
    user = await stage.user()
    first = await stage.write(user, "one")
    reaction = {"user": user, "channel": first["channel"], "ts": first["ts"], "name": "+1"}
    await stage.control("POST", "reactions", reaction)
    await stage.control("POST", "reactions", {**reaction, "added": False})
    _, added, removed = stage.server.events()
    assert (added["type"], added["reaction"], added["item"]["ts"]) == ("reaction_added", "+1", first["ts"])
    assert removed["type"] == "reaction_removed"


async def test_what_the_app_posts_comes_back_to_it_with_its_own_mark(stage: SlackStage) -> None:
    channel = await stage.support()
    posted = await stage.api("chat.postMessage", {"channel": channel, "text": "hi"})
    await stage.api("chat.update", {"channel": channel, "ts": posted["ts"], "text": "ho"})
    created, changed = await stage.heard(2)
    assert (created["bot_id"], created["app_id"], created["user"]) == (BOT_ID, APP, BOT)
    assert changed["message"]["bot_id"] == BOT_ID


async def test_a_tap_is_a_signed_form_with_a_payload(stage: SlackStage) -> None:
    user, channel = await stage.user(), await stage.support()
    posted = await stage.api("chat.postMessage", {"channel": channel, "text": "Well?", "blocks": BUTTONS})
    await stage.heard(1)
    tap = {"user": user, "channel": channel, "ts": posted["ts"]}
    await stage.control("POST", "taps", {**tap, "action_id": "yes"})
    button = stage.server.payload()
    await stage.control("POST", "taps", {**tap, "action_id": "menu", "value": "b"})
    menu = stage.server.payload()
    assert (button["type"], button["container"]["message_ts"]) == ("block_actions", posted["ts"])
    assert button["actions"][0]["value"] == "1"
    assert menu["actions"][0]["selected_option"]["value"] == "b"
    for wrong in ({"action_id": "no"}, {"action_id": "yes", "block_id": "no"}, {"action_id": "menu", "value": "no"}):
        assert (await stage.asked_control("POST", "taps", {**tap, **wrong}))[0] == 404


async def test_a_slash_command_is_a_form(stage: SlackStage) -> None:
    user = await stage.user()
    await stage.control("POST", "commands", {"user": user, "text": "my order"})
    headers, body = stage.server.posts[0]
    fields = parse_qs(body.decode())
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert (fields["command"], fields["text"], fields["user_id"]) == (["/support"], ["my order"], [user])


async def test_a_failed_event_comes_again_three_times_with_its_number_and_the_reason(tmp_path: Path) -> None:
    async with on_slack_stage(tmp_path, answer_seconds=0.1) as stage:
        stage.server.answers = [web.Response(status=500), 0.5, web.Response(status=302, headers={"Location": "/"})]
        sent = (await stage.write(await stage.user(), "hi"))["deliveries"][0]
        bodies = {body for _, body in stage.server.posts}
        numbers = [headers.get("X-Slack-Retry-Num") for headers, _ in stage.server.posts]
        reasons = [headers.get("X-Slack-Retry-Reason") for headers, _ in stage.server.posts]
    assert len(bodies) == 1
    assert numbers == [None, "1", "2", "3"]
    assert reasons == [None, "http_error", "http_timeout", "http_error"]
    assert sent["accepted"] is True


async def test_after_the_third_retry_slack_gives_up(stage: SlackStage) -> None:
    stage.server.answers = [web.Response(status=503) for _ in range(9)]
    sent = await stage.write(await stage.user(), "hi")
    assert len(stage.server.posts) == 4
    assert sent["deliveries"][0]["accepted"] is False
    assert (await stage.messages(sent["channel"]))[0]["state"] == "failed"


async def test_the_server_can_decline_retries(stage: SlackStage) -> None:
    stage.server.answers = [web.Response(status=503, headers={"X-Slack-No-Retry": "1"})]
    await stage.write(await stage.user(), "hi")
    assert len(stage.server.posts) == 1


async def test_a_failed_tap_is_not_repeated(stage: SlackStage) -> None:
    stage.server.answers = [web.Response(status=503)]
    await stage.control("POST", "commands", {"user": await stage.user()})
    assert len(stage.server.posts) == 1


@pytest.mark.parametrize(
    ("forging", "genuine", "fresh"),
    [
        ({}, True, True),
        ({"signing": "wrong"}, False, True),
        ({"signing": "none"}, False, True),
        ({"clock_skew": -301}, True, False),
    ],
)
async def test_an_event_can_be_repeated_forged_or_made_stale(
    stage: SlackStage, forging: dict[str, Any], genuine: bool, fresh: bool
) -> None:
    sent = (await stage.write(await stage.user(), "hi"))["deliveries"][0]
    await stage.control("POST", f"deliveries/{sent['id']}", forging)
    (_, first), (headers, again) = stage.server.posts
    assert first == again
    assert json.loads(again)["event_id"] == sent["id"]
    assert SignatureVerifier(SECRET).is_valid_request(again, headers) is (genuine and fresh)


def challenge(body: bytes) -> str:
    return str(json.loads(body)["challenge"])


@pytest.mark.parametrize(
    ("made", "accepted"),
    [
        (lambda body: web.Response(text=challenge(body)), True),
        (lambda body: web.json_response({"challenge": challenge(body)}), True),
        (lambda body: web.Response(text=f"challenge={challenge(body)}"), True),
        (lambda body: web.Response(text="ok"), False),
        (lambda body: web.Response(status=401, text=challenge(body)), False),
    ],
)
async def test_the_request_url_is_verified_by_a_challenge(
    stage: SlackStage, made: Callable[[bytes], web.Response], accepted: bool
) -> None:
    stage.server.answers = [made]
    assert (await stage.control("POST", "verify", {}))["accepted"] is accepted
    assert json.loads(stage.server.posts[0][1])["type"] == "url_verification"


async def test_what_is_not_subscribed_or_not_in_scope_stays_away(stage: SlackStage) -> None:
    user, channel = await stage.user(), await stage.support()
    await stage.control("POST", "accounts/main", {"events": ["message.im"], "scopes": ["channels:history"]})
    await stage.write(user, "hi")
    await stage.write(user, "hi", channel=channel)
    assert stage.server.posts == []


async def test_any_event_can_be_played(stage: SlackStage) -> None:
    event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT]}}
    await stage.control("POST", "events", {"event": event, "changes": {"team_id": "T0OTHER"}})
    await stage.control("POST", "posts", {"body": '{"type":"app_rate_limited"}'})
    assert [envelope["type"] for envelope in stage.server.envelopes()] == ["event_callback", "app_rate_limited"]
    assert stage.server.envelopes()[0]["team_id"] == "T0OTHER"
