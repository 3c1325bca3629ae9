"""``onethread dlq``, for the queues whose messages go back to where they came from."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from infra.cli.dead_letters import DeadLetter
from infra.cli.redrive import Progress, redrive
from shared.model.envelope import Envelope
from tests.unit.cli.stage import Result, Stack

Run = Callable[..., Result]
FRAME = {"type": "message", "client_id": "c1", "parts": [{"type": "text", "text": "my private words"}]}
BODY = json.dumps({"session": {"external_id": "visitor"}, "frame": FRAME}).encode()
EVENT = {
    "id": "conv_1:3",
    "type": "message.sent",
    "subject": "conv_1",
    "time": "2026-11-21T10:00:00.000Z",
    "sequence": 3,
    "data": {"message": {"channel": {"type": "wechat", "account": "main"}, "text": "my private words"}},
}


def _put_inbound(stack: Stack, number: int, group: str = "g1", channel: str = "webchat") -> None:
    stack.sqs.send_message(
        QueueUrl=stack.outputs["InboundDeadLetterQueueUrl"],
        MessageBody=Envelope(channel, "main", 1_790_000_000.0 + number, BODY).to_json(),
        MessageGroupId=group,
        MessageDeduplicationId=f"{group}-{number}",
    )


def _put_outbound(stack: Stack) -> None:
    stack.sqs.send_message(
        QueueUrl=stack.outputs["OutboundDeadLetterQueueUrl"],
        MessageBody=json.dumps(EVENT),
        MessageGroupId="conv_1",
        MessageDeduplicationId="conv_1:3",
        MessageAttributes={"tasks": {"DataType": "String.Array", "StringValue": '["send"]'}},
    )


def _received_at(message: dict[str, str]) -> float:
    return Envelope.from_json(message["Body"]).received_at - 1_790_000_000.0


def test_list_counts_what_lies_in_each_queue_and_takes_nothing(run: Run, stack: Stack) -> None:
    for number in range(3):
        _put_inbound(stack, number)
    for _ in range(2):
        items = {item["queue"]: item for item in run("--local", "--json", "dlq", "list").json["items"]}
        assert list(items) == ["inbound", "outbound", "forward", "media", "timers", "mail", "publish-failures"]
        assert items["inbound"]["waiting"] == 3
        assert 0 <= items["inbound"]["oldest_seconds"] < 60
        assert items["outbound"] == {"queue": "outbound", "waiting": 0, "hidden": 0, "oldest_seconds": None}


def test_show_says_what_it_is_about_and_not_what_people_wrote(run: Run, stack: Stack) -> None:
    _put_inbound(stack, 0)
    result = run("--local", "--json", "dlq", "show", "inbound")
    (item,) = result.json["items"]
    assert {"channel": "webchat", "account": "main", "group": "g1", "error": None}.items() <= item.items()
    assert item["received_at"] == "2026-09-21T14:13:20.000Z"
    assert item["bytes"] == len(BODY)
    assert "private" not in result.out + run("--local", "dlq", "show", "inbound").out


def test_show_reveals_the_body_when_asked(run: Run, stack: Stack) -> None:
    _put_inbound(stack, 0)
    assert "my private words" in run("--local", "dlq", "show", "inbound", "--reveal").out


def test_show_names_the_error_that_reading_the_event_raises(run: Run, stack: Stack) -> None:
    _put_inbound(stack, 0, channel="nonsense")
    stack.sqs.send_message(
        QueueUrl=stack.outputs["InboundDeadLetterQueueUrl"],
        MessageBody="no envelope",
        MessageGroupId="g2",
        MessageDeduplicationId="1",
    )
    errors = {item["error"] for item in run("--local", "--json", "dlq", "show", "inbound").json["items"]}
    assert errors == {"unknown_channel", "unreadable (JSONDecodeError)"}


def test_show_of_an_event_names_conversation_and_tasks(run: Run, stack: Stack) -> None:
    _put_outbound(stack)
    result = run("--local", "--json", "dlq", "show", "outbound")
    (item,) = result.json["items"]
    expected = {
        "type": "message.sent",
        "conversation_id": "conv_1",
        "sequence": 3,
        "channel": "wechat",
        "tasks": ["send"],
    }
    assert expected.items() <= item.items()
    assert "private" not in result.out


def test_show_of_mail_says_where_it_lies_and_of_a_report_what_it_reports(run: Run, stack: Stack) -> None:
    report = {"eventType": "Bounce", "mail": {"messageId": "0100", "destination": ["ann@example.com"]}}
    notices = [
        {"Records": [{"s3": {"object": {"key": "mail/1"}}}]},
        {"Type": "Notification", "Message": json.dumps(report)},
    ]
    for notice in notices:
        stack.sqs.send_message(QueueUrl=stack.outputs["MailDeadLetterQueueUrl"], MessageBody=json.dumps(notice))
    result = run("--local", "--json", "dlq", "show", "mail")
    shown = [
        {name: item[name] for name in ("stored", "report", "message_id") if name in item}
        for item in result.json["items"]
    ]
    assert sorted(shown, key=str) == [{"report": "Bounce", "message_id": "0100"}, {"stored": ["mail/1"]}]
    assert "ann@example.com" not in result.out


def test_show_of_the_relay_says_who_was_to_hear_of_what_and_of_a_helpdesk_which(run: Run, stack: Stack) -> None:
    wake = {
        "kind": "wake",
        "subscription_id": "sub_1",
        "conversation_id": "conv_1",
        "first": 3,
        "states": [{"id": "conv_1:2:sent", "data": {"error": "private"}}],
    }
    desk = '{"kind":"desk",' + Envelope("generic", "main", 1_790_000_000.0, BODY).to_json()[1:]
    for group, body in (("sub_1#3", json.dumps(wake)), ("desk#7", desk)):
        stack.sqs.send_message(
            QueueUrl=stack.outputs["ForwardDeadLetterQueueUrl"],
            MessageBody=body,
            MessageGroupId=group,
            MessageDeduplicationId=group,
        )
    result = run("--local", "--json", "dlq", "show", "forward")
    by_group = {item["group"]: item for item in result.json["items"]}
    assert {"subscription_id": "sub_1", "conversation_id": "conv_1", "first": 3, "states": 1}.items() <= by_group[
        "sub_1#3"
    ].items()
    assert {"helpdesk": "generic", "account": "main", "bytes": len(BODY)}.items() <= by_group["desk#7"].items()
    assert "private" not in result.out


def test_show_of_a_timer_of_the_relay_says_when_it_was_due(run: Run, stack: Stack) -> None:
    sweep = {"kind": "sweep", "subscription_id": "sub_1", "probe": True}
    body = json.dumps({"relay": sweep, "due_at": 1_790_000_000.0})
    stack.sqs.send_message(QueueUrl=stack.outputs["TimersDeadLetterQueueUrl"], MessageBody=body)
    (item,) = run("--local", "--json", "dlq", "show", "timers").json["items"]
    assert {**sweep, "due_at": "2026-09-21T14:13:20.000Z"}.items() <= item.items()


def test_show_of_stored_mail_that_could_not_be_read_says_where_it_lies(run: Run, stack: Stack) -> None:
    stack.sqs.send_message(
        QueueUrl=stack.outputs["InboundDeadLetterQueueUrl"],
        MessageBody=Envelope("email", "main", 1_790_000_000.0, b"", stored="mail/1").to_json(),
        MessageGroupId="g",
        MessageDeduplicationId="d",
    )
    (item,) = run("--local", "--json", "dlq", "show", "inbound").json["items"]
    assert (item["channel"], item["stored"], item["error"]) == ("email", "mail/1", None)


def test_show_shows_so_many_and_leaves_them_where_they_are(run: Run, stack: Stack) -> None:
    for number in range(5):
        _put_inbound(stack, number, group=f"g{number}")
    assert len(run("--local", "--json", "dlq", "show", "inbound", "--limit", "2").json["items"]) == 2
    assert len(stack.received("InboundDeadLetterQueueUrl")) == 5


def test_show_of_an_empty_queue_says_so(run: Run, stack: Stack) -> None:
    assert run("--local", "dlq", "show", "media").out == "Nothing lies in media.\n"


def test_redrive_moves_messages_back_in_order_within_their_group(run: Run, stack: Stack) -> None:
    for number in range(12):
        _put_inbound(stack, number, group=f"g{number % 2}")
    result = run("--local", "--json", "dlq", "redrive", "inbound")
    assert result.json == {"queue": "inbound", "redriven": 12, "finished": True}
    back = [message for _ in range(2) for message in stack.received("InboundQueueUrl")]
    for group in ("g0", "g1"):
        numbers = [_received_at(message) for message in back if message["Attributes"]["MessageGroupId"] == group]
        assert numbers == sorted(numbers)
        assert len(numbers) == 6
    assert run("--local", "--json", "dlq", "list").json["items"][0]["waiting"] == 0


def test_redrive_keeps_attributes_and_gives_a_fresh_dedup_id(run: Run, stack: Stack) -> None:
    _put_outbound(stack)
    assert run("--local", "dlq", "redrive", "outbound").out == "1 message of outbound redriven\n"
    (message,) = stack.received("OutboundQueueUrl")
    assert message["MessageAttributes"]["tasks"]["StringValue"] == '["send"]'
    assert message["Attributes"]["MessageDeduplicationId"] != "conv_1:3"
    assert json.loads(message["Body"]) == EVENT


def test_redrive_of_a_standard_queue(run: Run, stack: Stack) -> None:
    body = json.dumps(EVENT)
    stack.sqs.send_message(QueueUrl=stack.outputs["MediaDeadLetterQueueUrl"], MessageBody=body)
    assert run("--local", "--json", "dlq", "redrive", "media").json["redriven"] == 1
    assert [message["Body"] for message in stack.received("MediaQueueUrl")] == [body]


def test_redrive_stops_at_the_limit(run: Run, stack: Stack) -> None:
    for number in range(5):
        _put_inbound(stack, number)
    assert run("--local", "--json", "dlq", "redrive", "inbound", "--limit", "2").json["redriven"] == 2
    assert [_received_at(message) for message in stack.received("InboundQueueUrl")] == [0, 1]
    assert [_received_at(message) for message in stack.received("InboundDeadLetterQueueUrl")] == [2, 3, 4]


def test_redrive_keeps_to_the_rate(run: Run, stack: Stack) -> None:
    for number in range(3):
        _put_inbound(stack, number)
    started = time.monotonic()
    run("--local", "dlq", "redrive", "inbound", "--rate", "10")
    assert time.monotonic() - started >= 0.3


def test_when_sending_fails_the_message_stays_and_the_count_is_told(run: Run, stack: Stack) -> None:
    _put_inbound(stack, 0)
    stack.sqs.delete_queue(QueueUrl=stack.outputs["InboundQueueUrl"])
    result = run("--local", "--json", "dlq", "redrive", "inbound")
    assert result.code == 1
    assert result.json == {"queue": "inbound", "redriven": 0, "finished": False}
    assert len(stack.received("InboundDeadLetterQueueUrl")) == 1


class _Queue:
    """A dead-letter queue in memory that can be interrupted when it deletes."""

    def __init__(self, letters: list[DeadLetter]) -> None:
        self.letters = letters
        self.out: list[DeadLetter] = []
        self.interrupt_deletion = False

    def waiting(self) -> int:
        return len(self.letters)

    def take(self, most: int, seconds: int) -> list[DeadLetter]:
        taken, self.letters = self.letters[:most], self.letters[most:]
        self.out += taken
        return taken

    def give_back(self, letters: list[DeadLetter]) -> None:
        self.letters = [letter for letter in letters if letter in self.out] + self.letters
        self.out = []

    def delete(self, letter: DeadLetter) -> None:
        if self.interrupt_deletion:
            raise KeyboardInterrupt
        self.out.remove(letter)


def _letters(count: int, sent_at: float = 100.0) -> list[DeadLetter]:
    return [DeadLetter(f"m{number}", "r", "body", sent_at, 1) for number in range(count)]


def test_a_message_that_fails_again_is_not_redriven_twice() -> None:
    queue = _Queue(_letters(2))
    handled: list[str] = []

    def handle(letter: DeadLetter) -> None:
        handled.append(letter.id)
        queue.letters.append(DeadLetter(f"{letter.id}-again", "r", "body", 201.0, 1))

    progress = Progress()
    redrive(queue, handle, progress, limit=10, clock=lambda: 200.0)
    assert handled == ["m0", "m1"]
    assert [letter.id for letter in queue.letters] == ["m0-again", "m1-again"]


def test_interrupted_between_sending_and_deleting_nothing_is_lost() -> None:
    queue = _Queue(_letters(3))
    queue.interrupt_deletion = True
    handled: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        redrive(queue, lambda letter: handled.append(letter.id), Progress(), clock=lambda: 200.0)
    queue.interrupt_deletion = False
    redrive(queue, lambda letter: handled.append(letter.id), Progress(), clock=lambda: 200.0)
    assert handled == ["m0", "m0", "m1", "m2"]
    assert queue.letters == []
