"""Handing out link codes, with the addresses by which a customer follows one to each channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from shared.core.linking.records import LinkCode
from shared.errors import (
    ConfigurationError,
    Conflict,
    DeliveryError,
    InfrastructureError,
    NotFound,
    TooManyRequests,
    Unprocessable,
)
from shared.model import link_codes
from shared.model.timestamps import rfc3339

if TYPE_CHECKING:
    from shared.core.linking.ports import LinkCodes, Links
    from shared.ports.clock import Clock
    from shared.ports.connector import Connector, DeepLink
    from shared.ports.context import ChannelContext

MOST_CODES = 10
"""Codes for one customer within the time that a code lives."""

TRIES = 5


class LinkCodeRequest(msgspec.Struct, kw_only=True):
    """The body of POST /v1/customers/{id}/link-codes; it may be empty: a code for every channel."""

    channel: str | None = None
    account: str | None = None


class IssueLinkCode:
    """Makes codes. ``accounts`` gives the channel accounts of the stack; ``failed`` hears of accounts whose provider
    gave no address."""

    def __init__(
        self,
        links: Links,
        codes: LinkCodes,
        *,
        accounts: Callable[[], Iterable[tuple[str, str]]],
        connector_of: Callable[[str], Connector],
        context_of: Callable[[str, str], ChannelContext],
        failed: Callable[[str, str, str], None],
        clock: Clock,
    ) -> None:
        self._links = links
        self._codes = codes
        self._accounts = accounts
        self._connector_of = connector_of
        self._context_of = context_of
        self._failed = failed
        self._clock = clock

    def __call__(self, customer_id: str, request: LinkCodeRequest, by: dict[str, str]) -> dict[str, Any]:
        """``{code, expires_at, deep_links {channel: url}, links [{channel, account, url, qr?}]}``.

        Raises NotFound(``unknown_customer``), Conflict(``customer_merged``), Unprocessable(``unknown_channel``),
        TooManyRequests(``too_many_codes``).
        """
        state = self._links.state(customer_id)
        if state is None:
            raise NotFound("unknown_customer", "there is no such customer")
        if state.merged_into is not None:
            detail = "the customer has been merged into another one"
            raise Conflict("customer_merged", detail, merged_into=state.merged_into)
        accounts = self._wanted(request)
        wait = self._codes.count_issued(customer_id, MOST_CODES, link_codes.SECONDS)
        if wait is not None:
            raise TooManyRequests(
                "too_many_codes", f"at most {MOST_CODES} codes in 15 minutes", retry_after=round(wait)
            )
        code = self._issued(customer_id, request, by)
        links = [shown for channel, account in accounts if (shown := self._shown(channel, account, code.code))]
        deep_links: dict[str, str] = {}
        for link in links:
            deep_links.setdefault(link["channel"], link["url"])
        return {
            "code": link_codes.shown(code.code),
            "expires_at": rfc3339(code.expires_at),
            "deep_links": deep_links,
            "links": links,
        }

    def _wanted(self, request: LinkCodeRequest) -> list[tuple[str, str]]:
        """The accounts that the code counts on; ``main`` comes first, so that it is the one in ``deep_links``."""
        found = [
            (channel, account)
            for channel, account in self._accounts()
            if request.channel in (None, channel) and request.account in (None, account)
        ]
        if not found:
            raise Unprocessable("unknown_channel", "no such channel account is set up")
        return sorted(found, key=lambda each: (each[0], each[1] != "main", each[1]))

    def _issued(self, customer_id: str, request: LinkCodeRequest, by: dict[str, str]) -> LinkCode:
        for _ in range(TRIES):
            code = LinkCode(
                code=link_codes.new_code(),
                customer_id=customer_id,
                expires_at=self._clock() + link_codes.SECONDS,
                by=by,
                channel=request.channel,
                account=request.account,
            )
            if self._codes.issue(code):
                return code
        raise InfrastructureError("no code could be found that is not in use")

    def _shown(self, channel: str, account: str, code: str) -> dict[str, str] | None:
        """The address on one account; an account that gives none just now is left out, for the code can be typed."""
        try:
            link: DeepLink | None = self._connector_of(channel).deep_link(code, self._context_of(channel, account))
        except (DeliveryError, ConfigurationError) as error:
            self._failed(channel, account, error.code if isinstance(error, DeliveryError) else type(error).__name__)
            return None
        if link is None:
            return None
        shown = {"channel": channel, "account": account, "url": link.url}
        return shown if link.qr is None else {**shown, "qr": link.qr}
