"""What a mail says it answers."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.channels.email.threading import capped, message_id, opening_subject, reply_subject
from shared.errors import Unprocessable
from tests.unit.email_outbound.letters import NOW, body_of, deliver, outgoing, received, recipient, sent


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Where is it?", "Re: Where is it?"),
        ("Re: Where is it?", "Re: Where is it?"),
        ("RE: re: Re[2]: Re(3): where", "Re: where"),
        ("回复：回复: 订单", "Re: 订单"),
        ("答复: Re: 订单", "Re: 订单"),
        ("AW: WG: Anfrage", "Re: WG: Anfrage"),
        ("SV: Antw: Hej", "Re: Hej"),
        ("Re^2: Hej", "Re: Hej"),
        ("Fwd: Re: news", "Re: Fwd: Re: news"),
        ("Refund: please", "Re: Refund: please"),
        ("Re", "Re: Re"),
        ("broken\r\nBcc: victim@example.com", "Re: broken Bcc: victim@example.com"),
        ("a\u2028b\x00c", "Re: a b c"),
        ("x" * 1000, "Re: " + "x" * 300),
        ("", None),
        ("  Re:  ", None),
    ],
)
def test_a_subject_gets_exactly_one_mark_of_a_reply(given: str, expected: str | None) -> None:
    assert reply_subject(given) == expected


def test_the_subject_and_the_ids_are_those_of_the_customers_newest_mail() -> None:
    newest = received(subject="Re: Newer", message_id="<n@x>", references=["<a@x>", "b@x"], at=NOW - 10)
    body = body_of(outgoing(), recipient(newest, sent("ses-1", at=NOW - 60), received(subject="Older", at=NOW - 90)))

    assert body["subject"] == "Re: Newer"
    assert body["in_reply_to"] == "<n@x>"
    assert body["references"] == ["<a@x>", "<b@x>", "<n@x>"]
    assert body["sent"] == []


def test_what_came_without_being_a_mail_is_not_what_is_answered() -> None:
    bare = received(at=NOW - 5)
    bare.email = None

    assert body_of(outgoing(), recipient(bare, received()))["in_reply_to"] == "<q1@example.com>"


def test_without_references_the_id_that_the_customer_answered_stands_for_them() -> None:
    body = body_of(outgoing(), recipient(received(in_reply_to="<before@x>")))

    assert body["references"] == ["<before@x>", "<q1@example.com>"]


def test_our_mails_after_the_customers_newest_are_named_the_oldest_first_and_only_a_few() -> None:
    earlier = [sent(f"ses-{number}a", f"ses-{number}b") for number in range(9, 0, -1)]

    body = body_of(outgoing(), recipient(*earlier, received()))

    assert body["sent"] == ["ses-7b", "ses-8a", "ses-8b", "ses-9a", "ses-9b"]


@pytest.mark.parametrize(
    "hostile",
    ["<a@b>\r\nBcc: <v@w>", "<a b@c>", "<a><b>", "", "<>", None, 7, "<ü@x>", "<" + "a" * 2000 + "@x>"],
)
def test_an_id_that_could_break_a_header_is_left_out(hostile: Any) -> None:
    body = body_of(outgoing(), recipient(received(message_id=hostile, references=[hostile, "<ok@x>"])))

    assert message_id(hostile) is None
    assert (body["in_reply_to"], body["references"]) == (None, ["<ok@x>"])


@pytest.mark.parametrize("references", [None, "a@b", {}, 5])
def test_references_that_are_no_list_count_as_none(references: Any) -> None:
    assert body_of(outgoing(), recipient(received(references=references)))["references"] == ["<q1@example.com>"]


def test_of_too_many_references_the_first_and_the_newest_stay() -> None:
    ids = [f"<{number}@x>" for number in range(30)]

    assert capped(ids) == ["<0@x>", *ids[11:]]
    assert capped([*ids[:3], ids[0]]) == ids[:3]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Hello", None, "Your conversation with Shop"),
        ("您好", None, "您与Shop的对话"),
        ("Hello", "zh-Hant", "您与Shop的对话"),
        ("您好", "en", "Your conversation with Shop"),
        ("ご注文の商品", None, "Your conversation with Shop"),
    ],
)
def test_a_mail_that_answers_none_has_a_subject_in_the_customers_language(
    text: str, language: str | None, expected: str
) -> None:
    message = outgoing(text=text)
    message.language = language

    assert deliver(message).parsed["Subject"] == expected


def test_without_a_name_the_subject_names_the_address() -> None:
    assert deliver(outgoing(), from_name="").parsed["Subject"] == opening_subject("help@shop.example", chinese=False)


def test_the_agents_own_subject_wins() -> None:
    body = body_of(outgoing(email={"subject": "Invoice 7"}), recipient(received()))

    assert (body["subject"], body["in_reply_to"]) == ("Invoice 7", "<q1@example.com>")


@pytest.mark.parametrize("subject", ["a\r\nBcc: victim@example.com", "a\nb", "a\x00b", "a\u2028b"])
def test_a_subject_with_a_line_break_is_refused(subject: str) -> None:
    with pytest.raises(Unprocessable) as refusal:
        body_of(outgoing(email={"subject": subject}))

    assert refusal.value.code == "bad_header"
