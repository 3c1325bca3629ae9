"""The Chatwoot adapter: everything about Chatwoot apart from its :mod:`ingress`.

It uses the application API with an agent's token and an inbox of the type API, so that agents see one inbox with all
channels' conversations in it. Source: developers.chatwoot.com, "Create an API channel inbox".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.helpdesks.chatwoot.attachments import fetch
from connectors.helpdesks.chatwoot.check import check
from connectors.helpdesks.chatwoot.messages import tell
from connectors.helpdesks.chatwoot.parsing import actions_of
from connectors.helpdesks.chatwoot.settings import problems
from connectors.helpdesks.chatwoot.telling import TELLING, tell_event

if TYPE_CHECKING:
    from shared.helpdesk.seam import DeskAction, DeskEvent, Helpdesk, HelpdeskContext
    from shared.model.envelope import Envelope
    from shared.ports.accounts import Account
    from shared.ports.connector import FetchedMedia, Finding


class Chatwoot:
    types = tuple(TELLING)

    def validate(self, account: Account) -> list[str]:
        return problems(account)

    def deliver(self, event: DeskEvent, context: HelpdeskContext) -> None:
        tell_event(event, context)

    def parse(self, envelope: Envelope, account: Account) -> list[DeskAction]:
        return actions_of(envelope)

    def fetch_file(self, reference: Mapping[str, str], context: HelpdeskContext) -> FetchedMedia:
        return fetch(reference, context)

    def explain(self, theirs: str, text: str, context: HelpdeskContext) -> None:
        tell(theirs, text, context)

    def check(self, context: HelpdeskContext) -> list[Finding]:
        return check(context)


ADAPTER: Helpdesk = Chatwoot()
