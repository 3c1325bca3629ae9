"""Given the id map between us and a helpdesk, when pairs are noted, then both sides find each other, and the first
pair counts."""

from __future__ import annotations

from shared.aws.desk_memory import DynamoDeskMemory
from tests.support.stores import Store


def memory(store: Store, account: str = "main") -> DynamoDeskMemory:
    return DynamoDeskMemory(store.client, store.table, "generic", account)


def test_a_pair_is_found_from_both_sides_and_only_by_its_kind_and_account(store: Store) -> None:
    assert memory(store).remember("conversation", "conv_1", "12") == "12"
    assert memory(store).theirs("conversation", "conv_1") == "12"
    assert memory(store).ours("conversation", "12") == "conv_1"
    assert memory(store).theirs("message", "conv_1") is None
    assert memory(store).ours("conversation", "conv_1") is None
    assert memory(store, "other").theirs("conversation", "conv_1") is None
    assert memory(store, "other").ours("conversation", "12") is None


def test_the_first_pair_stays_in_force_and_both_of_theirs_lead_back(store: Store) -> None:
    assert memory(store).remember("conversation", "conv_1", "12") == "12"
    assert memory(store).remember("conversation", "conv_1", "13") == "12"
    assert memory(store).remember("conversation", "conv_1", "12") == "12"
    assert memory(store).theirs("conversation", "conv_1") == "12"
    assert [memory(store).ours("conversation", each) for each in ("12", "13")] == ["conv_1", "conv_1"]


def test_a_call_begins_once_until_it_is_forgotten(store: Store) -> None:
    assert memory(store).begin("message", "msg_1")
    assert not memory(store).begin("message", "msg_1")
    assert memory(store).theirs("message", "msg_1") is None
    memory(store).remember("message", "msg_1", "7")
    assert not memory(store).begin("message", "msg_1")
    memory(store).forget("message", "msg_1")
    assert memory(store).theirs("message", "msg_1") is None
    assert memory(store).ours("message", "7") is None
    assert memory(store).begin("message", "msg_1")


def test_what_is_remembered_without_a_beginning_has_begun(store: Store) -> None:
    memory(store).remember("message", "msg_1", "7")
    assert not memory(store).begin("message", "msg_1")


def test_the_same_word_on_both_sides_is_two_things(store: Store) -> None:
    memory(store).remember("note", "n", "n")
    assert (memory(store).theirs("note", "n"), memory(store).ours("note", "n")) == ("n", "n")
    memory(store).forget("note", "n")
    assert (memory(store).theirs("note", "n"), memory(store).ours("note", "n")) == (None, None)
