"""The stand-in delivers pushes as WeChat does: five seconds, three tries, and what the user sees when it fails."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from aiohttp import web

from tests.unit.local.stage import Stage, on_stage

UNAVAILABLE = "该公众号暂时无法提供服务"


def msg_ids(stage: Stage) -> list[str | None]:
    return [ElementTree.fromstring(body).findtext("MsgId") for _, body, _ in stage.webhook.pushes]


async def test_success_and_an_empty_answer_are_both_accepted(stage: Stage) -> None:
    openid = await stage.customer()
    stage.webhook.answers = [web.Response(text="success"), web.Response(body=b"")]
    for text in ("one", "two"):
        assert (await stage.write(openid, text=text))["state"] == "delivered"
    assert len(stage.webhook.pushes) == 2


async def test_a_silent_server_is_asked_three_times_with_the_same_msg_id(tmp_path: Path) -> None:
    async with on_stage(tmp_path, answer_seconds=0.1) as stage:
        openid = await stage.customer()
        stage.webhook.answers = [0.4, 0.4, 0.4]
        entry = await stage.write(openid, text="anybody?")
        notice = (await stage.timeline(openid))[-1]
        assert len(msg_ids(stage)) == 3
        assert len(set(msg_ids(stage))) == 1
    assert entry["state"] == "failed"
    assert [attempt["problem"] for attempt in entry["attempts"]] == ["no answer in 0.1 s"] * 3
    assert notice["direction"] == "notice"
    assert UNAVAILABLE in notice["content"]["text"]


async def test_a_server_that_recovers_gets_the_push_at_the_second_try(stage: Stage) -> None:
    openid = await stage.customer()
    stage.webhook.answers = [web.Response(status=500)]
    entry = await stage.write(openid, text="hi")
    assert entry["state"] == "delivered"
    assert [attempt["status"] for attempt in entry["attempts"]] == [500, 200]
    assert [line["direction"] for line in await stage.timeline(openid)] == ["sent"]


async def test_a_malformed_answer_is_not_retried_and_shows_to_the_user(stage: Stage) -> None:
    openid = await stage.customer()
    stage.webhook.answers = [web.json_response({"message": "ok"})]
    assert (await stage.write(openid, text="hi"))["state"] == "failed"
    assert len(stage.webhook.pushes) == 1
    assert UNAVAILABLE in (await stage.timeline(openid))[-1]["content"]["text"]


async def test_each_message_has_its_own_msg_id_and_copies_share_one(stage: Stage) -> None:
    openid = await stage.customer()
    await stage.write(openid, text="one", copies=2)
    await stage.write(openid, text="two")
    first, copy, second = msg_ids(stage)
    assert first == copy != second


async def test_a_push_can_carry_an_old_timestamp(stage: Stage) -> None:
    openid = await stage.customer()
    await stage.write(openid, text="now")
    await stage.write(openid, text="old", clock_skew=-3600)
    now, old = (int(query["timestamp"]) for query, _, _ in stage.webhook.pushes)
    assert 3590 < now - old <= 3600


async def test_without_waiting_the_push_goes_on_behind(stage: Stage) -> None:
    openid = await stage.customer()
    entry = await stage.control("POST", f"customers/{openid}/messages?wait=0", {"type": "text", "text": "x"})
    assert entry["state"] == "sending"


async def test_the_console_checks_the_server_address(stage: Stage) -> None:
    assert (await stage.control("POST", "verify", {"echo": "12345"}))["accepted"] is True
    await stage.control("POST", "accounts/main", {"webhook_url": f"{stage.url}/nowhere"})
    refused = await stage.control("POST", "verify", {})
    assert refused["status"] == 404
    assert refused["accepted"] is False


async def test_what_users_cannot_do_is_refused(stage: Stage) -> None:
    openid = await stage.customer()
    assert (await stage.asked_control("POST", f"customers/{openid}/menu", {"key": "K"}))[0] == 409
    assert (await stage.asked_control("POST", f"customers/{openid}/unfollow"))[0] == 409
    assert (await stage.asked_control("POST", f"customers/{openid}/scan", {}))[0] == 400
    assert (await stage.asked_control("POST", f"customers/{openid}/messages", {"type": "dance"}))[0] == 400
    assert (await stage.asked_control("GET", "customers/oNobody"))[0] == 404
    assert (await stage.asked_control("POST", "customers", {"name": "x", "account": "other"}))[0] == 404
    await stage.control("POST", f"customers/{openid}/follow")
    assert (await stage.asked_control("POST", f"customers/{openid}/follow"))[0] == 409
    await stage.control("POST", f"customers/{openid}/unfollow")
    assert (await stage.asked_control("POST", f"customers/{openid}/messages", {"type": "text", "text": "x"}))[0] == 409


async def test_a_form_of_another_site_cannot_post_to_the_control_interface(stage: Stage) -> None:
    url = f"{stage.url}/_control/wechat/customers"
    async with stage.session.post(url, data='{"name":"x"}', headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 415
