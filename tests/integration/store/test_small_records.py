"""Given what the table keeps beside conversations (connections, keys, media states, notices, health, customers), when
it is written and read, then it is found again, and goes by itself where it should."""

from __future__ import annotations

import json

import pytest

from shared.aws.account_health import LOOK_AGAIN_SECONDS, DynamoAccountHealth
from shared.aws.api_keys import DynamoApiKeys
from shared.aws.chat_history import DynamoTyping, LoggedHistory
from shared.aws.media_entries import DynamoMediaEntries
from shared.aws.notices import KEEP_SECONDS
from shared.core.api_keys import Authenticate
from shared.core.chat.ports import Connection
from shared.errors import Forbidden, InfrastructureError, NotFound, Unauthorized
from shared.model.identifiers import identity_id
from shared.model.inbound import AccountNotice, InboundMessage, MediaSource
from shared.model.media import Media
from shared.model.parts import FilePart
from tests.support.channels import sender, text_message, webhook
from tests.support.stores import START, Clock, Store, Surroundings


def connection(name: str, identity: str = "idn_1", lifetime: float = 7200) -> Connection:
    return Connection(
        connection_id=name,
        identity_id=identity,
        account="main",
        external_id="ada",
        verification="signed_token",
        connected_at=START,
        expires_at=START + lifetime,
        name="Ada",
        claims={"email": "ada@home.example"},
    )


def test_connections_are_found_by_their_own_id_and_by_whose_they_are(store: Store) -> None:
    for each in (connection("a="), connection("b="), connection("c=", "idn_2")):
        store.connections.add(each)

    assert store.connections.find("a=") == connection("a=")
    assert sorted(store.connections.of("idn_1")) == [("a=", START), ("b=", START)]
    assert store.connections.of("idn_2") == [("c=", START)]


def test_a_connection_that_is_removed_leaves_nothing(store: Store) -> None:
    store.connections.add(connection("a="))

    store.connections.remove("a=")
    store.connections.remove("a=")

    assert store.items() == []
    assert store.connections.find("a=") is None


def test_a_connection_is_not_found_after_its_time_and_both_its_rows_expire(store: Store, clock: Clock) -> None:
    store.connections.add(connection("a=", lifetime=60))
    assert {item["ttl"]["N"] for item in store.items()} == {str(int(START) + 60)}

    clock.advance(61)

    assert store.connections.find("a=") is None


def test_an_api_key_opens_what_its_scope_says_until_it_is_revoked(store: Store, clock: Clock) -> None:
    keys = DynamoApiKeys(store.client, store.table, clock)
    key, text = keys.issue("desk", ["write"])
    header = f"Bearer {text}"

    assert keys.list() == [key]
    assert Authenticate(keys)(header, "write") == key
    with pytest.raises(Forbidden):
        Authenticate(keys)(header, "admin")

    keys.revoke(key.id)
    revoked = keys.find(key.id)
    clock.advance(60)
    keys.revoke(key.id)

    with pytest.raises(Unauthorized):
        Authenticate(keys)(header, "read")
    assert keys.find(key.id) == revoked
    with pytest.raises(NotFound):
        keys.revoke("nobody")


def test_the_text_of_an_api_key_is_stored_nowhere(store: Store, clock: Clock) -> None:
    _, text = DynamoApiKeys(store.client, store.table, clock).issue("desk", ["read"])

    assert text.split("_", 2)[2] not in json.dumps(store.items())


def files(store: Store) -> tuple[DynamoMediaEntries, str]:
    """A message with two files: its media, and its conversation."""
    message = InboundMessage(
        provider_id="1",
        sender=sender("ada"),
        occurred_at=START,
        parts=[FilePart(media=Media(declared_mime_type="image/png")), FilePart(media=Media())],
        media=[MediaSource(index=0, reference={"id": "first"}), MediaSource(index=1, reference={"id": "second"})],
    )
    store.ingest(webhook(message))
    entries = DynamoMediaEntries(store.client, store.table, store.log, store.clock)
    return entries, store.conversation_of("ada").conversation_id


def states(store: Store, conversation_id: str) -> dict[str, str]:
    """The state of each file of the message, as the log shows it."""
    entry = store.log.entry(conversation_id, 2)
    assert entry is not None
    return {media_id: state["state"] for media_id, state in entry.media.items()}


def test_a_media_moves_to_one_final_state_once(store: Store) -> None:
    entries, conversation_id = files(store)
    channel, account, sources = entries.media_sources(conversation_id, 2)
    first, second = (media_id for media_id, _, _ in sorted(sources, key=lambda source: source[1]["id"]))
    stored = Media(media_id=first, state="stored", mime_type="image/png", size=3, sha256="abc")

    assert (channel, account) == ("letters", "main")
    assert {reference["id"]: declared for _, reference, declared in sources} == {"first": "image/png", "second": None}
    assert states(store, conversation_id) == {}
    assert entries.record_media(conversation_id, 2, stored, "media/key") is True
    assert entries.record_media(conversation_id, 2, Media(media_id=first, state="expired"), None) is False
    assert entries.record_media(conversation_id, 2, Media(media_id=second, state="expired"), None) is True
    assert states(store, conversation_id) == {first: "stored", second: "expired"}
    assert entries.media_sources(conversation_id, 2)[2] == []


