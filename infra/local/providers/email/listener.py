"""SES receiving, played by an SMTP server on this machine: what it takes is put into the mail bucket.

Source: Amazon SES developer guide, "Email receiving concepts" and "Service quotas" (40 MB with headers; a mail to
several recipients of one rule is one object).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from types import SimpleNamespace

from aiosmtpd.smtp import SMTP, Envelope, Session

from infra.local.providers.email import receipt
from infra.local.providers.email.backing import Backing
from infra.local.providers.email.service import SMTP_HOST, Service
from infra.local.providers.email.state import received_id
from infra.local.providers.email.verdicts import judge
from shared.errors import InfrastructureError

MAXIMUM_BYTES = 40 << 20
ACCEPTED = "250 OK"
logger = logging.getLogger(__name__)


class Conversation(SMTP):
    """One connection. Lines may be longer than the standard says, as they are in real mail."""

    line_length_limit = 1 << 20
    open: set[Conversation]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.open.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.open.discard(self)
        super().connection_lost(error)


class Receiving:
    """What the server does with each command; ``hooks`` has it under aiosmtpd's names."""

    def __init__(self, service: Service, backing: Backing) -> None:
        self.service = service
        self.backing = backing

    async def greet(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*answers[:-1], "250-PIPELINING", answers[-1]]

    async def admit(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if not self.service.takes(address):
            return "550 5.1.1 Requested action not taken: mailbox unavailable"
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def take(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answers 250 only when the mail is stored."""
        raw = envelope.original_content or b""
        sender = "" if envelope.mail_from in (None, "<>") else str(envelope.mail_from)
        delivery = receipt.Delivery(
            mail_id=received_id(),
            sender=sender,
            recipients=[str(recipient) for recipient in envelope.rcpt_tos],
            helo=session.host_name or "unknown",
            at=self.service.now(),
        )
        verdicts = await asyncio.to_thread(judge, sender, raw)
        block = receipt.block(delivery, verdicts, self.service.region)
        try:
            await self.backing.store(delivery.mail_id, block + raw)
        except InfrastructureError as error:
            logger.warning("a mail could not be stored: %s", type(error).__name__)
            return "451 4.3.0 Requested action aborted: local error in processing"
        self.service.arrivals.append(
            {
                **delivery._asdict(),
                **verdicts._asdict(),
                "size": len(block) + len(raw),
            }
        )
        return f"{ACCEPTED} {delivery.mail_id}"

    def hooks(self) -> SimpleNamespace:
        return SimpleNamespace(handle_EHLO=self.greet, handle_RCPT=self.admit, handle_DATA=self.take)


@contextlib.asynccontextmanager
async def listening(service: Service, backing: Backing) -> AsyncIterator[None]:
    """The server on 127.0.0.1 while inside; ``service.smtp_port`` says where. Raises OSError when the port is taken."""
    loop = asyncio.get_running_loop()
    connections: set[Conversation] = set()
    handler = Receiving(service, backing).hooks()
    name = f"inbound-smtp.{service.region}.amazonaws.com"

    def conversation() -> Conversation:
        made = Conversation(handler, data_size_limit=MAXIMUM_BYTES, hostname=name, ident="ESMTP", loop=loop)
        made.open = connections
        return made

    server = await loop.create_server(conversation, SMTP_HOST, service.settings.smtp_port)
    service.smtp_port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        for each in list(connections):
            if isinstance(each.transport, asyncio.Transport):
                each.transport.abort()
