"""Stories of customers on several channels and the agents who serve them, told to a store; each checks as it goes what
can be said at once, and :meth:`Teller.assert_legal` the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import structs

from shared.core.conversations import ConversationChange
from shared.core.linking.joining import Evidence
from shared.core.linking.records import LinkCode
from shared.core.reply import ReplyRequest
from shared.errors import RequestError
from shared.model import link_codes
from tests.support.actions import (
    PEOPLE,
    WINDOWED,
    Action,
    Answer,
    Close,
    IssueCode,
    Merge,
    Redeem,
    Redeliver,
    Reopen,
    Unlink,
    Wait,
    Who,
    Write,
)
from tests.support.channels import WINDOW_SECONDS, WINDOW_SENDS, text_message, webhook
from tests.support.legal import Facts, assert_legal, check, facts_of

if TYPE_CHECKING:
    from shared.core.conversations import ChangeConversation
    from shared.core.ingest import Ingest
    from shared.core.linking.ports import LinkCodes
    from shared.core.linking.wiring import Linking
    from shared.core.reply import Reply
    from shared.core.storage import People
    from shared.model.conversation import Identity
    from shared.model.envelope import Envelope
    from shared.model.inbound import InboundMessage
    from tests.support.stores import Clock, Store

AGENT = {"type": "agent", "id": "key-1"}


@dataclass(frozen=True)
class Stage:
    """The use cases that stories are told to, and what is stored by them. ``workers`` remember what they have seen."""

    workers: tuple[Ingest, Ingest]
    reply: Reply
    change: ChangeConversation
    linking: Linking
    codes: LinkCodes
    people: People
    now: Callable[[], float]
    wait: Callable[[float], None]
    facts: Callable[[], Facts]


@dataclass
class Brought:
    """A webhook that was accepted, and what came of it the first time."""

    event: InboundMessage
    envelope: Envelope
    outcome: str


@dataclass
class Ledger:
    """The send window of one sender, as the channel's rule has it, wherever they belong meanwhile."""

    opened_at: float
    used: int = 0


