"""What Slack posts as a form: taps on blocks and slash commands.

Source: docs.slack.dev, "block_actions payload" and "Slash commands". The signature covers the form as it is posted.
"""

from __future__ import annotations

import secrets
import time
from typing import Any
from urllib.parse import urlencode

import msgspec

from infra.local.providers.control import RefusedError
from infra.local.providers.slack.events import VERIFICATION_WORD
from infra.local.providers.slack.objects import message_object
from infra.local.providers.slack.service import Service
from infra.local.providers.slack.state import Channel, Message, User


def elements(message: Message) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every interactive element of a message with its block."""
    found = []
    for block in message.blocks:
        inside = [*block.get("elements", []), block.get("accessory")] if block["type"] != "rich_text" else []
        found += [(block, one) for one in inside if isinstance(one, dict) and one["type"] not in ("image", "mrkdwn")]
    return found


def chosen(message: Message, action_id: str, block_id: str | None, value: str | None) -> dict[str, Any]:
    """The action of a payload. ``value`` names the option of a menu. Raises RefusedError(404)."""
    for block, element in elements(message):
        if action_id == element.get("action_id", "") and block_id in (None, block["block_id"]):
            return _action(block, element, value)
    raise RefusedError(404, f"no element {action_id}")


def _action(block: dict[str, Any], element: dict[str, Any], value: str | None) -> dict[str, Any]:
    kept = ("type", "action_id", "value", "text", "style", "placeholder")
    action = {name: element[name] for name in kept if name in element}
    action |= {"block_id": block["block_id"], "action_ts": f"{time.time():.6f}"}
    if "options" in element:
        options = [option for option in element["options"] if value in (None, option.get("value"))]
        if not options:
            raise RefusedError(404, f"no option {value}")
        action["selected_option"] = options[0]
    return action


def tap(service: Service, user: User, channel: Channel, message: Message, action: dict[str, Any]) -> bytes:
    """A ``block_actions`` form."""
    settings = service.accounts[channel.account]
    container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id, "is_ephemeral": False}
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    payload: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": settings.app_id,
        "token": VERIFICATION_WORD,
        "container": container,
        "trigger_id": _trigger(),
        "team": {"id": settings.team_id, "domain": settings.team_name.lower()},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "message": message_object(service, channel, message),
        "state": {"values": {}},
        "response_url": f"{service.public_url}/actions/{settings.team_id}/{secrets.token_hex(8)}",
        "actions": [action],
    }
    return urlencode({"payload": msgspec.json.encode(payload).decode()}).encode()


def command(service: Service, user: User, channel: Channel, name: str, text: str) -> bytes:
    settings = service.accounts[channel.account]
    fields = {
        "token": VERIFICATION_WORD,
        "team_id": settings.team_id,
        "team_domain": settings.team_name.lower(),
        "channel_id": channel.id,
        "channel_name": channel.name or "directmessage",
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": settings.app_id,
        "is_enterprise_install": "false",
        "response_url": f"{service.public_url}/commands/{settings.team_id}/{secrets.token_hex(8)}",
        "trigger_id": _trigger(),
    }
    return urlencode(fields).encode()


def _trigger() -> str:
    return f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
