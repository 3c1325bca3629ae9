"""What a deployer stores for a mail account, and what the check says of it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.channels.email.connector import CONNECTOR
from shared.errors import DeliveryError
from shared.ports import Finding
from tests.support.mail import RecordedMailer
from tests.unit.email_outbound.letters import ACCOUNT, context


@pytest.mark.parametrize(
    "settings",
    [{}, {"from_name": ""}, {"address": "Hilfe@Büro.example"}, {"api_base": "http://127.0.0.1:1/providers/email"}],
)
def test_a_complete_account_has_no_problems(settings: dict[str, Any]) -> None:
    assert CONNECTOR.validate(ACCOUNT | settings) == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"address": None}, "address is missing."),
        ({"address": "help"}, "address must be"),
        ({"address": "help@localhost"}, "address must be"),
        ({"address": "客服@shop.example"}, "address must be"),
        ({"address": "a" * 65 + "@shop.example"}, "address must be"),
        ({"address": "a b@shop.example"}, "address must be"),
        ({"address": 7}, "address must be"),
        ({"reply_domain": ""}, "reply_domain is missing."),
        ({"reply_domain": "no dots"}, "reply_domain must be"),
        ({"reply_domain": "a..b"}, "reply_domain must be"),
        ({"reply_domain": "help@reply.example"}, "reply_domain must be"),
        ({"from_name": "Shop\r\nBcc: v@w.example"}, "from_name must be"),
        ({"from_name": 7}, "from_name must be"),
        ({"api_base": "ftp://x"}, "api_base must be"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    [found] = CONNECTOR.validate(ACCOUNT | settings)

    assert found.startswith(sentence)


def test_the_check_says_where_answers_go_and_what_the_provider_says() -> None:
    assert CONNECTOR.check(context()) == [
        Finding(True, "settings", "mail from help@shop.example, answers to reply+...@reply.shop.example"),
        Finding(True, "address", "help@shop.example"),
    ]


def test_the_check_of_wrong_settings_asks_nobody() -> None:
    [finding] = CONNECTOR.check(context(account={"address": ""}))

    assert (finding.ok, finding.detail) == (False, "address is missing.")


def test_a_provider_that_cannot_be_asked_is_a_finding() -> None:
    class Unreachable(RecordedMailer):
        def check(self, address: str, api_base: str | None) -> list[Finding]:
            raise DeliveryError("retry", "provider_unreachable", "no connection")

    *_, finding = CONNECTOR.check(context(Unreachable()))

    assert (finding.ok, finding.detail) == (False, "no connection (provider_unreachable)")
