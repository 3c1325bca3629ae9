"""What each event of the stream becomes in Zendesk, which shows no receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.helpdesks.zendesk.copying import copy_file, copy_message
from connectors.helpdesks.zendesk.tickets import keep_status, note
from connectors.helpdesks.zendesk.users import delete_user, update_user
from connectors.helpdesks.zendesk.wording import WORDING
from shared.helpdesk.telling import Tell, Telling, Ways

if TYPE_CHECKING:
    from shared.helpdesk.seam import DeskEvent, HelpdeskContext


def tell_event(event: DeskEvent, context: HelpdeskContext) -> None:
    """Carries one event out. Raises DeliveryError."""
    TELLING[event.event.type](event, context)


def _forget_customer(customer_id: str, event: DeskEvent, context: HelpdeskContext) -> bool:
    return delete_user(customer_id, context)


def _deleted(event: DeskEvent, context: HelpdeskContext) -> None:
    """What a comment says can only be taken out by people, who mark it in the agent's view."""
    _COMMON.note("deleted", event, context)


_COMMON = Telling(
    Ways(
        copy_message=copy_message,
        copy_file=copy_file,
        note=note,
        keep_status=keep_status,
        update_customer=update_user,
        forget_customer=_forget_customer,
        wording=WORDING,
    )
)

TELLING: dict[str, Tell] = {**_COMMON.handlers(), "message.deleted": _deleted}
"""Every event that Zendesk hears of."""
