"""What there is to know of a channel account and belongs to no conversation."""

from __future__ import annotations

from functions.bootstrap import store
from shared.model.inbound import AccountNotice
from tests.unit.functions.stage import Stage


def test_the_notices_of_an_account_are_shown_the_latest_first_and_page_by_page(stage: Stage) -> None:
    key = stage.key("read")
    for number in range(5):
        notice = AccountNotice(
            provider_id=f"n{number}", name="gap", occurred_at=1_700_000_000.0 + number, data={"number": number}
        )
        store.notices().record("wechat", "noticed", notice)
    store.notices().record("slack", "noticed", AccountNotice(provider_id="x", name="other", occurred_at=1.0))

    seen: list[int] = []
    query = {"limit": "2"}
    while True:
        answer = stage.api("GET", "/v1/channels/wechat/noticed/notices", key=key, query=query)
        seen += [each["data"]["number"] for each in answer.json["items"]]
        if "cursor" not in answer.json:
            break
        query["cursor"] = answer.json["cursor"]

    assert seen == [4, 3, 2, 1, 0]
    assert answer.json["items"][0] == {"name": "gap", "at": "2023-11-14T22:13:20.000Z", "data": {"number": 0}}


def test_an_account_without_notices_has_an_empty_list(stage: Stage) -> None:
    assert stage.api("GET", "/v1/channels/wechat/other/notices", key=stage.key("read")).json == {"items": []}


def test_notices_are_for_those_who_may_read(stage: Stage) -> None:
    assert stage.api("GET", "/v1/channels/wechat/main/notices").status == 401
