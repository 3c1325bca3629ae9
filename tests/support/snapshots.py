"""What is in a table, in a form in which two runs of the same story can be compared."""

from __future__ import annotations

import json
import re

from tests.support.stores import Store

_IDS = re.compile(r"(conv|msg|cus|med)_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SENDER = re.compile(r'"sender": \{"S": "[0-9a-f]{18}"\}')


def snapshot(store: Store) -> list[str]:
    """Every item of the table, with the same name in place of every id and mark that was drawn at random, sorted.

    Without the health of accounts: it is an observation, made again at the next success.
    """
    items = [json.dumps(item, sort_keys=True) for item in store.items() if item["SK"]["S"] != "HEALTH"]
    return sorted(_SENDER.sub('"sender": "marked"', _IDS.sub(r"\1_", item)) for item in items)
