"""The declared routes of subscriptions: who is told of what, how that goes, and telling it again."""

from __future__ import annotations

from functions.api.contract.operation import CURSOR, IDEMPOTENCY_KEY, LIMIT, Body, Operation, Page, Parameter
from shared.core.relay.requests import NewSubscription, Replay, RotateSecret, SkipEvent, SubscriptionChange
from shared.model.subscription import (
    AttemptView,
    CreatedSubscription,
    Ping,
    QueuedReplay,
    QueuedSkip,
    RotatedSecret,
    ShownSubscription,
    SubscriptionView,
)

_ALL = "/v1/subscriptions"
_ONE = f"{_ALL}/{{subscription_id}}"
_TAG = "subscriptions"
_UNKNOWN = "404 unknown_subscription"
_FIELDS = (
    "422 bad_target",
    "422 bad_url",
    "422 bad_types",
    "422 bad_channels",
    "422 bad_description",
    "422 bad_metadata",
)

CONVERSATION = Parameter("conversation_id", "Only attempts of this conversation.", {"type": "string"})

OPERATIONS = (
    Operation(
        "POST",
        _ALL,
        "create_subscription",
        _TAG,
        "admin",
        "Makes a subscription; the answer has the secret that its webhooks are signed with.",
        {201: CreatedSubscription},
        parameters=(IDEMPOTENCY_KEY,),
        body=Body(NewSubscription),
        problems=(
            *_FIELDS,
            "400 bad_idempotency_key",
            "409 too_many_subscriptions",
            "422 bad_helpdesk",
            "422 unknown_helpdesk",
            "422 unknown_account",
            "422 bad_since",
            "422 idempotency_key_reused",
        ),
    ),
    Operation(
        "GET",
        _ALL,
        "list_subscriptions",
        _TAG,
        "read",
        "All subscriptions, in the order of their creation.",
        {200: Page(SubscriptionView)},
    ),
    Operation(
        "GET",
        _ONE,
        "get_subscription",
        _TAG,
        "read",
        "One subscription, with how its endpoint is, and what waits.",
        {200: ShownSubscription},
        problems=(_UNKNOWN,),
    ),
    Operation(
        "PATCH",
        _ONE,
        "change_subscription",
        _TAG,
        "admin",
        "Changes a subscription, pauses it, or lets it go on.",
        {200: SubscriptionView},
        body=Body(SubscriptionChange),
        problems=(_UNKNOWN, *_FIELDS),
    ),
    Operation(
        "DELETE",
        _ONE,
        "delete_subscription",
        _TAG,
        "admin",
        "Ends a subscription: nothing is sent to it any more.",
        {204: None},
        problems=(_UNKNOWN,),
    ),
    Operation(
        "POST",
        f"{_ONE}/test",
        "test_subscription",
        _TAG,
        "admin",
        "Sends a test event now, and says what the endpoint answered.",
        {200: Ping},
        problems=(_UNKNOWN,),
    ),
    Operation(
        "POST",
        f"{_ONE}/replay",
        "replay_subscription",
        _TAG,
        "admin",
        "Sends events again, in order in each conversation.",
        {202: QueuedReplay},
        body=Body(Replay, optional=True),
        problems=(_UNKNOWN, "404 unknown_conversation", "422 bad_replay", "422 bad_since"),
    ),
    Operation(
        "POST",
        f"{_ONE}/skip",
        "skip_event",
        _TAG,
        "admin",
        "Passes over the event that a conversation fails over, and goes on behind it.",
        {202: QueuedSkip},
        body=Body(SkipEvent),
        problems=(_UNKNOWN, "404 unknown_conversation", "409 not_failing_there"),
    ),
    Operation(
        "POST",
        f"{_ONE}/secret/rotate",
        "rotate_secret",
        _TAG,
        "admin",
        "A new secret; the one before counts for a while longer.",
        {200: RotatedSecret},
        body=Body(RotateSecret, optional=True),
        problems=(_UNKNOWN, "422 bad_expire_previous_after"),
    ),
    Operation(
        "GET",
        f"{_ONE}/attempts",
        "list_attempts",
        _TAG,
        "read",
        "What failed lately, each first success after that, and test events: the latest first.",
        {200: Page(AttemptView)},
        parameters=(CONVERSATION, CURSOR, LIMIT),
        problems=("400 bad_parameter", "400 bad_cursor", _UNKNOWN),
    ),
)
