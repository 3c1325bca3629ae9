"""From a batch of the stream to wake-ups: few, and for nobody who does not want to hear."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from shared.core.publishing import Publication, media_event, publication
from shared.core.relay.filters import wants
from shared.core.relay.records import Subscription, WakeUp
from shared.core.relay.waking import LARGEST_STATES, wake_ups
from shared.model.event import EVENT_TYPES

EVERYTHING = Subscription("sub_all", 0.0, "https://all.example.com/")


def entry(
    conversation_id: str, sequence: int, event_type: str = "message.sent", channel: str | None = "wechat"
) -> Publication:
    attributes: dict[str, str | list[str]] = {"type": event_type}
    if channel is not None:
        attributes["channel"] = channel
    return Publication(conversation_id, f"{conversation_id}:{sequence}", "{}", attributes)


def file(conversation_id: str, sequence: int, size: int = 10) -> Publication:
    event = media_event(
        conversation_id=conversation_id,
        sequence=sequence,
        media_id=f"med_{size}",
        media={"state": "stored", "filename": "x" * size},
        at=0.0,
        source="urn:onethread:test",
    )
    return publication(event, channel=None, origin=None, tasks=())


def test_a_batch_wakes_each_subscriber_once_for_each_conversation() -> None:
    other = replace(EVERYTHING, id="sub_other")
    batch = [entry("conv_1", 4), entry("conv_2", 9), entry("conv_1", 3), file("conv_1", 2)]
    state = json.loads(batch[3].body)
    assert wake_ups(batch, [EVERYTHING, other]) == [
        WakeUp("sub_all", "conv_1", 3, (state,)),
        WakeUp("sub_other", "conv_1", 3, (state,)),
        WakeUp("sub_all", "conv_2", 9),
        WakeUp("sub_other", "conv_2", 9),
    ]


def test_the_same_batch_makes_the_same_wake_ups() -> None:
    batch = [entry("conv_1", 4), file("conv_1", 4), entry("conv_2", 1)]
    assert wake_ups(batch, [EVERYTHING]) == wake_ups(list(batch), [EVERYTHING])


def test_nobody_is_woken_when_nobody_listens() -> None:
    disabled = replace(EVERYTHING, status="disabled")
    assert wake_ups([entry("conv_1", 1)], []) == []
    assert wake_ups([entry("conv_1", 1)], [disabled]) == []


def test_a_paused_subscription_is_woken_to_keep_its_place() -> None:
    assert wake_ups([entry("conv_1", 1)], [replace(EVERYTHING, status="paused")]) == [WakeUp("sub_all", "conv_1", 1)]


def test_what_is_not_wanted_wakes_nobody() -> None:
    picky = replace(EVERYTHING, types=("message.received",), channels=("wechat",))
    batch = [
        entry("conv_1", 1, "message.sent"),
        entry("conv_2", 1, "message.received", "webchat"),
        entry("conv_3", 1, "message.received", "wechat"),
        file("conv_4", 1),
    ]
    assert wake_ups(batch, [picky]) == [WakeUp("sub_all", "conv_3", 1)]


def test_states_that_are_too_many_are_only_named() -> None:
    batch = [file("conv_1", 5, LARGEST_STATES // 2), file("conv_1", 3, LARGEST_STATES // 2), file("conv_1", 5, 10)]
    assert wake_ups(batch, [EVERYTHING]) == [WakeUp("sub_all", "conv_1", owed=(3, 5))]


@pytest.mark.parametrize(
    ("types", "channels", "channel", "wanted"),
    [
        ((), (), "wechat", True),
        (("message.sent",), (), "wechat", True),
        (("message.received",), (), "wechat", False),
        ((), ("wechat",), "wechat", True),
        ((), ("webchat",), "wechat", False),
        ((), ("webchat",), None, True),
        (("message.sent",), ("webchat", "wechat"), "wechat", True),
    ],
)
def test_filters(types: tuple[str, ...], channels: tuple[str, ...], channel: str | None, wanted: bool) -> None:
    assert wants(replace(EVERYTHING, types=types, channels=channels), "message.sent", channel) is wanted


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_an_empty_filter_wants_every_type(event_type: str) -> None:
    assert wants(EVERYTHING, event_type, None)


def test_waking_imports_little() -> None:
    """The function that publishes starts as fast as it did."""
    program = (
        "import sys, shared.core.publishing; before = set(sys.modules); import shared.core.relay.waking;"
        "print(sorted(set(sys.modules) - before))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    new = json.loads(found.stdout.replace("'", '"'))
    assert {name.partition(".")[0] for name in new if not name.startswith("shared.core.relay")} <= {"json", "_json"}
