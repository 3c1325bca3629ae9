"""What a connector is handed of the mail world, in memory."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from shared.errors import DeliveryError
from shared.ports.connector import Finding
from shared.ports.mailer import OutgoingMail


@dataclass
class RecordedMailer:
    """A mail provider that takes everything, unless ``refusal`` says otherwise."""

    sent: list[OutgoingMail] = field(default_factory=list)
    refusal: DeliveryError | None = None

    def send(self, mail: OutgoingMail, api_base: str | None) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.sent.append(mail)
        return f"0100-mail-{len(self.sent)}"

    def message_ids(self, provider_id: str) -> tuple[str, ...]:
        return (f"<{provider_id}@mail.example>",)

    def check(self, address: str, api_base: str | None) -> list[Finding]:
        return [Finding(True, "address", address)]


@dataclass
class KeptOriginals:
    """Raw mail by key."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def read(self, key: str) -> bytes:
        if key not in self.kept:
            raise DeliveryError("permanent", "media_expired", "the original is not kept any more")
        return self.kept[key]

    def beginning(self, key: str, length: int) -> bytes:
        return self.read(key)[:length]


@dataclass
class FixedSeals:
    """Seals under a secret that tests know."""

    secret: bytes = b"a secret of the tests"

    def seal(self, *fields: str) -> bytes:
        return hmac.digest(self.secret, "\x00".join(fields).encode(), hashlib.sha256)

    def holds(self, seal: bytes, *fields: str) -> bool:
        return len(seal) >= 10 and hmac.compare_digest(seal, self.seal(*fields)[: len(seal)])
