"""The way of a customer's mail: through the real SMTP listener, as any mail server would come."""

from __future__ import annotations

import asyncio
import smtplib

from infra.local.providers.email.service import SMTP_HOST

PATIENCE_SECONDS = 30


class HandOverError(Exception):
    """The listener did not take the mail; the text is its answer."""


async def hand_over(port: int, sender: str, recipients: list[str], raw: bytes) -> str:
    """Sends a mail to the listener; the id it was given. Raises HandOverError."""
    return await asyncio.to_thread(_hand_over, port, sender, recipients, raw)


def _hand_over(port: int, sender: str, recipients: list[str], raw: bytes) -> str:
    try:
        with smtplib.SMTP(SMTP_HOST, port, local_hostname="mail.customer.example", timeout=PATIENCE_SECONDS) as client:
            client.ehlo_or_helo_if_needed()
            options = [f"SIZE={len(raw)}", *([] if raw.isascii() else ["BODY=8BITMIME"])]
            _expect(client.mail(sender, options), 250)
            taken = [_accepted(client.rcpt(recipient)) for recipient in recipients]
            if not any(taken):
                raise HandOverError("550 none of the recipients is taken here")
            return _expect(client.data(raw), 250).rpartition(" ")[2]
    except smtplib.SMTPException as error:
        raise HandOverError(str(error)) from error


def _accepted(answer: tuple[int, bytes]) -> bool:
    return answer[0] in (250, 251)


def _expect(answer: tuple[int, bytes], code: int) -> str:
    text = answer[1].decode("utf-8", "replace")
    if answer[0] != code:
        raise HandOverError(f"{answer[0]} {text}")
    return text
