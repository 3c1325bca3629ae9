"""Addresses: who wrote, as one reading only, and everybody else as well as can be."""

from __future__ import annotations

import pytest

from connectors.channels.email.mime.addresses import read_addresses
from connectors.channels.email.mime.reading import read_mail

SOUND = {
    "a@b.example": [("", "a@b.example")],
    "Ann <a@b.example>": [("Ann", "a@b.example")],
    '"Smith, Ann" <a@b.example>, c@d.example': [("Smith, Ann", "a@b.example"), ("", "c@d.example")],
    '"a@trusted.example" <b@evil.example>': [("a@trusted.example", "b@evil.example")],
    '"a\\" <a@trusted.example>" <b@evil.example>': [('a" <a@trusted.example>', "b@evil.example")],
    "(a@trusted.example) b@evil.example": [("a@trusted.example", "b@evil.example")],
    "(a (nested) <a@trusted.example>) Bob <b@evil.example>": [("Bob", "b@evil.example")],
    "a@trusted.example <b@evil.example>": [("a@trusted.example", "b@evil.example")],
    "=?utf-8?Q?a=40trusted.example=2C_?= <b@evil.example>": [("a@trusted.example,", "b@evil.example")],
    '"=?utf-8?B?5L2g5aW9?=" <a@b.example>': [("你好", "a@b.example")],
    "=?gb2312?B?1uzpRrv5?= <a@b.example>": [("朱镕基", "a@b.example")],
    "A.B.C. <Local.Part+Tag@EXAMPLE.Com>": [("A.B.C.", "Local.Part+Tag@example.com")],
    "a@b.example (Ann)": [("Ann", "a@b.example")],
    "Team: a@b.example, Bob <c@d.example>; e@f.example": [
        ("", "a@b.example"),
        ("Bob", "c@d.example"),
        ("", "e@f.example"),
    ],
    "undisclosed-recipients:;": [],
    "": [],
    "a@b.example; c@d.example": [("", "a@b.example"), ("", "c@d.example")],
    '"john doe"@b.example': [("", '"john doe"@b.example')],
    '"john.doe"@b.example': [("", "john.doe@b.example")],
    '<"a>,b"@b.example>': [("", '"a>,b"@b.example')],
    "a@bücher.example": [("", "a@xn--bcher-kva.example")],
    "Jörg <a@BÜCHER.example>": [("Jörg", "a@xn--bcher-kva.example")],
    "你好 <用户@例子.example>": [("你好", "用户@xn--fsqu00a.example")],
    "a@[192.0.2.1]": [("", "a@[192.0.2.1]")],
    "a@b.example.": [("", "a@b.example")],
    "<@relay.example:a@b.example>": [("", "a@b.example")],
    "Ann\t  Lee <a@b.example>": [("Ann Lee", "a@b.example")],
}

# Programs read these differently; none may prove an identity.
UNSOUND = {
    "<a@trusted.example> <b@evil.example>": ["a@trusted.example", "b@evil.example"],
    "<b@evil.example> a@trusted.example": ["b@evil.example", "a@trusted.example"],
    "a@trusted.example b@evil.example": ["a@trusted.example", "b@evil.example"],
    "a@trusted.example@evil.example": ["a@trusted.example@evil.example"],
    '"a@trusted.example <b@evil.example>': None,
    "Ann <b@evil.example": ["b@evil.example"],
    "Ann b@evil.example>": None,
    "(Ann b@evil.example": [],
    "<a@trusted.example\0@evil.example>": None,
    "a b@evil.example": ["b@evil.example"],
    "Ann": [],
    "Ann <Ann>": [],
    "a@": [],
    "@evil.example": [],
    "a@ev il.example": None,
    "a@-\u2028-.example": None,
}


@pytest.mark.parametrize("value", SOUND)
def test_well_formed_addresses_are_read(value: str) -> None:
    found = read_addresses(value)

    assert [(each.name, each.address) for each in found.addresses] == SOUND[value]
    assert found.sound


@pytest.mark.parametrize("value", UNSOUND)
def test_what_can_be_read_in_two_ways_is_no_sound_address(value: str) -> None:
    found = read_addresses(value)

    assert not found.sound
    if UNSOUND[value] is not None:
        assert [each.address for each in found.addresses] == UNSOUND[value]


@pytest.mark.parametrize("value", [value for value in UNSOUND if "\u2028" not in value])
def test_a_mail_with_such_a_from_has_no_sender(value: str) -> None:
    assert read_mail(f"From: {value}\r\n\r\n".encode()).sender is None


def test_a_sender_is_the_one_address_of_the_one_from() -> None:
    mail = read_mail(b"From: Ann <Ann@EXAMPLE.com>\r\nReply-To: other@example.com\r\n\r\n")

    assert mail.sender is not None
    assert (mail.sender.name, mail.sender.address, mail.sender.key) == ("Ann", "Ann@example.com", "ann@example.com")
    assert mail.flags == []


@pytest.mark.parametrize(
    ("head", "flag"),
    [
        (b"From: a@b.example, c@d.example\r\n", "several_senders"),
        (b"From: a@b.example\r\nFrom: c@d.example\r\n", "several_senders"),
        (b"From: a@b.example\r\nFrom: a@b.example\r\n", "several_senders"),
        (b"From: a@b.example\r\nFrom:\r\n", "several_senders"),
        (b"Sender: a@b.example\r\nReply-To: a@b.example\r\n", "no_sender"),
        (b"From: <a@b.example> c\r\n", "malformed_sender"),
    ],
)
def test_several_or_no_senders_are_flagged(head: bytes, flag: str) -> None:
    mail = read_mail(head + b"\r\nhello")

    assert mail.sender is None
    assert mail.flags == [flag]


def test_no_more_than_a_thousand_addresses_are_kept() -> None:
    mail = read_mail(b"From: a@b.example\r\nTo: " + b"x@y.example, " * 5000 + b"\r\n\r\n")

    assert len(mail.to) == 1000