def test_media_of_a_message_that_is_not_there_are_an_error(store: Store) -> None:
    entries, conversation_id = files(store)
    with pytest.raises(InfrastructureError):
        entries.media_sources(conversation_id, 9)
    with pytest.raises(InfrastructureError):
        entries.media_sources(conversation_id, 1)


def test_a_notice_is_kept_once_and_for_a_while(store: Store) -> None:
    notice = AccountNotice(provider_id="n1", name="broadcast_finished", occurred_at=START, data={"sent": 3})
    for _ in range(2):
        store.notices.record("letters", "main", notice)

    (item,) = store.items()
    assert json.loads(item["data"]["S"]) == {"sent": 3}
    assert item["ttl"]["N"] == str(int(START) + KEEP_SECONDS)


def test_the_health_of_an_account_changes_when_something_changes(store: Store) -> None:
    assert store.health.of("letters", "main") == {"status": "unknown"}

    store.health.working("letters", "main", START)
    store.health.working("letters", "main", START + 60)
    assert store.health.of("letters", "main") == {"status": "ok", "since": "2027-01-15T08:00:00.000Z"}

    store.health.failing("letters", "main", "suspended", START + 120)
    assert store.health.of("letters", "main")["code"] == "suspended"
    store.health.working("letters", "main", START + 180)
    assert store.health.of("letters", "main") == {"status": "ok", "since": "2027-01-15T08:03:00.000Z"}


def test_a_failure_is_dated_by_its_first_time(store: Store) -> None:
    for minute in range(3):
        store.health.failing("letters", "main", "suspended", START + 60 * minute)

    assert store.health.of("letters", "main")["since"] == "2027-01-15T08:00:00.000Z"


def test_a_failure_that_another_worker_noted_is_cleared_by_one_that_works(store: Store) -> None:
    store.health.working("letters", "main", START)
    store.another().health.failing("letters", "main", "suspended", START + 1)

    store.health.working("letters", "main", START + LOOK_AGAIN_SECONDS)

    assert store.health.of("letters", "main")["status"] == "ok"


def test_success_costs_a_warm_function_nothing(store: Store) -> None:
    calls: list[str] = []
    client = store.another().client
    client.on_call = lambda record: calls.append(record.operation)
    health = DynamoAccountHealth(client, store.table)

    for second in range(5):
        health.working("letters", "main", START + second)

    assert calls == ["GetItem", "PutItem"]


def test_a_customers_profile_is_changed_and_their_conversation_kept(store: Store) -> None:
    store.ingest(webhook(text_message("ada", "1")))
    head = store.conversation_of("ada")

    changed = store.people.update_customer(head.customer_id, {"name": "Ada", "tags": ["vip"]}, START + 60)
    found = store.people.customer(head.customer_id)

    assert changed is not None
    assert (changed.name, changed.tags, changed.updated_at) == ("Ada", ["vip"], "2027-01-15T08:01:00.000Z")
    assert found == (changed, head.conversation_id)
    assert store.people.update_customer("cus_nobody", {"name": "?"}, START) is None
    assert store.people.customer("cus_nobody") is None


def test_everything_personal_of_a_person_is_in_one_attribute_of_each_item(store: Store) -> None:
    message = text_message("o6-openid", "1")
    message.sender.name = "Ada Lovelace"
    message.sender.aliases = {"phone": "+44 20"}
    store.ingest(webhook(message))

    holders = {
        (item["SK"]["S"][:2], name)
        for item in store.items()
        for name in item
        for personal in ("Ada Lovelace", "o6-openid", "+44 20")
        if personal in json.dumps(item[name])
    }
    assert holders == {("ID", "person"), ("PR", "profile"), ("E#", "data")}


def test_typing_fades_by_itself(store: Store, clock: Clock) -> None:
    typing = DynamoTyping(store.client, store.table, clock)
    typing.customer_typing("idn_1", active=True)
    assert typing.is_typing("idn_1")

    clock.advance(11)
    assert not typing.is_typing("idn_1")

    typing.customer_typing("idn_1", active=True)
    typing.customer_typing("idn_1", active=False)
    assert store.items() == []


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_a_visitors_history_is_the_messages_without_what_else_happened(store: Store, limit: int) -> None:
    store.ingest(webhook(text_message("ada", "1", "one"), "lounge"))
    history = LoggedHistory(store.log, store.people, Surroundings())
    view = history.view_of(identity_id("lounge", "main", "ada"))
    assert view is not None
    conversation_id = view.conversation_id
    for sequence in (1, 3, 4):
        store.deliveries.raise_status(conversation_id, sequence, "msg", "sent", START)
    store.answer(conversation_id, "two")
    store.ingest.start_batch()
    store.ingest(webhook(text_message("ada", "2", "three"), "lounge"))

    read: list[str] = []
    after = 0
    while page := history.seen(view, after, limit):
        read += [message.text for message in page]
        after = page[-1].sequence

    assert read == ["one", "two", "three"]
    assert [message.text for message in history.messages(conversation_id, 0, 50)] == read
    assert history.view_of("idn_nobody") is None
