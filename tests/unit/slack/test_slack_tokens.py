"""A token that rotates is renewed when it is needed, once for a piece of work, with the newest refresh token."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.channels.slack.connector import CONNECTOR
from connectors.channels.slack.tokens import TokenUse, renewed
from shared.errors import DeliveryError
from shared.ports.connector import OutboundRequest
from shared.ports.context import ChannelContext
from shared.ports.http import HttpResponse
from tests.support.providers import Files, Provider, Tokens, channel_context
from tests.unit.slack.surroundings import answer, refused

OAUTH, OPEN, POST, TEST = "/api/oauth.v2.access", "/api/conversations.open", "/api/chat.postMessage", "/api/auth.test"
SENT = answer(channel="C1", ts="1.5")
TEXT = OutboundRequest("post", {"channel": "C1", "text": "hi"})
ACCOUNT = {"signing_secret": "s", "client_id": "1.2", "client_secret": "c", "refresh_token": "xoxe-1-a"}
FILE = "https://files.slack.com/files-pri/a.png"


def pair(number: int, **changes: object) -> HttpResponse:
    members: dict[str, Any] = {
        "access_token": f"xoxe.xoxb-{number}",
        "refresh_token": f"xoxe-{number}",
        "expires_in": 43_200,
    }
    return answer(**{**members, **changes})


def context(slack: Provider, tokens: Tokens, **account: str) -> ChannelContext:
    http, web = slack.client("http"), slack.client("web")
    return channel_context({**ACCOUNT, **account}, http=http, web=web, tokens=tokens, media=Files(b"twelve bytes"))


def bearers(slack: Provider) -> list[str]:
    """The tokens that calls showed, in order; nothing where none was."""
    return [call.headers.get("authorization", "").removeprefix("Bearer ") for call in slack.calls]


def test_the_first_token_is_had_for_the_refresh_token_of_the_settings() -> None:
    slack, tokens = Provider(), Tokens(stored=None)
    slack.on(OAUTH, pair(1))
    slack.on(POST, SENT)

    CONNECTOR.send(TEXT, context(slack, tokens, bot_token="xoxe.xoxb-old"))

    assert slack.paths() == [OAUTH, POST]
    assert slack.calls[0].form == {
        "client_id": "1.2",
        "client_secret": "c",
        "grant_type": "refresh_token",
        "refresh_token": "xoxe-1-a",
    }
    assert bearers(slack) == ["", "xoxe.xoxb-1"]


def test_a_token_that_does_not_rotate_is_the_one_of_the_settings() -> None:
    slack, tokens = Provider(), Tokens(stored=None)
    slack.on(POST, SENT)

    CONNECTOR.send(TEXT, context(slack, tokens, bot_token="xoxb-1", refresh_token=""))

    assert (bearers(slack), tokens.stored) == (["xoxb-1"], None)


@pytest.mark.parametrize("error", ["token_expired", "invalid_auth", "token_revoked"])
def test_a_refused_token_is_renewed_and_the_call_made_again(error: str) -> None:
    slack, tokens = Provider(), Tokens("T1")
    slack.on(POST, refused(error), SENT)
    slack.on(OAUTH, pair(2))

    assert CONNECTOR.send(TEXT, context(slack, tokens)).external_ids == ("C1:1.5",)
    assert bearers(slack) == ["T1", "", "xoxe.xoxb-2"]


def test_for_one_message_the_token_is_renewed_once_whatever_it_takes() -> None:
    slack, tokens = Provider(), Tokens("T1")
    slack.on(OPEN, refused("token_expired"), answer(channel={"id": "D5"}))
    slack.on(POST, refused("invalid_auth"))
    slack.on(OAUTH, pair(2))

    with pytest.raises(DeliveryError) as raised:
        CONNECTOR.send(OutboundRequest("post", {"user": "U1", "text": "hi"}), context(slack, tokens))

    assert (raised.value.error_class, raised.value.code) == ("account", "invalid_auth")
    assert slack.paths() == [OPEN, OAUTH, OPEN, POST]


@pytest.mark.parametrize("error", ["token_expired", "invalid_auth", "token_revoked"])
def test_without_rotation_a_refused_token_is_refused_for_good(error: str) -> None:
    slack, tokens = Provider(), Tokens("T1")
    slack.on(POST, refused(error))

    with pytest.raises(DeliveryError) as raised:
        CONNECTOR.send(TEXT, context(slack, tokens, bot_token="xoxb-1", refresh_token=""))

    assert (raised.value.code, slack.paths(), tokens.replaced) == (error, [POST], 0)


def test_what_is_no_matter_of_the_token_is_not_tried_again() -> None:
    slack, tokens = Provider(), Tokens("T1")
    slack.on(POST, refused("missing_scope"))

    with pytest.raises(DeliveryError):
        CONNECTOR.send(TEXT, context(slack, tokens))

    assert slack.paths() == [POST]


def test_each_refresh_token_is_used_for_the_next() -> None:
    slack, tokens = Provider(), Tokens(stored=None)
    slack.on(OAUTH, pair(1), pair(2))
    TokenUse(context(slack, tokens)).call(str)
    tokens.stored = None

    assert TokenUse(context(slack, tokens)).call(str) == "xoxe.xoxb-2"
    assert [call.form["refresh_token"] for call in slack.calls] == ["xoxe-1-a", "xoxe-1"]


def test_an_app_that_was_installed_anew_begins_with_its_new_refresh_token() -> None:
    slack, tokens = Provider(), Tokens(stored=None)
    slack.on(OAUTH, pair(1), pair(2))
    TokenUse(context(slack, tokens)).call(str)
    tokens.stored = None

    TokenUse(context(slack, tokens, refresh_token="xoxe-1-b")).call(str)

    assert slack.calls[-1].form["refresh_token"] == "xoxe-1-b"


def test_a_refresh_token_stays_when_no_other_comes() -> None:
    slack = Provider()
    slack.on(OAUTH, pair(1, refresh_token=None))

    fresh = renewed(None, context(slack, Tokens()))

    assert (fresh.renewal or "").endswith(" xoxe-1-a")


@pytest.mark.parametrize("error", ["invalid_refresh_token", "invalid_client_id", "bad_client_secret"])
def test_refused_credentials_are_the_accounts_fault(error: str) -> None:
    slack = Provider()
    slack.on(OAUTH, refused(error))

    with pytest.raises(DeliveryError) as raised:
        CONNECTOR.send(TEXT, context(slack, Tokens(stored=None)))

    assert (raised.value.error_class, raised.value.code) == ("account", error)


@pytest.mark.parametrize("changes", [{"access_token": ""}, {"access_token": 7}, {"expires_in": None}])
def test_an_answer_without_a_token_that_ends_is_tried_again(changes: dict[str, object]) -> None:
    slack = Provider()
    slack.on(OAUTH, pair(1, **changes))

    with pytest.raises(DeliveryError) as raised:
        CONNECTOR.send(TEXT, context(slack, Tokens(stored=None)))

    assert (raised.value.error_class, raised.value.code) == ("retry", "provider_garbled")


def test_a_lost_answer_has_sent_nothing() -> None:
    slack = Provider()
    slack.on(OAUTH, DeliveryError("unknown", "provider_timeout", "no answer"))

    with pytest.raises(DeliveryError) as raised:
        CONNECTOR.send(TEXT, context(slack, Tokens(stored=None)))

    assert raised.value.error_class == "retry"


def page() -> HttpResponse:
    return answer(headers={"content-type": "text/html"})


def picture() -> HttpResponse:
    return answer(headers={"content-type": "image/png"})


def test_the_log_in_page_may_mean_that_the_token_has_ended() -> None:
    slack, tokens = Provider(), Tokens("T1")
    slack.on("/files-pri/a.png", page(), picture())
    slack.on(TEST, refused("token_expired"), answer())
    slack.on(OAUTH, pair(2))

    assert CONNECTOR.fetch_media({"url": FILE}, context(slack, tokens)).declared_mime_type == "image/png"
    assert bearers(slack) == ["T1", "T1", "", "xoxe.xoxb-2", "xoxe.xoxb-2"]


def test_the_log_in_page_for_a_good_token_means_that_the_app_may_not_read_files() -> None:
    slack, tokens = Provider(), Tokens("T1")
    slack.on("/files-pri/a.png", page())
    slack.on(TEST, answer())

    with pytest.raises(DeliveryError) as raised:
        CONNECTOR.fetch_media({"url": FILE}, context(slack, tokens))

    assert (raised.value.code, tokens.replaced) == ("missing_scope", 0)


ROTATING = {"signing_secret": "s", "client_id": "1.2", "client_secret": "c", "refresh_token": "xoxe-1-a"}


def test_an_account_whose_token_rotates_needs_no_bot_token() -> None:
    assert CONNECTOR.validate(ROTATING) == []
    assert CONNECTOR.validate({**ROTATING, "bot_token": "xoxe.xoxb-1"}) == []


@pytest.mark.parametrize(
    ("account", "word"),
    [
        ({**ROTATING, "client_secret": ""}, "client_secret"),
        ({**ROTATING, "client_id": None}, "client_id"),
        ({**ROTATING, "refresh_token": "xoxb-1"}, "refresh_token"),
        ({"signing_secret": "s", "bot_token": "xoxe.xoxb-1"}, "twelve hours"),
        ({"signing_secret": "s"}, "bot_token"),
    ],
)
def test_settings_of_tokens_that_cannot_work_are_named(account: dict[str, str], word: str) -> None:
    (sentence,) = CONNECTOR.validate(account)
    assert word in sentence
