"""People who are linked, parted and written to at once: the writers, and what must hold when all of them are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from msgspec import structs

from shared.aws.client import AwsClient
from shared.core.conversations import ConversationChange
from shared.core.linking.joining import Evidence
from shared.core.linking.records import LinkCode
from shared.core.reply import ReplyRequest
from shared.errors import RequestError, WriteConflict
from tests.support.actions import Action, Who
from tests.support.channels import text_message, webhook
from tests.support.engines import Engine
from tests.support.legal import Facts, assert_legal, check, facts_of
from tests.support.schedules import Schedule
from tests.support.snapshots import Beginning
from tests.support.stores import START, Clock, Store, store_on
from tests.support.stories import AGENT, Teller, stage_on

Writer = Callable[[Store], object]
CODE = "K7QM2XPD"


@dataclass(frozen=True)
class Prelude:
    """A table after a story, with a code for each customer who was asked for, and what was accepted until then."""

    engine: Engine
    beginning: Beginning
    messages: frozenset[str]
    replies: dict[str, str | None]

    @classmethod
    def told(cls, engine: Engine, story: Sequence[Action], code_for: Who | None = None) -> Prelude:
        clock = Clock()
        with store_on(engine, clock) as store:
            teller = Teller(stage_on(store, clock))
            teller.tell(list(story))
            if code_for is not None:
                customer_id = teller.customer(code_for) or ""
                store.codes.issue(LinkCode(CODE, customer_id, START + 900, AGENT))
            stored = frozenset(each.event.provider_id for each in teller.brought if each.outcome == "stored")
            return cls(engine, Beginning.of(store), stored, teller.replies)

    @contextmanager
    def race(self) -> Iterator[Race]:
        with self.beginning.again(self.engine) as store:
            store.sleep = lambda seconds: None
            yield Race(self, store, dict.fromkeys(self.messages, "stored"), dict(self.replies))


@dataclass
class Race:
    """Writers on one table. ``outcomes`` is what became of each message, ``replies`` those that were accepted."""

    prelude: Prelude
    store: Store
    outcomes: dict[str, str]
    replies: dict[str, str | None]

    def run(self, turns: Sequence[int], *writers: Writer) -> None:
        """Runs the writers as ``turns`` says. Raises AssertionError when something is not as it must be."""

        def work(writer: Writer, client: AwsClient) -> None:
            writer(self.store.on(client))

        Schedule(turns).run(self.prelude.engine.endpoint, [partial(work, writer) for writer in writers])
        self.assert_legal()

    def assert_legal(self) -> None:
        stored = {name for name, outcome in self.outcomes.items() if outcome == "stored"}
        assert_legal(self.facts(), stored, self.replies)

    def facts(self) -> Facts:
        return facts_of(self.store)

    def customer(self, who: Who) -> str:
        stored = self.store.people.identity(who.id)
        check(stored is not None, f"{who} is not known")
        return "" if stored is None else stored.identity.customer_id

    def writes(self, who: Who, text: str = "hello", *, proves: str | None = None, opens: bool = True) -> Writer:
        """A message that its provider delivers twice."""
        name = f"{who.sender} on {who.channel}, {len(self.outcomes)}"
        self.outcomes[name] = "expected"
        event = text_message(who.sender, name, text, metadata={"name": name}, opens="message" if opens else None)
        if proves is not None:
            event.sender = structs.replace(event.sender, aliases={"email": proves})

        def deliver(worker: Store) -> None:
            for earlier in (None, self.outcomes):
                worker.ingest.start_batch()
                found = _persistently(lambda: worker.ingest(webhook(event, who.channel)))
                (outcome,) = [each for each in found if each != "received"]
                if earlier is None:
                    self.outcomes[name] = outcome
                else:
                    again = "linked" if earlier[name] == "linked" else "duplicate"
                    check(outcome == again, f"{name} was {earlier[name]}, and is {outcome} when it comes again")

        return deliver

    def redeems(self, who: Who, *, opens: bool = True) -> Writer:
        return self.writes(who, CODE, opens=opens)

    def merges(self, source: Who, target: Who) -> Writer:
        """An agent, who asks again when the answer does not come."""
        names = self.customer(source), self.customer(target)
        evidence = Evidence("agent", "agent", AGENT, shows_all=False)
        return lambda worker: _twice(lambda: worker.linking.linker.merge(*names, evidence))

    def unlinks(self, who: Who) -> Writer:
        name = self.customer(who)
        return lambda worker: _twice(lambda: worker.linking.linker.unlink(name, who.id, AGENT))

    def changes(self, who: Who, status: str) -> Writer:
        """An agent opens or closes the conversation that somebody wrote in last."""
        conversation_id = self.store.conversation_of(who.sender, who.channel).conversation_id
        change = ConversationChange(status="open" if status == "open" else "closed")
        return lambda worker: _twice(lambda: worker.change(conversation_id, change))

    def answers(self, who: Who, *, named: bool = False) -> Writer:
        """An agent answers twice, in the conversation that somebody wrote in last."""
        conversation_id = self.store.conversation_of(who.sender, who.channel).conversation_id
        route = who.id if named else None

        def answer(worker: Store) -> None:
            request = ReplyRequest(parts=[{"type": "text", "text": "answer"}], route=route)
            accepted = worker.reply(conversation_id, request, "key-1", None)
            self.replies[accepted["message_id"]] = route

        return lambda worker: _twice(partial(answer, worker))


def _persistently[Result](act: Callable[[], Result]) -> Result:
    """As a queue would: what failed because too many wrote at once comes again."""
    while True:
        with suppress(WriteConflict):
            return act()


def _twice(act: Callable[[], object]) -> None:
    """What cannot be done any more is refused."""
    for _ in range(2):
        with suppress(RequestError, WriteConflict):
            act()
