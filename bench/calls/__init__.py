"""P4 to P6: the AWS calls, DynamoDB units and dollars of a message, counted while the real handlers run."""

from __future__ import annotations

from collections.abc import Callable

from bench.calls.bill import Hop
from bench.calls.dollars import add_dollars
from bench.calls.journeys import Journeys
from bench.calls.relay import Relay
from bench.calls.stage import staged
from bench.calls.units import add_calls, add_units
from bench.calls.web_chat import WebChat
from bench.report import Report

SHORT, LONG = 10, 10_000
TEN = [f"oBench-many-{index}" for index in range(10)]


def measure(report_progress: Callable[[str], None]) -> Report:
    report_progress("P4-P6: starting AWS's DynamoDB engine")
    with staged() as stage:
        journeys = Journeys(stage)
        report_progress("P4: messages and replies, counted")
        hops = _inbound(journeys) | _outbound(journeys) | _web_chat(journeys) | _subscribed(journeys)
        report_progress(f"P5: conversations of {SHORT} and of {LONG:,} messages")
        growth = {count: _of_length(journeys, count) for count in (SHORT, LONG)}
    report = Report("calls")
    add_calls(report, hops)
    add_units(report, growth)
    add_dollars(report, hops)
    return report


def _inbound(journeys: Journeys) -> dict[str, Hop]:
    journeys.conversation("oBench-0", SHORT)
    for openid in TEN:
        journeys.conversation(openid, SHORT)
    hops = [
        journeys.webhook(),
        journeys.ingest("ingest", ["oBench-0"]),
        journeys.ingest("ingest, 10 of one", ["oBench-0"] * 10),
        journeys.ingest("ingest, 10 of 10", TEN),
        journeys.publish("publish", ["oBench-0"]),
        journeys.publish("publish, 10 of one", ["oBench-0"] * 10),
        journeys.publish("publish, 10 of 10", TEN),
        journeys.fetch("oBench-0"),
    ]
    return {hop.name: hop for hop in hops}


def _outbound(journeys: Journeys) -> dict[str, Hop]:
    one = journeys.conversation("oBench-reply", SHORT)
    ten = [journeys.conversation(openid, SHORT) for openid in TEN]
    hops = [
        journeys.reply(one),
        journeys.publish_replies("publish (reply)", [one]),
        journeys.publish_replies("publish (reply), 10", ten),
        journeys.deliver("deliver", [one]),
        journeys.deliver("deliver, 10", ten),
        journeys.publish_statuses("publish (sent)", [one]),
        journeys.publish_statuses("publish (sent), 10", ten),
        journeys.read_messages(one),
    ]
    return {hop.name: hop for hop in hops}


def _web_chat(journeys: Journeys) -> dict[str, Hop]:
    visitor = WebChat(journeys)
    hops = [
        visitor.open_chat(),
        visitor.connect(),
        visitor.frame(),
        visitor.chat_message(),
        visitor.ingest_frame(),
        visitor.push_frame(),
    ]
    hops += visitor.read_receipt(visitor.chat_conversation())
    return {hop.name: hop for hop in hops}


def _subscribed(journeys: Journeys) -> dict[str, Hop]:
    """The last, because from here on somebody is woken with every event."""
    relay = Relay(journeys)
    hops = [
        relay.publish("publish (subscribed)", ["oBench-0"]),
        relay.publish("publish (subscribed), 10 of 10", TEN),
        relay.publish("publish (subscribed), 10 of one", ["oBench-0"] * 10),
        relay.forward("forward", "oBench-0", 1),
        relay.forward("forward, 10 of one", "oBench-0", 10),
    ]
    return {hop.name: hop for hop in hops}


def _of_length(journeys: Journeys, messages: int) -> dict[str, Hop]:
    openid = f"oBench-{messages}"
    conversation_id = journeys.conversation(openid, messages)
    hops = [
        journeys.ingest("ingest", [openid]),
        journeys.ingest_in_a_new_minute(openid, conversation_id),
        journeys.ingest("ingest, 10 of one", [openid] * 10),
        journeys.reply(conversation_id),
        journeys.deliver("deliver", [conversation_id]),
        journeys.read_messages(conversation_id),
    ]
    return {hop.name: hop for hop in hops}
