"""The mail connector: its parts put together in the form every connector has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.channels.email.capabilities import CAPABILITIES
from connectors.channels.email.check import check
from connectors.channels.email.invitation import deep_link
from connectors.channels.email.media import fetch
from connectors.channels.email.parsing import parse
from connectors.channels.email.rendering import render
from connectors.channels.email.sending import send
from connectors.channels.email.settings import problems

if TYPE_CHECKING:
    from shared.model.capabilities import Capabilities
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundEvent
    from shared.model.message import Message
    from shared.ports.accounts import Account
    from shared.ports.connector import (
        Connector,
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


class EmailConnector:
    capabilities: Capabilities = CAPABILITIES

    def validate(self, account: Account) -> list[str]:
        return problems(account)

    def parse(self, envelope: Envelope) -> list[InboundEvent]:
        return parse(envelope)

    def render(self, message: Message, recipient: Recipient) -> Rendering:
        return render(message, recipient)

    def send(self, request: OutboundRequest, context: ChannelContext) -> SendResult:
        return send(request, context)

    def fetch_media(self, reference: Mapping[str, str], context: ChannelContext) -> FetchedMedia:
        return fetch(reference, context)

    def type(self, recipient: Recipient, active: bool, context: ChannelContext) -> None:
        """Mail has no such notice."""

    def deep_link(self, code: str, context: ChannelContext) -> DeepLink | None:
        return deep_link(code, context)

    def profile(self, external_id: str, context: ChannelContext) -> Profile | None:
        return None

    def check(self, context: ChannelContext) -> list[Finding]:
        return check(context)


CONNECTOR: Connector = EmailConnector()
