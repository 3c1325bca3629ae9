"""What needs somebody's attention: messages that were set aside, and subscribers that are told nothing any more.

Looked for together, on the schedule of watch, and written to the log when there is any: an alarm counts these lines
(infra/alarms.yaml). An alarm for each queue would cost more than looking at all of them.
"""

from __future__ import annotations

from functions.bootstrap import environment, relay
from functions.telemetry import logger
from shared.errors import InfrastructureError


def look_round(service: str, queue_urls: list[str]) -> None:
    """One call for each queue of what was set aside, and one for all subscriptions. A queue that cannot be asked is
    asked again next time."""
    waiting = {}
    for url in queue_urls:
        try:
            count = environment.queues().waiting(url)
        except InfrastructureError as error:
            logger(service).warning("queue not asked", error=type(error).__name__)
            continue
        if count:
            waiting[url.rpartition("/")[2]] = count
    if waiting:
        logger(service).error("dead letters", dead_letters=sum(waiting.values()), queues=waiting)
    silent = [each.id for each in relay.subscriptions().all() if each.status != "active" and each.reason is not None]
    if silent:
        logger(service).error("subscriptions silent", subscriptions_silent=len(silent), subscriptions=silent)
