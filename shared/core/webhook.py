"""Receiving a provider's webhook: prove who sent it, make it durable, and only then say so.

Nothing is parsed here beyond what the proof needs, and nothing heavy is imported: this runs in front of every message.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.errors import MethodNotAllowed, NotFound, PayloadTooLarge, RequestError, Unauthorized, UnknownAccount
from shared.model.envelope import Envelope, QueuedEvent, VerifiedEvent
from shared.model.identifiers import digest

if TYPE_CHECKING:
    from shared.http.request import Request
    from shared.http.response import Response
    from shared.ports.accounts import Account, Accounts, AccountSecrets
    from shared.ports.clock import Clock
    from shared.ports.ingress import InboundQueue, Ingress

_HEXADECIMAL = frozenset("0123456789abcdef")


class ReceiveWebhook:
    """The webhook use case, wired with the registry's ``ingress`` and the adapters of this stack."""

    def __init__(
        self, ingress_of: Callable[[str], Ingress], accounts: Accounts, queue: InboundQueue, clock: Clock
    ) -> None:
        self._ingress_of = ingress_of
        self._accounts = accounts
        self._queue = queue
        self._clock = clock

    def __call__(self, channel: str, account: str, request: Request) -> Response:
        """The answer for the provider. Raises RequestError for what is refused, InfrastructureError when nothing was
        stored."""
        ingress = self._ingress_of(channel)
        if request.method not in ("GET", "POST"):
            raise MethodNotAllowed("method_not_allowed", "webhooks are GET or POST")
        if len(request.body) > ingress.body_limit:
            raise PayloadTooLarge("payload_too_large", f"the body is over {ingress.body_limit} bytes")
        try:
            secrets = self._accounts.account(channel, account)
        except UnknownAccount as unknown:
            raise NotFound("unknown_account", "no such channel account") from unknown
        return self._with_any_secret(
            channel, account, secrets, lambda each: self._answer(ingress, channel, account, request, each)
        )

    def _with_any_secret(
        self, channel: str, account: str, secrets: AccountSecrets, attempt: Callable[[Account], Response]
    ) -> Response:
        """Tries the current secret, then the previous one, then what is stored by now: a rotation refuses nobody."""
        try:
            return attempt(secrets.current)
        except RequestError as error:
            if not _may_be_rotation(error):
                raise
            refused = error
        previous = secrets.previous()
        if previous is not None:
            try:
                return attempt(previous)
            except RequestError as error:
                if not _may_be_rotation(error):
                    raise
        fresh = self._accounts.refresh(channel, account).current
        if fresh == secrets.current:
            raise refused
        return attempt(fresh)

    def _answer(self, ingress: Ingress, channel: str, account: str, request: Request, secret: Account) -> Response:
        answer = ingress.handshake(request, secret)
        if answer is not None:
            return answer
        now = self._clock()
        events = ingress.verify(request, secret, now)
        trace = traceparent(request.headers.get("traceparent"))
        self._queue.put([_queued(channel, account, event, now, trace) for event in events])
        return ingress.acknowledge()


def traceparent(given: str | None) -> str:
    """A W3C trace context for one event: the caller's when it has one, else a new one."""
    if given is not None and _is_traceparent(given):
        return given
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


def _is_traceparent(text: str) -> bool:
    """Version, trace, span and flags, in lower-case hexadecimal: nothing else may travel in it."""
    fields = text.split("-")
    return [len(field) for field in fields] == [2, 32, 16, 2] and _HEXADECIMAL.issuperset("".join(fields))


def _queued(channel: str, account: str, event: VerifiedEvent, now: float, trace: str) -> QueuedEvent:
    envelope = Envelope(channel, account, now, event.body, event.query, event.headers, trace)
    group = digest(channel, account, event.sender_key)
    return QueuedEvent(envelope, group, digest(channel, account, event.sender_key, event.dedupe_key))


def _may_be_rotation(error: RequestError) -> bool:
    """Whether another secret could make a difference: a failed proof, but not a stale or malformed request."""
    return (isinstance(error, Unauthorized) and error.code != "stale_timestamp") or error.code == "bad_ciphertext"
