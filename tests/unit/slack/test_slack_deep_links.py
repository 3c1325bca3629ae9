"""Where a customer is sent who goes on with their conversation on Slack."""

from __future__ import annotations

import pytest

from connectors.channels.slack.connector import CONNECTOR
from shared.errors import DeliveryError
from shared.ports.connector import DeepLink
from shared.ports.http import HttpResponse
from tests.support.providers import Provider
from tests.unit.slack.surroundings import answer, context_of, refused

CODE = "K7QM2XPD"
TEST = "/api/auth.test"
PAGE = "https://slack.com/app_redirect?app=A1&team=T1"


def asked(reply: HttpResponse | DeliveryError, **account: str) -> tuple[DeepLink | None, list[str]]:
    slack = Provider()
    slack.on(TEST, reply)
    return CONNECTOR.deep_link(CODE, context_of(slack, **account)), slack.paths()


def test_the_settings_alone_name_the_direct_messages_with_the_app() -> None:
    assert asked(answer(), app_id="A1") == (DeepLink(PAGE), [])


@pytest.mark.parametrize("team_id", ["", "E1"])
def test_slack_is_asked_for_the_workspace_when_the_settings_name_none(team_id: str) -> None:
    assert asked(answer(team_id="T1", user_id="UBOT"), app_id="A1", team_id=team_id) == (DeepLink(PAGE), [TEST])


def test_without_the_apps_id_the_link_opens_slacks_own_program_at_the_apps_user() -> None:
    assert asked(answer(team_id="T1", user_id="UBOT")) == (DeepLink("slack://user?team=T1&id=UBOT"), [TEST])


@pytest.mark.parametrize("reply", [answer(), answer(team_id="T1"), answer(team_id=None, user_id="UBOT")])
def test_there_is_no_link_when_slack_does_not_say_who_the_app_is(reply: HttpResponse) -> None:
    assert asked(reply)[0] is None


def test_what_slack_answers_cannot_add_to_the_address() -> None:
    link, _ = asked(answer(team_id="T1&id=U9", user_id="U 1#"))
    assert link == DeepLink("slack://user?team=T1%26id%3DU9&id=U+1%23")


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (refused("invalid_auth"), ("account", "invalid_auth")),
        (refused("ratelimited"), ("retry", "rate_limited")),
        (DeliveryError("unknown", "provider_timeout", "no answer"), ("retry", "provider_timeout")),
    ],
)
def test_a_refusal_is_classed_and_asking_again_does_no_harm(
    reply: HttpResponse | DeliveryError, verdict: tuple[str, str]
) -> None:
    with pytest.raises(DeliveryError) as error:
        asked(reply)
    assert (error.value.error_class, error.value.code) == verdict
