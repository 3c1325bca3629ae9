"""Calls to WeChat: tokens are shared and refreshed once, files go up first, and every outcome is classed."""

from __future__ import annotations

import json
from email.parser import BytesParser

import pytest

from connectors.channels.wechat.connector import CONNECTOR
from connectors.channels.wechat.errors import ERRORS, refusal
from shared.errors import DeliveryError
from shared.model.media import Media
from shared.ports.connector import OutboundRequest, Recipient, Upload
from tests.support.providers import PNG, Files, Provider, Reply, Tokens
from tests.unit.wechat.surroundings import answer, context_of

SEND, TOKEN, UPLOAD, TYPING = (
    f"/cgi-bin/{path}" for path in ("message/custom/send", "stable_token", "media/upload", "message/custom/typing")
)
TEXT = OutboundRequest("send", {"touser": "o1", "msgtype": "text", "text": {"content": '你好 😀 "x"'}})
IMAGE = OutboundRequest(
    "send",
    {"touser": "o1", "msgtype": "image", "image": {"media_id": ""}},
    (Upload(Media(media_id="med_1", mime_type="image/png"), "image", ("image", "media_id")),),
)
FRESH = answer({"access_token": "T2", "expires_in": 7200})
REFUSED = answer({"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"})
UPLOADED = answer({"type": "image", "media_id": "M1", "created_at": 1})


