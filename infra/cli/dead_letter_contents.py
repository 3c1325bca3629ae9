"""What a dead letter is about, without what people wrote in it unless that is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from infra.cli.dead_letters import PUBLISH_FAILURES
from infra.cli.failed_batches import FailedBatch
from shared.errors import OnethreadError
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from infra.cli.dead_letters import DeadLetter
    from shared.model.envelope import Envelope


_EXPLANATION = (
    "these changes of the table were not published; dlq redrive publishes them again, "
    "out of the table's stream within 24 hours, out of the log after that"
)


def describe(queue: str, letter: DeadLetter, reveal: bool) -> dict[str, Any]:
    """A dead letter as it is shown; with ``reveal`` its body as well."""
    description: dict[str, Any] = {"id": letter.id, "queued_at": rfc3339(letter.sent_at), "received": letter.received}
    if letter.group is not None:
        description["group"] = letter.group
    try:
        description |= _content(queue, letter)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        description["error"] = f"unreadable ({type(error).__name__})"
    if reveal:
        description["body"] = letter.body
    return description


def _content(queue: str, letter: DeadLetter) -> dict[str, Any]:
    if queue == "inbound":
        return _of_envelope(letter.body)
    if queue == "mail":
        return _of_mail(json.loads(letter.body))
    if queue == "forward":
        return _of_relay(letter.body)
    if queue == "timers" and "relay" in (timed := json.loads(letter.body)):
        return {**_of_work(timed["relay"]), "due_at": rfc3339(timed["due_at"])}
    if queue == PUBLISH_FAILURES:
        return _of_pointer(FailedBatch.from_json(letter.body))
    return _of_event(json.loads(letter.body), letter.attributes)


def _of_envelope(body: str) -> dict[str, Any]:
    from shared.model.envelope import Envelope

    envelope = Envelope.from_json(body)
    return {
        "channel": envelope.channel,
        "account": envelope.account,
        "received_at": rfc3339(envelope.received_at),
        # What lies in the mail bucket is not read here: reading it needs rights that looking into a queue does not.
        **({"stored": envelope.stored} if envelope.stored else {"bytes": len(envelope.body)}),
        "error": None if envelope.stored else _parse_error(envelope),
    }


def _of_mail(notice: Mapping[str, Any]) -> dict[str, Any]:
    """A notice of the bucket (mail that came in), or of SES (what became of mail that was sent)."""
    if notice.get("Type") == "Notification":
        report = json.loads(notice["Message"])
        kind = report.get("eventType") or report.get("notificationType")
        return {"report": kind, "message_id": report["mail"]["messageId"]}
    return {"stored": [each["s3"]["object"]["key"] for each in notice.get("Records", ())]}


def _parse_error(envelope: Envelope) -> str | None:
    """Why the connector cannot read the event: only the error's class, because its text may quote the event."""
    from connectors import registry

    try:
        registry.connector(envelope.channel).parse(envelope)
    except OnethreadError as error:
        return str(getattr(error, "code", type(error).__name__))
    except Exception as error:
        return type(error).__name__
    return None


def _of_relay(body: str) -> dict[str, Any]:
    """A helpdesk's webhook, or what a subscriber was to be told."""
    item = json.loads(body)
    if item["kind"] != "desk":
        return _of_work(item)
    from shared.model.envelope import Envelope

    envelope = Envelope.from_json(body)
    return {
        "kind": "desk",
        "helpdesk": envelope.channel,
        "account": envelope.account,
        "received_at": rfc3339(envelope.received_at),
        "bytes": len(envelope.body),
    }


def _of_work(item: Mapping[str, Any]) -> dict[str, Any]:
    """A wake-up or a sweep; the states that a wake-up carries are counted, not shown."""
    shown = {name: value for name, value in item.items() if name != "states"}
    return {**shown, "states": len(item["states"])} if "states" in item else shown


def _of_event(event: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    message = (event.get("data") or {}).get("message") or {}
    channel = message.get("channel") or {}
    return {
        "type": event["type"],
        "conversation_id": event["subject"],
        "sequence": event.get("sequence"),
        "time": event["time"],
        "channel": channel.get("type"),
        "account": channel.get("account"),
        "tasks": json.loads(attributes["tasks"]["StringValue"]) if "tasks" in attributes else [],
    }


def _of_pointer(batch: FailedBatch) -> dict[str, Any]:
    return {
        "records": batch.size,
        "first_at": rfc3339(batch.first_at),
        "last_at": rfc3339(batch.last_at),
        "stream": batch.stream_arn,
        "shard": batch.shard_id,
        "sequence_numbers": [batch.first_number, batch.last_number],
        "error": batch.error,
        "explanation": _EXPLANATION,
    }
