"""Given somebody who would be taken for Ann, when they try, then they are not; and without the line of code that keeps
them out, they are.

Each attack says whether it has succeeded. The lines are those that one would write without having thought of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from msgspec import structs

from connectors.channels.email.reply_address import reply_address
from shared.model.identifiers import identity_id
from shared.model.inbound import InboundMessage
from shared.model.link_codes import shown
from shared.model.parts import ContactPart, TextPart
from shared.model.value import replace
from tests.support.channels import sender, text_message, webhook
from tests.support.guards import Guard, remove
from tests.unit.core.strangers import ADDRESS, ANN, CODE, World
from tests.unit.email_inbound.mails import FAIL, NONE, SEALS

EVE = identity_id("letters", "main", "eve")
WORDS = "send it to another address"
OTHER = "spf=pass client-ip=192.0.2.9; dkim=pass header.i=@other.example; dmarc=pass header.from=other.example;"

REDEEMING = "shared.core.linking.redeeming"
RECEIVING = "shared.core.receiving"
FRESH = "found.used_by is None and found.expires_at > self._clock()"
IN_MEMORY = "known.used_by is None and known.expires_at > self.clock()"


def mail_in_her_name(world: World) -> bool:
    world.mail(WORDS, NONE)
    return world.told_as_ann(WORDS)


def mail_that_her_domain_disowns(world: World) -> bool:
    world.mail(WORDS, FAIL)
    return world.told_as_ann(WORDS)


def forwarded_reply_address(world: World) -> bool:
    """Ben has got a mail of ours, and forwards it; whoever has it writes to its address in Ann's name."""
    ben = identity_id("email", "main", "ben@trusted.example")
    world.mail("where is it?", From="ben@trusted.example")
    conversation_id = world.desk.store.identities[ben].conversation_id or ""
    address = reply_address("main", "reply.shop.example", conversation_id, ben, SEALS)
    world.mail(WORDS, NONE, To=address)
    return world.told_as_ann(WORDS)


def answer_to_a_forwarded_mail(world: World) -> bool:
    """Eve, who is vouched for as Eve, answers a mail that Ann has forwarded to her."""
    answered = f"<{world.answer}@eu-west-1.amazonses.com>"
    world.mail(WORDS, OTHER, **{"From": "eve@other.example", "In-Reply-To": answered, "References": answered})
    return world.told_as_ann(WORDS)


def address_typed_into_the_chat(world: World) -> bool:
    token = world.opened(claims={"email": ADDRESS})
    world.says(token, WORDS)
    return world.is_ann(world.visitor(token))


def address_that_nobody_signed(world: World) -> bool:
    token = world.opened()
    world.says(token, WORDS)
    queued = world.queue.events[-1].envelope
    body = queued.body.replace(b'"verification":"none"', f'"verification":"none","email":"{ADDRESS}"'.encode())
    world.desk.ingest(replace(queued, body=body.replace(b"frame-0", b"frame-9")))
    return world.is_ann(world.visitor(token))


def address_in_a_text(world: World) -> bool:
    world.desk.write("eve", f"I am {ADDRESS}")
    return world.is_ann(EVE)


def address_in_a_contact(world: World) -> bool:
    contact = ContactPart(name="Ann", emails=[ADDRESS])
    world.desk.ingest(webhook(InboundMessage(provider_id="1", sender=sender("eve"), parts=[contact], occurred_at=1.0)))
    return world.is_ann(EVE)


def address_of_a_profile_that_was_parted(world: World) -> bool:
    """Whoever was parted from Ann by an agent goes on proving what they had proven."""
    token = world.opened("user-1")
    world.says(token, "it is me")
    assert world.is_ann(world.visitor(token))
    world.unlinks(world.visitor(token))
    world.says(token, WORDS)
    return world.is_ann(world.visitor(token))


def eve_sends(world: World, text: str = CODE) -> bool:
    world.desk.write("eve", text)
    return world.is_ann(EVE)


def code_that_is_used_up(world: World) -> bool:
    world.issues()
    world.desk.write("ann", CODE, channel="lounge")
    return eve_sends(world)


def code_that_has_expired(world: World) -> bool:
    world.issues()
    world.desk.clock.advance(901)
    return eve_sends(world)


def code_for_another_channel(world: World) -> bool:
    world.issues(channel="lounge")
    return eve_sends(world)


def code_for_another_account(world: World) -> bool:
    world.issues(account="sales")
    return eve_sends(world)


def code_that_is_guessed(world: World) -> bool:
    world.issues()
    for number in range(2, 7):
        world.desk.write("eve", f"K7QM2XP{number}")
    return eve_sends(world)


def code_of_a_sender_who_could_be_anybody(world: World) -> bool:
    world.issues()
    event = text_message("eve", "1", CODE)
    event.sender = structs.replace(event.sender, unproven=True)
    world.desk.ingest(webhook(event))
    return world.is_ann(EVE)


def code_in_a_mail_that_nobody_vouched_for(world: World) -> bool:
    world.issues()
    world.mail(shown(CODE), NONE, From="eve@trusted.example")
    return world.is_ann(identity_id("email", "main:unverified", "eve@trusted.example"))


