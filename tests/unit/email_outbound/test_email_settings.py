"""What a deployer stores for a mail account, and what the check says of it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.channels.email.connector import CONNECTOR
from connectors.channels.email.smtp.settings import relay_of
from shared.errors import ConfigurationError, DeliveryError
from shared.ports.connector import Finding
from tests.support.mail import RecordedMailer
from tests.unit.email_outbound.letters import ACCOUNT, context

RELAY = {"smtp_host": "smtp.example.com", "smtp_username": "shop", "smtp_password": "secret"}
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"from_name": ""},
        {"address": "Hilfe@Büro.example"},
        {"api_base": "http://127.0.0.1:1/providers/email"},
        RELAY,
        RELAY | {"smtp_port": "465", "smtp_security": "tls", "smtp_ca": CERTIFICATE},
        RELAY | {"smtp_port": 2525, "smtp_username": None, "smtp_password": None},
    ],
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
        ({"smtp_password": "secret"}, "smtp_host is missing, and smtp_password is there."),
        (RELAY | {"smtp_host": "smtp.example.com:587"}, "smtp_host must be"),
        (RELAY | {"smtp_host": "https://smtp.example.com"}, "smtp_host must be"),
        (RELAY | {"smtp_host": 7}, "smtp_host must be"),
        (RELAY | {"smtp_security": "none"}, "smtp_security must be"),
        (RELAY | {"smtp_port": "0"}, "smtp_port must be"),
        (RELAY | {"smtp_port": 65_536}, "smtp_port must be"),
        (RELAY | {"smtp_port": "٣"}, "smtp_port must be"),
        (RELAY | {"smtp_port": True}, "smtp_port must be"),
        (RELAY | {"smtp_password": None}, "smtp_username and smtp_password belong together."),
        (RELAY | {"smtp_password": "пароль"}, "smtp_username and smtp_password must be"),
        (RELAY | {"smtp_username": "a\r\nRCPT TO:<v@w.example>"}, "smtp_username and smtp_password must be"),
        (RELAY | {"smtp_ca": "/etc/ca.pem"}, "smtp_ca must be"),
        (RELAY | {"api_base": "https://email.example"}, "api_base is for SES"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(settings: dict[str, Any], sentence: str) -> None:
    [found] = CONNECTOR.validate(ACCOUNT | settings)

    assert found.startswith(sentence)


def test_what_is_wrong_never_shows_a_password() -> None:
    found = CONNECTOR.validate(ACCOUNT | RELAY | {"smtp_password": "sécret", "smtp_username": None})

    assert found
    assert not any("sécret" in sentence for sentence in found)


@pytest.mark.parametrize(
    ("settings", "port"),
    [({}, 587), ({"smtp_security": "tls"}, 465), ({"smtp_security": "tls", "smtp_port": "2465"}, 2465)],
)
def test_the_port_of_a_mail_server_is_the_usual_one_unless_another_is_named(
    settings: dict[str, Any], port: int
) -> None:
    relay = relay_of(ACCOUNT | RELAY | settings)

    assert relay is not None
    assert relay.port == port


def test_a_mail_server_that_is_stored_wrongly_is_not_passed_over_for_ses() -> None:
    with pytest.raises(ConfigurationError):
        relay_of(ACCOUNT | RELAY | {"smtp_security": "none"})


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
