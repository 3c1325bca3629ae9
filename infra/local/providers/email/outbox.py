"""Sending: what SES accepts, where it goes, and what is reported about it afterwards."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from typing import Any

from infra.local.providers.email import reports
from infra.local.providers.email.backing import Backing
from infra.local.providers.email.errors import ApiError
from infra.local.providers.email.fates import SLOW_SECONDS, Fate, fate_of
from infra.local.providers.email.fields import addresses
from infra.local.providers.email.handing_over import hand_over
from infra.local.providers.email.outgoing import as_sent, checked_mail, not_verified
from infra.local.providers.email.service import Service
from infra.local.providers.email.state import Kept, sent_id
from infra.local.providers.email.submission import MAXIMUM_RECIPIENTS, Submission, checked_address
from infra.local.providers.email.verdicts import VIRUS_MARKS
from infra.local.providers.email.writing import out_of_office
from shared.errors import InfrastructureError

DAY = 86400.0
logger = logging.getLogger(__name__)


class Outbox:
    """Takes mail for sending. ``slow_seconds`` is how long a delayed delivery takes."""

    def __init__(self, service: Service, backing: Backing, slow_seconds: float = SLOW_SECONDS) -> None:
        self.service = service
        self.backing = backing
        self.slow_seconds = slow_seconds
        self.under_way: set[asyncio.Task[None]] = set()
        self._sent: deque[float] = deque()

    def open(self) -> None:
        """Lets the local SES send what it will be given copies of."""
        for account in self.service.accounts.values():
            for identity in account.identities():
                self._in_background(self._tell_local_ses(self.backing.verify(identity)))

    async def accept(self, submission: Submission) -> str:
        """Sends a mail; its SES id. Raises ApiError."""
        self._check_account()
        raw = await asyncio.to_thread(checked_mail, submission.raw)
        sender, recipients = self._envelope(submission, raw)
        self._check_identities(sender, recipients, raw)
        self._check_configuration_set(submission.configuration_set)
        self._spend(len(recipients))
        kept = self._keep(submission, sender, recipients, raw)
        self._in_background(self._carry_out(kept, raw))
        self._in_background(self._tell_local_ses(self.backing.hand_on(sender, recipients, raw)))
        return kept.id

    async def report(self, event: dict[str, Any]) -> None:
        """Publishes one event; a topic that cannot be reached costs the event, as it would cost SES nothing."""
        self.service.events.append(event)
        try:
            await self.backing.publish(event)
        except InfrastructureError as error:
            logger.warning("an event was not published: %s", type(error).__name__)

    async def settle(self) -> None:
        """Waits until everything that is on its way has arrived."""
        while self.under_way:
            await asyncio.gather(*self.under_way, return_exceptions=True)

    def _check_account(self) -> None:
        if not self.service.state.account.sending_enabled:
            raise ApiError("SendingPausedException", "Email sending is disabled for your account.")

    def _envelope(self, submission: Submission, raw: bytes) -> tuple[str, list[str]]:
        sender = submission.sender or checked_address(next(iter(addresses(raw, "From")), ""))
        recipients = submission.recipients or [
            checked_address(address) for address in addresses(raw, "To", "Cc", "Bcc")
        ]
        if not recipients:
            raise ApiError("BadRequestException", "Missing required destination.")
        if len(recipients) > MAXIMUM_RECIPIENTS:
            raise ApiError("BadRequestException", f"Recipient count exceeds {MAXIMUM_RECIPIENTS}.")
        return sender, recipients

    def _check_identities(self, sender: str, recipients: list[str], raw: bytes) -> None:
        wanted = dict.fromkeys([sender, *addresses(raw, "From", "Sender")])
        if not self.service.state.account.production_access:
            wanted.update(dict.fromkeys(one for one in recipients if not one.endswith("@simulator.amazonses.com")))
        unknown = [identity for identity in wanted if not self.service.is_verified(identity)]
        if unknown:
            raise not_verified(unknown, self.service.region)

    def _check_configuration_set(self, name: str | None) -> None:
        if name is not None and name != self.service.settings.aws.configuration_set:
            raise ApiError("NotFoundException", f"Configuration set <{name}> does not exist.")

    def _spend(self, recipients: int) -> None:
        now, account = self.service.now(), self.service.state.account
        while self._sent and now - self._sent[0] >= DAY:
            self._sent.popleft()
        if len(self._sent) + recipients > account.max_24_hour_send:
            raise ApiError("TooManyRequestsException", "Daily message quota exceeded.")
        if sum(1 for at in reversed(self._sent) if now - at < 1.0) >= account.max_send_rate:
            raise ApiError("TooManyRequestsException", "Maximum sending rate exceeded.")
        self._sent.extend([now] * recipients)

    @property
    def sent_today(self) -> int:
        return len(self._sent)

    def _keep(self, submission: Submission, sender: str, recipients: list[str], raw: bytes) -> Kept:
        at = self.service.now()
        message_id = sent_id(at)
        delivered = as_sent(raw, message_id, self.service.region, at)
        report = reports.mail_object(
            message_id=message_id,
            sender=sender,
            recipients=recipients,
            raw=raw,
            tags=submission.tags,
            configuration_set=submission.configuration_set or "",
            region=self.service.region,
            at=at,
        )
        infected = any(mark in raw for mark in VIRUS_MARKS)
        arrives = [] if infected else [one for one in recipients if fate_of(one).arrives]
        mail = Kept(
            id=message_id,
            at=at,
            direction="received",
            mailboxes=list(dict.fromkeys(recipient.lower() for recipient in arrives)),
            sender=sender,
            recipients=recipients,
            size=len(delivered),
            report=report,
            configuration_set=submission.configuration_set,
        )
        return self.service.keep(mail, delivered)

    async def _carry_out(self, mail: Kept, raw: bytes) -> None:
        await self._tell(mail, reports.send(mail.report))
        if any(mark in raw for mark in VIRUS_MARKS):
            await self._tell(mail, reports.reject(mail.report))
            return
        for recipient in mail.recipients:
            await self._arrive(mail, recipient, fate_of(recipient))

    async def _arrive(self, mail: Kept, recipient: str, fate: Fate) -> None:
        if fate.bounce is not None:
            bounced = reports.bounce(mail.report, recipient, self.service.now(), subtype=fate.bounce)
            await self._tell(mail, bounced)
            return
        if fate.slow:
            await self._tell(mail, reports.delivery_delay(mail.report, recipient, self.service.now()))
            await asyncio.sleep(self.slow_seconds)
        await self._tell(mail, reports.delivery(mail.report, recipient, self.service.now()))
        if fate.complains:
            await self._tell(mail, reports.complaint(mail.report, recipient, self.service.now()))
        if fate.out_of_office:
            answer = out_of_office(recipient, self.service.folder.read(mail.id), self.service.now())
            await hand_over(self.service.smtp_port, "", answer.recipients, answer.raw)

    async def _tell(self, mail: Kept, event: dict[str, Any]) -> None:
        if mail.configuration_set is not None:
            await self.report(event)

    async def _tell_local_ses(self, call: Coroutine[Any, Any, None]) -> None:
        try:
            await call
        except InfrastructureError as error:
            logger.debug("the local SES was not told: %s", type(error).__name__)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)