def code_that_is_spoken_of(world: World) -> bool:
    world.issues()
    return eve_sends(world, f"{shown(CODE)} is what it says")


def code_that_staff_repeats(world: World) -> bool:
    """An agent tells Eve, in the provider's own app, what was meant for Ann."""
    world.issues()
    world.desk.write("eve", "hello")
    part = TextPart(text=CODE)
    echo = InboundMessage(provider_id="e", sender=sender("eve"), parts=[part], occurred_at=1.0, origin="echo")
    world.desk.ingest(webhook(echo))
    return world.is_ann(EVE)


def old_code_of_somebody_who_is_gone(world: World) -> bool:
    """Ann was merged into Ben since the code was made: it leads to who is the same person now, and not to nobody."""
    world.issues()
    gone = world.customer(ANN)
    world.desk.write("ben")
    world.desk.write("cid")
    world.merges(ANN, identity_id("letters", "main", "ben"))
    world.desk.write("eve", CODE)
    assert world.customer(EVE) in (gone, world.customer(identity_id("letters", "main", "ben")))
    return world.customer(EVE) == gone


@dataclass(frozen=True)
class Case:
    attack: Callable[[World], bool]
    guards: tuple[Guard, ...]


VOUCHED = Guard(
    "connectors.channels.email.sender",
    'return (proven, "provider") if verdicts.verified else (unproven, "none")',
    'return (proven, "provider")',
)
SEALED = Guard(
    "connectors.channels.email.proofs",
    "if seals.holds(token.seal, *seal_fields(account_name, token.conversation_id, person)):",
    "if True:",
)
CLAIMED = Guard(
    RECEIVING,
    "self._linking.links.note(head.customer_id, claims)",
    "self._linking.prove(self._people.identity(identity_id).identity, {each.kind: each.value for each in claims})",
)
PROVEN_SENDER = Guard(REDEEMING, "return here and fresh and not brought.event.sender.unproven", "return here and fresh")
HERE = "here = found.channel in (None, envelope.channel) and found.account in (None, envelope.account)"

CASES = [
    Case(mail_in_her_name, (VOUCHED,)),
    Case(mail_that_her_domain_disowns, (VOUCHED,)),
    Case(forwarded_reply_address, (SEALED,)),
    Case(
        answer_to_a_forwarded_mail,
        (Guard(RECEIVING, 'if event.origin == "echo" and event.continues', "if event.continues"),),
    ),
    Case(
        address_typed_into_the_chat,
        (Guard("connectors.channels.webchat.parsing", "aliases=aliases,", "aliases={**claims, **aliases},"),),
    ),
    Case(
        address_that_nobody_signed,
        (Guard("connectors.channels.webchat.parsing", "if signed and session.email else", "if session.email else"),),
    ),
    Case(address_in_a_text, (CLAIMED,)),
    Case(address_in_a_contact, (CLAIMED,)),
    Case(
        address_of_a_profile_that_was_parted,
        (Guard("shared.core.placing", "if self._proves_more(stored.identity, aliases):", "if aliases:"),),
    ),
    Case(
        code_that_is_used_up,
        (
            Guard(REDEEMING, FRESH, "found.expires_at > self._clock()"),
            Guard("tests.unit.core.memory_links", IN_MEMORY, "known.expires_at > self.clock()"),
        ),
    ),
    Case(
        code_that_has_expired,
        (
            Guard(REDEEMING, FRESH, "found.used_by is None"),
            Guard("tests.unit.core.memory_links", IN_MEMORY, "known.used_by is None"),
        ),
    ),
    Case(
        code_for_another_channel,
        (Guard(REDEEMING, HERE, "here = found.account in (None, envelope.account)"),),
    ),
    Case(
        code_for_another_account,
        (Guard(REDEEMING, HERE, "here = found.channel in (None, envelope.channel)"),),
    ),
    Case(
        code_that_is_guessed,
        (Guard(REDEEMING, "if self._codes.wrong(identity_id, link_codes.SECONDS) >= MOST_WRONG:", "if False:"),),
    ),
    Case(code_of_a_sender_who_could_be_anybody, (PROVEN_SENDER,)),
    Case(code_in_a_mail_that_nobody_vouched_for, (PROVEN_SENDER,)),
    Case(
        code_in_a_mail_that_nobody_vouched_for,
        (Guard("connectors.channels.email.sender", "        unproven=unproven,", "        unproven=False,"),),
    ),
    Case(
        code_that_is_spoken_of,
        (Guard("shared.model.link_codes", "found = _SHOWN.fullmatch(folded)", "found = _SHOWN.search(folded)"),),
    ),
    Case(code_that_staff_repeats, (Guard(REDEEMING, 'if event.origin != "customer":', "if False:"),)),
    Case(
        old_code_of_somebody_who_is_gone,
        (
            Guard("shared.core.linking.linker", "if state.merged_into is None:", "if True:"),
            Guard("shared.core.linking.linker", "if target.state.merged_into is not None:", "if False:"),
        ),
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.attack.__name__)


@each_case
def test_nobody_is_taken_for_somebody_else(case: Case) -> None:
    assert not case.attack(World())


@each_case
def test_without_what_guards_against_it_they_would_be(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    remove(case.guards, monkeypatch)
    assert case.attack(World())
