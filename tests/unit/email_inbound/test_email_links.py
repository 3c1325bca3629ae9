"""Going on by mail: what a mail to a link address proves, and what its writer added to our words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.channels.email.intake import INTAKE
from connectors.channels.email.invitation import SENTENCES, SUBJECTS
from connectors.channels.email.link_address import link_address
from connectors.channels.email.reply_address import reply_address
from shared.model.identifiers import identity_id
from shared.model.inbound import InboundMessage
from shared.model.parts import TextPart
from tests.unit.email_inbound.mails import (
    ACCOUNT,
    ACCOUNTS,
    CONVERSATION,
    FAIL,
    NONE,
    PASS,
    SEALS,
    block,
    details,
    letter,
    message,
    raw,
    words,
)

DOMAIN = "reply.shop.example"
CODE = "ABCD2345"
ADDRESS = link_address("main", DOMAIN, CODE, SEALS)
HELD = {"link_code": CODE, "link_address": "held"}
BEGUN = "\r\n".join((*SENTENCES, "", ""))
SUBJECT = " / ".join(SUBJECTS)
ELSEWHERE = block(recipient="x@y.example")
FIXTURES = Path(__file__).parents[2] / "fixtures" / "email" / "inbound"


def established(
    mail: str, top: str = ELSEWHERE, accounts: Mapping[str, Mapping[str, object]] = ACCOUNTS
) -> dict[str, Mapping[str, str]]:
    """What the intake says of the mail, by account."""
    return {each.account: each.event.headers for each in INTAKE.mail(raw(mail, top), accounts, SEALS)}


def begun(body: str = BEGUN, **fields: str) -> InboundMessage:
    """The message that a mail to the link address is."""
    return message(raw(letter(body, **{"Subject": SUBJECT, "To": ADDRESS, **fields})), **HELD)


def sharing(*names: str) -> dict[str, Mapping[str, object]]:
    """Accounts with one reply domain."""
    return {name: {"address": f"{name}@shop.example", "reply_domain": DOMAIN} for name in names}


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("link_*.json")), ids=lambda path: path.stem)
def test_the_intake_establishes_what_the_fixtures_say(path: Path) -> None:
    fixture: dict[str, Any] = json.loads(path.read_text("utf-8"))
    mail = (FIXTURES / fixture["envelope"]["body_file"]).read_bytes()

    (found,) = INTAKE.mail(mail, ACCOUNTS, SEALS)

    assert (found.account, found.event.headers) == ("main", fixture["envelope"]["headers"])


@pytest.mark.parametrize(
    "fields",
    [
        {"To": ADDRESS},
        {"To": ADDRESS.upper()},
        {"To": f"Shop <{ADDRESS}>"},
        {"To": "x@y.example", "Cc": f"help@shop.example, {ADDRESS}"},
        {"To": f"link+x@{DOMAIN}, {ADDRESS}"},
    ],
)
def test_a_link_address_among_the_recipients_hands_its_code_in(fields: dict[str, str]) -> None:
    assert established(letter(**fields)) == {"main": HELD}


def test_a_link_address_that_only_ses_names_counts_too() -> None:
    assert established(letter(To="x@y.example"), block(recipient=ADDRESS)) == {"main": HELD}


@pytest.mark.parametrize(
    "address",
    [
        link_address("sales", DOMAIN, CODE, SEALS),
        f"link+wxyz2345{ADDRESS[len('link+abcd2345') :]}",
        f"{ADDRESS.partition('.')[0]}.{'a' * 16}@{DOMAIN}",
        f"link+abcd2345@{DOMAIN}",
        f"link+@{DOMAIN}",
    ],
)
def test_an_address_that_the_account_has_not_sealed_is_flagged_and_nothing_else(address: str) -> None:
    headers = established(letter(BEGUN, To=address))
    event = message(raw(letter(BEGUN, To=address)), **headers["main"])

    assert headers == {"main": {"link_address": "forged"}}
    assert (event.link_code, event.link_only) == (None, False)
    assert words(event) == ["\n".join(SENTENCES)]
    assert details(event)["flags"] == ["link_address_forged"]


def test_a_code_is_not_taken_from_a_mail_that_fails_dmarc() -> None:
    assert established(letter(To=ADDRESS), block(FAIL)) == {"main": {"link_address": "held"}}


@pytest.mark.parametrize("field", ["In_Reply_To", "References"])
def test_whoever_answers_all_who_got_the_mail_hands_no_code_in(field: str) -> None:
    mail = letter(
        To=f"ann@trusted.example, {ADDRESS}", From="Bob <bob@trusted.example>", **{field: "<1@trusted.example>"}
    )

    assert established(mail) == {"main": {"link_address": "held"}}


def test_a_mail_to_somebody_elses_link_domain_is_not_ours() -> None:
    assert established(letter(To=ADDRESS.replace(DOMAIN, "reply.evil.example"))) == {}
    assert established(
        letter(To=f"{ADDRESS}, help@shop.example"), accounts={"main": ACCOUNT | {"reply_domain": ""}}
    ) == {"main": {}}


def test_only_so_many_link_addresses_of_a_mail_are_tried() -> None:
    made_up = ", ".join(f"link+abcd2345.{'a' * 14}{first}{second}@{DOMAIN}" for first in "abcde" for second in "ab")

    assert established(letter(To=f"{made_up}, {ADDRESS}")) == {"main": {"link_address": "forged"}}


def test_of_accounts_that_share_a_reply_domain_the_one_whose_code_it_is_gets_the_mail() -> None:
    address = link_address("b", DOMAIN, CODE, SEALS)

    assert established(letter(To=address), accounts=sharing("a", "b", "c")) == {"b": HELD}
    assert established(letter(To=address), block(FAIL), sharing("a", "b", "c")) == {"b": {"link_address": "held"}}
    assert list(established(letter(To=address, Cc="c@shop.example"), accounts=sharing("a", "b", "c"))) == ["b", "c"]


def test_a_reply_address_and_a_link_address_both_count() -> None:
    answer = reply_address("main", DOMAIN, CONVERSATION, identity_id("email", "main", "ann@trusted.example"), SEALS)

    headers = established(letter(To=f"{ADDRESS}, {answer}"))["main"]

    assert (headers["link_code"], headers["conversation"]) == (CODE, CONVERSATION)


def test_a_mail_as_it_was_begun_holds_nothing_but_the_code() -> None:
    event = begun()

    assert (event.link_code, event.link_only) == (CODE, True)
    assert words(event) == ["\n".join(SENTENCES)]


def test_our_words_are_words_like_others_where_no_code_was_established() -> None:
    event = message(raw(letter(BEGUN, Subject=SUBJECT)))

    assert (event.link_code, event.link_only) == (None, False)
    assert words(event) == ["\n".join(SENTENCES)]


@pytest.mark.parametrize(
    "body",
    [
        SENTENCES[0],
        SENTENCES[1],
        f"{SENTENCES[1]}\r\n{SENTENCES[0]}",
        BEGUN.upper(),
        " ".join(SENTENCES),
        "".join(SENTENCES),
        BEGUN.replace(" ", "\r\n"),
        BEGUN.replace(" ", "\u00a0"),
        BEGUN.replace("继续", "继\r\n续"),
        BEGUN.replace("，", ",").replace("。", "."),
        BEGUN.replace("，", " ").replace("。", "").replace(";", ""),
        f"{BEGUN}-- \r\nAnn Example\r\nExample Ltd.\r\n",
        f"{BEGUN}Sent from my iPhone\r\n",
        f"{BEGUN}发自我的手机\r\n",
        f"{BEGUN}________________\r\nAnn\r\nann@trusted.example\r\n",
        "",
        "\r\n\r\n",
        "Sent from my iPhone\r\n",
        "-- \r\nAnn Example\r\n",
        "ANN\r\n",
    ],
)
def test_what_programs_do_to_our_words_adds_nothing(body: str) -> None:
    assert begun(body).link_only


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (f"{BEGUN}My order is late.", "My order is late."),
        (f"My order is late.\r\n\r\n{BEGUN}", "My order is late."),
        (f"{SENTENCES[0]}\r\nMy order is late.\r\n{SENTENCES[1]}", "My order is late."),
        (f"{SENTENCES[0]} My order is late.", "My order is late."),
        (f"One\r\n\r\n{BEGUN}Two\r\n\r\n    Three", "One\n\nTwo\n\n    Three"),
        (f"{BEGUN}我的订单到哪里了？\r\n\r\n发自我的手机", "我的订单到哪里了？"),
        ("I would like to continue our conversation.", "I would like to continue our conversation."),
        ("   indented\r\n\r\n\r\n\r\nfar below", "   indented\n\n\n\nfar below"),
        (f"{BEGUN}?", "?"),
    ],
)
def test_what_was_added_is_the_message_without_our_words(body: str, left: str) -> None:
    event = begun(body)

    assert words(event) == [left]
    assert (event.link_code, event.link_only) == (CODE, False)


def test_the_whole_body_is_kept_with_our_words() -> None:
    event = begun(f"{BEGUN}My order is late.")

    assert details(event)["text"] == "\n".join((*SENTENCES, "", "My order is late."))


@pytest.mark.parametrize("quoted", ["On Fri, Jan 15, 2027 at 8:00 AM Shop <help@shop.example> wrote:\r\n> Your order"])
def test_a_mail_that_was_pasted_in_is_something_that_was_added(quoted: str) -> None:
    assert words(begun(BEGUN + quoted)) == [quoted.replace("\r\n", "\n")]


def test_a_long_text_below_a_delimiter_is_no_signature() -> None:
    lines = ["-- ", *(f"line {number}" for number in range(30))]

    assert words(begun(BEGUN + "\r\n".join(lines))) == ["\n".join(lines)]


@pytest.mark.parametrize(
    ("subject", "added"),
    [
        (SUBJECT, False),
        (SUBJECTS[0], False),
        (f"[EXTERNAL] {SUBJECT}", False),
        (SUBJECT.replace(" / ", " "), False),
        ("", False),
        ("Order 42 is late", True),
        (f"{SUBJECTS[0]} about order 42", True),
    ],
)
def test_a_subject_that_the_writer_has_changed_is_said(subject: str, added: bool) -> None:
    for body in (BEGUN, ""):
        event = begun(body, Subject=subject)

        assert event.link_only is not added
        assert (words(event) == [subject]) is (added or (body == "" and subject != ""))


def test_a_file_is_something_that_was_added_and_pictures_are_found_where_they_moved_to() -> None:
    picture = "Content-Type: image/png\r\nContent-ID: <photo>\r\nContent-Disposition: attachment\r\n\r\nx"
    body = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{BEGUN}\r\n--b\r\n{picture}\r\n--b--\r\n"

    for text, place in ((body, 0), (body.replace(BEGUN, f"{BEGUN}Here it is."), 1), (body.replace(BEGUN, ""), 0)):
        event = begun(text, Content_Type='multipart/mixed; boundary="b"')

        assert not event.link_only
        assert [index for index, part in enumerate(event.parts) if not isinstance(part, TextPart)] == [place]
        assert details(event)["content_ids"] == {"photo": place}


@pytest.mark.parametrize("verdicts", [NONE, FAIL, ""])
def test_a_sender_whom_nobody_vouched_for_is_unproven_and_their_address_a_claim(verdicts: str) -> None:
    sender = message(raw(top=block(verdicts)), **HELD).sender

    assert (sender.unproven, sender.claims, sender.aliases) == (True, {"email": "ann@trusted.example"}, {})


def test_a_proven_sender_claims_nothing() -> None:
    for verdicts, scope in ((PASS, ""), (NONE, "main")):
        sender = message(raw(top=block(verdicts)), identity_scope=scope).sender

        assert (sender.scope, sender.unproven, sender.claims) == ("main", False, {})


@pytest.mark.parametrize("verdicts", [PASS, NONE])
def test_a_reply_address_for_the_unproven_leaves_them_unproven_however_this_mail_is_proven(verdicts: str) -> None:
    sender = message(raw(top=block(verdicts)), identity_scope="main:unverified", conversation=CONVERSATION).sender

    assert (sender.scope, sender.unproven) == ("main:unverified", True)
    assert (sender.claims, sender.aliases) == ({"email": "ann@trusted.example"}, {})


def test_several_senders_and_none_are_unproven() -> None:
    several = message(raw(letter(From="ann@trusted.example, bob@evil.example")), **HELD).sender
    nobody = message(raw(letter(From="")), **HELD).sender

    assert (several.unproven, several.aliases) == (True, {})
    assert (nobody.unproven, nobody.claims, nobody.aliases) == (True, {}, {})
