"""What stories of customers and agents are made of: who there is, and what they do."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from shared.model.identifiers import identity_id
from tests.support.channels import WINDOW_SENDS

WINDOWED = "lounge"
"""The one of the channels on which replies are limited."""


@dataclass(frozen=True)
class Who:
    """A sender on a channel."""

    sender: str
    channel: str

    @property
    def id(self) -> str:
        return identity_id(self.channel, "main", self.sender)


PEOPLE = (Who("ada", "letters"), Who("ada", WINDOWED), Who("bob", WINDOWED), Who("cyd", WINDOWED))
"""All have written before a story begins, but for the last, whom nobody knows yet."""


@dataclass(frozen=True)
class Write:
    """A message: written ``late`` seconds ago, by a sender who ``proves`` an address, brought by either of two
    workers."""

    who: Who
    late: int = 0
    proves: str | None = None
    worker: int = 0


@dataclass(frozen=True)
class Redeliver:
    """One of the webhooks so far, counted from the end, comes again."""

    back: int
    worker: int = 0


@dataclass(frozen=True)
class IssueCode:
    """A code for the customer of ``who``."""

    who: Who


@dataclass(frozen=True)
class Redeem:
    """A code, counted from the newest, is sent; ``opens`` says whether this opens a send window."""

    who: Who
    back: int = 0
    opens: bool = True
    worker: int = 0


@dataclass(frozen=True)
class Merge:
    source: Who
    target: Who


@dataclass(frozen=True)
class Unlink:
    """One of those who are linked at the time is taken back."""

    which: int


@dataclass(frozen=True)
class Close:
    who: Who


@dataclass(frozen=True)
class Reopen:
    """An agent opens a conversation again that ``who`` has been in, counted from the latest."""

    who: Who
    back: int = 0


@dataclass(frozen=True)
class Answer:
    """An agent answers the customer of ``who``: on the route of ``who`` when it is ``named``."""

    who: Who
    named: bool = False


@dataclass(frozen=True)
class Wait:
    seconds: int


Action = Write | Redeliver | IssueCode | Redeem | Merge | Unlink | Close | Reopen | Answer | Wait

BEGINNING: list[Action] = [Write(who) for who in PEOPLE[:-1]]

_people = st.sampled_from(PEOPLE)
_workers = st.integers(0, 1)
_several: st.SearchStrategy[list[Action]] = st.one_of(
    st.builds(lambda *action: [Write(*action)], _people, st.just(0), st.just(None), _workers),
    st.builds(
        lambda *action: [Write(*action)],
        _people,
        st.sampled_from((0, 30, 1200)),
        st.sampled_from(("ada@mail.example", "bob@mail.example")),
        _workers,
    ),
    st.builds(lambda *action: [Answer(*action)], _people, st.booleans()),
    st.builds(lambda who: [Answer(who, named=True)] * WINDOW_SENDS, _people),
    st.builds(lambda *action: [Merge(*action)], _people, _people),
    st.builds(lambda *action: [Merge(*action)], _people, _people),
    st.builds(lambda which: [Unlink(which)], st.integers(0, 2)),
    st.builds(lambda which: [Unlink(which)], st.integers(0, 2)),
    st.builds(lambda *action: [IssueCode(action[0]), Redeem(*action[1:])], _people, _people, st.just(0), st.booleans()),
    st.builds(lambda *action: [Redeem(*action)], _people, st.integers(0, 1), st.booleans(), _workers),
    st.builds(lambda who: [Close(who)], _people),
    st.builds(lambda *action: [Reopen(*action)], _people, st.integers(0, 2)),
    st.builds(lambda *action: [Redeliver(*action)], st.integers(0, 5), _workers),
    st.builds(lambda seconds: [Wait(seconds)], st.sampled_from((10, 600, 4000))),
)
STORIES: st.SearchStrategy[list[Action]] = st.lists(_several, min_size=12, max_size=30).map(
    lambda several: [*BEGINNING, *(action for actions in several for action in actions)]
)
