"""Whose a mail is, who wrote it, and what a signed reply address proves, by the first bytes alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.channels.email.intake import INTAKE
from connectors.channels.email.reply_address import reply_address, thread_id
from shared.errors import BadRequest
from shared.model.envelope import Addressed, VerifiedEvent
from shared.model.identifiers import identity_id
from tests.unit.email_inbound.mails import (
    ACCOUNT,
    ACCOUNTS,
    CONVERSATION,
    FAIL,
    NONE,
    PASS,
    SEALS,
    block,
    letter,
    message,
    raw,
)

DOMAIN = "reply.shop.example"
OTHER = "conv_01890a5d-ac96-774b-bcce-b302099a8058"


def addressed(
    mail: str | None = None, top: str | None = None, accounts: Mapping[str, Mapping[str, object]] = ACCOUNTS
) -> list[Addressed]:
    return INTAKE.mail(raw(mail, top), accounts, SEALS)


def event(mail: str | None = None, top: str | None = None) -> VerifiedEvent:
    (only,) = addressed(mail, top)
    return only.event


def names(found: list[Addressed]) -> list[str]:
    return [each.account for each in found]


def sealed(sender: str, scope: str = "main", conversation: str = CONVERSATION, account: str = "main") -> str:
    """The reply address in our mail to this person."""
    return reply_address(account, DOMAIN, conversation, identity_id("email", scope, sender), SEALS)


def test_a_mail_is_for_the_account_with_its_recipient() -> None:
    (found,) = addressed()
    assert found.account == "main"
    assert found.event.sender_key == "ann@trusted.example"
    assert found.event.body == b""
    assert found.event.headers == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"To": "Help <HELP@Shop.Example>"},
        {"To": "help+order-42@shop.example"},
        {"To": "undisclosed-recipients:;", "Cc": '"Shop, Help" <help@shop.example>'},
        {"To": "x@y.example", "Resent_To": "help@shop.example"},
        {"To": "x@y.example, (comment) help@shop.example"},
        {"To": "anything@reply.shop.example"},
    ],
)
def test_recipients_are_read_from_every_field_that_names_them(fields: dict[str, str]) -> None:
    assert names(addressed(letter(**fields), block(recipient="x@y.example"))) == ["main"]


def test_a_blind_copy_is_known_by_what_ses_took_the_mail_for() -> None:
    assert names(addressed(letter(To="x@y.example"), block(recipient="help@shop.example"))) == ["main"]


@pytest.mark.parametrize(
    "fields",
    [
        {"To": "x@y.example"},
        {"To": '"help@shop.example" <x@y.example>'},
        {"To": "=?utf-8?q?help=40shop=2Eexample?= <x@y.example>"},
        {"To": "helpless@shop.example"},
        {"To": "help@shop.example.evil.example"},
        {"To": "x@y.example", "Delivered_To": "help@shop.example"},
        {"To": "x@y.example", "Received": "from a by b for help@shop.example; Fri, 15 Jan 2027 08:00:00 +0000"},
        {"To": ""},
    ],
)
def test_a_mail_for_nobody_of_ours_is_for_no_account(fields: dict[str, str]) -> None:
    assert addressed(letter(**fields), block(recipient="x@y.example")) == []


def test_a_mail_to_two_accounts_is_an_event_for_each() -> None:
    accounts = {"main": ACCOUNT, "sales": {"address": "sales@shop.example", "reply_domain": "s.shop.example"}}
    assert names(addressed(letter(Cc="sales@shop.example"), accounts=accounts)) == ["main", "sales"]


def test_an_account_that_is_set_up_wrongly_takes_no_mail() -> None:
    broken: dict[str, Mapping[str, object]] = {"main": {}, "other": {"address": 5, "reply_domain": ["x"]}}
    assert addressed(letter(), accounts=broken) == []
    assert addressed(letter(To="<>, x@, @"), block(recipient="@"), accounts={"main": {"address": "@"}}) == []


def test_an_internationalised_domain_is_the_same_in_both_forms() -> None:
    accounts = {"main": {"address": "help@bücher.example", "reply_domain": "antwort.bücher.example"}}
    assert names(addressed(letter(To="help@xn--bcher-kva.example"), block(recipient="a@b.example"), accounts))
    assert names(addressed(letter(To="help@bücher.example"), block(recipient="a@b.example"), accounts))


def test_the_same_mail_under_two_keys_is_the_same_event() -> None:
    first, second = event(top=block(smtp_id="one")), event(top=block(smtp_id="two"))
    relayed = event(f"Received: from a by b; Fri, 15 Jan 2027 08:00:00 +0000\r\n{letter()}")
    assert first.dedupe_key == second.dedupe_key == relayed.dedupe_key


@pytest.mark.parametrize("other", [{"From": "bob@evil.example"}, {"Date": "Fri, 15 Jan 2027 08:00:01 +0000"}])
def test_a_mail_that_borrows_a_message_id_is_another_event(other: dict[str, str]) -> None:
    assert event(letter(**other)).dedupe_key != event().dedupe_key


def test_a_mail_that_borrows_every_field_but_says_something_else_is_another_event() -> None:
    assert event(letter("Send the money to me.")).dedupe_key != event().dedupe_key


def test_a_forged_copy_that_comes_first_does_not_swallow_the_mail_itself() -> None:
    assert event(top=block(NONE)).dedupe_key != event(top=block(PASS)).dedupe_key
    assert message(raw(top=block(NONE))).provider_id != message(raw(top=block(PASS))).provider_id


def test_mails_without_an_id_and_a_date_are_told_apart_by_how_they_came() -> None:
    bare = letter(Message_ID="", Date="")
    assert event(bare, block(smtp_id="one")).dedupe_key != event(bare, block(smtp_id="two")).dedupe_key


@pytest.mark.parametrize(
    ("top", "scope"), [(block(PASS), "main"), (block(NONE), "main"), (block(NONE), "main:unverified")]
)
def test_a_reply_address_makes_its_holder_the_person_we_wrote_to(top: str, scope: str) -> None:
    address = sealed("ann@trusted.example", scope)
    found = event(letter(To=address), top)
    assert found.headers == {"identity_scope": scope, "conversation": CONVERSATION, "reply_address": "held"}


def test_a_reply_address_in_capital_letters_is_the_same() -> None:
    assert event(letter(To=sealed("ann@trusted.example").upper())).headers["reply_address"] == "held"


def test_a_reply_address_that_only_ses_names_counts_too() -> None:
    found = event(letter(To="x@y.example"), block(recipient=sealed("ann@trusted.example")))
    assert found.headers["conversation"] == CONVERSATION


def test_a_thread_id_of_ours_proves_as_much_as_a_reply_address() -> None:
    person = identity_id("email", "main", "ann@trusted.example")
    thread = thread_id("main", DOMAIN, CONVERSATION, person, SEALS)
    found = event(letter(References=f"{thread} <010f@eu-west-1.amazonses.com>"))
    assert found.headers["conversation"] == CONVERSATION


def test_the_address_that_was_written_to_counts_before_what_was_referred_to() -> None:
    person = identity_id("email", "main", "ann@trusted.example")
    thread = thread_id("main", DOMAIN, OTHER, person, SEALS)
    found = event(letter(To=sealed("ann@trusted.example"), References=thread))
    assert found.headers["conversation"] == CONVERSATION


def test_a_stranger_who_answers_a_forwarded_mail_proves_nothing() -> None:
    found = event(letter(From="Bob <bob@elsewhere.example>", To=sealed("ann@trusted.example")))
    assert found.headers == {"reply_address": "of_another"}


def test_a_reply_address_proves_nothing_on_another_account() -> None:
    found = event(letter(To=sealed("ann@trusted.example", account="sales")))
    assert found.headers == {"reply_address": "of_another"}


def test_one_changed_character_proves_nothing() -> None:
    address = sealed("ann@trusted.example")
    place = len("reply+")
    changed = address[:place] + ("0" if address[place] != "0" else "1") + address[place + 1 :]
    assert event(letter(To=changed)).headers == {"reply_address": "of_another"}


@pytest.mark.parametrize("local", ["reply+", "reply+0", f"reply+{'0' * 32}.aaa", f"thread.{'g' * 32}.{'a' * 16}"])
def test_what_is_not_even_of_the_form_is_forged(local: str) -> None:
    assert event(letter(To=f"{local}@{DOMAIN}")).headers == {"reply_address": "forged"}


def test_a_reply_address_is_not_believed_of_a_mail_that_fails_dmarc() -> None:
    assert event(letter(To=sealed("ann@trusted.example")), block(FAIL)).headers == {}


def test_two_from_addresses_hold_no_reply_address() -> None:
    address = sealed("ann@trusted.example")
    two_fields = f"From: bob@evil.example\r\n{letter(To=address)}"
    for mail in (letter(From="ann@trusted.example, bob@evil.example", To=address), two_fields):
        found = event(mail)
        assert found.headers == {"reply_address": "of_another"}
        assert found.sender_key.startswith("unknown:")


@pytest.mark.parametrize("second", ["From: nobody", "From:", "FROM: bob@evil.example", "From : bob@evil.example"])
def test_a_second_from_field_leaves_no_one_sender_whatever_is_in_it(second: str) -> None:
    address = sealed("ann@trusted.example")
    assert event(f"{second}\r\n{letter(To=address)}").headers == {"reply_address": "of_another"}
    assert event(letter(To=address).replace("Subject:", f"{second}\r\nSubject:")).headers == {
        "reply_address": "of_another"
    }


def test_a_thousand_forged_tokens_are_not_all_tried() -> None:
    references = " ".join(f"<thread.{number:032x}.{'a' * 16}@{DOMAIN}>" for number in range(1_000))
    assert event(letter(References=references)).headers == {"reply_address": "of_another"}


def test_of_accounts_that_share_a_reply_domain_the_one_that_wrote_is_answered() -> None:
    accounts = {name: {"address": f"{name}@shop.example", "reply_domain": DOMAIN} for name in ("a", "b", "c")}
    address = sealed("ann@trusted.example", "b", account="b")
    top = block(recipient="x@y.example")
    assert names(addressed(letter(To=address), top, accounts)) == ["b"]
    assert names(addressed(letter(To=address, Cc="c@shop.example"), top, accounts)) == ["b", "c"]
    assert names(addressed(letter(To=f"anything@{DOMAIN}"), top, accounts)) == ["a"]


@pytest.mark.parametrize(
    "fields",
    [
        {"From": "Shop <help@shop.example>"},
        {"From": "reply+x@reply.shop.example"},
        {"X_Loop": "reply.shop.example"},
        {"X_Onethread_Loop": "Reply.Shop.Example"},
    ],
)
def test_our_own_mail_is_marked_as_a_loop(fields: dict[str, str]) -> None:
    assert event(letter(**fields)).headers["automatic"] == "loop"


def test_a_loop_between_two_accounts_of_ours_is_seen() -> None:
    accounts = {"main": ACCOUNT, "sales": {"address": "sales@shop.example", "reply_domain": "s.shop.example"}}
    (found,) = addressed(letter(X_Loop="s.shop.example"), accounts=accounts)
    assert found.event.headers == {"automatic": "loop"}


@pytest.mark.parametrize("head", [b"", b"\x00", b"\r\n\r\n", b"\xff" * 3_000, b"From: " + b"a," * 100_000])
def test_no_bytes_break_the_intake(head: bytes) -> None:
    assert INTAKE.mail(head, ACCOUNTS, SEALS) == []


def test_the_event_of_the_intake_and_the_message_are_the_same_mail() -> None:
    mail = letter("long " * 100_000)
    assert (
        message(raw(mail)).provider_id
        == INTAKE.mail(raw(mail)[: INTAKE.head_bytes], ACCOUNTS, SEALS)[0].event.dedupe_key
    )


def test_the_intake_imports_nothing_that_reads_whole_mail() -> None:
    program = "import sys, connectors.channels.email.intake; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )
    assert {"email", "msgspec", "nh3", "selectolax", "regex"} & set(done.stdout.split()) == set()


def report(**changes: object) -> bytes:
    mail = {"messageId": "010f", "headers": [{"name": "Subject", "value": "x"}], "tags": {"account": ["main"]}}
    value = {"eventType": "Delivery", "mail": mail, "delivery": {"timestamp": "2027-01-15T08:00:05.000Z"}} | changes
    return json.dumps(value).encode()


def test_a_report_is_for_the_account_that_its_tags_name() -> None:
    (found,) = INTAKE.report(report())
    assert (found.account, found.event.sender_key, found.event.headers) == ("main", "010f", {"kind": "report"})
    assert "headers" not in json.loads(found.event.body)["mail"]


def test_the_same_report_twice_is_one_event_and_another_is_another() -> None:
    (first,), (again,), (other,) = (INTAKE.report(each) for each in (report(), report(), report(eventType="Bounce")))
    assert first.event.dedupe_key == again.event.dedupe_key != other.event.dedupe_key


def test_a_report_of_an_unknown_kind_is_queued() -> None:
    assert len(INTAKE.report(report(eventType=["Send"]))) == 1


@pytest.mark.parametrize("kind", ["Send", "Open", "Click", "Subscription"])
def test_what_tells_nothing_is_not_queued(kind: str) -> None:
    assert INTAKE.report(report(eventType=kind)) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b"[" * 100_000,
        b"\xff",
        report(mail=5),
        report(mail={"messageId": "010f"}),
        report(mail={"messageId": "010f", "tags": {"account": []}}),
        report(mail={"messageId": "010f", "tags": {"account": [5]}}),
        report(mail={"tags": {"account": ["main"]}}),
        report(eventType=None),
        report(mail=["messageId"]),
    ],
)
def test_a_report_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest) as refusal:
        INTAKE.report(body)
    assert refusal.value.code == "malformed_report"
