"""Changes to a customer: answered, and told to whoever follows the conversation."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from shared.core.customers import CustomerChange, change_customer
from shared.errors import NotFound
from shared.model.conversation import Customer
from tests.unit.core.desk import Desk


def change(desk: Desk, customer_id: str, **fields: Any) -> Customer:
    wanted = msgspec.convert(fields, CustomerChange)
    return change_customer(desk.store, desk.store, customer_id, wanted, desk.clock)


def test_a_change_is_an_entry_of_the_conversation_last_opened_with_the_customer() -> None:
    # given
    desk = Desk()
    desk.write("ann")
    head = desk.conversation("ann")
    # when
    customer = change(desk, head.customer_id, name="Ann", tags=["vip"])
    # then
    assert (customer.name, customer.tags) == ("Ann", ["vip"])
    entry = desk.store.logs[head.conversation_id][-1]
    assert (entry.type, entry.sequence) == ("customer.updated", head.sequence + 1)
    assert (entry.data["customer"]["name"], entry.data["customer"]["tags"]) == ("Ann", ["vip"])
    assert desk.conversation("ann").sequence == head.sequence + 1


def test_what_is_not_named_stays() -> None:
    desk = Desk()
    desk.write("ann")
    before = desk.store.customers[desk.conversation("ann").customer_id][0]
    after = change(desk, before.id, language="zh")
    assert (after.name, after.language) == (before.name, "zh")


def test_an_unknown_customer_is_not_found_and_nothing_is_written() -> None:
    desk = Desk()
    with pytest.raises(NotFound) as refused:
        change(desk, "cus_nobody", name="x")
    assert refused.value.code == "unknown_customer"
    assert desk.store.logs == {}
