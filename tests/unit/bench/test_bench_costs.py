"""Dollars from counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.calls.bill import Delivery, Hop, InboxMove, total
from bench.calls.metering import Call, Message
from bench.capacity import Units
from bench.costs import dollars_per_million, gb_seconds, lambda_milliseconds, memory_of, price_list


def test_every_price_says_what_it_is_for_and_where_it_can_be_checked() -> None:
    for price in price_list()["prices"].values():
        assert price["usd"] > 0
        assert price["of"]
        assert price["page"].startswith("https://aws.amazon.com/")


def test_a_million_of_what_costs_a_dollar_a_million_costs_a_dollar() -> None:
    assert dollars_per_million({"http_api_request": 1}, messages=1) == {"http_api_request": pytest.approx(1.00)}


def test_what_serves_ten_messages_costs_each_a_tenth() -> None:
    assert dollars_per_million({"sqs_fifo_request": 2}, messages=10)["sqs_fifo_request"] == pytest.approx(0.10)


def test_an_unknown_price_is_an_error() -> None:
    with pytest.raises(KeyError):
        dollars_per_million({"free_lunch": 1}, messages=1)


def test_the_cpu_of_an_invocation_is_stretched_to_its_share_of_a_core_and_waits_are_added() -> None:
    assumed = price_list()["assumptions"]
    share = memory_of("deliver") / assumed["full_core_mb"]
    waiting = 2 * assumed["milliseconds"]["sqs"]

    assert lambda_milliseconds("deliver", 3.0, {"sqs": 2}) == pytest.approx(3.0 / share + waiting)


@pytest.mark.parametrize("hop", ["forward", "forward, 10 of one", "publish (sent), 10", "api (reply)"])
def test_a_hop_has_the_memory_of_its_function(hop: str) -> None:
    function = hop.replace(",", "").split()[0]

    assert memory_of(hop) == price_list()["assumptions"]["memory_mb"].get(function, 512)


@pytest.mark.parametrize(("milliseconds", "billed"), [(1.0, 1), (1.2, 2), (99.9, 100)])
def test_lambda_bills_whole_milliseconds(milliseconds: float, billed: int) -> None:
    assert gb_seconds("ingest", milliseconds) == pytest.approx(billed / 1000 * 512 / 1024)


def test_a_hop_pays_for_its_calls_for_what_hands_it_its_events_and_for_its_units() -> None:
    calls = [
        Call("dynamodb", "GetItem", 100, reported=Units(read=1)),
        Call("dynamodb", "TransactWriteItems", 2000, reported=Units(write=6, indexed=2)),
        Call("sqs", "SendMessage", 70_000),
    ]
    hop = Hop("ingest", "fifo", 1, calls, [], cpu=2.0, logged=1024**3)

    dollars = hop.dollars()

    assert hop.calls_per_message == 3
    assert dollars["dynamodb_write_unit"] == pytest.approx(8 * 0.625)
    assert dollars["dynamodb_read_unit"] == pytest.approx(0.125)
    # received and deleted, and sent as two chunks of 64 KB
    assert dollars["sqs_fifo_request"] == pytest.approx(4 * 0.50)
    assert dollars["lambda_request"] == pytest.approx(0.20)
    assert dollars["log_gb"] == pytest.approx(500_000)


def test_a_consumer_that_takes_ten_at_a_time_shares_its_requests_among_them() -> None:
    message = Message("{}", "conversation", {})

    alone = Delivery(message, 1).dollars()["sqs_fifo_request"]
    shared = Delivery(message, 10).dollars()["sqs_fifo_request"]
    ours = Delivery(message, 1, consumed_by_us=True).dollars()["sqs_fifo_request"]

    assert [alone, shared, ours] == pytest.approx([1.5, 0.6, 0.5])


def test_a_path_costs_what_its_parts_cost() -> None:
    message = Message("{}", "conversation", {})

    found = total([Delivery(message, 1), Delivery(message, 1), InboxMove()])

    assert found["sqs_fifo_request"] == pytest.approx(3.0)
    assert found["dynamodb_write_unit"] == pytest.approx(InboxMove().dollars()["dynamodb_write_unit"])


def test_memory_is_what_the_template_gives_each_function() -> None:
    template = (Path(__file__).parents[3] / "template.yaml").read_text()
    own = dict(re.findall(r"Handler: functions\.(\w+)\.handler\n(?:(?!Handler:)[\s\S])*?MemorySize: (\d+)", template))
    assert {name: int(size) for name, size in own.items()} == {
        "publish": memory_of("publish"),
        "deliver": memory_of("deliver"),
        "forward": memory_of("forward"),
        "email": memory_of("email"),
        "watch": memory_of("watch"),
    }
    assert f"MemorySize: {memory_of('other')}" in template
