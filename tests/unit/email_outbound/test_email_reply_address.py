"""Addresses and ids that prove which conversation an answer belongs to."""

from __future__ import annotations

import pytest

from connectors.channels.email.reply_address import Token, read_token, reply_address, seal_fields, thread_id
from tests.support.mail import FixedSeals

CONVERSATION = "conv_01890a5d-ac96-774b-bcce-b302099a8057"
DOMAIN = "reply.shop.example"
SEALS = FixedSeals()
FIELDS = seal_fields("main", CONVERSATION, "idn_ann")


def address() -> str:
    return reply_address("main", DOMAIN, CONVERSATION, "idn_ann", SEALS)


@pytest.mark.parametrize("text", [address(), address().upper(), f" {address()} ", f"<{address()}>"])
def test_what_was_written_is_read_back_however_a_mail_program_writes_it(text: str) -> None:
    token = read_token(text, DOMAIN)

    assert token == Token(CONVERSATION, SEALS.seal(*FIELDS)[:10])
    assert SEALS.holds(token.seal, *FIELDS)


def test_a_thread_id_carries_the_same_proof() -> None:
    written = thread_id("main", DOMAIN.upper(), CONVERSATION, "idn_ann", SEALS)

    assert written.startswith("<thread.01890a5dac96774bbcceb302099a8057.")
    assert read_token(written, DOMAIN) == read_token(address(), DOMAIN)


def test_the_local_part_has_a_length_that_every_server_takes() -> None:
    assert len(address().partition("@")[0]) == 55


@pytest.mark.parametrize("other", [("other", CONVERSATION, "idn_ann"), ("main", CONVERSATION, "idn_bob")])
def test_the_proof_is_good_for_one_account_and_one_person(other: tuple[str, str, str]) -> None:
    token = read_token(address(), DOMAIN)

    assert token is not None
    assert not SEALS.holds(token.seal, *seal_fields(*other))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "help@shop.example",
        f"reply+@{DOMAIN}",
        address().replace("reply+", "other+"),
        address().replace(DOMAIN, "reply.evil.example"),
        address() + ".evil.example",
        "x" + address(),
        address().replace("@", "a@"),
        address().replace("@" + DOMAIN, "@replyxshop.example"),
        address().replace(".", "", 1),
        "a, " + address(),
    ],
)
def test_anything_else_claims_nothing(text: str) -> None:
    assert read_token(text, DOMAIN) is None


@pytest.mark.parametrize("conversation", ["", "conv_1", "conv_01890A5D-AC96-774B-BCCE-B302099A8057", "01890a5d"])
def test_a_conversation_that_is_not_ours_gets_no_address(conversation: str) -> None:
    with pytest.raises(ValueError, match="not a conversation id"):
        reply_address("main", DOMAIN, conversation, "idn_ann", SEALS)
