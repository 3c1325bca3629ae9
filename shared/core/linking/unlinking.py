"""Taking a link back: everybody is again where they were before it.

What was said while the link stood stays in the log in which it was said; the conversation of those who go names the
place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import msgspec

from shared.core.linking.joining import Party
from shared.core.linking.parting import (
    given_back,
    reopened,
    routes_by_now,
    staying,
    still_waiting,
    taken_back,
    unlinked,
    without,
    written,
)
from shared.core.linking.records import (
    CustomerChange,
    IdentityBefore,
    IdentityMove,
    NewCustomer,
    Outcome,
    Rearrangement,
    StoredLink,
)
from shared.core.records import Head, NewEntry
from shared.errors import Conflict


def check_undoable(stored: StoredLink, target: Party, source: Party | None) -> None:
    """Raises Conflict(``link_superseded``) when a later link has moved one of the identities, or the customer they came
    from, again."""
    link = stored.link
    at_home = {each.identity.id for each in target.state.identities if each.identity.link_id == link.id}
    gone = source is not None and source.state.merged_into != link.customer_id
    if link.undone_at is not None or gone or not at_home.issuperset(link.identity_ids):
        raise Conflict("link_superseded", "a later link has moved what this one moved; undo that one first")


def plan_unlink(
    stored: StoredLink,
    target: Party,
    source: Party,
    by: dict[str, str],
    at: tuple[float, str],
    *,
    left: Head | None,
    fresh: tuple[Head, NewEntry],
) -> tuple[Rearrangement, Outcome]:
    """The identities of the link go back to ``source``, the customer they came from. ``left`` is the conversation that
    the customer they came to had before, if it is still theirs; ``fresh`` is one that can be opened for them if not."""
    link = msgspec.structs.replace(stored.link, undone_at=at[1], undone_by=by)
    undone = replace(stored, link=link)
    stays = _those_who_stay(undone, target, left, fresh, at[0])
    goes, open_again = _those_who_go(undone, target, source, at[0])
    touched = {head.conversation_id for head, _ in (*stays.written, *goes)}
    heads = [head for head in (source.head, target.head) if head is not None]
    plan = Rearrangement(
        link=undone,
        identities=(
            *(_moved_back(name, stored, source.state.id) for name in link.identity_ids),
            *_followers(target, stored, stays.conversation_id),
        ),
        customers=(
            CustomerChange(source.state, source.state.conversation_id),
            CustomerChange(target.state, stays.conversation_id),
        ),
        written=(*stays.written, *goes),
        unchanged=tuple(head for head in heads if head.conversation_id not in touched),
        opened=stays.opened,
    )
    moved = stored.source_conversation if stored.moved else None
    return plan, Outcome(link, stored.source_conversation, reopened=open_again, moved=moved)


class _Stays(NamedTuple):
    """What becomes of the conversations of those who stay: which is theirs, the entries of it, and a new one if it is
    that."""

    conversation_id: str | None
    written: list[tuple[Head, NewEntry]]
    opened: tuple[Head, NewEntry] | None = None


def _those_who_stay(
    undone: StoredLink, target: Party, left: Head | None, fresh: tuple[Head, NewEntry], now: float
) -> _Stays:
    """They keep their conversation, without those who go; if it was brought by these, they are back in the one they
    had before, or get a fresh one."""
    leaving = set(undone.link.identity_ids)
    current = target.state.conversation_id
    if not _goes_away(undone, target):
        if target.head is None:
            return _Stays(current, [])
        following = without(target.head, leaving, undone, still_waiting(target.head, undone))
        return _Stays(current, [written(following, "identity.unlinked", unlinked(following, undone), now)])
    stay = {each.identity.id for each in target.state.identities} - leaving
    if left is None:
        opened = replace(fresh[0], routes=staying(target.head, stay)), fresh[1]
        return _Stays(fresh[0].conversation_id, [], opened)
    back_there = {each.identity_id for each in _followers(target, undone, left.conversation_id)}
    return _Stays(left.conversation_id, routes_by_now(left, target.head, stay, back_there, now))


def _those_who_go(
    undone: StoredLink, target: Party, source: Party, now: float
) -> tuple[list[tuple[Head, NewEntry]], str | None]:
    """The entries of their own conversation, and its id when it is open again: they take along what they brought, and
    get back what the link closed."""
    if undone.moved and source.head is not None:
        following = taken_back(undone, source, None if _goes_away(undone, target) else target.head)
        return [written(following, "identity.unlinked", unlinked(following, undone), now)], None
    back = given_back(undone, source.head, target.head)
    if back is not None:
        entry = written(back, "conversation.updated", reopened(back, undone, target), now)
        return [entry], back.conversation_id
    leaving = set(undone.link.identity_ids)
    return routes_by_now(source.head, target.head, leaving, leaving, now), None


def _goes_away(stored: StoredLink, target: Party) -> bool:
    """Whether the conversation of those who stay is the one that those who go had brought."""
    return stored.moved and target.state.conversation_id == stored.source_conversation


def plan_expulsion(
    stored: StoredLink, target: Party, new: NewCustomer, by: dict[str, str], at: tuple[float, str]
) -> tuple[Rearrangement, Outcome]:
    """The identity of the link, which was new when it came, becomes a customer of its own."""
    link = msgspec.structs.replace(stored.link, undone_at=at[1], undone_by=by)
    undone = replace(stored, link=link)
    entries: list[tuple[Head, NewEntry]] = []
    if target.head is not None:
        following = without(target.head, link.identity_ids, stored, still_waiting(target.head, stored))
        entries.append(written(following, "identity.unlinked", unlinked(following, undone), at[0]))
        new = replace(new, head=replace(new.head, routes=staying(target.head, link.identity_ids)))
    before = {name: replace(was, conversation_id=new.head.conversation_id) for name, was in stored.before.items()}
    plan = Rearrangement(
        link=undone,
        identities=tuple(
            _moved_back(name, replace(stored, before=before), new.customer.id) for name in link.identity_ids
        ),
        customers=(CustomerChange(target.state, target.state.conversation_id),),
        written=tuple(entries),
        created=new,
    )
    return plan, Outcome(link, new.head.conversation_id)


def _moved_back(name: str, stored: StoredLink, customer_id: str) -> IdentityMove:
    was: IdentityBefore = stored.before[name]
    return IdentityMove(
        identity_id=name,
        source=stored.link.customer_id,
        target=customer_id,
        conversation_id=was.conversation_id,
        verification=was.verification,
        link_id=was.link_id,
        was_linked_by=stored.link.id,
    )


def _followers(target: Party, stored: StoredLink, conversation_id: str | None) -> list[IdentityMove]:
    """Those who stay and wrote in the conversation that goes: they are where their customer was before."""
    if conversation_id == target.state.conversation_id:
        return []
    return [
        IdentityMove(
            identity_id=each.identity.id,
            source=target.state.id,
            target=target.state.id,
            conversation_id=conversation_id,
            verification=each.identity.verification,
            link_id=each.identity.link_id,
            was_linked_by=each.identity.link_id,
        )
        for each in target.state.identities
        if each.identity.id not in stored.link.identity_ids and each.conversation_id == stored.source_conversation
    ]
