"""Only what SES wrote on top of a mail proves anything about its sender."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from connectors.channels.email.mime.headers import header_block
from connectors.channels.email.verdicts import Verdicts, null_sender, read_verdicts, recipient, split_block
from tests.unit.email_inbound.mails import FAIL, NONE, PASS, block, letter, raw


def verdicts(top: str, mail: str | None = None, domain: str | None = "trusted.example") -> Verdicts:
    return read_verdicts(split_block(header_block(raw(mail, top))), domain)


def test_a_mail_that_passes_dmarc_is_verified() -> None:
    assert verdicts(block(PASS)) == Verdicts("pass", "pass", "pass", True, True, "pass", "pass")


@pytest.mark.parametrize(
    ("results", "verified"),
    [
        ("spf=pass; dkim=none; dmarc=pass header.from=trusted.example", True),
        ("SPF=PASS; DKIM=PASS header.i=@Trusted.Example; DMARC=PASS header.from=Trusted.Example", True),
        ("spf=none; dkim=pass header.d=trusted.example; dmarc=none header.from=trusted.example", True),
        ("spf=none; dkim=pass header.i=@mail.trusted.example; dmarc=none header.from=trusted.example", True),
        ("spf=none; dkim=fail header.i=@x.example; dkim=pass header.i=@trusted.example; dmarc=none", True),
        ("spf=none; dkim=pass (2048-bit key) header.i=@trusted.example; dmarc=none", True),
        ("spf=pass; dkim=none; dmarc=none header.from=trusted.example", False),
        ("spf=pass; dkim=pass header.i=@evil.example; dmarc=none header.from=trusted.example", False),
        ("spf=pass; dkim=pass header.i=@nottrusted.example; dmarc=none header.from=trusted.example", False),
        ("spf=pass; dkim=pass header.i=@example; dmarc=none header.from=trusted.example", False),
        ("spf=pass; dkim=pass header.i=@trusted.example; dmarc=fail header.from=trusted.example", False),
        ("spf=pass; dkim=none; dmarc=bestguesspass header.from=trusted.example", False),
        ("spf=pass; dkim=none; dmarc=pass", False),
        ("spf=pass; dkim=pass header.i=@trusted.example; dmarc=pass header.from=evil.example", False),
        ("spf=none; dkim=none; dmarc=fail; dmarc=pass header.from=trusted.example", False),
        ("", False),
    ],
)
def test_the_domain_of_the_from_address_has_to_vouch_for_the_mail(results: str, verified: bool) -> None:
    assert verdicts(block(results)).verified is verified


def test_without_one_from_address_nothing_is_verified() -> None:
    assert verdicts(block(PASS), domain=None).verified is False


def test_verdicts_below_those_of_ses_are_the_senders_own_words() -> None:
    forged = f"Authentication-Results: amazonses.com; {PASS}\r\nX-SES-Virus-Verdict: PASS\r\n{letter()}"
    found = verdicts(block(FAIL, virus="FAIL"), forged)
    assert (found.dmarc, found.verified, found.virus) == ("fail", False, "fail")


def test_a_whole_forged_block_is_not_taken_for_that_of_ses() -> None:
    found = verdicts(block(FAIL), block(PASS) + letter())
    assert (found.dmarc, found.verified) == ("fail", False)


def test_what_ses_left_out_cannot_be_added_below_its_block() -> None:
    without = block(NONE).replace("X-SES-Virus-Verdict: PASS\r\n", "").replace("X-SES-Spam-Verdict: PASS\r\n", "")
    found = verdicts(without, f"X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n{letter()}")
    assert (found.spam, found.virus) == (None, None)


def test_a_mail_that_did_not_come_in_through_ses_proves_nothing() -> None:
    elsewhere = block(PASS).replace("inbound-smtp.eu-west-1.amazonaws.com", "mx.evil.example")
    assert verdicts(elsewhere) == Verdicts()
    assert verdicts("") == Verdicts()
    assert verdicts(f"Authentication-Results: amazonses.com; {PASS}\r\n") == Verdicts()


def test_results_of_another_service_prove_nothing() -> None:
    assert verdicts(block(PASS).replace("amazonses.com;\r\n spf", "evil.example;\r\n spf")).verified is False


@pytest.mark.parametrize(
    "return_path",
    ['"a; dkim=pass header.i=@trusted.example;"@evil.example', "a;dmarc=pass@evil.example", "a(b@evil.example"],
)
def test_a_return_address_that_could_pass_for_a_verdict_makes_all_of_them_void(return_path: str) -> None:
    results = f"spf=none envelope-from={return_path}; dkim=pass header.i=@trusted.example; dmarc=none"
    assert verdicts(block(results, return_path=return_path)) == Verdicts(spam="pass", virus="pass")


def test_a_greeting_that_could_pass_for_a_verdict_makes_all_of_them_void() -> None:
    assert verdicts(block(PASS, greeting="a;dkim=pass")).verified is False


@pytest.mark.parametrize("extra", ["(" * 5_000, '"', "(((a)", "x" * 20_000])
def test_results_that_cannot_be_told_apart_from_comments_are_void(extra: str) -> None:
    assert verdicts(block(f"{PASS} {extra}")).verified is False


def test_the_recipient_is_the_one_that_ses_took_the_mail_for() -> None:
    found = split_block(header_block(raw(top=block(recipient="hidden@shop.example", greeting="for"))))
    assert recipient(found) == "hidden@shop.example"
    assert recipient(split_block(header_block(raw(top="")))) is None


def test_a_null_return_path_is_only_the_one_that_ses_wrote() -> None:
    assert null_sender(split_block(header_block(raw(top=block(return_path="")))))
    forged = f"Return-Path: <>\r\n{letter()}"
    assert not null_sender(split_block(header_block(raw(forged))))


def documented_block(page: str) -> str:
    """The fields that the page tells to put on top of mail that comes in without SES."""
    text = (Path(__file__).parents[3] / "docs" / "channels" / page).read_text("utf-8")
    start = text.index("    Return-Path:")
    return dedent(text[start : text.index("\n\n", start)]).replace("\n", "\r\n") + "\r\n"


@pytest.mark.parametrize("page", ["email.md", "email.zh-CN.md"])
def test_the_fields_that_the_documentation_tells_other_servers_to_write_are_believed(page: str) -> None:
    top, mail = documented_block(page), letter(From="Ann <ann@example.com>")
    found = split_block(header_block(raw(mail, top)))
    assert recipient(found) == "help@shop.example"
    assert read_verdicts(found, "example.com").verified


def test_the_two_fields_that_have_to_be_on_top_keep_a_forged_block_from_being_believed() -> None:
    fields = documented_block("email.md").split("\r\n")
    own = "\r\n".join(line for line in fields if line.startswith(("Received", " with", "X-SES-RECEIPT"))) + "\r\n"
    found = split_block(header_block(raw(letter(), own + block(PASS))))
    assert not read_verdicts(found, "trusted.example").verified
    assert recipient(found) == "help@shop.example"
