"""An account with a mail server of its own: mail goes there under TLS, once, and every answer has a meaning."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.email.connector import CONNECTOR
from connectors.channels.email.rendering import render
from connectors.channels.email.sending import send
from connectors.channels.email.smtp.mailer import SmtpMailer
from connectors.channels.email.smtp.settings import Relay
from connectors.channels.email.smtp.transfer import stuffed
from shared.errors import DeliveryError
from shared.ports.connector import SendResult
from tests.support.mail import RecordedMailer
from tests.unit.email_outbound.letters import context, deliver, outgoing, received, recipient, sent
from tests.unit.email_outbound.mail_servers import PASSWORD, USER, MailServer, mail_server
from tests.unit.http.local_server import Behaviour, Conversation, LocalServer, serving, tls_contexts

MESSAGE = "msg_01890000-0000-7000-8000-000000000001"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with mail_server(tmp_path) as server:
        yield server


def account(server: MailServer, **settings: Any) -> dict[str, Any]:
    return {
        "smtp_host": "localhost",
        "smtp_port": str(server.port),
        "smtp_username": USER,
        "smtp_password": PASSWORD,
        "smtp_ca": server.certificate,
    } | settings


def sent_through(
    server: MailServer, *, cc: list[str] | None = None, text: str = "Hello", **settings: Any
) -> SendResult:
    [request] = render(outgoing(text=text, email={"cc": cc or []}), recipient()).requests
    return send(request, context(account=account(server, **settings)))


def refused(server: MailServer, *, cc: list[str] | None = None, **settings: Any) -> tuple[str, str]:
    """Class and code of what sending came to."""
    with pytest.raises(DeliveryError) as raised:
        sent_through(server, cc=cc, **settings)
    return raised.value.error_class, raised.value.code


def test_a_mail_goes_to_the_mail_server_under_the_name_that_it_bears(server: MailServer) -> None:
    result = sent_through(server)

    [taken] = server.taken
    assert (taken.sender, taken.recipients) == ("help@shop.example", ["ann@example.com"])
    assert f"\r\nMessage-ID: <{MESSAGE}.1@reply.shop.example>\r\n".encode() in taken.content
    assert (result.external_ids, result.status) == ((f"{MESSAGE}.1",), "sent")
    assert server.greetings == ["shop.example", "shop.example"], "once before and once after TLS"
    assert server.commands == ["AUTH", "MAIL", "RCPT", "DATA", "QUIT"]


def test_it_is_the_mail_that_ses_would_get(server: MailServer) -> None:
    by_ses = deliver(outgoing(text="One\n.two\n..\n\nGrüße")).mail.raw

    sent_through(server, text="One\n.two\n..\n\nGrüße")

    assert without_boundaries(server.taken[0].content) == without_boundaries(by_ses)


def without_boundaries(raw: bytes) -> bytes:
    return re.sub(rb"=+\d+==", b"boundary", raw)


def test_tls_from_the_first_byte_is_the_other_way(tmp_path: Path) -> None:
    with mail_server(tmp_path, "tls") as server:
        sent_through(server, smtp_security="tls")

    assert len(server.taken) == 1


def test_a_server_that_knows_the_stack_needs_no_login(tmp_path: Path) -> None:
    with mail_server(tmp_path, login=False) as server:
        sent_through(server, smtp_username=None, smtp_password=None)

    assert server.commands == ["MAIL", "RCPT", "DATA", "QUIT"]


def test_whoever_answers_is_found_by_the_name_of_the_mail(server: MailServer) -> None:
    """The reference of the next mail to the one that went through the mail server, though SES sends it."""
    [external_id] = sent_through(server).external_ids

    next_mail = deliver(outgoing(), recipient(sent(external_id), received()))

    assert f"<{external_id}@reply.shop.example>" in next_mail.parsed["References"]


def test_mail_that_ses_sent_before_is_still_referred_to_by_its_own_names(server: MailServer) -> None:
    [request] = render(outgoing(), recipient(sent("0102-ses"), received())).requests

    send(request, context(RecordedMailer(), account=account(server)))

    assert b"<0102-ses@mail.example>" in server.taken[0].content


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_cannot_prove_its_name_gets_neither_password_nor_mail(tmp_path: Path, security: str) -> None:
    with mail_server(tmp_path, security, name="other.example") as server:
        assert refused(server, smtp_security=security) == ("account", "tls_refused")

    assert server.commands == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, security: str) -> None:
    with mail_server(tmp_path, security) as server:
        assert refused(server, smtp_security=security, smtp_ca=None) == ("account", "tls_refused")

    assert server.commands == []


def test_a_server_without_starttls_gets_neither_password_nor_mail(tmp_path: Path) -> None:
    with mail_server(tmp_path, "none") as server:
        assert refused(server) == ("account", "tls_not_offered")

    assert server.commands == []


def test_tls_at_a_port_that_speaks_none_is_the_accounts_fault(tmp_path: Path) -> None:
    with mail_server(tmp_path, "none") as server:
        assert refused(server, smtp_security="tls") == ("account", "tls_refused")


def test_a_wrong_password_is_the_accounts_fault(server: MailServer) -> None:
    assert refused(server, smtp_password="wrong") == ("account", "login_refused")
    assert "MAIL" not in server.commands


def test_a_login_that_cannot_be_checked_just_now_is_tried_again(server: MailServer) -> None:
    server.answers["AUTH"] = "454 4.7.0 Temporary authentication failure"

    assert refused(server) == ("retry", "mail_deferred")


def test_a_server_without_a_login_does_not_take_one(tmp_path: Path) -> None:
    with mail_server(tmp_path, login=False) as server:
        assert refused(server) == ("account", "login_not_offered")


@pytest.mark.parametrize(
    ("step", "answer", "meaning"),
    [
        ("MAIL", "421 4.3.2 Shutting down", ("retry", "provider_busy")),
        ("MAIL", "451 4.3.0 Try later", ("retry", "mail_deferred")),
        ("MAIL", "530 5.7.0 Authentication required", ("account", "login_refused")),
        ("MAIL", "553 5.7.1 Sender address rejected: not owned by user", ("account", "sender_refused")),
        ("MAIL", "552 5.3.4 Message size exceeds fixed limit", ("permanent", "mail_too_large")),
        ("RCPT", "450 4.2.0 Greylisted", ("retry", "mail_deferred")),
        ("RCPT", "421 Too many connections", ("retry", "provider_busy")),
        ("RCPT", "550 5.1.1 User unknown", ("blocked", "mail_bounced")),
        ("RCPT", "550 5.2.1 Mailbox disabled", ("blocked", "mail_bounced")),
        ("RCPT", "556 5.1.10 Recipient address has null MX", ("blocked", "mail_bounced")),
        ("RCPT", "550 No", ("permanent", "mail_refused")),
        ("RCPT", "550 5.7.1 Relaying denied", ("permanent", "mail_refused")),
        ("RCPT", "552 5.2.2 Mailbox full", ("permanent", "mail_undelivered")),
        ("RCPT", "552 Storage exceeded", ("permanent", "mail_undelivered")),
        ("RCPT", "550 5.1.2 Bad destination system", ("permanent", "mail_undelivered")),
        ("DATA", "421 4.3.0 Shutting down", ("retry", "provider_busy")),
        ("DATA", "452 4.3.1 Insufficient storage", ("retry", "mail_deferred")),
        ("DATA", "552 5.3.4 Message too big", ("permanent", "mail_too_large")),
        ("DATA", "552 Too much", ("permanent", "mail_too_large")),
        ("DATA", "554 5.7.1 Looks like spam", ("permanent", "mail_refused")),
        ("DATA", "550 5.1.1 User unknown", ("permanent", "mail_refused")),
    ],
)
def test_each_refusal_has_a_meaning(server: MailServer, step: str, answer: str, meaning: tuple[str, str]) -> None:
    server.answers[step] = answer

    assert refused(server) == meaning
    assert server.taken == []


def test_the_servers_words_are_not_passed_on_for_they_name_people(server: MailServer) -> None:
    server.answers["RCPT"] = "550 5.1.1 <ann@example.com>: Recipient address rejected"

    with pytest.raises(DeliveryError) as raised:
        sent_through(server)

    assert raised.value.title == "The mail server does not take mail for this address (550 5.1.1)"


def test_when_a_copy_is_refused_nobody_gets_the_mail_and_the_route_stays_open(server: MailServer) -> None:
    server.answers["RCPT bob@example.com"] = "550 5.1.1 User unknown"

    assert refused(server, cc=["bob@example.com"]) == ("permanent", "copy_refused")
    assert server.commands == ["AUTH", "MAIL", "RCPT", "RCPT"]


def test_when_a_copy_is_put_off_all_is_put_off(server: MailServer) -> None:
    server.answers["RCPT bob@example.com"] = "450 4.2.0 Greylisted"

    assert refused(server, cc=["bob@example.com"]) == ("retry", "mail_deferred")
    assert server.taken == []


def test_a_mail_over_the_servers_limit_is_not_begun(tmp_path: Path) -> None:
    with mail_server(tmp_path, size=500) as server:
        assert refused(server) == ("permanent", "mail_too_large")

    assert "MAIL" not in server.commands


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_connection_that_breaks_before_the_end_of_the_mail_is_tried_again(server: MailServer, step: str) -> None:
    server.vanish = step

    assert refused(server) == ("retry", "provider_unreachable")


def test_a_connection_that_breaks_after_the_end_of_the_mail_leaves_it_unknown(server: MailServer) -> None:
    server.vanish = "DATA"

    assert refused(server) == ("unknown", "provider_timeout")


def test_a_connection_that_breaks_after_the_mail_was_taken_changes_nothing(server: MailServer) -> None:
    server.vanish = "QUIT"

    assert sent_through(server).status == "sent"
    assert len(server.taken) == 1


def test_nobody_listening_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]

    assert refused(MailServer(free, "")) == ("retry", "provider_unreachable")


@pytest.mark.parametrize(
    ("greeting", "meaning"),
    [
        (b"421 4.3.2 Too busy\r\n", ("retry", "provider_busy")),
        (b"554 5.7.1 No service for you\r\n", ("account", "connection_refused")),
        (b"what?\r\n", ("retry", "provider_garbled")),
    ],
)
def test_a_server_that_does_not_greet(greeting: bytes, meaning: tuple[str, str]) -> None:
    with serving(lambda conversation: conversation.say(greeting)) as server:
        assert refused(MailServer(server.port, "")) == meaning


def scripted(*answers: bytes, heard: list[bytes] | None = None) -> Behaviour:
    """A server that answers line after line with what is given, and the end of a mail with nonsense."""

    def behave(conversation: Conversation) -> None:
        lines = conversation.socket.makefile("rb")
        conversation.say(b"220 mx\r\n")
        for answer in answers:
            line = lines.readline()
            if heard is not None:
                heard.append(line)
            conversation.say(answer)
        while lines.readline() not in (b".\r\n", b""):
            continue
        conversation.say(b"hm\r\n")

    return behave


def test_an_end_that_is_answered_with_nonsense_leaves_it_unknown(tmp_path: Path) -> None:
    tls, _ = tls_contexts(tmp_path, "localhost")
    certificate = (tmp_path / "certificate.pem").read_text()
    talk = scripted(b"250 mx\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")
    with serving(talk, tls) as server:
        meaning = refused(
            MailServer(server.port, certificate), smtp_security="tls", smtp_username=None, smtp_password=None
        )

    assert meaning == ("unknown", "provider_garbled")


def test_an_address_that_is_no_dot_atom_is_in_quotation_marks(tmp_path: Path) -> None:
    tls, _ = tls_contexts(tmp_path, "localhost")
    certificate = (tmp_path / "certificate.pem").read_text()
    heard: list[bytes] = []
    with serving(scripted(*[b"250 ok\r\n"] * 3, b"354 go\r\n", heard=heard), tls) as server:
        mailer = SmtpMailer(Relay("localhost", server.port, "tls", authority=certificate), "shop.example")
        with pytest.raises(DeliveryError):
            mailer.send(deliver(outgoing(), recipient(address="a..b@example.com")).mail, None)

    assert heard[1:3] == [b"MAIL FROM:<help@shop.example>\r\n", b'RCPT TO:<"a..b"@example.com>\r\n']


def test_a_connection_that_breaks_within_the_mail_is_tried_again(tmp_path: Path) -> None:
    """The server cannot have taken what never ended."""

    def talk(conversation: Conversation) -> None:
        lines = conversation.socket.makefile("rb")
        conversation.say(b"220 mx\r\n")
        for answer in (b"250 mx\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
            lines.readline()
            conversation.say(answer)
        lines.read(1_000)

    tls, _ = tls_contexts(tmp_path, "localhost")
    certificate = (tmp_path / "certificate.pem").read_text()
    with serving(talk, tls) as server:
        mailer = SmtpMailer(Relay("localhost", server.port, "tls", authority=certificate), "shop.example")
        mail = replace(deliver(outgoing()).mail, raw=b"a" * 60 + b"\r\n" + b"b" * (40 << 20))
        with pytest.raises(DeliveryError) as raised:
            mailer.send(mail, None)

    assert (raised.value.error_class, raised.value.code) == ("retry", "provider_unreachable")


def test_a_server_that_does_not_answer_in_time_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.channels.email.smtp.session.CONNECTING", 0.05)
    silent = LocalServer(lambda conversation: conversation.say(conversation.hear()))
    try:
        assert refused(MailServer(silent.port, "")) == ("retry", "provider_unreachable")
    finally:
        silent.close()


def test_there_is_no_time_left_to_begin(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.channels.email.smtp.mailer.BEFORE_THE_END", -1.0)

    assert refused(server) == ("retry", "provider_unreachable")
    assert server.taken == []


@given(st.lists(st.binary(max_size=6).map(lambda each: each.replace(b"\r", b"").replace(b"\n", b"")), max_size=8))
def test_no_line_of_a_mail_ends_it_and_the_server_reads_what_was_written(lines: list[bytes]) -> None:
    raw = b"\r\n".join(lines)

    travelling = stuffed(raw)

    assert b"\r\n.\r\n" not in b"\r\n" + travelling
    unstuffed = b"\r\n".join(
        line.removeprefix(b".") if line.startswith(b".") else line for line in travelling.split(b"\r\n")
    )
    assert unstuffed == raw if raw.endswith(b"\r\n") else unstuffed == raw + b"\r\n"


def test_the_check_logs_in_and_sends_nothing(server: MailServer) -> None:
    findings = CONNECTOR.check(context(account=account(server)))

    assert [(each.ok, each.subject) for each in findings] == [
        (True, "settings"),
        (True, "mail server"),
        (True, "login"),
        (True, "size"),
        (True, "reports"),
    ]
    assert server.commands == ["AUTH", "QUIT"]


def test_the_check_says_what_is_wrong_with_the_login(server: MailServer) -> None:
    *_, finding = CONNECTOR.check(context(account=account(server, smtp_password="wrong")))

    assert (finding.ok, finding.subject) == (False, "sending")
    assert finding.detail.endswith("(login_refused)")


def test_a_password_is_not_shown_where_settings_are_shown() -> None:
    assert PASSWORD not in repr(Relay("localhost", 587, "starttls", USER, PASSWORD))
