"""Email has no webhooks: mail is put into a bucket, and the function behind that bucket asks the intake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import NotFound
from shared.http.response import Response

if TYPE_CHECKING:
    from shared.http.request import Request
    from shared.model.envelope import VerifiedEvent
    from shared.ports.accounts import Account


class EmailIngress:
    """Refuses every webhook."""

    body_limit = 0

    def handshake(self, request: Request, account: Account) -> Response | None:
        return None

    def verify(self, request: Request, account: Account, now: float) -> list[VerifiedEvent]:
        """Raises NotFound(``not_a_webhook``), always."""
        raise NotFound("not_a_webhook", "email takes no webhooks; mail comes in through the mail bucket")

    def acknowledge(self) -> Response:
        return Response(204)


INGRESS = EmailIngress()
