"""Continuing in WeChat: a QR code for each link code, for accounts that may make any."""

from __future__ import annotations

import pytest

from connectors.channels.wechat.connector import CONNECTOR
from shared.errors import DeliveryError
from shared.model import link_codes
from shared.ports.connector import DeepLink
from shared.ports.http import HttpResponse
from tests.support.providers import Provider, Reply, Tokens
from tests.unit.wechat.surroundings import answer, context_of

CREATE, TOKEN = "/cgi-bin/qrcode/create", "/cgi-bin/stable_token"
CODE = "K7QM2XPD"
TICKET = "gQH47joAAAAAAAAAASxodHRwOi8vd2Vpe+Ghpbi9xL2t3/Q=="
MADE = answer({"ticket": TICKET, "expire_seconds": 900, "url": "http://weixin.qq.com/q/kZgfwMTm72WWPkovabbI"})
FRESH = answer({"access_token": "T2", "expires_in": 7200})
PICTURE = "/cgi-bin/showqrcode?ticket=gQH47joAAAAAAAAAASxodHRwOi8vd2Vpe%2BGhpbi9xL2t3%2FQ%3D%3D"


def link(*replies: Reply, tokens: Tokens | None = None) -> DeepLink | None:
    return CONNECTOR.deep_link(CODE, context_of(Provider({CREATE: list(replies), TOKEN: [FRESH]}), tokens))


def test_a_link_code_becomes_the_scene_of_a_qr_code_that_lives_as_long() -> None:
    wechat = Provider({CREATE: [MADE]})
    CONNECTOR.deep_link(CODE, context_of(wechat))
    [call] = wechat.calls
    assert (call.client, call.method, call.query) == ("http", "POST", {"access_token": "T1"})
    assert call.json == {
        "expire_seconds": link_codes.SECONDS,
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "link_K7QM2XPD"}},
    }


def test_the_link_is_the_picture_of_the_code_and_the_code_holds_wechats_own_address() -> None:
    assert link(MADE) == DeepLink(
        url=f"https://mp.weixin.qq.com{PICTURE}", qr="http://weixin.qq.com/q/kZgfwMTm72WWPkovabbI"
    )


@pytest.mark.parametrize(
    ("api_base", "host"),
    [
        ("https://sh.api.weixin.qq.com", "https://mp.weixin.qq.com"),
        ("https://api.weixin.qq.com/", "https://mp.weixin.qq.com"),
        ("https://api.weixin.qq.com.example", "https://api.weixin.qq.com.example"),
        ("http://127.0.0.1:8700/wechat/", "http://127.0.0.1:8700/wechat"),
    ],
)
def test_the_picture_is_where_the_accounts_api_is_unless_that_is_wechats_own(api_base: str, host: str) -> None:
    path = "/wechat" + CREATE if "wechat" in api_base else CREATE
    made = CONNECTOR.deep_link(CODE, context_of(Provider({path: [MADE]}), api_base=api_base))
    assert made is not None
    assert made.url == f"{host}{PICTURE}"


def test_a_refused_token_is_replaced_once() -> None:
    tokens = Tokens()
    assert link(answer({"errcode": 40001}), MADE, tokens=tokens) is not None
    assert tokens.replaced == 1
    with pytest.raises(DeliveryError) as error:
        link(answer({"errcode": 40001}), tokens=tokens)
    assert (error.value.error_class, error.value.code, tokens.replaced) == ("account", "token_refused", 2)


@pytest.mark.parametrize("errcode", [48001, 40200])
def test_an_account_that_may_not_make_qr_codes_has_no_link(errcode: int) -> None:
    assert link(answer({"errcode": errcode})) is None


@pytest.mark.parametrize(
    ("reply", "error_class", "code"),
    [
        (answer({"errcode": -1}), "retry", "provider_busy"),
        (answer({"errcode": 45009}), "retry", "daily_quota"),
        (answer({"errcode": 48004}), "account", "banned"),
        (answer({"errcode": 40053}), "permanent", "wechat_40053"),
        (answer(b"<html>"), "retry", "provider_garbled"),
        (answer({"ticket": TICKET}), "retry", "provider_garbled"),
        (answer({"ticket": "", "url": "http://weixin.qq.com/q/1"}), "retry", "provider_garbled"),
        (answer({"ticket": TICKET, "url": 1}), "retry", "provider_garbled"),
        (DeliveryError("unknown", "provider_timeout", "no answer in time"), "retry", "provider_timeout"),
        (answer(b"", 502), "retry", "provider_error"),
    ],
)
def test_any_other_failure_is_classed(reply: HttpResponse | DeliveryError, error_class: str, code: str) -> None:
    with pytest.raises(DeliveryError) as error:
        link(reply)
    assert (error.value.error_class, error.value.code) == (error_class, code)


@pytest.mark.parametrize(
    ("reply", "ok", "words"),
    [
        (MADE, True, "by a QR code"),
        (answer({"errcode": 48001}), True, "verified service accounts alone"),
        (answer({"errcode": 45009}), False, "daily_quota"),
        (answer({"errcode": 40001}), False, "token_refused"),
    ],
)
def test_check_says_whether_customers_can_scan_to_continue(reply: HttpResponse, ok: bool, words: str) -> None:
    wechat = Provider({TOKEN: [FRESH], CREATE: [reply]})
    finding = CONNECTOR.check(context_of(wechat))[-1]
    assert (finding.ok, finding.subject) == (ok, "scan to continue")
    assert words in finding.detail
    assert link_codes.read_scene(wechat.calls[-1].json["action_info"]["scene"]["scene_str"]) is None
