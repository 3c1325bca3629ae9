"""Reads the events of all conversations by polling, and handles each once, in order. Needs nothing but Python.

ONETHREAD_URL=https://... ONETHREAD_API_KEY=ot_... python poll.py
"""

import json
import os
import sqlite3
import time
from urllib.parse import urlencode
from urllib.request import Request, urlopen

URL, KEY = os.environ["ONETHREAD_URL"], os.environ["ONETHREAD_API_KEY"]
FIRST = os.environ.get("FROM", "start")  # all that ever happened; or empty: from now on


def get(path, **query):
    request = Request(f"{URL}{path}?{urlencode(query)}", headers={"Authorization": f"Bearer {KEY}"})
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def handle(event, database):
    """Yours to write. What it does in this database is undone when it raises; the event then comes again."""
    message = event["data"].get("message", {})
    print(event["type"], event["subject"], event["sequence"], message.get("text", ""), flush=True)


def take(event, database):
    """Handles an event, unless it was handled before: then its sequence is not above the last of its conversation."""
    found = database.execute("SELECT sequence FROM handled WHERE conversation = ?", [event["subject"]]).fetchone()
    if found is None or event["sequence"] > found[0]:
        handle(event, database)
        database.execute("REPLACE INTO handled VALUES (?, ?)", [event["subject"], event["sequence"]])


def poll(database):
    """One page: handled and remembered in one transaction. Whether there is more already."""
    found = database.execute("SELECT cursor FROM place").fetchone()
    page = get("/v1/events", limit=100, cursor=found[0] if found else FIRST)
    with database:
        for event in page["items"]:
            take(event, database)
        database.execute("DELETE FROM place")
        database.execute("INSERT INTO place VALUES (?)", [page["cursor"]])
    return page["more"]


if __name__ == "__main__":
    store = sqlite3.connect(os.environ.get("DATABASE", "poll.db"))
    store.execute("CREATE TABLE IF NOT EXISTS handled (conversation TEXT PRIMARY KEY, sequence INTEGER)")
    store.execute("CREATE TABLE IF NOT EXISTS place (cursor TEXT)")
    while True:
        if not poll(store):
            time.sleep(2)
