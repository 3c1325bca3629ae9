"""The keys of the one table. Everything that is stored is found through a function of this module.

| item | PK | SK |
|---|---|---|
| conversation head | ``C#<conversation>`` | ``HEAD`` |
| log entry | ``C#<conversation>`` | ``E#<sequence, 12 digits>`` |
| its delivery state | ``C#<conversation>`` | ``E#<12 digits>#S`` |
| state of one of its media | ``C#<conversation>`` | ``E#<12 digits>#M#<media>`` |
| identity | ``I#<identity>`` | ``ID`` |
| open web-chat connection of an identity | ``I#<identity>`` | ``WS#<connection>`` |
| customer | ``U#<customer>`` | ``PROFILE`` |
| identity of a customer | ``U#<customer>`` | ``I#<identity>`` |
| link that brought somebody to a customer | ``U#<customer>`` | ``L#<link>`` |
| what a customer said of themselves | ``U#<customer>`` | ``S#<kind>#<digest>`` |
| how many link codes a customer was given | ``U#<customer>`` | ``CODES`` |
| by what an identity is found (an address, a number) | ``H#<kind>#<digest>`` | ``H`` |
| link code | ``L#<digest>`` | ``L`` |
| how many wrong link codes an identity has sent | ``I#<identity>`` | ``TRIES`` |
| provider-id reference | ``X#<channel>#<account>#<digest>`` | ``X`` |
| API idempotency | ``K#<api key id>#<digest>`` | ``K`` |
| API key | ``KEYS`` | ``<api key id>`` |
| web-chat connection | ``WS#<connection>`` | ``WS`` |
| access token of a channel account | ``T#<channel>#<account>`` | ``T`` |
| notice about a channel account | ``A#<channel>#<account>`` | ``N#<time>#<digest>`` |
| health of a channel account | ``A#<channel>#<account>`` | ``HEALTH`` |
| a customer who is typing | ``I#<identity>`` | ``TYPING`` |
| a helpdesk's id for something of ours | ``D#<helpdesk>#<account>#<kind>#<digest of ours>`` | ``D`` |
| our id for something of a helpdesk's | ``D#<helpdesk>#<account>#<kind>#<digest of theirs>`` | ``R`` |

Index ``inbox``: ``GSI1PK`` = ``INBOX#<status>``, ``GSI1SK`` = ``<minute>#<conversation>``, touched at most once a
minute per conversation. Index ``due``: ``GSI2PK`` = ``DUE#<hour>``, ``GSI2SK`` = ``<conversation>``, for conversations
that somebody has to look at in that hour, touched at most once an hour; and ``GSI2PK`` = ``LANE#<subscription>``,
``GSI2SK`` = ``<conversation>``, for conversations that a subscription waits to hear of.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from shared.model.identifiers import digest
from shared.model.timestamps import rfc3339

Key = dict[str, Any]
"""A primary key in DynamoDB's attribute-value form."""

INBOX_INDEX = "inbox"
DUE_INDEX = "due"
ENTRY_PREFIX = "E#"
NOTICE_PREFIX = "N#"
SUBSCRIPTIONS_PARTITION = "SUBS"
ATTEMPT_PREFIX = "A#"
SKIP_PREFIX = "K#"
LAST_ENTRY = "E#999999999999~"
"""Sorts after every entry and everything that stands beside one."""


def _key(partition: str, sort: str) -> Key:
    return {"PK": {"S": partition}, "SK": {"S": sort}}


def conversation_partition(conversation_id: str) -> str:
    return f"C#{conversation_id}"


def head(conversation_id: str) -> Key:
    return _key(conversation_partition(conversation_id), "HEAD")


def entry_sort(sequence: int) -> str:
    return f"{ENTRY_PREFIX}{sequence:012d}"


def entry(conversation_id: str, sequence: int) -> Key:
    return _key(conversation_partition(conversation_id), entry_sort(sequence))


def delivery(conversation_id: str, sequence: int) -> Key:
    return _key(conversation_partition(conversation_id), f"{entry_sort(sequence)}#S")


def media(conversation_id: str, sequence: int, media_id: str) -> Key:
    return _key(conversation_partition(conversation_id), f"{entry_sort(sequence)}#M#{media_id}")


def identity_partition(identity_id: str) -> str:
    return f"I#{identity_id}"


def identity(identity_id: str) -> Key:
    return _key(identity_partition(identity_id), "ID")


def identity_connection(identity_id: str, connection_id: str) -> Key:
    return _key(identity_partition(identity_id), f"WS#{connection_id}")


def customer_partition(customer_id: str) -> str:
    return f"U#{customer_id}"


def customer(customer_id: str) -> Key:
    return _key(customer_partition(customer_id), "PROFILE")


