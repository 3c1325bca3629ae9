"""Web chat has no webhooks: its messages come over the socket and the chat routes, proven by a session token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import NotFound
from shared.http.response import Response

if TYPE_CHECKING:
    from shared.http.request import Request
    from shared.model.envelope import VerifiedEvent
    from shared.ports.accounts import Account


class WebchatIngress:
    """Refuses every webhook."""

    body_limit = 0

    def handshake(self, request: Request, account: Account) -> Response | None:
        return None

    def verify(self, request: Request, account: Account, now: float) -> list[VerifiedEvent]:
        """Raises NotFound(``not_a_webhook``), always."""
        raise NotFound("not_a_webhook", "web chat takes no webhooks; open a session at /chat/{account}/sessions")

    def acknowledge(self) -> Response:
        return Response(204)


INGRESS = WebchatIngress()
