"""Lists of large things: an answer carries what it can, and the cursor goes on behind it."""

from __future__ import annotations

import pytest

from functions.api import requests
from tests.unit.functions.stage import Stage


@pytest.mark.parametrize("list_", ["events", "messages"])
def test_what_does_not_fit_comes_with_the_next_page(
    stage: Stage, reader: str, monkeypatch: pytest.MonkeyPatch, list_: str
) -> None:
    # Given
    for number in range(4):
        conversation = stage.says("a-long-story", f"chapter {number} " + "x" * 1000)
    whole = stage.api("GET", f"/v1/conversations/{conversation}/{list_}", key=reader).json["items"]
    monkeypatch.setattr(requests, "LARGEST_ANSWER", 6000)
    # When
    query: dict[str, str] = {}
    found: list[dict[str, object]] = []
    pages = 0
    while True:
        page = stage.api("GET", f"/v1/conversations/{conversation}/{list_}", key=reader, query=query).json
        found += page["items"]
        pages += 1
        if "cursor" not in page:
            break
        query = {"after": page["cursor"]}
    # Then
    assert [each["sequence"] for each in found] == [each["sequence"] for each in whole]
    assert 1 < pages < len(whole)
