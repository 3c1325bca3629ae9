"""Given a browser that Ann has used, or that was linked to her for a while, when somebody else sits before it, then
they see nothing of what is hers; and without the lines of code that see to it, they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from shared.core.conversations import ConversationChange
from shared.errors import Unauthorized
from tests.support.guards import Guard, remove
from tests.unit.core.strangers import ANN, CODE, SECRET, World

LATER = "the key is under the mat"


def is_shown(world: World, token: str, text: str) -> bool:
    return any(text in each for each in world.sees(token))


def browser_that_ann_has_left(world: World) -> bool:
    """A visitor, then Ann signs in and out, then a visitor again, who comes with what the browser has kept."""
    visitor = world.opened()
    world.says(visitor, "hello")
    ann = world.opened("user-1", earlier=visitor)
    world.says(ann, LATER)
    assert is_shown(world, ann, LATER)
    again = world.opened(earlier=ann)
    return is_shown(world, again, LATER) or is_shown(world, again, SECRET)


def browser_that_a_stranger_has_left(world: World) -> bool:
    """Whoever signs in is not taken for the visitor who was there before."""
    visitor = world.opened()
    world.says(visitor, "buy me one too")
    ann = world.opened("user-1", earlier=visitor)
    world.says(ann, "hello")
    return world.is_ann(world.visitor(visitor)) or is_shown(world, ann, "buy me one too")


def visitor_who_stays_a_visitor(world: World) -> bool:
    """What a visitor said before somebody signed in at the same browser, and out again, stays theirs alone."""
    visitor = world.opened()
    world.says(visitor, LATER)
    ann = world.opened("user-1", earlier=visitor)
    return is_shown(world, world.opened(earlier=ann), LATER)


def somebody_new_who_was_parted(world: World) -> bool:
    """They came by Ann's code, saw what was hers, and were taken back."""
    world.issues()
    token = world.opened()
    world.follows(token, CODE)
    assert is_shown(world, token, SECRET)
    world.unlinks(world.visitor(token))
    return is_shown(world, token, SECRET)


def somebody_known_who_was_parted(world: World) -> bool:
    """It was their conversation that went on; Ann wrote in it, and it goes back with them."""
    token = world.opened()
    world.says(token, "hello")
    closed = ConversationChange(status="closed")
    world.desk.change(world.desk.store.identities[ANN].conversation_id or "", closed)
    world.merges(world.visitor(token), ANN)
    world.mail(LATER)
    assert world.told_as_ann(LATER)
    world.unlinks(world.visitor(token))
    return is_shown(world, token, LATER)


def somebody_whom_an_agent_takes_for_ann(world: World) -> bool:
    """An agent's word is no proof: who is linked by it sees what is said from then on."""
    token = world.opened()
    world.says(token, "hello")
    world.merges(world.visitor(token), ANN)
    return is_shown(world, token, SECRET)


def session_of_another_account(world: World) -> bool:
    """The origins that may use an account are checked by the account that is asked for."""
    token = world.opened()
    world.says(token, LATER)
    try:
        found = world.chat.history("other", token, 0, 100)
    except Unauthorized:
        return False
    return LATER in str(found)


@dataclass(frozen=True)
class Case:
    attack: Callable[[World], bool]
    guards: tuple[Guard, ...]


HISTORY = "shared.aws.chat_history"
ANONYMOUS = Guard(
    "shared.core.chat.sessions", 'return session if session.verification == "none" else None', "return session"
)
FOLLOWED = Guard(
    "shared.core.chat.sessions",
    'return self._session(account, f"user:{user.subject}", user, said)',
    "return self._session(account, self._anonymous(account, earlier).external_id, user, said)",
)

CASES = [
    Case(browser_that_ann_has_left, (ANONYMOUS,)),
    Case(browser_that_a_stranger_has_left, (FOLLOWED,)),
    Case(visitor_who_stays_a_visitor, (ANONYMOUS, FOLLOWED)),
    Case(
        somebody_new_who_was_parted,
        (
            Guard(
                "shared.core.linking.unlinking",
                "replace(was, conversation_id=new.head.conversation_id)",
                "replace(was, conversation_id=stored.conversation_id)",
            ),
            Guard(HISTORY, "if head is None or head.customer_id != identity.customer_id:", "if head is None:"),
            Guard(
                HISTORY,
                "route = head.routes.get(identity.id)",
                "route = head.routes.get(identity.id) or next(iter(head.routes.values()))",
            ),
            Guard(HISTORY, "theirs & head.routes.keys()", "frozenset(head.routes)"),
        ),
    ),
    Case(
        somebody_known_who_was_parted,
        (Guard("shared.core.chat.ports", " and message.identity_id in self.identities", ""),),
    ),
    Case(
        somebody_whom_an_agent_takes_for_ann,
        (
            Guard(
                "shared.core.linking.joining",
                "shows_from=0 if evidence.shows_all else head.sequence + 1",
                "shows_from=0",
            ),
        ),
    ),
    Case(
        session_of_another_account,
        (Guard("shared.core.chat.tokens", "if account is not None and session.account != account:", "if False:"),),
    ),
]

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.attack.__name__)


@each_case
def test_nobody_sees_what_is_somebody_elses(case: Case) -> None:
    assert not case.attack(World())


@each_case
def test_without_what_guards_against_it_they_would(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    remove(case.guards, monkeypatch)
    assert case.attack(World())


def test_of_several_guards_each_alone_keeps_who_was_parted_out(monkeypatch: pytest.MonkeyPatch) -> None:
    case = next(each for each in CASES if each.attack is somebody_new_who_was_parted)
    for kept in case.guards:
        with monkeypatch.context() as without_the_others:
            remove([guard for guard in case.guards if guard is not kept], without_the_others)
            assert not case.attack(World()), f"{kept.line} does not keep anybody out"
