"""The web-chat connector: queued frames in, pushes out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from connectors.channels.webchat.connector import CONNECTOR
from connectors.channels.webchat.ingress import INGRESS
from shared.errors import DeliveryError, InfrastructureError, NotFound
from shared.http.request import Request
from shared.model.envelope import Envelope
from shared.model.identifiers import identity_id
from shared.model.inbound import AccountNotice, InboundEvent, InboundMessage, InboundReceipt
from shared.model.parts import EventPart, TextPart, UnsupportedPart
from shared.ports.connector import Connector, DeepLink, Recipient
from shared.ports.context import AccessTokens, ChannelContext, MediaFiles
from shared.ports.http import HttpClient
from shared.ports.ingress import Ingress
from tests.support.mail import FixedSeals, KeptOriginals, RecordedMailer
from tests.unit.chat.fakes import IDENTITY_SECRET, NOW, SHOP, a_chat, a_message

MEDIA_ID = "med_01890a5d-ac96-774b-bcce-b302099a8057"
IDENTITY = identity_id("webchat", "main", "user:42")


def parse(body: object) -> InboundEvent:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    [event] = CONNECTOR.parse(Envelope("webchat", "main", NOW, raw))
    return event


def sent(frame: object, **session: object) -> InboundEvent:
    return parse({"session": {"external_id": "user:42", "verification": "signed_token", **session}, "frame": frame})


def message(*parts: object, client_id: str = "c1") -> dict[str, Any]:
    return {"type": "message", "client_id": client_id, "parts": list(parts)}


def test_the_registry_finds_both_halves() -> None:
    found: Connector = CONNECTOR
    gate: Ingress = INGRESS
    assert registry.connector("webchat") is found
    assert registry.ingress("webchat") is gate
    assert CONNECTOR.capabilities.channel == "webchat"


def test_there_are_no_webhooks() -> None:
    request = Request("POST", "/hooks/webchat/main", body=b"{}")
    assert INGRESS.handshake(request, {}) is None
    with pytest.raises(NotFound) as caught:
        INGRESS.verify(request, {}, NOW)
    assert caught.value.code == "not_a_webhook"


class TestParsing:
    def test_what_the_chat_service_queues_is_what_is_parsed(self) -> None:
        chat = a_chat()
        session = chat.connected()
        chat.frame(message({"type": "text", "text": "hello"}))
        chat.frame({"type": "read", "sequence": 3})
        written, read = [CONNECTOR.parse(event.envelope)[0] for event in chat.queue.events]
        assert isinstance(written, InboundMessage)
        assert written.provider_id == f"{session['identity_id']}:c1"
        assert written.parts == [TextPart(text="hello")]
        assert written.metadata == {"client_id": "c1"}
        assert (written.occurred_at, written.opens, written.origin) == (NOW, None, "customer")
        assert (written.sender.scope, written.sender.verification) == ("main", "none")
        assert isinstance(read, InboundReceipt)
        assert (read.status, read.up_to_sequence, read.sender) == ("read", 3, written.sender)

    def test_a_signed_visitor_is_verified_and_brings_the_address_the_site_has_proven(self) -> None:
        event = sent(message({"type": "text", "text": "hi"}), name="Ann", email="ann@shop.example")
        assert isinstance(event, InboundMessage)
        assert (event.sender.verification, event.sender.name) == ("signed_token", "Ann")
        assert event.sender.aliases == {"email": "ann@shop.example"}

    def test_an_anonymous_visitor_proves_no_address(self) -> None:
        event = sent(message({"type": "text", "text": "hi"}), verification="none", email="ann@shop.example")
        assert isinstance(event, InboundMessage)
        assert event.sender.aliases == {}
        assert event.sender.verification == "none"

    def test_a_link_code_that_the_chat_service_queues_comes_out_as_one_and_as_nothing_else(self) -> None:
        chat = a_chat()
        session = chat.connected()
        chat.frame({"type": "link", "client_id": "c9", "code": "k7qm-2xpd"})
        [event] = CONNECTOR.parse(chat.queue.events[0].envelope)
        assert isinstance(event, InboundMessage)
        assert (event.link_code, event.link_only, event.wants_answer) == ("K7QM2XPD", True, False)
        assert event.provider_id == f"{session['identity_id']}:c9"
        assert event.parts == [EventPart(name="link")]
        assert event.sender.unproven is False

    @pytest.mark.parametrize("code", ["K7QM-2XP", "see K7QM-2XPD", "", None, 7, ["K7QM-2XPD"]])
    def test_what_is_no_link_code_links_nobody_and_is_kept(self, code: object) -> None:
        event = sent({"type": "link", "client_id": "c9", "code": code})
        assert isinstance(event, InboundMessage)
        assert (event.link_code, event.link_only) == (None, False)
        assert isinstance(event.parts[0], UnsupportedPart)

    @pytest.mark.parametrize("frame", [{"type": "link", "code": "K7QM-2XPD"}, {"type": "message", "code": "K7QM-2XPD"}])
    def test_only_a_whole_link_frame_links(self, frame: dict[str, Any]) -> None:
        event = sent(frame)
        assert isinstance(event, InboundMessage)
        assert event.link_code is None

    def test_files_are_looked_for_among_the_visitors_own_uploads(self) -> None:
        second = MEDIA_ID[:-1] + "8"
        event = sent(
            message(
                {"type": "text", "text": "two files"},
                {"type": "image", "media": {"media_id": MEDIA_ID}},
                {"type": "file", "media": {"media_id": second, "filename": "a.pdf"}},
            ),
            identity_id="idn_of_somebody_else",
        )
        assert isinstance(event, InboundMessage)
        assert [(source.index, source.reference) for source in event.media] == [
            (0, {"upload": f"uploads/main/{IDENTITY}/{MEDIA_ID}"}),
            (1, {"upload": f"uploads/main/{IDENTITY}/{second}"}),
        ]

    def test_a_file_that_is_no_upload_is_kept_as_unsupported(self) -> None:
        part = {"type": "image", "media": {"media_id": "../../somebody/else"}}
        event = sent(message(part, {"type": "text", "text": "see"}))
        assert isinstance(event, InboundMessage)
        strange, text = event.parts
        assert isinstance(strange, UnsupportedPart)
        assert json.loads(strange.raw or "") == part
        assert text == TextPart(text="see")
        assert event.media == []

    @pytest.mark.parametrize(
        "frame", [{"type": "hologram"}, {"type": "message", "parts": []}, {"type": "read"}, 7, None]
    )
    def test_a_frame_that_is_not_understood_is_kept(self, frame: object) -> None:
        event = sent(frame)
        assert isinstance(event, InboundMessage)
        [part] = event.parts
        assert isinstance(part, UnsupportedPart)
        assert json.loads(part.raw or "")["frame"] == frame
        assert event.provider_id == cast("InboundMessage", sent(frame)).provider_id

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b'{"frame":{}}', b"[" * 100_000])
    def test_a_body_without_a_session_is_reported_and_concerns_nobody(self, body: bytes) -> None:
        event = parse(body)
        assert isinstance(event, AccountNotice)
        assert event.name == "unreadable_frame"

    @given(st.data())
    def test_no_change_of_a_body_breaks_the_parser(self, data: st.DataObject) -> None:
        whole = json.dumps(
            {
                "session": {"external_id": "user:42", "verification": "none"},
                "frame": message(
                    {"type": "image", "media": {"media_id": MEDIA_ID}},
                    {"type": "location", "latitude": 1, "longitude": 2},
                ),
            }
        ).encode()
        place = data.draw(st.integers(0, len(whole) - 1))
        changed = whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :]
        [event] = CONNECTOR.parse(Envelope("webchat", "main", NOW, changed))
        assert msgspec.json.encode(event)


@dataclass
class FakeSockets:
    pushed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    online: int = 1
    down: bool = False

    def push(self, identity_id: str, frame: bytes) -> int:
        if self.down:
            raise InfrastructureError("API Gateway is down")
        self.pushed.append((identity_id, json.loads(frame)))
        return self.online


def context(sockets: FakeSockets, **account: object) -> ChannelContext:
    nothing = object()
    return ChannelContext(
        account_name="main",
        account=account,
        http=cast("HttpClient", nothing),
        web=cast("HttpClient", nothing),
        tokens=cast("AccessTokens", nothing),
        media=cast("MediaFiles", nothing),
        sockets=sockets,
        mailer=RecordedMailer(),
        originals=KeptOriginals(),
        seals=FixedSeals(),
    )


VISITOR = Recipient("idn_visitor", "user:42")


class TestSending:
    def test_the_visitors_browser_gets_the_message_itself(self) -> None:
        rendering = CONNECTOR.render(a_message(), VISITOR)
        assert rendering.degradations == []
        [request] = rendering.requests
        assert (request.operation, request.body["message_id"]) == ("push", "msg_1")
        sockets = FakeSockets()
        assert CONNECTOR.send(request, context(sockets)).status == "sent"
        [(identity, frame)] = sockets.pushed
        assert identity == "idn_visitor"
        assert frame["type"] == "message"
        assert frame["message"]["parts"] == [{"type": "text", "text": "answer 1"}]

    def test_a_rendered_request_survives_being_stored(self) -> None:
        [request] = CONNECTOR.render(a_message(), VISITOR).requests
        assert json.loads(json.dumps(request.body)) == request.body

    def test_a_visitor_who_is_away_finds_the_message_later_so_it_is_sent(self) -> None:
        [request] = CONNECTOR.render(a_message(), VISITOR).requests
        assert CONNECTOR.send(request, context(FakeSockets(online=0))).status == "sent"

    def test_losses_are_recorded(self) -> None:
        rendering = CONNECTOR.render(a_message(parts=[TextPart(text="<b>hi</b>", format="html")]), VISITOR)
        assert [degradation.lost for degradation in rendering.degradations] == [["formatting"]]

    def test_when_the_gateway_is_down_sending_is_tried_again(self) -> None:
        [request] = CONNECTOR.render(a_message(), VISITOR).requests
        with pytest.raises(DeliveryError) as caught:
            CONNECTOR.send(request, context(FakeSockets(down=True)))
        assert (caught.value.error_class, caught.value.code) == ("retry", "push_failed")

    def test_typing_is_shown(self) -> None:
        sockets = FakeSockets()
        CONNECTOR.type(VISITOR, False, context(sockets))
        assert sockets.pushed == [("idn_visitor", {"type": "typing", "active": False})]

    def test_no_file_is_ever_fetched_from_a_provider(self) -> None:
        with pytest.raises(DeliveryError) as caught:
            CONNECTOR.fetch_media({"upload": "uploads/x"}, context(FakeSockets()))
        assert (caught.value.error_class, caught.value.code) == ("permanent", "media_expired")


class TestDeepLinks:
    @pytest.mark.parametrize(
        "page_url",
        [
            "https://shop.example",
            "https://shop.example/help?from=wechat&lang=zh",
            "https://shop.example:8443/@ann/%E5%B8%AE%E5%8A%A9",
            "https://[2001:db8::1]/help",
            "http://127.0.0.1:8700/",
            "http://localhost/",
            "http://[::1]:8700/chat",
        ],
    )
    def test_the_code_goes_into_the_fragment_of_the_page_where_no_server_sees_it(self, page_url: str) -> None:
        assert CONNECTOR.validate({"page_url": page_url}) == []
        found = CONNECTOR.deep_link("K7QM2XPD", context(FakeSockets(), page_url=page_url))
        assert found == DeepLink(f"{page_url}#onethread=K7QM-2XPD")

    def test_an_account_without_a_page_has_no_address_for_codes(self) -> None:
        assert CONNECTOR.deep_link("K7QM2XPD", context(FakeSockets())) is None

    @pytest.mark.parametrize(
        "page_url",
        [
            "",
            7,
            ["https://shop.example"],
            "shop.example",
            "//shop.example",
            "https://",
            "https:///help",
            "https://:443/",
            "http://shop.example",
            "http://127.0.0.1.shop.example/",
            "http://localhost@shop.example/",
            "https://ann@shop.example/",
            "https://ann:secret@shop.example/",
            "https://shop.example/#help",
            "https://shop.example/#",
            "https://shop.example:0/",
            "https://shop.example:99999/",
            "https://shop.example:port/",
            "https://[::1/",
            "https://shop.example/a b",
            "https://shop.example/\n",
            "https://shop.example\\@evil.example/",
            "https://shop.example/帮助",
            'https://shop.example/"><script>',
            "javascript:alert(1)",
            "https://shop.example/" + "a" * 1_000,
        ],
    )
    def test_nobody_is_sent_to_an_address_that_is_not_a_safe_page(self, page_url: object) -> None:
        [problem] = CONNECTOR.validate({"page_url": page_url})
        assert problem.startswith("page_url ")
        assert CONNECTOR.deep_link("K7QM2XPD", context(FakeSockets(), page_url=page_url)) is None


class TestSettings:
    @pytest.mark.parametrize(
        "account",
        [
            {},
            {"allowed_origins": []},
            {"allowed_origins": "https://shop.example, *"},
            {"identity_secret": IDENTITY_SECRET, "allowed_origins": [SHOP]},
        ],
    )
    def test_complete_settings_have_nothing_wrong(self, account: dict[str, Any]) -> None:
        assert CONNECTOR.validate(account) == []

    @pytest.mark.parametrize(
        ("account", "word"),
        [
            ({"identity_secret": "short"}, "identity_secret"),
            ({"identity_secret": 7}, "identity_secret"),
            ({"allowed_origins": 7}, "allowed_origins"),
            ({"allowed_origins": ["shop.example"]}, "shop.example"),
        ],
    )
    def test_each_mistake_is_named(self, account: dict[str, Any], word: str) -> None:
        [problem] = CONNECTOR.validate(account)
        assert word in problem

    def test_the_check_says_what_the_settings_mean(self) -> None:
        def verdicts(**account: object) -> list[tuple[bool, str]]:
            return [(finding.ok, finding.subject) for finding in CONNECTOR.check(context(FakeSockets(), **account))]

        assert verdicts() == [(False, "allowed_origins"), (True, "identity_secret")]
        assert verdicts(allowed_origins=[SHOP]) == [(True, "allowed_origins"), (True, "identity_secret")]
        assert verdicts(allowed_origins=["*"], identity_secret="short")[0] == (False, "settings")

    @pytest.mark.parametrize(
        ("page_url", "origins", "ok"),
        [
            ("https://shop.example/help", ["https://shop.example"], True),
            ("https://shop.example:443/help", ["https://shop.example"], True),
            ("https://Shop.Example/help", ["https://shop.example"], True),
            ("https://www.shop.example/", ["https://*.shop.example"], True),
            ("http://[::1]:8700/", ["http://[::1]:8700"], True),
            ("https://shop.example:8443/", ["https://shop.example"], False),
            ("https://other.example/", ["https://shop.example"], False),
            ("https://shop.example/", [], False),
        ],
    )
    def test_the_check_says_whether_the_page_could_open_a_session(
        self, page_url: str, origins: list[str], ok: bool
    ) -> None:
        findings = CONNECTOR.check(context(FakeSockets(), page_url=page_url, allowed_origins=origins))
        assert [finding.ok for finding in findings if finding.subject == "page_url"] == [ok]
