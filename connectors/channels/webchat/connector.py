"""The web-chat connector: its parts put together in the form every connector has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.channels.webchat import page, parsing, rendering, sending, settings
from connectors.channels.webchat.capabilities import CAPABILITIES
from shared.errors import DeliveryError

if TYPE_CHECKING:
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundEvent
    from shared.model.message import Message
    from shared.ports.accounts import Account
    from shared.ports.connector import (
        DeepLink,
        FetchedMedia,
        Finding,
        OutboundRequest,
        Profile,
        Recipient,
        Rendering,
        SendResult,
    )
    from shared.ports.context import ChannelContext


class WebchatConnector:
    capabilities = CAPABILITIES

    def validate(self, account: Account) -> list[str]:
        return settings.validate(account)

    def parse(self, envelope: Envelope) -> list[InboundEvent]:
        return parsing.parse(envelope)

    def render(self, message: Message, recipient: Recipient) -> Rendering:
        return rendering.render(message, recipient)

    def send(self, request: OutboundRequest, context: ChannelContext) -> SendResult:
        return sending.send(request, context)

    def fetch_media(self, reference: Mapping[str, str], context: ChannelContext) -> FetchedMedia:
        """Raises DeliveryError (permanent; ``media_expired``): uploads lie in our own bucket, and nobody else has
        them."""
        raise DeliveryError("permanent", "media_expired", "web chat keeps its uploads in our own storage")

    def type(self, recipient: Recipient, active: bool, context: ChannelContext) -> None:
        sending.show_typing(recipient, active, context)

    def deep_link(self, code: str, context: ChannelContext) -> DeepLink | None:
        return page.deep_link(code, context.account)

    def profile(self, external_id: str, context: ChannelContext) -> Profile | None:
        return None

    def check(self, context: ChannelContext) -> list[Finding]:
        return settings.check(context.account)


CONNECTOR = WebchatConnector()
