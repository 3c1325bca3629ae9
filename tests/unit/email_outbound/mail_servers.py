"""A real mail server on this machine, with TLS and a login, that answers each step as a test says."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.unit.http.local_server import tls_contexts

USER, PASSWORD = "shop", "correct horse"


@dataclass
class Taken:
    """One mail that the server took, with the lines of the envelope."""

    sender: str
    options: list[str]
    recipients: list[str]
    content: bytes


@dataclass
class MailServer:
    """``answers`` maps a step (``MAIL``, ``RCPT``, ``RCPT <address>``, ``DATA``, ``AUTH``) to what is answered in place
    of a success; ``vanish`` is a step after which the connection is cut without an answer."""

    port: int = 0
    certificate: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    vanish: str | None = None
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    greetings: list[str] = field(default_factory=list)

    async def greet(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.greetings.append(hostname)
        return responses

    async def begin(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._step("MAIL", server)

    async def admit(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        answer = self._step("RCPT", server, f"RCPT {address}")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def take(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._step("DATA", server)
        if answer.startswith("2"):
            content = envelope.original_content or b""
            recipients = [str(each) for each in envelope.rcpt_tos]
            self.taken.append(Taken(str(envelope.mail_from), list(envelope.mail_options), recipients, content))
        return answer

    async def leave(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self._step("QUIT", server, success="221 Bye")

    def log_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.commands.append("AUTH")
        if "AUTH" in self.answers:
            return AuthResult(success=False, handled=False, message=self.answers["AUTH"])
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    def hooks(self) -> SimpleNamespace:
        """Under aiosmtpd's names."""
        return SimpleNamespace(
            handle_EHLO=self.greet,
            handle_MAIL=self.begin,
            handle_RCPT=self.admit,
            handle_DATA=self.take,
            handle_QUIT=self.leave,
        )

    def _step(self, name: str, server: SMTP, also: str = "", success: str = "250 2.0.0 OK") -> str:
        self.commands.append(name)
        if self.vanish == name and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return self.answers.get(also) or self.answers.get(name) or success


@contextlib.contextmanager
def mail_server(
    folder: Path, security: str = "starttls", *, name: str = "localhost", login: bool = True, size: int = 1 << 24
) -> Iterator[MailServer]:
    """``security`` is ``starttls``, ``tls`` or ``none``; the certificate is for ``name``."""
    context, _ = tls_contexts(folder, name)
    server = MailServer(certificate=(folder / "certificate.pem").read_text())
    options: dict[str, Any] = {"hostname": "mx.relay.example", "data_size_limit": size}
    if security == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if login:
        under_tls = security == "starttls"
        options |= {"authenticator": server.log_in, "auth_required": under_tls, "auth_require_tls": under_tls}
    else:
        options |= {"auth_exclude_mechanism": ["LOGIN", "PLAIN"]}
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(
        loop.create_server(
            partial(SMTP, server.hooks(), loop=loop, **options),
            "127.0.0.1",
            0,
            ssl=context if security == "tls" else None,
        ),
        loop,
    ).result()
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
