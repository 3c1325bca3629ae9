"""The AsyncAPI 3.0 document of what the stack says by itself: events, by webhook and on the topic, and the frames of
web chat's socket.

Sources: the AsyncAPI Specification 3.0.0; Standard Webhooks 1.0.0 for the headers of webhooks; the Amazon SNS
developer guide, "Message attributes", for those of the topic.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from functions.api.contract import VERSION
from functions.api.contract.schemas import REFERENCE, components
from shared.model.chat_contract import FROM_BROWSER, TO_BROWSER
from shared.model.event_data import EVENT_DATA
from shared.model.schema import event_name

if TYPE_CHECKING:
    from collections.abc import Iterable

TEST = "subscription.test"
"""An event that a subscription's owner asks for."""

_JSON = "application/json"
_TASKS = ("send", "push", "media", "profile", "fallback", "timer")
_ORIGINS = ("customer", "agent", "bot", "system", "echo")

_WEBHOOK_HEADERS = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {"type": "string", "description": "The same however often the event is delivered."},
        "webhook-timestamp": {"type": "string", "pattern": "^[0-9]+$", "description": "Of this attempt, in seconds."},
        "webhook-signature": {
            "type": "string",
            "description": "Signatures of <id>.<timestamp>.<body>, separated by spaces: one for each secret that is "
            "valid now, as v1,<base64 of HMAC-SHA256> or v1a,<base64 of Ed25519>.",
        },
    },
}
_TOPIC_ATTRIBUTES = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"type": "string", "enum": list(EVENT_DATA)},
        "channel": {"type": "string", "description": "Of messages, and of events about one route."},
        "origin": {"type": "string", "enum": list(_ORIGINS), "description": "Of messages."},
        "tasks": {
            "type": "array",
            "items": {"type": "string", "enum": list(_TASKS)},
            "description": "String.Array: on events that the stack itself acts on.",
        },
    },
    "description": "Message attributes, for filter policies. They hold no personal data.",
}


@cache
def asyncapi() -> dict[str, Any]:
    """The document."""
    definitions, schemas = components([*FROM_BROWSER, *TO_BROWSER])
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "onethread events",
            "version": VERSION,
            "description": "What happens in conversations, in order within each. Accept fields that you do not know, "
            "and ignore types that you do not know: changes only ever add.",
            "license": {"name": "Apache 2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": _JSON,
        "channels": {"webhook": _webhook(), "topic": _topic(), "socket": _socket(schemas)},
        "operations": {
            "tell": _operation("send", "webhook", (*EVENT_DATA, TEST), "Signed, at least once, in order."),
            "publish": _operation("send", "topic", EVENT_DATA, "At least once, in order within a conversation."),
            "toBrowser": _operation("send", "socket", map(_name, TO_BROWSER), "What a browser is sent."),
            "fromBrowser": _operation("receive", "socket", map(_name, FROM_BROWSER), "What a browser may send."),
        },
        "components": {
            "schemas": {name: _discriminated(definition) for name, definition in definitions.items()},
            "messageTraits": {"webhook": {"headers": _WEBHOOK_HEADERS}, "topic": {"headers": _TOPIC_ATTRIBUTES}},
        },
    }


def _discriminated(schema: Any) -> Any:
    """A schema as AsyncAPI has it: there, ``discriminator`` is the name of the property alone."""
    if isinstance(schema, list):
        return [_discriminated(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: each["propertyName"] if name == "discriminator" and "propertyName" in each else _discriminated(each)
        for name, each in schema.items()
    }


def _webhook() -> dict[str, Any]:
    return {
        "address": "{url}",
        "description": "The address of a subscription: each event is posted there, signed as Standard Webhooks says.",
        "parameters": {"url": {"description": "An https address, as the subscription's owner gave it."}},
        "messages": {**{kind: _event(kind, "webhook") for kind in EVENT_DATA}, TEST: _test_event()},
    }


def _topic() -> dict[str, Any]:
    return {
        "address": "{topic}",
        "description": "The SNS FIFO topic of the stack. The message group is the conversation, the deduplication id "
        "is that of the event. Subscribe raw, so that the body is the event.",
        "parameters": {"topic": {"description": "The stack's output EventsTopicArn."}},
        "messages": {kind: _event(kind, "topic") for kind in EVENT_DATA},
    }


def _socket(schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    return {
        "address": "{socket_url}",
        "description": "The WebSocket of web chat. Each frame is one JSON object; unknown members are ignored.",
        "parameters": {"socket_url": {"description": "As POST /chat/{account}/sessions gave it."}},
        "messages": {_name(kind): _frame(kind, schemas[kind]) for kind in (*FROM_BROWSER, *TO_BROWSER)},
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {
                    "type": "object",
                    "required": ["token"],
                    "properties": {"token": {"type": "string", "description": "The session token."}},
                },
            }
        },
    }


def _operation(action: str, channel: str, messages: Iterable[str], summary: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }


def _event(kind: str, trait: str) -> dict[str, Any]:
    return {
        "name": kind,
        "summary": _words(EVENT_DATA[kind]),
        "contentType": _JSON,
        "payload": {"$ref": REFERENCE.format(name=event_name(kind))},
        "traits": [{"$ref": f"#/components/messageTraits/{trait}"}],
    }


def _test_event() -> dict[str, Any]:
    return {
        "name": TEST,
        "summary": "Sent when somebody tries a subscription: about no conversation, and in no log.",
        "contentType": _JSON,
        "payload": {"$ref": REFERENCE.format(name="Event")},
        "traits": [{"$ref": "#/components/messageTraits/webhook"}],
    }


def _frame(kind: Any, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": kind.__struct_config__.tag, "summary": _words(kind), "payload": schema}


def _name(kind: Any) -> str:
    name: str = kind.__name__
    return name


def _words(kind: Any) -> str:
    return " ".join((kind.__doc__ or kind.__name__).replace("`", "").split())
