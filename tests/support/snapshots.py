"""What is in a table: in a form in which two runs of the same story can be compared, and to begin another run with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.support.channels import TestChannel
from tests.support.engines import Engine
from tests.support.stores import Clock, Store, store_on

_IDS = re.compile(r"(conv|msg|cus|med|lnk)_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SENDER = re.compile(r'"sender": \{"S": "[0-9a-f]{18}"\}')


def snapshot(store: Store) -> list[str]:
    """Every item of the table, with the same name in place of every id and mark that was drawn at random, sorted.

    Without the health of accounts: it is an observation, made again at the next success.
    """
    items = [json.dumps(item, sort_keys=True) for item in store.items() if item["SK"]["S"] != "HEALTH"]
    return sorted(_SENDER.sub('"sender": "marked"', _IDS.sub(r"\1_", item)) for item in items)


@dataclass(frozen=True)
class Beginning:
    """A table and its providers, to begin any number of runs with."""

    items: list[dict[str, Any]]
    channels: dict[str, TestChannel]

    @classmethod
    def of(cls, store: Store) -> Beginning:
        return cls(store.items(), store.channels)

    @contextmanager
    def again(self, engine: Engine) -> Iterator[Store]:
        """A store that stands where this one stood."""
        with store_on(engine, Clock()) as store:
            for start in range(0, len(self.items), 25):
                writes = [{"PutRequest": {"Item": item}} for item in self.items[start : start + 25]]
                store.client.call("dynamodb", "BatchWriteItem", {"RequestItems": {store.table: writes}})
            yield Store(store.client, store.table, clock=store.clock, channels=deepcopy(self.channels))
