"""Heads of conversations as the table keeps them, those of earlier versions included."""

from __future__ import annotations

import pytest

from shared.aws.attributes import decode_item, encode_item
from shared.aws.head_items import head_item, read_head
from shared.core.records import Head, RouteState, Window

AT = 1_800_000_000.0


@pytest.mark.parametrize(
    ("kept", "window"),
    [
        ([AT, 0], Window(AT)),
        ([AT, 0, 1], Window(AT, announced=True)),
        ([AT, 2], Window(AT, sent_at=(AT, AT))),
        ([AT, 1, 1], Window(AT, announced=True, sent_at=(AT,))),
    ],
)
def test_a_window_that_was_kept_without_the_times_of_what_was_sent_has_used_what_it_counted(
    kept: list[float], window: Window
) -> None:
    head = Head("conv_1", "cus_1", "open", 1, AT, AT, routes={"idn_1": RouteState("wechat", "main")})
    item = decode_item(head_item(head))
    item["routes"][0]["windows"] = {"message": kept}

    assert read_head(encode_item(item)).routes["idn_1"].windows == {"message": window}
