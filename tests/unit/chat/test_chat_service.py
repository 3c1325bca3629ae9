"""Web chat's socket, and the HTTP fallback of the socket."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from shared.core.chat.service import CONNECTION_SECONDS
from shared.errors import RequestError
from shared.model.envelope import QueuedEvent
from shared.model.identifiers import digest
from tests.unit.chat.fakes import NOW, SHOP, Chat, a_chat, a_message, signed

LINK = {"type": "link", "client_id": "c9", "code": "abcd 2345"}
HELLO = {"type": "message", "client_id": "c1", "parts": [{"type": "text", "text": "hello"}]}


class TestConnecting:
    def test_a_connection_is_remembered_for_as_long_as_the_gateway_keeps_it(self) -> None:
        chat = a_chat()
        session = chat.connected(identity_token=signed(name="Ann"))
        connection = chat.connections.open["socket1="]
        assert connection.identity_id == session["identity_id"]
        assert (connection.account, connection.external_id, connection.name) == ("main", "user:42", "Ann")
        assert connection.expires_at == NOW + CONNECTION_SECONDS

    @pytest.mark.parametrize(
        ("token", "origin", "status"), [("", SHOP, 401), ("v1.x.y", SHOP, 401), (None, "https://evil.example", 403)]
    )
    def test_a_forged_token_or_a_foreign_page_opens_nothing(self, token: str | None, origin: str, status: int) -> None:
        chat = a_chat()
        genuine = chat.open()["token"]
        with pytest.raises(RequestError) as caught:
            chat.service.connect("socket1=", genuine if token is None else token, origin)
        assert caught.value.status == status
        assert chat.connections.open == {}

    def test_disconnecting_forgets_the_connection_and_may_happen_twice(self) -> None:
        chat = a_chat()
        chat.connected()
        chat.service.disconnect("socket1=")
        chat.service.disconnect("socket1=")
        assert chat.connections.open == {}


class TestReceivingFrames:
    def test_a_message_is_accepted_when_it_is_in_the_queue_with_who_sent_it(self) -> None:
        chat = a_chat()
        session = chat.connected(identity_token=signed(name="Ann"))
        assert chat.frame(HELLO) == {"type": "accepted", "client_id": "c1"}
        [event] = chat.queue.events
        assert event.group == digest("webchat", "main", "user:42")
        assert event.dedupe == digest(session["identity_id"], "c1")
        assert (event.envelope.channel, event.envelope.account, event.envelope.received_at) == ("webchat", "main", NOW)
        assert chat.queue.bodies() == [
            {
                "session": {
                    "external_id": "user:42",
                    "identity_id": session["identity_id"],
                    "verification": "signed_token",
                    "name": "Ann",
                },
                "frame": HELLO,
            }
        ]

    def test_sending_again_is_accepted_again_under_the_same_dedupe(self) -> None:
        chat = a_chat()
        chat.connected()
        chat.frame(HELLO)
        chat.frame(HELLO)
        chat.frame({**HELLO, "client_id": "c2"})
        dedupes = [event.dedupe for event in chat.queue.events]
        assert dedupes[0] == dedupes[1] != dedupes[2]

    def test_two_visitors_never_share_a_dedupe_or_a_group(self) -> None:
        chat = a_chat()
        chat.connected("one=")
        chat.connected("two=")
        chat.frame(HELLO, "one=")
        chat.frame(HELLO, "two=")
        first, second = chat.queue.events
        assert first.dedupe != second.dedupe
        assert first.group != second.group

    def test_what_a_frame_says_about_its_sender_counts_for_nothing(self) -> None:
        chat = a_chat()
        session = chat.connected()
        chat.frame({**HELLO, "session": {"external_id": "user:1"}, "identity_id": "idn_other", "account": "other"})
        [body] = chat.queue.bodies()
        assert body["session"]["identity_id"] == session["identity_id"]
        assert body["frame"] == HELLO

    def test_a_message_that_could_not_be_stored_is_not_accepted(self) -> None:
        chat = a_chat()
        chat.connected()
        chat.queue.down = True
        reply = chat.frame(HELLO)
        assert reply is not None
        assert (reply["type"], reply["code"], reply["client_id"]) == ("error", "unavailable", "c1")

    def test_a_refused_frame_is_answered_with_its_code_and_changes_nothing(self) -> None:
        chat = a_chat()
        chat.connected()
        reply = chat.frame({**HELLO, "parts": [{"type": "hologram"}]})
        assert reply is not None
        assert (reply["type"], reply["code"], reply["client_id"]) == ("error", "unknown_part", "c1")
        assert chat.queue.events == []

    def test_an_unknown_connection_has_to_connect_again(self) -> None:
        chat = a_chat()
        reply = chat.frame(HELLO, "stranger=")
        assert reply is not None
        assert reply["code"] == "not_connected"
        assert chat.queue.events == []

    def test_read_receipts_are_queued_behind_the_visitors_messages(self) -> None:
        chat = a_chat()
        chat.connected()
        chat.frame(HELLO)
        assert chat.frame({"type": "read", "sequence": 3}) is None
        message, receipt = chat.queue.events
        assert message.group == receipt.group
        assert message.dedupe != receipt.dedupe
        assert chat.queue.bodies()[1]["frame"] == {"type": "read", "sequence": 3}

    def test_no_client_id_can_pass_for_a_read_receipt(self) -> None:
        chat = a_chat()
        chat.connected()
        chat.frame({"type": "read", "sequence": 3})
        assert chat.frame({**HELLO, "client_id": "read 3"}) is not None
        assert [body["frame"]["type"] for body in chat.queue.bodies()] == ["read"]

    def test_a_link_code_is_accepted_when_it_is_in_the_queue_and_nothing_else_is_told(self) -> None:
        chat = a_chat()
        session = chat.connected()
        assert chat.frame(LINK) == {"type": "accepted", "client_id": "c9"}
        [event] = chat.queue.events
        assert event.dedupe == digest(session["identity_id"], "c9")
        [body] = chat.queue.bodies()
        assert body["frame"] == {"type": "link", "client_id": "c9", "code": "ABCD2345"}
        assert body["session"]["identity_id"] == session["identity_id"]
        assert chat.sockets.posted == []

    def test_a_link_code_sent_again_goes_under_the_same_name_over_either_way(self) -> None:
        chat = a_chat()
        session = chat.connected()
        chat.frame(LINK)
        answer = chat.service.post_message("main", session["token"], json.dumps(LINK).encode())
        assert answer == {"type": "accepted", "client_id": "c9"}
        first, second = chat.queue.events
        assert (first.dedupe, first.group) == (second.dedupe, second.group)

    def test_what_is_no_link_code_is_refused_at_once(self) -> None:
        chat = a_chat()
        chat.connected()
        refusal = chat.frame({**LINK, "code": "ABCD"})
        assert refusal is not None
        assert (refusal["type"], refusal["code"], refusal["client_id"]) == ("error", "bad_link_code", "c9")
        assert chat.queue.events == []

    def test_a_link_code_that_could_not_be_queued_is_not_accepted(self) -> None:
        chat = a_chat()
        chat.connected()
        chat.queue.down = True
        refusal = chat.frame(LINK)
        assert refusal is not None
        assert (refusal["type"], refusal["code"], refusal["client_id"]) == ("error", "unavailable", "c9")

    def test_typing_is_passed_on_and_not_stored(self) -> None:
        chat = a_chat()
        session = chat.connected()
        assert chat.frame({"type": "typing"}) is None
        assert chat.typing.seen == [(session["identity_id"], True)]
        assert chat.queue.events == []

    def test_a_ping_is_answered_without_asking_anybody(self) -> None:
        assert a_chat().frame({"type": "ping"}, "stranger=") == {"type": "pong"}


class TestResuming:
    def resumable(self, messages: int) -> Chat:
        chat = a_chat()
        session = chat.connected()
        chat.history.conversations[session["identity_id"]] = "conv_1"
        # Sequences of messages are not contiguous: other entries lie between them.
        chat.history.log["conv_1"] = [a_message(2 * number) for number in range(1, messages + 1)]
        return chat

    def test_everything_after_the_sequence_is_sent_in_order(self) -> None:
        chat = self.resumable(120)
        reply = chat.frame({"type": "resume", "after": 20})
        sent = [frame["message"]["sequence"] for _, frame in chat.sockets.posted]
        assert sent == list(range(22, 241, 2))
        assert reply == {"type": "resumed", "sequence": 240, "conversation_id": "conv_1"}

    def test_who_may_see_what_is_asked_once_and_not_for_every_page(self) -> None:
        chat = self.resumable(120)
        chat.history.asked.clear()
        chat.frame({"type": "resume"})
        assert len(chat.history.asked) == 1

    def test_what_is_not_shown_on_the_visitors_route_is_not_sent(self) -> None:
        chat = self.resumable(4)
        chat.history.shows_from = 5
        chat.history.log["conv_1"].append(a_message(9, identity_id="idn_of_somebody_else"))
        assert chat.frame({"type": "resume"}) == {"type": "resumed", "sequence": 8, "conversation_id": "conv_1"}
        assert [frame["message"]["sequence"] for _, frame in chat.sockets.posted] == [6, 8]

    def test_nothing_new_is_said_too(self) -> None:
        chat = self.resumable(3)
        assert chat.frame({"type": "resume", "after": 6}) == {
            "type": "resumed",
            "sequence": 6,
            "conversation_id": "conv_1",
        }
        assert chat.sockets.posted == []

    def test_a_visitor_without_a_conversation_has_nothing_to_resume(self) -> None:
        chat = a_chat()
        chat.connected()
        assert chat.frame({"type": "resume"}) == {"type": "resumed", "sequence": 0}

    def test_a_long_absence_is_resumed_in_several_steps(self) -> None:
        chat = self.resumable(620)
        first = chat.frame({"type": "resume"})
        assert first == {"type": "resumed", "sequence": 1000, "conversation_id": "conv_1", "more": True}
        second = chat.frame({"type": "resume", "after": 1000})
        assert second == {"type": "resumed", "sequence": 1240, "conversation_id": "conv_1"}
        assert len(chat.sockets.posted) == 620

    def test_a_socket_that_goes_away_meanwhile_is_forgotten(self) -> None:
        chat = self.resumable(10)
        chat.sockets.gone.add("socket1=")
        assert chat.frame({"type": "resume"}) is None
        assert chat.connections.open == {}

    def test_only_the_visitors_own_conversation_is_sent(self) -> None:
        chat = self.resumable(3)
        chat.connected("two=")
        assert chat.frame({"type": "resume"}, "two=") == {"type": "resumed", "sequence": 0}
        assert chat.sockets.posted == []


class TestTheHttpFallback:
    def test_a_posted_message_is_the_same_as_one_over_the_socket(self) -> None:
        chat = a_chat()
        session = chat.connected()
        chat.frame(HELLO)
        answer = chat.service.post_message("main", session["token"], json.dumps(HELLO).encode())
        assert answer == {"type": "accepted", "client_id": "c1"}
        over_socket, over_http = [self.without_trace(event) for event in chat.queue.events]
        assert over_socket == over_http

    def without_trace(self, event: QueuedEvent) -> tuple[bytes, str, str]:
        return event.envelope.body, event.group, event.dedupe

    def test_history_is_given_in_pages(self) -> None:
        chat = a_chat()
        session = chat.open()
        chat.history.conversations[session["identity_id"]] = "conv_1"
        chat.history.log["conv_1"] = [a_message(number) for number in range(1, 6)]
        page = chat.service.history("main", session["token"], after=1, limit=3)
        assert [item["sequence"] for item in page["items"]] == [2, 3, 4]
        assert page["cursor"] == "4"
        assert page["conversation_id"] == "conv_1"
        rest = chat.service.history("main", session["token"], after=4, limit=3)
        assert [item["sequence"] for item in rest["items"]] == [5]
        assert "cursor" not in rest

    @pytest.mark.parametrize(("asked", "given"), [(0, 1), (1_000, 100)])
    def test_a_page_has_between_one_and_a_hundred_messages(self, asked: int, given: int) -> None:
        chat = a_chat()
        session = chat.open()
        chat.history.conversations[session["identity_id"]] = "conv_1"
        chat.history.log["conv_1"] = [a_message(number) for number in range(1, 201)]
        assert len(chat.service.history("main", session["token"], 0, asked)["items"]) == given

    def test_a_visitor_who_never_wrote_has_no_history(self) -> None:
        chat = a_chat()
        assert chat.service.history("main", chat.open()["token"], 0, 50) == {"items": []}

    def test_an_upload_goes_under_the_visitors_own_key_with_its_type_and_size_fixed(self) -> None:
        chat = a_chat()
        session = chat.open()
        body = json.dumps({"filename": "a.png", "mime_type": "image/png", "size": 999}).encode()
        answer = chat.service.open_upload("main", session["token"], body)
        key = f"uploads/main/{session['identity_id']}/{answer['media_id']}"
        assert chat.upload_forms.asked == [(key, "image/png", 999, 600)]
        assert answer["url"] == "https://bucket.example/"
        assert answer["fields"] == {"key": key, "Content-Type": "image/png"}

    def test_a_session_of_another_account_is_refused_everywhere(self) -> None:
        chat = a_chat()
        token = chat.open("other")["token"]
        calls: list[Callable[[], object]] = [
            lambda: chat.service.post_message("main", token, json.dumps(HELLO).encode()),
            lambda: chat.service.history("main", token, 0, 50),
            lambda: chat.service.open_upload("main", token, b"{}"),
        ]
        for call in calls:
            with pytest.raises(RequestError) as caught:
                call()
            assert caught.value.code == "wrong_account"
        assert chat.queue.events == []
