"""What is called, in which order, with what; and that the token goes nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.channels.slack.connector import CONNECTOR
from shared.errors import DeliveryError, InfrastructureError
from shared.model.media import Media
from shared.ports.connector import OutboundRequest, Recipient, SendResult, Upload
from shared.ports.context import Fetch
from tests.support.providers import Provider, Tokens
from tests.unit.slack.surroundings import answer, context_of, refused

OPEN, POST = "/api/conversations.open", "/api/chat.postMessage"
URL, COMPLETE, INFO = "/api/files.getUploadURLExternal", "/api/files.completeUploadExternal", "/api/files.info"
SENT = answer(channel="C1", ts="1.5")
TEXT = OutboundRequest("post", {"channel": "C1", "thread_ts": "1.1", "text": "hi"})
FILE = OutboundRequest(
    "upload",
    {"channel": "C1", "thread_ts": "1.1", "filename": "a b.txt", "files": [{"id": "", "title": "A"}]},
    (Upload(Media(media_id="med_1"), "file", ("files", 0, "id")),),
)
LOST = DeliveryError("unknown", "provider_timeout", "no answer")
UPLOAD_PLACE = "https://files.slack.com/upload/v1/abc"


def sending(slack: Provider, request: OutboundRequest = TEXT, **account: str) -> SendResult:
    return CONNECTOR.send(request, context_of(slack, **account))


def refusal(slack: Provider, request: OutboundRequest = TEXT, **account: str) -> tuple[str, str]:
    with pytest.raises(DeliveryError) as error:
        sending(slack, request, **account)
    return error.value.error_class, error.value.code


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.channels.slack.sending.LOOKS", (0.0, 0.0, 0.0))


def ready_for_files(place: str = UPLOAD_PLACE) -> Provider:
    slack = Provider()
    slack.on(URL, answer(upload_url=place, file_id="F1"))
    slack.on("/upload/v1/abc", answer())
    slack.on(COMPLETE, answer(files=[{"id": "F1"}]))
    slack.on(INFO, answer(file={"id": "F1", "shares": {}}))
    return slack


def test_a_post_stays_in_its_thread_and_what_slack_took_is_delivered() -> None:
    slack = Provider()
    slack.on(POST, SENT)
    assert sending(slack) == SendResult(("C1:1.5",), "delivered")
    (call,) = slack.calls
    assert call.json == {"channel": "C1", "thread_ts": "1.1", "text": "hi"}
    assert call.headers == {"authorization": "Bearer xoxb-test", "content-type": "application/json; charset=utf-8"}
    assert "xoxb" not in call.url + call.body.decode()


def test_without_a_thread_the_direct_messages_are_opened_first() -> None:
    slack = Provider()
    slack.on(OPEN, answer(channel={"id": "D5"}))
    slack.on(POST, answer(channel="D5", ts="1.6"))
    assert sending(slack, OutboundRequest("post", {"user": "U1", "text": "hi"})).external_ids == ("D5:1.6",)
    assert slack.paths() == [OPEN, POST]
    assert (slack.calls[0].json, slack.calls[1].json) == ({"users": "U1"}, {"channel": "D5", "text": "hi"})


def test_opening_can_be_tried_again_and_posting_cannot() -> None:
    slack = Provider()
    slack.on(OPEN, LOST)
    assert refusal(slack, OutboundRequest("post", {"user": "U1"})) == ("retry", "provider_timeout")
    slack.on(POST, LOST)
    assert refusal(slack) == ("unknown", "provider_timeout")


def test_a_person_who_cannot_be_written_to_is_blocked() -> None:
    slack = Provider()
    slack.on(OPEN, refused("user_disabled"))
    assert refusal(slack, OutboundRequest("post", {"user": "U1"})) == ("blocked", "user_disabled")


def test_the_pause_that_slack_asks_for_is_kept_also_when_it_says_200() -> None:
    slack = Provider()
    slack.on(POST, refused("ratelimited", retry_after="12"))
    with pytest.raises(DeliveryError) as error:
        sending(slack)
    assert (error.value.error_class, error.value.retry_after) == ("retry", 12.0)


def test_a_file_goes_up_before_it_is_shown_and_without_the_token() -> None:
    slack = ready_for_files()
    assert sending(slack, FILE) == SendResult((), "delivered")
    assert slack.paths() == [URL, "/upload/v1/abc", COMPLETE, INFO, INFO, INFO]
    place, upload, complete = slack.calls[:3]
    assert place.form == {"filename": "a b.txt", "length": "12"}
    assert (upload.client, upload.body) == ("web", b"twelve bytes")
    assert "authorization" not in upload.headers
    assert complete.json == {"channel_id": "C1", "thread_ts": "1.1", "files": [{"id": "F1", "title": "A"}]}
    assert FILE.body["files"][0]["id"] == ""


def test_a_file_that_is_shown_at_once_has_the_id_of_its_message() -> None:
    slack = ready_for_files()
    slack.on(COMPLETE, answer(files=[{"id": "F1", "shares": {"private": {"C1": [{"ts": "1.7"}]}}}]))
    assert sending(slack, FILE).external_ids == ("C1:1.7",)
    assert slack.paths()[-1] == COMPLETE


def test_a_file_that_is_shown_a_moment_later_is_looked_up_until_it_is() -> None:
    slack = ready_for_files()
    elsewhere = {"public": {"C2": [{"ts": "1.8"}]}}
    here = {**elsewhere, "private": {"C1": [{"ts": "1.9"}]}}
    slack.on(INFO, answer(file={"shares": elsewhere}), answer(file={"shares": here}))
    assert sending(slack, FILE).external_ids == ("C1:1.9",)
    assert [call.form for call in slack.calls if call.path == INFO] == [{"file": "F1"}] * 2


@pytest.mark.parametrize("trouble", [LOST, refused("ratelimited"), refused("missing_scope"), answer(file=[])])
def test_a_file_that_has_been_shown_is_not_sent_again_because_it_cannot_be_looked_up(trouble: Any) -> None:
    slack = ready_for_files()
    slack.on(INFO, trouble)
    assert sending(slack, FILE) == SendResult((), "delivered")


def test_a_file_that_has_been_shown_is_not_sent_again_because_the_token_cannot_be_stored() -> None:
    class Failing(Tokens):
        def replace(self, failing: str, fetch: Fetch) -> str:
            raise InfrastructureError("throttled")

    slack = ready_for_files()
    slack.on(INFO, refused("token_expired"))
    account = {"refresh_token": "xoxe-1-a", "client_id": "1", "client_secret": "c"}
    assert CONNECTOR.send(FILE, replace(context_of(slack, **account), tokens=Failing())).status == "delivered"


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/upload/v1/abc",
        "http://files.slack.com/upload/v1/abc",
        "https://files.slack.com@evil.example/upload/v1/abc",
        "https://files.slack.com.evil.example/upload/v1/abc",
        "https://files.slack.com:444/upload/v1/abc",
        "https://[",
    ],
)
def test_a_file_goes_to_no_place_that_is_not_slacks(place: str) -> None:
    slack = ready_for_files(place)
    assert refusal(slack, FILE) == ("permanent", "address_refused")
    assert slack.paths() == [URL]


def test_a_stand_in_may_take_the_files_at_its_own_origin() -> None:
    slack = Provider()
    slack.on("/p/api/files.getUploadURLExternal", answer(upload_url="http://127.0.0.1:9/p/up", file_id="F1"))
    slack.on("/p/up", answer())
    slack.on("/p/api/files.completeUploadExternal", answer())
    slack.on("/p/api/files.info", answer())
    assert sending(slack, FILE, api_base="http://127.0.0.1:9/p/api/").status == "delivered"
    assert {call.client for call in slack.calls} == {"http"}


def test_until_a_file_is_shown_a_lost_answer_is_no_matter() -> None:
    slack = ready_for_files()
    slack.on("/upload/v1/abc", LOST)
    assert refusal(slack, FILE) == ("retry", "provider_timeout")
    slack.on("/upload/v1/abc", answer())
    slack.on(COMPLETE, LOST)
    assert refusal(slack, FILE) == ("unknown", "provider_timeout")


def fetching(slack: Provider, **reference: str) -> Any:
    return CONNECTOR.fetch_media(reference, context_of(slack))


def fetch_refusal(slack: Provider, **reference: str) -> tuple[str, str]:
    with pytest.raises(DeliveryError) as error:
        fetching(slack, **reference)
    return error.value.error_class, error.value.code


def picture(content_type: str = "image/png", status: int = 200) -> Any:
    return answer(status, {"content-type": content_type})


def test_a_file_is_fetched_with_the_token() -> None:
    slack = Provider()
    slack.on("/files-pri/a.png", picture())
    found = fetching(slack, url="https://files.slack.com/files-pri/a.png", id="F1")
    assert found.declared_mime_type == "image/png"
    assert slack.calls[0].headers == {"authorization": "Bearer xoxb-test"}


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.png",
        "http://files.slack.com/a.png",
        "https://user@files.slack.com/a.png",
        "https://files.slack.com\\@evil.example/a.png",
        "//files.slack.com/a.png",
        "https://slack.com.evil.example/a.png",
    ],
)
def test_the_token_goes_to_nobody_else(url: str) -> None:
    slack = Provider()
    assert fetch_refusal(slack, url=url) == ("permanent", "address_refused")
    assert slack.calls == []


def test_the_log_in_page_is_not_the_file_unless_the_file_is_a_page() -> None:
    slack = Provider()
    slack.on("/a", picture("text/html; charset=utf-8"))
    assert fetch_refusal(slack, url="https://files.slack.com/a") == ("account", "missing_scope")
    assert fetching(slack, url="https://files.slack.com/a", declared="text/html").declared_mime_type == "text/html"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, ("permanent", "media_expired")),
        (403, ("account", "missing_scope")),
        (503, ("retry", "provider_error")),
        (429, ("retry", "rate_limited")),
    ],
)
def test_what_a_status_means_for_a_file(status: int, expected: tuple[str, str]) -> None:
    slack = Provider()
    slack.on("/a", picture(status=status))
    assert fetch_refusal(slack, url="https://files.slack.com/a") == expected


def test_a_file_that_came_as_an_id_alone_is_asked_for() -> None:
    slack = Provider()
    file = {"id": "F1", "name": "a.png", "mimetype": "image/png", "url_private": "https://files.slack.com/a"}
    slack.on(INFO, answer(file=file))
    slack.on("/a", picture())
    assert fetching(slack, id="F1").filename == "a.png"
    assert slack.calls[0].form == {"file": "F1"}
    slack.on(INFO, refused("file_deleted"))
    assert fetch_refusal(slack, id="F1") == ("permanent", "media_expired")
    slack.on(INFO, answer(file={"id": "F1"}))
    assert fetch_refusal(slack, id="F1") == ("permanent", "media_expired")
    assert fetch_refusal(slack) == ("permanent", "media_expired")


SCOPES = "chat:write,im:write,im:history,files:read,files:write,channels:history,groups:history,reactions:read"


def checked(scopes: str, team_id: str = "T1", **account: str) -> list[tuple[bool, str]]:
    slack = Provider()
    slack.on("/api/auth.test", answer(headers={"x-oauth-scopes": scopes}, team="Acme", team_id=team_id))
    return [(finding.ok, finding.subject) for finding in CONNECTOR.check(context_of(slack, **account))]


def test_a_complete_account_has_nothing_wrong() -> None:
    assert all(ok for ok, _ in checked(SCOPES))


def test_each_missing_scope_and_a_wrong_workspace_are_told() -> None:
    found = checked("chat:write,im:write,im:history", team_id="T2")
    assert [subject for ok, subject in found if not ok] == ["workspace", "scopes", "scopes"]
    assert (False, "scopes") in checked("")


def test_a_refused_token_and_wrong_settings_are_told() -> None:
    slack = Provider()
    slack.on("/api/auth.test", refused("invalid_auth"))
    (settings, token) = CONNECTOR.check(context_of(slack))
    assert (settings.ok, token.ok) == (True, False)
    (wrong,) = CONNECTOR.check(context_of(slack, bot_token="xoxp-user"))
    assert not wrong.ok
    assert "xoxp-user" not in wrong.detail


@pytest.mark.parametrize(
    ("account", "word"),
    [
        ({"bot_token": "xoxb-a\nb"}, "bot_token"),
        ({"signing_secret": " "}, "signing_secret"),
        ({"team_id": "acme"}, "team_id"),
        ({"app_id": "B1"}, "app_id"),
        ({"app_id": "A1&team=T9"}, "app_id"),
        ({"api_base": "ftp://x"}, "api_base"),
    ],
)
def test_settings_that_cannot_work_are_named(account: dict[str, str], word: str) -> None:
    (sentence,) = CONNECTOR.validate({"bot_token": "xoxb-1", "signing_secret": "s", **account})
    assert word in sentence


def test_nobody_sees_that_somebody_types() -> None:
    slack = Provider()
    CONNECTOR.type(Recipient("idn_1", "U1", "D1"), True, context_of(slack))
    assert slack.calls == []
