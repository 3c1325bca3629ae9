"""The Zendesk adapter: everything about Zendesk apart from its :mod:`ingress`.

It uses the Ticketing API with an agent's token, and a webhook that triggers call. Source:
developer.zendesk.com/api-reference/ticketing/introduction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connectors.helpdesks.zendesk.attachments import fetch
from connectors.helpdesks.zendesk.check import check
from connectors.helpdesks.zendesk.comments import tell
from connectors.helpdesks.zendesk.parsing import actions_of
from connectors.helpdesks.zendesk.settings import problems
from connectors.helpdesks.zendesk.telling import TELLING, tell_event

if TYPE_CHECKING:
    from shared.helpdesk.seam import DeskAction, DeskEvent, Helpdesk, HelpdeskContext
    from shared.model.envelope import Envelope
    from shared.ports.accounts import Account
    from shared.ports.connector import FetchedMedia, Finding


class Zendesk:
    types = tuple(TELLING)

    def validate(self, account: Account) -> list[str]:
        return problems(account)

    def deliver(self, event: DeskEvent, context: HelpdeskContext) -> None:
        tell_event(event, context)

    def parse(self, envelope: Envelope, account: Account) -> list[DeskAction]:
        return actions_of(envelope, account)

    def fetch_file(self, reference: Mapping[str, str], context: HelpdeskContext) -> FetchedMedia:
        return fetch(reference, context)

    def explain(self, theirs: str, text: str, context: HelpdeskContext) -> None:
        tell(theirs, text, context)

    def check(self, context: HelpdeskContext) -> list[Finding]:
        return check(context)


ADAPTER: Helpdesk = Zendesk()