def customer_identity(customer_id: str, identity_id: str) -> Key:
    return _key(customer_partition(customer_id), f"I#{identity_id}")


def link(customer_id: str, link_id: str) -> Key:
    return _key(customer_partition(customer_id), f"L#{link_id}")


def claim(customer_id: str, kind: str, value: str) -> Key:
    return _key(customer_partition(customer_id), f"S#{kind}#{digest(value)}")


def codes_issued(customer_id: str) -> Key:
    return _key(customer_partition(customer_id), "CODES")


def handle(kind: str, value: str) -> Key:
    return _key(f"H#{kind}#{digest(value)}", "H")


def link_code(code: str) -> Key:
    return _key(f"L#{digest('link code', code)}", "L")


def wrong_codes(identity_id: str) -> Key:
    return _key(identity_partition(identity_id), "TRIES")


def reference(channel: str, account: str, provider_id: str) -> Key:
    return _key(f"X#{channel}#{account}#{digest(provider_id)}", "X")


def idempotency(key_id: str, idempotency_key: str) -> Key:
    return _key(f"K#{key_id}#{digest(idempotency_key)}", "K")


def api_key(key_id: str) -> Key:
    return _key("KEYS", key_id)


def connection(connection_id: str) -> Key:
    return _key(f"WS#{connection_id}", "WS")


def access_token(channel: str, account: str) -> Key:
    return _key(f"T#{channel}#{account}", "T")


def account_partition(channel: str, account: str) -> str:
    return f"A#{channel}#{account}"


def account_notice(channel: str, account: str, at: float, provider_id: str) -> Key:
    return _key(account_partition(channel, account), f"{NOTICE_PREFIX}{rfc3339(at)}#{digest(provider_id)}")


def account_health(channel: str, account: str) -> Key:
    return _key(account_partition(channel, account), "HEALTH")


def typing(identity_id: str) -> Key:
    return _key(identity_partition(identity_id), "TYPING")


def desk_theirs(helpdesk: str, account: str, kind: str, ours: str) -> Key:
    return _key(f"D#{helpdesk}#{account}#{kind}#{digest(ours)}", "D")


def desk_ours(helpdesk: str, account: str, kind: str, theirs: str) -> Key:
    return _key(f"D#{helpdesk}#{account}#{kind}#{digest(theirs)}", "R")


def subscription(subscription_id: str) -> Key:
    return _key(SUBSCRIPTIONS_PARTITION, subscription_id)


def subscriber_partition(subscription_id: str) -> str:
    """Where everything is that hangs on a subscription."""
    return f"S#{subscription_id}"


def subscriber_health(subscription_id: str) -> Key:
    return _key(subscriber_partition(subscription_id), "HEALTH")


def lane(subscription_id: str, conversation_id: str) -> Key:
    return _key(subscriber_partition(subscription_id), f"C#{conversation_id}")


def attempt(subscription_id: str, at: float, event_id: str, number: int) -> Key:
    """By time, to the microsecond: attempts of one subscription are listed in the order in which they were made."""
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    sort = f"{ATTEMPT_PREFIX}{moment}#{digest(event_id, str(number))}"
    return _key(subscriber_partition(subscription_id), sort)


def skip(subscription_id: str, at: float, event_id: str) -> Key:
    """By time, like attempts: what was passed over."""
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return _key(subscriber_partition(subscription_id), f"{SKIP_PREFIX}{moment}#{digest(event_id)}")


def inbox(status: str, updated_at: float, conversation_id: str) -> Key:
    """The inbox position: by minute, so that a busy conversation rewrites the index at most once a minute."""
    position = f"{inbox_minute(updated_at)}#{conversation_id}"
    return {"GSI1PK": {"S": inbox_partition(status)}, "GSI1SK": {"S": position}}


def inbox_partition(status: str) -> str:
    return f"INBOX#{status}"


def inbox_minute(at: float) -> str:
    """What the positions of this minute begin with."""
    return rfc3339(at)[:16]


def due_hour(at: float) -> str:
    return f"DUE#{rfc3339(at)[:13]}"


def due(at: float, conversation_id: str) -> Key:
    """The place of a conversation among those to be looked at, by hour, so that one that is written to all the time
    rewrites the index at most once an hour."""
    return {"GSI2PK": {"S": due_hour(at)}, "GSI2SK": {"S": conversation_id}}


def pending_partition(subscription_id: str) -> str:
    return f"LANE#{subscription_id}"


def pending(subscription_id: str, conversation_id: str) -> Key:
    """The place of a conversation among those that a subscription waits to hear of."""
    return {"GSI2PK": {"S": pending_partition(subscription_id)}, "GSI2SK": {"S": conversation_id}}
