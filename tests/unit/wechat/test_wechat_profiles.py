"""Who a sender is: WeChat tells the language and, on accounts bound to an Open Platform account, the UnionID."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from connectors.channels.wechat.connector import CONNECTOR
from shared.errors import DeliveryError
from shared.ports.http import HttpResponse
from tests.support.providers import Provider, Tokens
from tests.unit.wechat.pushes import OPENID
from tests.unit.wechat.surroundings import answer, context_of

INFO, TOKEN = "/cgi-bin/user/info", "/cgi-bin/stable_token"
FRESH = answer({"access_token": "T2", "expires_in": 7200})
ANSWERS = json.loads((Path(__file__).parents[2] / "fixtures/wechat/user_info.json").read_text())["answers"]


@pytest.mark.parametrize("known", ANSWERS, ids=lambda known: known["name"])
def test_a_profile_has_what_wechat_says(known: dict[str, Any]) -> None:
    profile = CONNECTOR.profile(OPENID, context_of(Provider({INFO: [answer(known["body"])]})))
    assert profile is not None
    assert asdict(profile) == known["expect"]


def test_the_sender_is_asked_for_by_openid() -> None:
    wechat = Provider({INFO: [answer({"subscribe": 0})]})
    CONNECTOR.profile("o1&lang=en", context_of(wechat))
    [call] = wechat.calls
    assert (call.client, call.method, call.body) == ("http", "GET", b"")
    assert call.query == {"openid": "o1&lang=en", "lang": "zh_CN", "access_token": "T1"}


def test_senders_are_asked_for_because_the_channel_declares_it() -> None:
    assert CONNECTOR.capabilities.profiles


@pytest.mark.parametrize("errcode", [40003, 48001, 40200])
def test_somebody_unknown_or_an_account_that_may_not_ask_gives_no_profile(errcode: int) -> None:
    assert CONNECTOR.profile(OPENID, context_of(Provider({INFO: [answer({"errcode": errcode})]}))) is None


def test_a_refused_token_is_replaced_once() -> None:
    tokens = Tokens()
    wechat = Provider({INFO: [answer({"errcode": 42001}), answer({"subscribe": 0})], TOKEN: [FRESH]})
    assert CONNECTOR.profile(OPENID, context_of(wechat, tokens)) is not None
    assert (wechat.paths(), tokens.replaced) == ([INFO, TOKEN, INFO], 1)


@pytest.mark.parametrize(
    ("reply", "error_class", "code"),
    [
        (answer({"errcode": 45009}), "retry", "daily_quota"),
        (answer({"errcode": 48004}), "account", "banned"),
        (answer(b"[]"), "retry", "provider_garbled"),
        (answer(b"", 503), "retry", "provider_error"),
        (DeliveryError("unknown", "provider_reset", "the connection was reset"), "retry", "provider_reset"),
    ],
)
def test_any_other_failure_is_classed(reply: HttpResponse | DeliveryError, error_class: str, code: str) -> None:
    with pytest.raises(DeliveryError) as error:
        CONNECTOR.profile(OPENID, context_of(Provider({INFO: [reply]})))
    assert (error.value.error_class, error.value.code) == (error_class, code)
