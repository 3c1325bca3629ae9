"""People who write mail: an SMTP client on one side of the stack, the mailbox that SES delivered into on the other."""

from __future__ import annotations

import smtplib
import uuid
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any

from tests.e2e.outside import Outside, eventually

SUPPORT = "support@onethread.example"


class MailWorld:
    """What the internet does with mail, as far as the stack can see it."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._smtp = outside.local["smtp"]

    def submit(self, raw: bytes, sender: str, *recipients: str) -> None:
        """Hands one mail to the stack's mail listener, as any mail server would."""
        with smtplib.SMTP(self._smtp["host"], self._smtp["port"], timeout=30) as server:
            server.sendmail(sender, list(recipients or (SUPPORT,)), raw)

    def write(self, sender: str, text: str, **fields: Any) -> EmailMessage:
        """A plain mail, handed over: ``subject``, ``to``, ``html``, ``files`` (name: bytes), ``headers``."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = fields.get("author", sender)
        mail["To"] = fields.get("to", SUPPORT)
        mail["Subject"] = fields.get("subject", "A question")
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{uuid.uuid4().hex}@{sender.rpartition('@')[2]}>"
        for name, value in fields.get("headers", {}).items():
            mail[name] = value
        mail.set_content(text)
        if "html" in fields:
            mail.add_alternative(fields["html"], subtype="html")
        for name, content in fields.get("files", {}).items():
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        self.submit(mail.as_bytes(), fields.get("envelope", sender), fields.get("to", SUPPORT))
        return mail

    def answer(self, sender: str, received: EmailMessage, text: str, **fields: Any) -> EmailMessage:
        """What a mail program sends when somebody presses Reply: to Reply-To, with references, quoted below."""
        references = " ".join(filter(None, (received["References"], received["Message-ID"])))
        quoted = "\n".join(f"> {line}" for line in body_of(received).splitlines())
        subject = received["Subject"] if received["Subject"].startswith("Re:") else f"Re: {received['Subject']}"
        return self.write(
            sender,
            f"{text}\n\nOn {received['Date']}, Support wrote:\n{quoted}\n",
            to=received["Reply-To"],
            subject=fields.pop("subject", subject),
            headers={"In-Reply-To": received["Message-ID"], "References": references},
            **fields,
        )

    def inbox(self, address: str) -> list[EmailMessage]:
        """What SES has delivered to an address, the oldest first."""
        items = self._outside.call("GET", f"/_control/email/mailboxes/{address}").json()["items"]
        return [self._read(item["id"]) for item in items if item["direction"] == "received"]

    def received(self, address: str, text: str) -> EmailMessage:
        """The mail with this text, once it is there."""
        return eventually(lambda: next((mail for mail in self.inbox(address) if text in body_of(mail)), None))

    def _read(self, mail_id: str) -> EmailMessage:
        raw = self._outside.call("GET", f"/_control/email/messages/{mail_id}/raw").body
        return message_from_bytes(raw, policy=policy.default)


def body_of(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain",))
    return "" if part is None else str(part.get_content())


def address() -> str:
    """Somebody new, of a domain whose mail passes DMARC."""
    return f"ann-{uuid.uuid4().hex[:10]}@trusted.example"
