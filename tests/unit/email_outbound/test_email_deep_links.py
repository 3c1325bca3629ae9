"""The mail that a link code begins."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from connectors.channels.email.connector import CONNECTOR
from connectors.channels.email.invitation import SENTENCES
from connectors.channels.email.link_address import link_address
from shared.ports.connector import DeepLink
from tests.support.mail import FixedSeals
from tests.unit.email_outbound.letters import context

CODE = "ABCD2345"


def link(**account: object) -> DeepLink:
    found = CONNECTOR.deep_link(CODE, context(account=account))
    assert found is not None
    return found


def test_a_code_leads_to_a_mail_to_its_sealed_address_with_subject_and_body() -> None:
    address = urlsplit(link().url)
    fields = parse_qs(address.query, strict_parsing=True)

    assert address.scheme == "mailto"
    assert unquote(address.path) == link_address("main", "reply.shop.example", CODE, FixedSeals())
    assert fields["subject"] == ["Continue our conversation / 继续我们的对话"]
    assert fields["body"] == [f"{SENTENCES[0]}\r\n{SENTENCES[1]}\r\n\r\n"]


def test_every_character_that_could_mean_something_is_encoded() -> None:
    url = link().url

    assert url.isascii()
    assert url.startswith("mailto:link%2Babcd2345.")
    assert not set(" +/#\"'<>\r\n") & set(url)
    assert [url.count(mark) for mark in ":?&=@"] == [1, 1, 1, 2, 1]


def test_a_qr_code_holds_the_same_mail_without_its_words() -> None:
    found = link()

    assert found.qr is not None
    assert found.url.startswith(found.qr)
    assert len(found.qr) < 200


def test_a_domain_beyond_ascii_is_written_in_ascii() -> None:
    assert "@xn--antwort-bcher-4ob.example?" in link(reply_domain="antwort-bücher.example").url


@pytest.mark.parametrize("domain", [None, "", "nodots", 5])
def test_an_account_without_a_reply_domain_has_no_such_address(domain: object) -> None:
    assert CONNECTOR.deep_link(CODE, context(account={"reply_domain": domain})) is None
