"""A bot: it reads what customers write, and answers each message once. Needs nothing but Python.

ONETHREAD_URL=https://... ONETHREAD_API_KEY=ot_... python bot.py
"""

import json
import os
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

URL, KEY = os.environ["ONETHREAD_URL"], os.environ["ONETHREAD_API_KEY"]
PLACE = Path(os.environ.get("CURSOR_FILE", "bot.cursor"))


def call(method, path, body=None, **headers):
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **headers}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(URL + path, data, headers, method=method), timeout=30) as answer:
        return json.load(answer)


def words(message):
    """Yours to write: what to answer, or nothing."""
    return "We are open from nine to five." if "open" in message["text"].lower() else None


def answer(event):
    text = words(event["data"]["message"])
    if text is None:
        return
    reply = {"parts": [{"type": "text", "text": text}], "author": {"type": "bot", "name": "Hours"}}
    path = f"/v1/conversations/{event['subject']}/messages"
    try:
        # The event's id as the key: however often it comes, it is answered once.
        call("POST", path, reply, **{"Idempotency-Key": f"hours:{event['id']}"})
    except HTTPError as error:
        if error.code not in (409, 422):
            raise  # it will be tried again: the place is not moved on
        print(f"not answered: {json.load(error)['code']}", file=sys.stderr)  # an agent has it, or the window is shut


if __name__ == "__main__":
    while True:
        query = {"types": "message.received", "cursor": PLACE.read_text() if PLACE.exists() else ""}
        page = call("GET", f"/v1/events?{urlencode(query)}")
        for received in page["items"]:
            answer(received)
        PLACE.write_text(page["cursor"])
        if not page["more"]:
            time.sleep(2)
