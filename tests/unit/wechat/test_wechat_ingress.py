"""What gets in, and what the proof takes: plain and secure mode, rotation, and arbitrary input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.channels.wechat.ingress import INGRESS
from shared.errors import BadRequest, ConfigurationError, Forbidden, MethodNotAllowed, RequestError, Unauthorized
from shared.http.request import Request
from shared.model.value import replace
from tests.unit.wechat.pushes import (
    NOW,
    OPENID,
    PLAIN,
    SECURE,
    TOKEN,
    encrypt,
    plain_request,
    secure_request,
    sign,
    xml,
)


def test_a_redelivery_has_the_same_key_and_another_message_has_not() -> None:
    first = INGRESS.verify(secure_request(xml(MsgId="1")), SECURE, NOW)
    again = INGRESS.verify(secure_request(xml(MsgId="1"), now=NOW + 5), SECURE, NOW + 5)
    other = INGRESS.verify(secure_request(xml(MsgId="2")), SECURE, NOW)
    assert first == again
    assert first[0].dedupe_key != other[0].dedupe_key


def test_two_customers_with_the_same_message_id_are_two_events() -> None:
    events = [INGRESS.verify(plain_request(xml(FromUserName=name, MsgId="1")), PLAIN, NOW)[0] for name in ("o1", "o2")]
    assert [event.sender_key for event in events] == ["o1", "o2"]
    assert events[0].dedupe_key != events[1].dedupe_key


def test_the_mode_follows_from_the_key_unless_it_is_set() -> None:
    assert INGRESS.verify(plain_request(xml()), {**SECURE, "mode": "plain"}, NOW)
    with pytest.raises(BadRequest, match="encrypted pushes alone"):
        INGRESS.verify(plain_request(xml()), SECURE, NOW)


def test_a_plain_push_to_a_secure_account_is_no_401_so_that_an_older_secret_is_not_tried() -> None:
    with pytest.raises(BadRequest) as refusal:
        INGRESS.verify(plain_request(xml()), SECURE, NOW)
    assert refusal.value.code == "plaintext_refused"


@pytest.mark.parametrize(("late", "accepted"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_a_push_is_taken_within_five_minutes_of_its_timestamp(late: int, accepted: bool) -> None:
    for request, account in ((plain_request(xml()), PLAIN), (secure_request(xml()), SECURE)):
        if accepted:
            assert INGRESS.verify(request, account, NOW + late)
        else:
            with pytest.raises(Unauthorized, match="300 seconds"):
                INGRESS.verify(request, account, NOW + late)


@pytest.mark.parametrize("timestamp", ["soon", "-1", "1e9", "１７００００００００", "1" * 5000])
def test_a_timestamp_that_is_no_time_is_stale_even_when_it_is_signed(timestamp: str) -> None:
    query = {"signature": sign(TOKEN, timestamp, "n"), "timestamp": timestamp, "nonce": "n"}
    with pytest.raises(Unauthorized) as refusal:
        INGRESS.verify(Request("POST", "/", query, {}, xml()), PLAIN, NOW)
    assert refusal.value.code == "stale_timestamp"


def test_a_push_for_another_original_id_is_refused_when_the_account_names_its_own() -> None:
    assert INGRESS.verify(plain_request(xml()), {**PLAIN, "original_id": "gh_1"}, NOW)
    with pytest.raises(Forbidden) as refusal:
        INGRESS.verify(plain_request(xml()), {**PLAIN, "original_id": "gh_2"}, NOW)
    assert refusal.value.code == "wrong_account"


def test_only_posts_are_pushes_and_only_gets_are_handshakes() -> None:
    assert INGRESS.handshake(plain_request(xml()), PLAIN) is None
    with pytest.raises(MethodNotAllowed):
        INGRESS.verify(Request("GET", "/", {}, {}, b""), PLAIN, NOW)


def test_a_push_is_acknowledged_with_the_word_success() -> None:
    answer = INGRESS.acknowledge()
    assert (answer.status, answer.body) == (200, b"success")


def test_an_account_without_its_token_is_the_owners_fault() -> None:
    with pytest.raises(ConfigurationError):
        INGRESS.verify(plain_request(xml()), {"app_id": "wx1"}, NOW)


@settings(max_examples=300, deadline=None)
@given(message=st.binary(max_size=300))
def test_whatever_wechat_encrypts_is_kept(message: bytes) -> None:
    events = INGRESS.verify(secure_request(message), SECURE, NOW)
    assert [event.body for event in events] == [message]
    assert events[0].sender_key


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=300))
def test_a_plain_push_is_kept_or_refused_whatever_its_body(body: bytes) -> None:
    try:
        events = INGRESS.verify(plain_request(body), PLAIN, NOW)
    except BadRequest:
        return
    assert [event.body for event in events] == [body]


@settings(max_examples=300, deadline=None)
@given(
    query=st.dictionaries(
        st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "echostr", "x"]), st.text()
    ),
    method=st.sampled_from(["GET", "POST"]),
    encrypted=st.text(max_size=80),
)
def test_nothing_but_a_refusal_comes_of_what_is_not_signed(query: dict[str, str], method: str, encrypted: str) -> None:
    body = f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode("utf-8", "replace")
    request = Request(method, "/", query, {}, body)
    for account in (PLAIN, SECURE):
        with pytest.raises(RequestError):
            INGRESS.handshake(request, account) or INGRESS.verify(request, account, NOW)


def test_an_unreadable_message_is_sent_by_whom_the_query_names() -> None:
    [event] = INGRESS.verify(secure_request(b"\xff\xfe"), SECURE, NOW)
    assert (event.sender_key, dict(event.query)) == (OPENID, {"openid": OPENID})


def test_an_unreadable_message_without_a_name_has_its_content_for_a_key() -> None:
    [event] = INGRESS.verify(secure_request(b"?", openid=""), SECURE, NOW)
    assert event.sender_key == event.dedupe_key


def test_plain_mode_never_imports_the_cipher() -> None:
    program = (
        "import sys\n"
        "from tests.unit.wechat.pushes import PLAIN, NOW, plain_request, xml\n"
        "for name in [each for each in sys.modules if each.startswith('cryptography')]: del sys.modules[name]\n"
        "from connectors.channels.wechat.ingress import INGRESS\n"
        "assert INGRESS.verify(plain_request(xml()), PLAIN, NOW)\n"
        "assert not [each for each in sys.modules if each.startswith('cryptography')]\n"
        "assert 'xml.etree' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_signature_covers_the_ciphertext_as_it_came() -> None:
    request = secure_request(xml())
    other = encrypt(xml(Content="forged"))
    body = f"<xml><Encrypt>{other}</Encrypt></xml>".encode()
    with pytest.raises(Unauthorized):
        INGRESS.verify(replace(request, body=body), SECURE, NOW)
