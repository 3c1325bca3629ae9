"""Clicks, dialogs and slash commands: what comes as a form.

Source: docs.slack.dev, "Handling user interaction", "Implementing slash commands".
"""

from __future__ import annotations

from typing import Any

from connectors.channels.slack.events import notice
from connectors.channels.slack.payloads import (
    Installation,
    identifier,
    member,
    objects,
    raw_text,
    read_object,
    seconds,
    text_of,
)
from connectors.channels.slack.people import role, sender_of, user_name
from connectors.channels.slack.reading import plain_text
from connectors.channels.slack.scanning import fields
from shared.model.envelope import Envelope
from shared.model.identifiers import digest
from shared.model.inbound import InboundEvent, InboundMessage
from shared.model.link_codes import read_code
from shared.model.message import Author, ReplyTo
from shared.model.parts import ChoicePart, Part, TextPart, UnsupportedPart

LINK_ACTION = "link:"
"""How the action ids of our link buttons begin. Slack reports clicks on those too, and they are no choices."""

_NOISE = frozenset({"block_suggestion", "view_closed"})


def read_form(envelope: Envelope) -> list[InboundEvent]:
    """The interaction or the command in a form; anything else that Slack proved to have sent is kept in a notice."""
    form = fields(envelope.body)
    if "payload" in form:
        payload = read_object(form["payload"])
        if identifier(member(payload, "user").get("id")):
            return _interaction(payload, envelope)
    elif identifier(form.get("user_id")) and form.get("command"):
        return [_command(form, envelope)]
    elif "ssl_check" in form:
        return []
    return [notice(envelope, "unreadable_event", {"raw": raw_text(envelope.body)})]


def _interaction(payload: dict[str, Any], envelope: Envelope) -> list[InboundEvent]:
    kind = text_of(payload, "type")
    if kind in _NOISE:
        return []
    if kind != "block_actions":
        return [_unsupported(payload, kind, envelope)]
    actions = objects(payload.get("actions"))
    if actions and all(text_of(action, "action_id").startswith(LINK_ACTION) for action in actions):
        return []
    parts = [part for action in actions for part in _choices(action)]
    channel = identifier(member(payload, "channel").get("id") or member(payload, "container").get("channel_id"))
    ts = identifier(member(payload, "container").get("message_ts") or member(payload, "message").get("ts"))
    if not parts or not channel or not ts:
        return [_unsupported(payload, kind, envelope)]
    return [_click(payload, parts, channel, ts, envelope)]


def _click(payload: dict[str, Any], parts: list[Part], channel: str, ts: str, envelope: Envelope) -> InboundMessage:
    """What was chosen, as an answer to the message with the buttons."""
    message, person = member(payload, "message"), member(payload, "user")
    user = identifier(person.get("id"))
    home, team = _home(payload), identifier(person.get("team_id"))
    root = identifier(message.get("thread_ts") or member(payload, "container").get("thread_ts"))
    action = objects(payload.get("actions"))[0]
    when = identifier(action.get("action_ts"))
    clicked = InboundMessage(
        provider_id=f"{channel}:{ts}:{user}:{when or digest(envelope.body.hex())}",
        sender=sender_of(user, team, home, envelope.account, user_name(person)),
        parts=parts,
        occurred_at=seconds(action.get("action_ts"), envelope.received_at),
        thread_id=f"{channel}:{root}" if root else channel if channel[0] == "D" else f"{channel}:{ts}",
        reply_to=ReplyTo(external_id=f"{channel}:{ts}"),
    )
    parent = identifier(message.get("parent_user_id"))
    foreign = team != "" and not home.is_home(team)
    if (
        channel[0] != "D"
        and not foreign
        and role(user, team, parent, in_thread=bool(root), shared=False, home=home) == "echo"
    ):
        clicked.origin = "echo"
        clicked.author = Author(type="agent", id=user, name=clicked.sender.name)
        clicked.sender = sender_of(parent, "", home, envelope.account, None)
    return clicked


def _choices(action: dict[str, Any]) -> list[Part]:
    """What an action chose: its value is the option's id, as we render it."""
    name = text_of(action, "action_id")
    chosen = [*objects([action.get("selected_option")]), *objects(action.get("selected_options"))]
    if chosen:
        return [ChoicePart(id=text_of(each, "value") or name, title=_label(each)) for each in chosen]
    if text_of(action, "type") in ("button", "workflow_button"):
        return [ChoicePart(id=text_of(action, "value") or name, title=_label(action))]
    for field in (
        "value",
        "selected_date",
        "selected_time",
        "selected_user",
        "selected_channel",
        "selected_conversation",
    ):
        value = text_of(action, field)
        if value:
            return [ChoicePart(id=name, title=value)]
    return []


def _label(value: dict[str, Any]) -> str | None:
    return text_of(member(value, "text"), "text") or None


def _unsupported(payload: dict[str, Any], kind: str, envelope: Envelope) -> InboundMessage:
    """A dialog that was filled in, a shortcut: all of it is kept."""
    person = member(payload, "user")
    part = UnsupportedPart(
        provider_type=kind[:100] or "interaction", reason="unknown interaction", raw=raw_text(envelope.body)
    )
    return InboundMessage(
        provider_id=identifier(payload.get("trigger_id")) or digest(envelope.body.hex()),
        sender=sender_of(
            identifier(person.get("id")),
            identifier(person.get("team_id")),
            _home(payload),
            envelope.account,
            user_name(person),
        ),
        parts=[part],
        occurred_at=seconds(payload.get("action_ts"), envelope.received_at),
    )


def _command(form: dict[str, str], envelope: Envelope) -> InboundMessage:
    """Only who types a command sees it, so it is in no thread: the answer goes to the direct messages. A link code
    behind it is all that it says."""
    home = Installation(
        team_id=identifier(form.get("team_id")),
        enterprise_id=identifier(form.get("enterprise_id")),
        is_enterprise_install=form.get("is_enterprise_install") == "true",
    )
    said = plain_text(form.get("text", ""))
    code = read_code(said)
    return InboundMessage(
        provider_id=identifier(form.get("trigger_id")) or digest(envelope.body.hex()),
        sender=sender_of(
            identifier(form["user_id"]), "", home, envelope.account, form.get("user_name", "")[:200] or None
        ),
        parts=[TextPart(text=f"{form['command']} {said}".strip())],
        occurred_at=envelope.received_at,
        metadata={"command": form["command"][:200], "channel_id": identifier(form.get("channel_id"))},
        link_code=code,
        link_only=code is not None,
    )


def _home(payload: dict[str, Any]) -> Installation:
    """Who clicks in a shared channel may be told as of another team than the message, which is ours."""
    message = member(payload, "message")
    team = identifier(message.get("team")) or identifier(member(payload, "team").get("id"))
    return Installation(
        team_id=team,
        enterprise_id=identifier(member(payload, "enterprise").get("id")),
        user_id=identifier(message.get("user")),
        is_bot=bool(message.get("bot_id")),
        is_enterprise_install=payload.get("is_enterprise_install") is True,
    )
