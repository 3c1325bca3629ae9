"""Routes of subscriptions: who is told of what, how that goes, and telling it again."""

from __future__ import annotations

import base64
import binascii
import time
from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools.event_handler import Response as ApiResponse
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from connectors import registry
from functions.api import subscription_views as views
from functions.api.requests import (
    answer,
    authenticated,
    idempotency_key_of,
    page,
    page_size,
    read_body,
    request_of,
)
from functions.bootstrap import environment, relay, store
from shared.core.relay.requests import Checks, NewSubscription, Replay, RotateSecret, SkipEvent, SubscriptionChange
from shared.errors import BadRequest, Unprocessable
from shared.model.identifiers import digest

if TYPE_CHECKING:
    from shared.core.api_keys import Scope
    from shared.core.relay.records import HelpdeskName, Lane, Subscription
    from shared.core.relay.subscribing import Subscribing

router = APIGatewayHttpRouter()

MANAGE: Scope = "admin"
"""Where everything that customers write goes, for as long as it is not noticed, is more than a key for answering may
decide: it would outlive that key."""

MOST_PENDING = 100
MOST_EXAMINED = 25
"""Waiting conversations that are looked at for failures, each with a call."""

MOST_SKIPPED = 25

IDEMPOTENT_SECONDS = 86400.0
LONGEST_CURSOR = 400


@cache
def _subscribing() -> Subscribing:
    from shared.core.relay.subscribing import Subscribing

    return Subscribing(
        subscriptions=relay.subscriptions(),
        lanes=relay.lanes(),
        attempts=relay.attempts(),
        queue=relay.relay_queue(),
        log=store.conversation_log(),
        endpoint_of=relay.endpoint_of,
        checks=Checks(registry.channels, _check_url, _check_helpdesk),
        source=environment.setting("EVENT_SOURCE"),
        clock=time.time,
    )


@router.post("/subscriptions")
def create() -> ApiResponse[str]:
    """201: the subscription, with the secret that its webhooks are signed with. Under the same Idempotency-Key it is
    made once."""
    key = authenticated(router, MANAGE)
    request = request_of(router)
    wanted = read_body(request, NewSubscription)
    idempotency_key = idempotency_key_of(request)
    if idempotency_key is None:
        made = _subscribing().create(wanted)
    else:
        subscription_id = f"sub_{digest(key.id, idempotency_key)}"
        made = _made_before(subscription_id, wanted) or _subscribing().create(wanted, subscription_id)
    return answer(views.created(made, environment.seals(), time.time()), 201)


@router.get("/subscriptions")
def list_subscriptions() -> ApiResponse[str]:
    """All of them, in the order of their creation."""
    authenticated(router, "read")
    found = relay.subscriptions().all()
    return page([_listed(each) for each in found], None)


@router.get("/subscriptions/<subscription_id>")
def get_subscription(subscription_id: str) -> ApiResponse[str]:
    """With how its endpoint is, and what waits."""
    authenticated(router, "read")
    subscription = _subscribing().get(subscription_id)
    lanes = relay.lanes()
    waiting, _ = lanes.pending(subscription_id, None, MOST_PENDING)
    stuck = [lane for each in waiting[:MOST_EXAMINED] if (lane := _failing(subscription_id, each)) is not None]
    health = lanes.health(subscription_id)
    shown = views.single(
        subscription,
        environment.seals(),
        time.time(),
        health=health,
        pending=len(waiting),
        stuck=stuck,
        skipped=relay.skips().latest(subscription_id, MOST_SKIPPED),
    )
    return answer(shown)


@router.patch("/subscriptions/<subscription_id>")
def change(subscription_id: str) -> ApiResponse[str]:
    """The subscription after the change."""
    authenticated(router, MANAGE)
    return answer(_listed(_subscribing().change(subscription_id, read_body(request_of(router), SubscriptionChange))))


@router.delete("/subscriptions/<subscription_id>")
def delete(subscription_id: str) -> ApiResponse[str]:
    """204: nothing is sent to it any more."""
    authenticated(router, MANAGE)
    _subscribing().delete(subscription_id)
    return ApiResponse(status_code=204, body="")


