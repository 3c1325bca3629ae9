"""Takes onethread's webhooks: proves who sent them, and handles each event once. Needs nothing but Python.

WEBHOOK_SECRET=whsec_... python consumer.py 9000
"""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
DATABASE = os.environ.get("DATABASE", "consumer.db")
TOLERANCE = 300  # seconds; older calls may be somebody's recording
LARGEST = 1_048_576


def genuine(headers, body):
    """Whether onethread sent this, a short while ago (Standard Webhooks)."""
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE:
        return False
    digest = hmac.digest(SECRET, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256)
    expected = "v1," + base64.b64encode(digest).decode()
    # While a secret is being changed there are two signatures.
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected.encode(), each.encode()) for each in given)


def handle(event, database):
    """Yours to write. What it does in this database is undone when it raises; the event then comes again."""
    message = event.get("data", {}).get("message", {})
    print(event["type"], event["subject"], event.get("sequence", "-"), message.get("text", ""), flush=True)


class Webhooks(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(length) if length <= LARGEST else b""
        if not genuine(self.headers, body):
            return self.answer(401)
        event = json.loads(body)
        database = sqlite3.connect(DATABASE, timeout=10)
        try:
            with database:  # one transaction: handled and remembered, or neither
                known = database.execute("INSERT OR IGNORE INTO handled VALUES (?)", [event["id"]]).rowcount == 0
                if not known:
                    handle(event, database)
        except Exception as error:
            print(f"not handled: {error!r}", file=sys.stderr)
            return self.answer(500)  # onethread tries again, and keeps what follows in this conversation until then
        finally:
            database.close()
        return self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        """Says nothing of each call."""


if __name__ == "__main__":
    with sqlite3.connect(DATABASE) as created:
        created.execute("CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY)")
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Webhooks).serve_forever()
