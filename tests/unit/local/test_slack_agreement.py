"""Two readings of Slack's documentation, the connector's and the stand-in's, agree."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from connectors.channels.slack.ingress import INGRESS
from infra.local.providers.wechat.samples import png
from shared.errors import RequestError
from shared.http.outgoing import ProviderClient
from shared.http.request import Request
from shared.model.envelope import Envelope
from shared.model.inbound import InboundDeletion, InboundEdit, InboundEvent, InboundMessage
from shared.model.media import Media
from shared.model.message import Author, Channel, Message
from shared.model.parts import (
    Action,
    CardPart,
    CarouselPart,
    ChoicePart,
    ChoicesPart,
    FilePart,
    ImagePart,
    LocationPart,
    Option,
    Part,
    TextPart,
)
from shared.ports.connector import Recipient
from shared.ports.context import ChannelContext
from tests.support.providers import Files, channel_context
from tests.unit.local.slack_stage import SECRET, TEAM, TOKEN, SlackStage, on_slack_stage

CONNECTOR = registry.connector("slack")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[SlackStage]:
    async with on_slack_stage(tmp_path) as made:
        await made.control("POST", "behaviour", {"rate_limits": False})
        yield made


def account(stage: SlackStage) -> dict[str, Any]:
    base = f"{stage.url}/slack/api"
    return {"bot_token": TOKEN, "signing_secret": SECRET, "team_id": TEAM, "api_base": base}


def context(stage: SlackStage) -> ChannelContext:
    return channel_context(account(stage), http=ProviderClient(), media=Files(png()))


def understood(stage: SlackStage) -> list[InboundEvent]:
    """Everything that the stand-in has posted, as the connector reads it."""
    found: list[InboundEvent] = []
    for headers, body in stage.server.posts:
        request = Request("POST", "/", {}, {name.lower(): value for name, value in headers.items()}, body)
        for event in INGRESS.verify(request, account(stage), time.time()):
            found += CONNECTOR.parse(Envelope("slack", "main", time.time(), event.body))
    stage.server.posts.clear()
    return found


def written(*parts: Part) -> Message:
    return Message(
        id="msg_1",
        conversation_id="conv_1",
        sequence=1,
        direction="outbound",
        origin="agent",
        author=Author(type="agent", id="a1", name="Tom"),
        channel=Channel(type="slack", account="main"),
        identity_id="idn_1",
        parts=list(parts),
        text="",
        occurred_at="2026-01-01T00:00:00Z",
        received_at="2026-01-01T00:00:00Z",
    )


async def sent(stage: SlackStage, message: Message, recipient: Recipient) -> list[str]:
    """The external ids of what was sent."""
    found: list[str] = []
    for request in CONNECTOR.render(message, recipient).requests:
        result = await asyncio.to_thread(CONNECTOR.send, request, context(stage))
        found += result.external_ids
    return found


async def test_every_kind_of_part_is_taken_without_a_complaint(stage: SlackStage) -> None:
    user = await stage.user()
    many = [Option(id=f"o{number}", title=f"Option {number}") for number in range(60)]
    buttons = [Action(id="x", title="Take"), Action(title="Open", url="https://example.com/x")]
    card = CardPart(title="Card", url="https://example.com", image_url="https://example.com/a.png", actions=buttons)
    message = written(
        TextPart(text="**Hi** <b> & @here " + "long. " * 2000, format="markdown"),
        ChoicesPart(text="Which?", options=many[:4], footer="foot"),
        ChoicesPart(text="Many?", options=many),
        CarouselPart(cards=[card] * 3),
        LocationPart(latitude=1, longitude=2, name="Here"),
        FilePart(media=Media(media_id="med_1", filename="名.png")),
        ImagePart(media=Media(url="https://example.com/a.png"), caption="cap"),
    )
    channel = await stage.support()
    question = await stage.write(user, "question", channel=channel)
    for thread_id in (None, await stage.direct(user), f"{channel}:{question['ts']}"):
        await sent(stage, message, Recipient("idn_1", user, thread_id))
    answers = [
        json.loads(call["answer"]) for call in (await stage.control("GET", "requests"))["items"] if "answer" in call
    ]
    assert [answer for answer in answers if not answer["ok"] or "response_metadata" in answer] == []
    replies = [message for message in await stage.messages(channel) if message["ts"] != question["ts"]]
    assert {message["thread_ts"] for message in replies} == {question["ts"]}


async def test_a_file_of_ours_is_known_by_its_message(stage: SlackStage) -> None:
    user = await stage.user()
    message = written(FilePart(media=Media(media_id="med_1", filename="a.png")))
    (external_id,) = await sent(stage, message, Recipient("idn_1", user))
    channel, _, ts = external_id.partition(":")
    assert [(each["ts"], len(each["files"])) for each in await stage.messages(channel)] == [(ts, 1)]


async def test_what_is_clicked_is_the_option_that_was_offered(stage: SlackStage) -> None:
    user = await stage.user()
    options = [Option(id="yes", title="Yes"), Option(id="no", title="No")]
    (external_id,) = await sent(stage, written(ChoicesPart(text="Well?", options=options)), Recipient("idn_1", user))
    channel, _, ts = external_id.partition(":")
    (message,) = await stage.messages(channel)
    element = next(block for block in message["blocks"] if block["type"] == "actions")["elements"][1]
    await stage.heard(1)
    stage.server.posts.clear()
    await stage.control("POST", "taps", {"user": user, "channel": channel, "ts": ts, "action_id": element["action_id"]})
    (click,) = understood(stage)
    assert isinstance(click, InboundMessage)
    assert (click.sender.external_id, click.thread_id) == (user, channel)
    assert click.parts == [ChoicePart(id="no", title="No")]


async def test_a_thread_belongs_to_who_began_it_and_staff_speak_for_us(stage: SlackStage) -> None:
    anna, tom, channel = await stage.user(), await stage.user("Tom", role="staff"), await stage.support()
    first = await stage.write(anna, "question", channel=channel)
    await stage.write(tom, "answer", channel=channel, thread_ts=first["ts"])
    question, answer = understood(stage)
    assert isinstance(question, InboundMessage)
    assert isinstance(answer, InboundMessage)
    assert (question.origin, answer.origin) == ("customer", "echo")
    assert question.thread_id == answer.thread_id == f"{channel}:{first['ts']}"
    assert question.sender.external_id == answer.sender.external_id == anna


async def test_edits_and_deletions_name_the_message_even_when_it_leaves_a_tombstone(stage: SlackStage) -> None:
    user, channel = await stage.user(), await stage.support()
    first = await stage.write(user, "question", channel=channel)
    await stage.write(user, "more", channel=channel, thread_ts=first["ts"])
    stage.server.posts.clear()
    place = {"user": user, "channel": channel, "ts": first["ts"]}
    await stage.control("POST", "unfurls", place)
    await stage.control("POST", "edits", {**place, "text": "another question"})
    await stage.control("POST", "deletions", place)
    edit, deletion = understood(stage)
    assert isinstance(edit, InboundEdit)
    assert isinstance(deletion, InboundDeletion)
    assert edit.parts == [TextPart(text="another question")]
    assert edit.external_id == deletion.external_id == f"{channel}:{first['ts']}"


async def test_files_of_our_own_workspace_and_of_another_can_be_fetched(stage: SlackStage) -> None:
    anna, mia = await stage.user(), await stage.user("Mia", organisation="Acme")
    shared = await stage.control("POST", "channels", {"name": "acme", "shared": True})
    files = [{"name": "a.png", "data": base64.b64encode(png()).decode()}]
    await stage.write(anna, "look", files=files)
    await stage.write(mia, "look", files=files, channel=shared["id"])
    for event in understood(stage):
        assert isinstance(event, InboundMessage)
        fetched = await asyncio.to_thread(CONNECTOR.fetch_media, event.media[0].reference, context(stage))
        assert (fetched.body, fetched.declared_mime_type) == (png(), "image/png")


@pytest.mark.parametrize(
    ("forging", "code"),
    [
        ({"signing": "wrong"}, "bad_signature"),
        ({"signing": "none"}, "missing_parameter"),
        ({"clock_skew": -301}, "stale_timestamp"),
    ],
)
async def test_forged_and_stale_events_are_refused(stage: SlackStage, forging: dict[str, Any], code: str) -> None:
    delivered = (await stage.write(await stage.user(), "hi"))["deliveries"][0]
    stage.server.posts.clear()
    await stage.control("POST", f"deliveries/{delivered['id']}", forging)
    with pytest.raises(RequestError) as refused:
        understood(stage)
    assert refused.value.code == code


async def test_the_connector_s_check_is_content(stage: SlackStage) -> None:
    findings = await asyncio.to_thread(CONNECTOR.check, context(stage))
    assert [finding for finding in findings if not finding.ok] == []