def failure(wechat: Provider, request: OutboundRequest = TEXT, tokens: Tokens | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        CONNECTOR.send(request, context_of(wechat, tokens))
    return error.value


def test_characters_go_raw_because_wechat_shows_escapes_as_they_are() -> None:
    wechat = Provider({SEND: [answer()]})
    assert CONNECTOR.send(TEXT, context_of(wechat)).external_ids == ()
    [call] = wechat.calls
    assert "你好 😀".encode() in call.body
    assert b"\\u" not in call.body
    assert (call.method, call.query, call.json) == ("POST", {"access_token": "T1"}, TEXT.body)


def test_half_a_character_does_not_stop_a_message() -> None:
    wechat = Provider({SEND: [answer()]})
    CONNECTOR.send(OutboundRequest("send", {"text": {"content": "a\ud800"}}), context_of(wechat))
    assert wechat.calls[0].json == {"text": {"content": "a?"}}


def test_the_accounts_own_api_address_is_used() -> None:
    wechat = Provider({"/wechat" + SEND: [answer()]})
    CONNECTOR.send(TEXT, context_of(wechat, api_base="http://127.0.0.1:8700/wechat/"))
    assert wechat.calls[0].url.startswith("http://127.0.0.1:8700/wechat/cgi-bin/")


def test_a_refused_token_is_replaced_and_the_message_sent_again_once() -> None:
    wechat = Provider({SEND: [REFUSED, answer()], TOKEN: [FRESH]})
    tokens = Tokens()
    CONNECTOR.send(TEXT, context_of(wechat, tokens))
    assert wechat.paths() == [SEND, TOKEN, SEND]
    assert [call.query.get("access_token") for call in wechat.calls] == ["T1", None, "T2"]
    assert wechat.calls[1].json == {
        "grant_type": "client_credential",
        "appid": "wx1234567890abcdef",
        "secret": "made-up",
        "force_refresh": False,
    }


def test_a_token_that_goes_on_being_refused_is_the_accounts_fault_after_one_refresh() -> None:
    wechat = Provider({SEND: [REFUSED], TOKEN: [FRESH]})
    tokens = Tokens()
    error = failure(wechat, tokens=tokens)
    assert (error.error_class, error.code) == ("account", "token_refused")
    assert (wechat.paths().count(SEND), tokens.replaced) == (2, 1)


def test_a_refresh_is_forced_only_when_wechat_names_the_refused_token_again() -> None:
    same = answer({"access_token": "T1", "expires_in": 7200})
    wechat = Provider({SEND: [REFUSED, answer()], TOKEN: [same, FRESH]})
    CONNECTOR.send(TEXT, context_of(wechat))
    assert [call.json["force_refresh"] for call in wechat.calls if call.path == TOKEN] == [False, True]


def test_a_token_is_refreshed_at_most_once_for_a_message_with_files() -> None:
    wechat = Provider({UPLOAD: [REFUSED, UPLOADED], SEND: [REFUSED], TOKEN: [FRESH]})
    error = failure(wechat, IMAGE)
    assert (error.error_class, wechat.paths()) == ("account", [UPLOAD, TOKEN, UPLOAD, SEND])


def test_a_file_is_not_uploaded_again_because_the_message_needed_a_new_token() -> None:
    wechat = Provider({UPLOAD: [UPLOADED], SEND: [REFUSED, answer()], TOKEN: [FRESH]})
    CONNECTOR.send(IMAGE, context_of(wechat))
    assert wechat.paths() == [UPLOAD, SEND, TOKEN, SEND]
    assert wechat.calls[-1].json["image"] == {"media_id": "M1"}
    assert IMAGE.body["image"] == {"media_id": ""}


def test_a_file_goes_up_as_a_form_with_a_name_and_a_type() -> None:
    wechat = Provider({UPLOAD: [UPLOADED], SEND: [answer()]})
    CONNECTOR.send(IMAGE, context_of(wechat))
    call = wechat.calls[0]
    assert call.query == {"access_token": "T1", "type": "image"}
    form = BytesParser().parsebytes(b"Content-Type: " + call.headers["content-type"].encode() + b"\r\n\r\n" + call.body)
    _whole, part = form.walk()
    assert part.get_param("name", header="content-disposition") == "media"
    assert (part.get_filename(), part.get_content_type()) == ("image.png", "image/png")
    assert part.get_payload(decode=True) == PNG


def test_a_file_that_is_not_what_wechat_takes_is_refused_before_it_is_uploaded() -> None:
    wechat = Provider()
    with pytest.raises(DeliveryError) as error:
        CONNECTOR.send(IMAGE, context_of(wechat, files=Files(b"<html>login</html>")))
    assert (error.value.error_class, error.value.code) == ("permanent", "media_type")
    assert wechat.calls == []


@pytest.mark.parametrize("path", [UPLOAD, TOKEN])
@pytest.mark.parametrize(
    "broken", [answer(b"<html>"), DeliveryError("unknown", "provider_timeout", "no answer in time")]
)
def test_an_unknown_outcome_before_the_message_is_sent_is_simply_tried_again(path: str, broken: Reply) -> None:
    replies: dict[str, list[Reply]] = {UPLOAD: [UPLOADED], TOKEN: [FRESH], SEND: [answer()], path: [broken]}
    error = failure(Provider(replies), IMAGE, Tokens(stored=None))
    assert error.error_class == "retry"


def test_an_unknown_outcome_of_the_message_itself_stays_unknown() -> None:
    error = failure(Provider({SEND: [DeliveryError("unknown", "provider_timeout", "no answer in time")]}))
    assert (error.error_class, error.code) == ("unknown", "provider_timeout")


@pytest.mark.parametrize(
    "value", [b"", b"<html>", b"[]", {"errmsg": "ok"}, {"errcode": "0"}, {"errcode": True}, {"errcode": None}]
)
def test_a_success_that_does_not_say_so_is_unknown(value: object) -> None:
    error = failure(Provider({SEND: [answer(value)]}))
    assert (error.error_class, error.code) == ("unknown", "provider_garbled")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("", None), ("soon", None), ("-1", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)
def test_the_time_that_wechat_asks_for_is_passed_on(header: str, seconds: float | None) -> None:
    error = failure(Provider({SEND: [answer(b"", 429, retry_after=header)]}))
    assert (error.error_class, error.retry_after) == ("retry", seconds)


def test_a_used_up_daily_quota_waits_for_midnight_in_beijing_but_no_longer_than_a_queue_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for now, wait in ((1_700_060_400.0, 3_600.0), (1_700_000_000.0 // 86_400 * 86_400 - 8 * 3600, 43_200.0)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        assert refusal(45009).retry_after == wait


def test_every_error_is_classed_and_has_a_code_and_words_for_people() -> None:
    classes = {verdict.error_class for verdict in ERRORS.values()}
    assert classes == {"retry", "token", "permanent", "window", "blocked", "account"}
    assert all(verdict.code.isidentifier() and verdict.title for verdict in ERRORS.values())


def test_wechats_own_words_are_not_passed_on() -> None:
    error = failure(Provider({SEND: [answer({"errcode": 40003, "errmsg": "invalid openid o1 hint: 你好"})]}))
    assert "o1" not in str(error)
    assert "你好" not in str(error)


@pytest.mark.parametrize(
    ("value", "error_class", "code"),
    [
        ({"errcode": 40001}, "account", "app_secret_refused"),
        ({"errcode": 40125}, "account", "app_secret_refused"),
        ({"errcode": 40013}, "account", "app_id_refused"),
        ({"errcode": 40164}, "account", "address_not_allowed"),
        ({"errcode": 45009}, "retry", "daily_quota"),
        ({"errcode": -1}, "retry", "provider_busy"),
        ({"expires_in": 7200}, "retry", "provider_garbled"),
        ({"access_token": "T"}, "retry", "provider_garbled"),
        ({"access_token": "", "expires_in": 7200}, "retry", "provider_garbled"),
    ],
)
def test_a_token_that_cannot_be_had_says_why(value: dict[str, object], error_class: str, code: str) -> None:
    error = failure(Provider({TOKEN: [answer(value)]}), tokens=Tokens(stored=None))
    assert (error.error_class, error.code) == (error_class, code)


def test_typing_is_shown_and_hidden() -> None:
    wechat = Provider({TYPING: [answer()]})
    for active in (True, False):
        CONNECTOR.type(Recipient("idn_1", "o1"), active, context_of(wechat))
    assert [call.json for call in wechat.calls] == [
        {"touser": "o1", "command": "Typing"},
        {"touser": "o1", "command": "CancelTyping"},
    ]


@pytest.mark.parametrize("errcode", [45072, 45080, 45081])
def test_typing_that_cannot_be_shown_is_no_error(errcode: int) -> None:
    CONNECTOR.type(Recipient("idn_1", "o1"), True, context_of(Provider({TYPING: [answer({"errcode": errcode})]})))


def test_other_errors_of_typing_are_errors() -> None:
    with pytest.raises(DeliveryError):
        CONNECTOR.type(Recipient("idn_1", "o1"), True, context_of(Provider({TYPING: [answer({"errcode": 48001})]})))


def test_check_reports_a_token_that_works() -> None:
    made = answer({"ticket": "gQ1", "expire_seconds": 60, "url": "http://weixin.qq.com/q/1"})
    findings = CONNECTOR.check(context_of(Provider({TOKEN: [FRESH], "/cgi-bin/qrcode/create": [made]})))
    assert [(each.ok, each.subject) for each in findings] == [
        (True, "settings"),
        (True, "mode"),
        (True, "access token"),
        (True, "scan to continue"),
    ]


def test_check_names_the_address_that_has_to_be_allowed() -> None:
    message = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 65"
    findings = CONNECTOR.check(context_of(Provider({TOKEN: [answer({"errcode": 40164, "errmsg": message})]})))
    assert not findings[-1].ok
    assert "203.0.113.7" in findings[-1].detail
    assert "IP白名单" in findings[-1].detail


def test_check_names_each_missing_setting_and_calls_nobody() -> None:
    wechat = Provider()
    findings = CONNECTOR.check(context_of(wechat, app_secret="", mode="secure"))
    assert [each.detail for each in findings] == [
        "app_secret is missing.",
        "encoding_aes_key is missing; secure mode needs it.",
    ]
    assert wechat.calls == []


def test_findings_never_show_a_secret() -> None:
    wechat = Provider({TOKEN: [answer({"errcode": 40125})]})
    shown = json.dumps([each.detail for each in CONNECTOR.check(context_of(wechat, app_secret="s3cret-s3cret"))])
    assert "s3cret" not in shown