@router.post("/subscriptions/<subscription_id>/test")
def test(subscription_id: str) -> ApiResponse[str]:
    """What the endpoint answers to an event of type subscription.test that is sent now."""
    authenticated(router, MANAGE)
    return answer(views.ping(_subscribing().test(subscription_id)))


@router.post("/subscriptions/<subscription_id>/replay")
def replay(subscription_id: str) -> ApiResponse[str]:
    """202: the events will be sent again, in order in each conversation."""
    authenticated(router, MANAGE)
    request = request_of(router)
    wanted = read_body(request, Replay) if request.body.strip() else Replay()
    return answer(_subscribing().replay(subscription_id, wanted), 202)


@router.post("/subscriptions/<subscription_id>/skip")
def skip(subscription_id: str) -> ApiResponse[str]:
    """202: the event that a conversation fails over will be passed over, and what follows is sent."""
    key = authenticated(router, MANAGE)
    return answer(_subscribing().skip(subscription_id, read_body(request_of(router), SkipEvent), key.id), 202)


@router.post("/subscriptions/<subscription_id>/secret/rotate")
def rotate(subscription_id: str) -> ApiResponse[str]:
    """The new secret. The one before is used as well for a while, so that the consumer can follow."""
    authenticated(router, MANAGE)
    request = request_of(router)
    wanted = read_body(request, RotateSecret) if request.body.strip() else RotateSecret()
    return answer(views.rotated(_subscribing().rotate(subscription_id, wanted), environment.seals(), time.time()))


@router.get("/subscriptions/<subscription_id>/attempts")
def list_attempts(subscription_id: str) -> ApiResponse[str]:
    """What failed in the last seven days, each first success after that, and test events: the latest first;
    ``?conversation_id=`` only of this one."""
    authenticated(router, "read")
    request = request_of(router)
    before = _read_cursor(request.query.get("cursor"))
    _subscribing().get(subscription_id)
    found, following = relay.attempts().of(subscription_id, before, page_size(request))
    wanted = request.query.get("conversation_id") or None
    shown = [views.attempt(each) for each in found if wanted in (None, each.conversation_id)]
    return page(shown, _cursor(following))


def _listed(subscription: Subscription) -> dict[str, object]:
    return views.listed(subscription, environment.seals(), time.time())


def _failing(subscription_id: str, conversation_id: str) -> Lane | None:
    lane = relay.lanes().situation(subscription_id, conversation_id).lane
    return lane if lane is not None and lane.failures > 0 else None


def _made_before(subscription_id: str, wanted: NewSubscription) -> Subscription | None:
    """The subscription that was made under this id a short while ago. Raises Unprocessable when another was asked for
    then, or it was changed since: who asks twice wants to hear of it as it was made."""
    made = relay.subscriptions().get(subscription_id)
    if made is None:
        return None
    where = made.url if made.helpdesk is None else f"{made.helpdesk.helpdesk}/{made.helpdesk.account}"
    if time.time() - made.created_at > IDEMPOTENT_SECONDS or where != (wanted.url or wanted.helpdesk):
        raise Unprocessable("idempotency_key_reused", "another subscription was made with this Idempotency-Key")
    return made


def _check_url(url: str) -> object:
    """Raises DeliveryError for an address that may not be called."""
    if relay.loopback_webhooks():
        from shared.http.loopback import local_webhook_target

        return local_webhook_target(url)
    from shared.http.addresses import guarded_target

    return guarded_target(url)


def _check_helpdesk(name: HelpdeskName) -> object:
    """Raises Unprocessable for a helpdesk that there is no adapter for, or an account that is not set up."""
    if name.helpdesk not in registry.helpdesks():
        raise Unprocessable("unknown_helpdesk", f"there is no helpdesk {name.helpdesk}")
    if (name.helpdesk, name.account) not in environment.helpdesk_accounts().names():
        raise Unprocessable("unknown_account", f"{name.helpdesk} has no account {name.account}")
    return name


def _cursor(position: str | None) -> str | None:
    return None if position is None else base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _read_cursor(cursor: str | None) -> str | None:
    if not cursor:
        return None
    refusal = BadRequest("bad_cursor", "the cursor is not one that this list gave")
    if len(cursor) > LONGEST_CURSOR:
        raise refusal
    try:
        position = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise refusal from error
    if not position.startswith("A#"):
        raise refusal
    return position
