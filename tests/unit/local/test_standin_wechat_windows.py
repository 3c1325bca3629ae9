"""The stand-in keeps the send windows and the typing rules."""

from __future__ import annotations

from tests.unit.local.stage import Stage

TEXT = {"content": "hello"}


async def sends(stage: Stage, openid: str, count: int) -> list[int]:
    return [await stage.send(openid, "text", TEXT) for _send in range(count)]


async def test_a_message_allows_five_sends(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    assert await sends(stage, openid, 6) == [0, 0, 0, 0, 0, 45047]


async def test_the_next_message_allows_five_more(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    await sends(stage, openid, 5)
    await stage.write(openid, text="still here")
    assert await sends(stage, openid, 6) == [0, 0, 0, 0, 0, 45047]


async def test_after_48_hours_the_window_is_closed(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    await stage.advance(48 * 3600 - 5)
    assert await sends(stage, openid, 1) == [0]
    await stage.advance(10)
    stage.access_token = None
    assert await sends(stage, openid, 1) == [45015]


async def test_a_follow_allows_three_sends_in_one_minute(stage: Stage) -> None:
    openid = await stage.customer(follow=True)
    assert await sends(stage, openid, 4) == [0, 0, 0, 45047]
    await stage.advance(61)
    assert await sends(stage, openid, 1) == [45015]


async def test_a_scan_and_a_menu_click_allow_three_sends_each(stage: Stage) -> None:
    openid = await stage.customer(follow=True)
    await stage.advance(61)
    await stage.control("POST", f"customers/{openid}/scan", {"scene": "shop"})
    assert await sends(stage, openid, 4) == [0, 0, 0, 45047]
    await stage.control("POST", f"customers/{openid}/menu", {"key": "HELP"})
    assert await sends(stage, openid, 4) == [0, 0, 0, 45047]


async def test_a_menu_link_allows_nothing(stage: Stage) -> None:
    openid = await stage.customer(follow=True)
    await stage.advance(61)
    await stage.control("POST", f"customers/{openid}/menu", {"key": "https://example.com/", "event": "VIEW"})
    assert await sends(stage, openid, 1) == [45015]


async def test_the_window_that_closes_first_is_used_up_first(stage: Stage) -> None:
    openid = await stage.customer(follow=True)
    await stage.write(openid, text="hi")
    assert await sends(stage, openid, 3) == [0, 0, 0]
    await stage.advance(61)
    assert await sends(stage, openid, 6) == [0, 0, 0, 0, 0, 45047]


async def test_somebody_who_never_wrote_cannot_be_written_to(stage: Stage) -> None:
    assert await sends(stage, await stage.customer(), 1) == [45015]


async def test_somebody_who_left_cannot_be_written_to(stage: Stage) -> None:
    openid = await stage.customer(follow=True)
    await stage.control("POST", f"customers/{openid}/unfollow")
    assert await sends(stage, openid, 1) == [43004]
    assert await stage.typing(openid) == 43004


async def test_typing_shows_for_fifteen_seconds_and_not_twice_at_once(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    assert await stage.typing(openid) == 0
    assert (await stage.control("GET", f"customers/{openid}"))["typing"] is True
    assert await stage.typing(openid) == 45081
    await stage.advance(16)
    assert (await stage.control("GET", f"customers/{openid}"))["typing"] is False
    assert await stage.typing(openid) == 0


async def test_typing_ends_with_a_cancel_or_a_message(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    assert [await stage.typing(openid), await stage.typing(openid, "CancelTyping")] == [0, 0]
    assert await stage.typing(openid) == 0
    assert await sends(stage, openid, 1) == [0]
    assert (await stage.control("GET", f"customers/{openid}"))["typing"] is False


async def test_typing_needs_an_interaction_in_the_last_thirty_seconds(stage: Stage) -> None:
    openid = await stage.customer(wrote=True)
    await stage.advance(31)
    assert await stage.typing(openid) == 45080


async def test_an_unknown_typing_command_is_refused(stage: Stage) -> None:
    assert await stage.typing(await stage.customer(wrote=True), "Dancing") == 45072
