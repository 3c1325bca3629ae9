"""What a request means: who is the customer, what is nobody's business, and that nothing a customer wrote is lost."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.channels.slack.reading import link_text, plain_text
from shared.model.inbound import AccountNotice, InboundDeletion, InboundEdit, InboundMessage, InboundReaction
from shared.model.parts import ChoicePart, TextPart, UnsupportedPart
from tests.unit.slack.slack_events import ROOT, TS, direct, edited, form, in_channel, parsed, parsed_body

OWN = {"bot_id": "B1", "app_id": "A1", "user": "UBOT"}
REACTION = {"user": "U1", "reaction": "eyes", "event_ts": "1.2", "item": {"type": "message", "channel": "C1", "ts": TS}}


def the_message(event: dict[str, Any], **more: Any) -> InboundMessage:
    (found,) = parsed(event, **more)
    assert isinstance(found, InboundMessage)
    return found


@pytest.mark.parametrize(
    "event",
    [
        direct(**OWN),
        in_channel(subtype="bot_message", bot_id="B7"),
        in_channel(subtype="bot_message", username="hook"),
        in_channel(bot_id="B7"),
        in_channel(user="UBOT"),
        in_channel(user="USLACKBOT"),
        in_channel(subtype="channel_join"),
        {"type": "member_joined_channel", "user": "U1", "channel": "C1"},
        {"type": "file_shared", "file_id": "F1", "user_id": "U1"},
        {"type": "reaction_added", **REACTION, "user": "UBOT"},
        edited(
            {"user": "U1", "text": "hi", "ts": TS, "attachments": [{"from_url": "https://a.example"}]}, {"text": "hi"}
        ),
        edited({**OWN, "text": "new", "ts": TS}, {"text": "old"}),
        edited({"user": "U1", "text": "hi", "ts": TS, "reply_count": 1}, {"user": "U1", "text": "hi", "ts": TS}),
    ],
)
def test_what_programs_write_and_what_says_nothing_is_left_out(event: dict[str, Any]) -> None:
    assert parsed(event) == []


def test_a_mention_and_the_message_that_it_is_in_are_one() -> None:
    mention = {"type": "app_mention", "user": "U1", "text": "<@UBOT> hi", "ts": TS, "channel": "C1", "event_ts": TS}
    assert the_message(mention).provider_id == the_message(in_channel(text="<@UBOT> hi")).provider_id


@pytest.mark.parametrize(
    ("event", "origin", "customer"),
    [
        (in_channel(), "customer", "U1"),
        (in_channel(parent_user_id="U9"), "customer", "U1"),
        (in_channel(thread_ts=ROOT, parent_user_id="U1"), "customer", "U1"),
        (in_channel(thread_ts=ROOT, parent_user_id="UBOT"), "customer", "U1"),
        (in_channel(thread_ts=ROOT), "customer", "U1"),
        (in_channel(thread_ts=TS, parent_user_id="U1"), "customer", "U1"),
        (in_channel(thread_ts=ROOT, parent_user_id="U2"), "echo", "U2"),
        (in_channel(channel_type="mpim", channel="G1", thread_ts=ROOT, parent_user_id="U2"), "echo", "U2"),
        (direct(thread_ts=ROOT, parent_user_id="UBOT"), "customer", "U1"),
    ],
)
def test_whose_a_message_is(event: dict[str, Any], origin: str, customer: str) -> None:
    found = the_message(event)
    assert (found.origin, found.sender.external_id, found.sender.scope) == (origin, customer, "T1")
    assert (found.author.id if found.author else None) == ("U1" if origin == "echo" else None)


def test_the_same_user_id_in_two_workspaces_is_two_people() -> None:
    ours = the_message(direct())
    theirs = the_message(direct(team="T2", user_team="T2"))
    assert (ours.sender.scope, theirs.sender.scope) == ("T1", "T2")
    assert the_message(direct(team="T1", source_team="T3")).sender.scope == "T3"


def test_in_a_shared_channel_our_own_people_are_staff_and_all_others_are_customers() -> None:
    shared = {"is_ext_shared_channel": True}
    (notice,) = parsed(in_channel(), **shared)
    assert isinstance(notice, AccountNotice)
    assert notice.name == "message.staff"
    assert "hi" not in json.dumps(notice.data)
    guest = in_channel(user="U2", user_team="T2", thread_ts=ROOT, parent_user_id="U1")
    assert the_message(guest, **shared).sender.scope == "T2"
    reply = the_message(in_channel(thread_ts=ROOT, parent_user_id="U2"), **shared)
    assert reply.origin == "echo"
    assert reply.continues is not None
    assert reply.continues.external_ids == [f"C1:{ROOT}"]


@pytest.mark.parametrize(
    ("root", "scope"),
    [({"user": "U2", "user_team": "T2", "team": "T1"}, "T2"), ({"user": "U2", "team": "T3"}, "T3"), (None, "T1")],
)
def test_who_began_a_thread_is_of_the_workspace_that_slack_names(root: dict[str, str] | None, scope: str) -> None:
    reply = the_message(in_channel(thread_ts=ROOT, parent_user_id="U2", root=root), is_ext_shared_channel=True)
    assert (reply.origin, reply.sender.external_id, reply.sender.scope) == ("echo", "U2", scope)


def test_where_slack_names_no_installation_the_outer_workspace_is_ours() -> None:
    (notice,) = parsed(in_channel(), is_ext_shared_channel=True, authorizations=[])
    assert isinstance(notice, AccountNotice)
    assert notice.name == "message.staff"


def test_a_reply_in_a_thread_says_what_it_continues_and_a_first_message_does_not() -> None:
    reply = the_message(in_channel(thread_ts=ROOT, parent_user_id="U1"))
    assert reply.continues is not None
    assert reply.continues.external_ids == [f"C1:{ROOT}"]
    assert the_message(in_channel(thread_ts=TS)).continues is None


def test_an_edit_holds_all_of_the_message_and_a_second_edit_is_another_one() -> None:
    change = edited({"user": "U1", "text": "new", "ts": TS, "files": [{"id": "F1", "name": "a"}]}, {"text": "old"})
    (first,) = parsed(change)
    (second,) = parsed({**change, "event_ts": "1700000010.1"})
    assert isinstance(first, InboundEdit)
    assert isinstance(second, InboundEdit)
    assert first.external_id == second.external_id == f"C1:{TS}"
    assert first.provider_id != second.provider_id
    assert [type(part).__name__ for part in first.parts] == ["TextPart", "FilePart"]


def test_an_edit_of_the_files_alone_is_an_edit() -> None:
    (found,) = parsed(
        edited({"user": "U1", "text": "a", "ts": TS}, {"text": "a", "files": [{"id": "F1", "name": "a"}]})
    )
    assert isinstance(found, InboundEdit)


def test_a_message_with_replies_that_is_taken_back_is_a_deletion() -> None:
    gone = {"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted.", "ts": TS}
    (found,) = parsed(edited(gone, {"user": "U1", "text": "old", "ts": TS}))
    assert isinstance(found, InboundDeletion)
    assert found.external_id == f"C1:{TS}"


@pytest.mark.parametrize(
    ("members", "by"),
    [
        ({}, "customer"),
        ({"item_user": "U1"}, "customer"),
        ({"item_user": "UBOT"}, "customer"),
        ({"item_user": "U2"}, "agent"),
    ],
)
def test_who_reacted(members: dict[str, Any], by: str) -> None:
    (found,) = parsed({"type": "reaction_added", **REACTION, **members})
    assert isinstance(found, InboundReaction)
    assert (found.by, found.removed) == (by, False)


def test_putting_a_reaction_and_taking_it_away_again_are_different_events() -> None:
    kinds = [parsed({"type": kind, **REACTION})[0] for kind in ("reaction_added", "reaction_removed")]
    assert len({each.provider_id for each in kinds if isinstance(each, InboundReaction)}) == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a &lt; b &gt; c &amp; d", "a < b > c & d"),
        ("&amp;lt;", "&lt;"),
        ("<@U1>", "@U1"),
        ("<@U1|ann>", "@ann"),
        ("<#C1|general>", "#general"),
        ("<#C1|>", "#C1"),
        ("<!channel>", "@channel"),
        ("<!subteam^S1>", "@S1"),
        ("<!date^1700000000^{date}>", "1700000000"),
        ("<http://example.com|example.com>", "example.com"),
        ("<https://example.com/?a=1&amp;b=2|a &lt;b&gt;>", "a <b> (https://example.com/?a=1&b=2)"),
        ("a <b", "a <b"),
        ("<>", "<>"),
    ],
)
def test_text_is_written_out_and_unescaped_once(text: str, shown: str) -> None:
    assert plain_text(text) == shown


def test_an_empty_label_leaves_the_address() -> None:
    assert link_text("", "https://example.com/") == "https://example.com/"


def test_a_text_that_may_have_been_cut_gives_way_to_blocks_that_say_more() -> None:
    whole = "word " * 1000
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": whole}]}
    blocks = [{"type": "rich_text", "elements": [section]}]
    assert the_message(direct(text=whole[:4000], blocks=blocks)).parts == [TextPart(text=whole)]
    assert the_message(direct(text="short", blocks=blocks)).parts == [TextPart(text="short")]


def test_blocks_of_every_kind_are_read_when_there_is_no_text() -> None:
    rich = [
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1"}]},
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "channel", "channel_id": "C1"},
                {"type": "broadcast", "range": "here"},
                {"type": "usergroup", "usergroup_id": "S1"},
                {"type": "date", "fallback": "today"},
                {"type": "color", "value": "#ff0000"},
                {"type": "link", "url": "https://example.com/"},
            ],
        },
    ]
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "<Head>"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "a &amp; b"},
            "fields": [{"type": "mrkdwn", "text": "f"}],
        },
        {"type": "context", "elements": [{"type": "image", "alt_text": "pic"}, {"type": "plain_text", "text": "c"}]},
        {"type": "markdown", "text": "**m**"},
        {"type": "image", "alt_text": "alt"},
        {"type": "divider"},
        {"type": "rich_text", "elements": rich},
    ]
    (part,) = the_message(direct(text="", blocks=blocks)).parts
    assert isinstance(part, TextPart)
    assert part.text.split("\n") == [
        "<Head>", "a & b", "f", "pic c", "**m**", "alt", "> said", "x = 1",
        "#C1@here@S1today#ff0000https://example.com/",
    ]  # fmt: skip


def test_a_time_that_is_none_is_when_it_came() -> None:
    for ts in ("nan", "inf", "x", "-1", "9e99"):
        assert the_message(direct(ts=ts)).occurred_at == 1_700_000_000.0


def test_a_click_on_one_of_our_link_buttons_is_no_choice() -> None:
    action = {"type": "button", "action_id": "link:0", "text": {"text": "Buy"}}
    clicked = {"type": "block_actions", "user": {"id": "U1"}, "channel": {"id": "D1"}, "actions": [action]}
    assert parsed_body(form({**clicked, "container": {"message_ts": TS}})) == []


@pytest.mark.parametrize("kind", ["view_closed", "block_suggestion"])
def test_interactions_that_say_nothing_are_left_out(kind: str) -> None:
    assert parsed_body(form({"type": kind, "user": {"id": "U1"}})) == []
    assert parsed_body(b"ssl_check=1&token=z") == []


@pytest.mark.parametrize(
    ("action", "part"),
    [
        ({"type": "button", "action_id": "ask"}, ChoicePart(id="ask")),
        (
            {"type": "datepicker", "action_id": "day", "selected_date": "2026-01-02"},
            ChoicePart(id="day", title="2026-01-02"),
        ),
        (
            {"type": "radio_buttons", "selected_option": {"value": "b", "text": {"text": "B"}}},
            ChoicePart(id="b", title="B"),
        ),
    ],
)
def test_what_was_chosen(action: dict[str, Any], part: ChoicePart) -> None:
    clicked = {"type": "block_actions", "user": {"id": "U1", "team_id": "T1"}, "channel": {"id": "D1"}}
    (found,) = parsed_body(form({**clicked, "container": {"message_ts": TS}, "actions": [action]}))
    assert isinstance(found, InboundMessage)
    assert found.parts == [part]


def test_an_action_that_chose_nothing_is_kept() -> None:
    clicked = {"type": "block_actions", "user": {"id": "U1"}, "channel": {"id": "D1"}, "actions": [{"type": "x"}]}
    (found,) = parsed_body(form({**clicked, "container": {"message_ts": TS}}))
    assert isinstance(found, InboundMessage)
    assert isinstance(found.parts[0], UnsupportedPart)


def test_several_choices_come_in_one_message() -> None:
    chosen = [{"value": value, "text": {"text": value.upper()}} for value in ("a", "b")]
    clicked = {"type": "block_actions", "user": {"id": "U1"}, "channel": {"id": "C1"}, "team": {"id": "T1"}}
    (found,) = parsed_body(
        form(
            {**clicked, "container": {"message_ts": TS}, "actions": [{"selected_options": chosen, "action_ts": "1.5"}]}
        )
    )
    assert isinstance(found, InboundMessage)
    assert [part.id for part in found.parts if isinstance(part, ChoicePart)] == ["a", "b"]
    assert found.thread_id == f"C1:{TS}"


LONG = "U" * 201


@pytest.mark.parametrize(
    "event",
    [
        direct(user=LONG),
        direct(channel=LONG),
        direct(ts=LONG),
        {"type": LONG, "event_ts": LONG},
        {"type": "reaction_added", **REACTION, "user": LONG},
        edited({"user": "U1", "text": "new", "ts": LONG}, {"text": "old"}),
    ],
)
def test_what_is_too_long_to_be_an_id_becomes_no_name_of_anything(event: dict[str, Any]) -> None:
    for found in parsed(event, event_id=LONG):
        named = msgspec.to_builtins(found)
        kept = {**named, "parts": [], "data": {}}
        assert LONG not in json.dumps(kept)


def test_the_writers_workspace_is_left_out_when_it_cannot_be_an_id() -> None:
    assert the_message(direct(team=LONG)).sender.scope == "T1"


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=60).filter(str.strip))
def test_whatever_a_customer_writes_arrives(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert the_message(direct(text=escaped)).parts == [TextPart(text=text)]


def test_events_survive_the_way_to_json() -> None:
    for event in (
        direct(),
        in_channel(thread_ts=ROOT, parent_user_id="U2"),
        edited({"text": "n", "ts": TS}, {"text": "o"}),
    ):
        assert msgspec.json.encode(parsed(event))