@dataclass
class Teller:
    """Tells a story. ``replies`` are the replies that were accepted, with the route that each named, if any."""

    stage: Stage
    brought: list[Brought] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    replies: dict[str, str | None] = field(default_factory=dict)
    windows: dict[str, Ledger] = field(default_factory=dict)
    visited: dict[str, list[str]] = field(default_factory=dict)

    def tell(self, story: list[Action]) -> None:
        for action in story:
            self.act(action)
            self._follow()

    def act(self, action: Action) -> None:
        """Agents are refused what cannot be done now, and customers are never. Raises AssertionError."""
        match action:
            case Write():
                self._write(action)
            case Redeliver(back, worker):
                self._redeliver(back, worker)
            case Redeem():
                self._redeem(action)
            case IssueCode(who):
                self._issue(who)
            case Wait(seconds):
                self.stage.wait(seconds)
            case _:
                with suppress(RequestError):
                    self._serve(action)

    def assert_legal(self) -> None:
        """What must hold after any story. Raises AssertionError."""
        stored = {each.event.provider_id for each in self.brought if each.outcome == "stored"}
        assert_legal(self.stage.facts(), stored, self.replies)

    def use_windows_up(self) -> None:
        """Answers everybody on every route until it is refused: what was sent before still counts."""
        for who in (each for each in PEOPLE if each.channel == WINDOWED):
            self.act(Reopen(who))
            for _ in range(WINDOW_SENDS + 1):
                self.act(Answer(who, named=True))

    def customer(self, who: Who) -> str | None:
        stored = self.stage.people.identity(who.id)
        return None if stored is None else stored.identity.customer_id

    def _write(self, action: Write) -> None:
        aliases = {"email": action.proves} if action.proves else {}
        now = self.stage.now()
        self._bring(action.who, "hello", action.worker, aliases=aliases, at=now - action.late, opens=True)

    def _redeem(self, action: Redeem) -> None:
        if action.back < len(self.codes):
            code = self.codes[-1 - action.back]
            self._bring(action.who, code, action.worker, aliases={}, at=self.stage.now(), opens=action.opens)

    def _bring(self, who: Who, text: str, worker: int, *, aliases: dict[str, str], at: float, opens: bool) -> None:
        name = f"message {len(self.brought)}"
        event = text_message(
            who.sender, name, text, occurred_at=at, opens="message" if opens else None, metadata={"name": name}
        )
        event.sender = structs.replace(event.sender, aliases=aliases)
        envelope = webhook(event, who.channel)
        outcome = self._ingested(envelope, worker)
        check(outcome in ("stored", "linked"), f"a new message is {outcome}")
        self.brought.append(Brought(event, envelope, outcome))
        known = self.windows.get(who.id)
        if opens and (known is None or at >= known.opened_at):
            self.windows[who.id] = Ledger(at)

    def _redeliver(self, back: int, worker: int) -> None:
        if back < len(self.brought):
            again = self.brought[-1 - back]
            outcome = self._ingested(again.envelope, worker)
            wanted = "linked" if again.outcome == "linked" else "duplicate"
            check(
                outcome == wanted,
                f"{again.event.provider_id} was {again.outcome}, and is {outcome} when it comes again",
            )

    def _ingested(self, envelope: Envelope, worker: int) -> str:
        ingest = self.stage.workers[worker]
        ingest.start_batch()
        (outcome,) = [name for name in ingest(envelope) if name != "received"]
        return outcome

    def _issue(self, who: Who) -> None:
        customer_id = self.customer(who)
        if customer_id is None:
            return
        count = len(self.codes)
        digits = link_codes.ALPHABET
        code = f"K7QMAB{digits[count // len(digits)]}{digits[count % len(digits)]}"
        expires_at = self.stage.now() + link_codes.SECONDS
        self.stage.codes.issue(LinkCode(code, customer_id, expires_at, AGENT))
        self.codes.append(code)

    def _serve(self, action: Action) -> None:
        """What agents do."""
        match action:
            case Merge(source, target):
                self._merge(source, target)
            case Unlink(which):
                linked = [each for each in self._identities() if each.link_id is not None]
                if linked:
                    chosen = linked[which % len(linked)]
                    self.stage.linking.linker.unlink(chosen.customer_id, chosen.id, AGENT)
            case Close(who):
                for conversation_id in self._current(who):
                    self.stage.change(conversation_id, ConversationChange(status="closed"))
            case Reopen(who, back):
                for conversation_id in self.visited.get(who.id, [])[::-1][back : back + 1]:
                    self.stage.change(conversation_id, ConversationChange(status="open"))
            case Answer(who, named):
                for conversation_id in self._current(who):
                    self._answer(conversation_id, who.id if named else None)

    def _merge(self, source: Who, target: Who) -> None:
        found = self.customer(source), self.customer(target)
        if found[0] is not None and found[1] is not None:
            evidence = Evidence("agent", "agent", AGENT, shows_all=False)
            self.stage.linking.linker.merge(found[0], found[1], evidence)

    def _answer(self, conversation_id: str, named: str | None) -> None:
        request = ReplyRequest(parts=[{"type": "text", "text": "answer"}], route=named)
        answer = self.stage.reply(conversation_id, request, "key-1", None)
        self.replies[answer["message_id"]] = named
        route = answer["route"]
        if route["channel"] == WINDOWED:
            self._count_send(route["identity_id"])

    def _count_send(self, name: str) -> None:
        window = self.windows.get(name)
        check(window is not None, f"{name} is written to, who never wrote")
        if window is not None:
            check(self.stage.now() < window.opened_at + WINDOW_SECONDS, f"{name} is written to after the window shut")
            window.used += 1
            check(window.used <= WINDOW_SENDS, f"{name} is written to {window.used} times in a window")

    def _identities(self) -> list[Identity]:
        found = [self.stage.people.identity(who.id) for who in PEOPLE]
        return [stored.identity for stored in found if stored is not None]

    def _current(self, who: Who) -> Iterator[str]:
        customer_id = self.customer(who)
        found = None if customer_id is None else self.stage.people.open_conversation(customer_id)
        if found is not None:
            yield found

    def _follow(self) -> None:
        """Keeps the conversations that everybody has been in."""
        for who in PEOPLE:
            for conversation_id in self._current(who):
                been = self.visited.setdefault(who.id, [])
                if been[-1:] != [conversation_id]:
                    been.append(conversation_id)


def stage_on(store: Store, clock: Clock) -> Stage:
    """A stage of two workers on one table."""
    return Stage(
        workers=(store.ingest, store.another().ingest),
        reply=store.reply,
        change=store.change,
        linking=store.linking,
        codes=store.codes,
        people=store.people,
        now=clock,
        wait=clock.advance,
        facts=lambda: facts_of(store),
    )
