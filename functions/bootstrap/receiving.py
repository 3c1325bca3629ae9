"""What comes from outside, checked and put into a queue. The webhook function loads of the wiring this and
``environment`` alone.
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from functions.bootstrap import environment

if TYPE_CHECKING:
    from shared.core.mail import ReceiveMail
    from shared.core.webhook import ReceiveWebhook
    from shared.ports.ingress import InboundQueue


@cache
def inbound_queue() -> InboundQueue:
    from shared.aws.inbound_queue import SqsInboundQueue

    return SqsInboundQueue(environment.queues(), environment.setting("INBOUND_QUEUE_URL"))


@cache
def receive_webhook() -> ReceiveWebhook:
    from connectors import registry
    from shared.core.webhook import ReceiveWebhook

    return ReceiveWebhook(registry.ingress, environment.accounts(), inbound_queue(), time.time)


@cache
def receive_desk_webhook() -> ReceiveWebhook:
    from connectors import registry
    from shared.aws.desk_queue import SqsDeskQueue
    from shared.core.webhook import ReceiveWebhook

    queue = SqsDeskQueue(environment.queues(), environment.setting("FORWARD_QUEUE_URL"))
    return ReceiveWebhook(registry.helpdesk_ingress, environment.helpdesk_accounts(), queue, time.time)


@cache
def receive_mail() -> ReceiveMail:
    from connectors import registry
    from functions.bootstrap import objects
    from shared.core.mail import ReceiveMail

    return ReceiveMail(
        registry.intake("email"),
        accounts=environment.accounts(),
        queue=inbound_queue(),
        heads=objects.originals(),
        seals=environment.seals(),
        clock=time.time,
    )
