"""The generic helpdesk: one ticket for each conversation, one message in it for each of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.helpdesks.generic.calling import Caller
from connectors.helpdesks.generic.paths import word_at
from connectors.helpdesks.generic.settings import problems, read
from connectors.helpdesks.generic.telling import Telling
from connectors.helpdesks.generic.values import KNOWN_VALUES
from connectors.helpdesks.generic.webhook import actions
from shared.errors import DeliveryError
from shared.ports.connector import FetchedMedia, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.helpdesk.seam import DeskAction, DeskEvent, HelpdeskContext
    from shared.model.envelope import Envelope
    from shared.ports.accounts import Account

LARGEST_FILE = 25 * 1_048_576


class GenericHelpdesk:
    """Implements shared.helpdesk.seam.Helpdesk by the templates of the account."""

    types: tuple[str, ...] = (
        "message.received",
        "message.sent",
        "message.media_changed",
        "conversation.closed",
        "conversation.updated",
    )

    def validate(self, account: Account) -> list[str]:
        return problems(account)

    def deliver(self, event: DeskEvent, context: HelpdeskContext) -> None:
        settings = read(context.account)
        telling = Telling(settings, Caller(settings, context.http), context)
        kind = event.event.type
        try:
            if kind in ("message.received", "message.sent"):
                telling.message(event)
            elif kind == "message.media_changed":
                telling.files(event)
            else:
                telling.status(event)
        except DeliveryError as error:
            if error.code != "not_found" or context.memory.theirs("conversation", event.event.subject) is None:
                raise
            context.memory.forget("conversation", event.event.subject)
            raise DeliveryError("retry", "ticket_gone", "the ticket is not there any more") from error

    def parse(self, envelope: Envelope, account: Account) -> list[DeskAction]:
        return actions(read(account).webhook, envelope.body)

    def fetch_file(self, reference: Mapping[str, str], context: HelpdeskContext) -> FetchedMedia:
        settings = read(context.account)
        answer = Caller(settings, context.http).fetch(reference["url"], LARGEST_FILE)
        declared = reference.get("mime_type") or answer.headers.get("content-type", "").partition(";")[0].strip()
        return FetchedMedia(answer.body, declared or None, reference.get("filename"))

    def explain(self, theirs: str, text: str, context: HelpdeskContext) -> None:
        settings = read(context.account)
        if settings.requests.note is not None:
            values: dict[str, Any] = {"desk.ticket": theirs, "message.text": text}
            Caller(settings, context.http).call(settings.requests.note, values)

    def check(self, context: HelpdeskContext) -> list[Finding]:
        settings = read(context.account)
        template = settings.requests.check
        if template is None:
            return [Finding(True, "settings", "complete; requests.check is not set, so the helpdesk was not called")]
        answer = Caller(settings, context.http).call(template, dict.fromkeys(KNOWN_VALUES))
        found = None if template.id is None else word_at(answer, template.id)
        if template.id is not None and found is None:
            return [Finding(False, "api", f"the answer has nothing at {template.id}")]
        return [Finding(True, "api", "answered" if found is None else f"answered with {template.id} {found}")]


ADAPTER = GenericHelpdesk()
