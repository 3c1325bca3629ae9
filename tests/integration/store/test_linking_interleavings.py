"""Given people who are linked, parted and written to at the same moment, when the calls of all of it are interleaved in
any way, then customers and conversations are as they must be, and nothing is lost.

On DynamoDB Local only: moto is not atomic across threads, so a race on it proves nothing either way.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from shared.aws.client import AwsClient
from shared.core.conversations import ConversationChange
from shared.core.linking.merging import Evidence
from shared.core.linking.records import LinkCode
from shared.errors import RequestError, WriteConflict
from shared.model.identifiers import identity_id
from tests.support.channels import WINDOW_SENDS, text_message, webhook
from tests.support.engines import Engine
from tests.support.legal import assert_legal, facts_of
from tests.support.schedules import Schedule
from tests.support.snapshots import Beginning
from tests.support.stores import START, Clock, Store, store_on

EXAMPLES = 8 * int(os.environ.get("ONETHREAD_TEST_SCALE", "1"))
AGENT = {"type": "agent", "id": "key-1"}
CODE = "K7QM2XPD"
TURNS = st.lists(st.integers(0, 2), min_size=4, max_size=40)

interleaved = settings(max_examples=EXAMPLES)


@dataclass
class Race:
    """Writers on one table. ``brought`` are the messages that somebody has to find in a log, ``replies`` those that
    were accepted, by id, with the route that each named."""

    engine: Engine
    store: Store
    brought: dict[str, str] = field(default_factory=dict)
    replies: dict[str, str | None] = field(default_factory=dict)

    def run(self, turns: list[int], *writers: Callable[[Store], object]) -> None:
        self.store.sleep = lambda seconds: None
        works = [lambda client, writer=writer: writer(self.store.on(client)) for writer in writers]
        Schedule(turns).run(self.engine.endpoint, works)
        stored = {name for name, outcome in self.brought.items() if outcome == "stored"}
        assert_legal(facts_of(self.store), stored, self.replies)

    def writes(self, sender: str, channel: str = "letters", text: str = "hello", **more: str) -> Callable[[Store], None]:
        """A message that is delivered until it is stored, and then once more."""
        name = f"{sender} on {channel}, {len(self.brought)}"
        self.brought[name] = "not yet"
        event = text_message(sender, name, text, metadata={"name": name}, opens=more.pop("opens", "message") or None)
        event.sender = structs.replace(event.sender, aliases=more)

        def deliver(worker: Store) -> None:
            for _ in range(2):
                worker.ingest.start_batch()
                outcome = _persistently(lambda: worker.ingest(webhook(event, channel)))
                if self.brought[name] == "not yet":
                    (self.brought[name],) = [each for each in outcome if each != "received"]
                assert outcome == Counter(received=1, **{{"stored": "stored"}.get(self.brought[name], "linked"): 1}) or (
                    outcome == Counter(received=1, duplicate=1)
                )

        return deliver
