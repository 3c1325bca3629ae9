"""The mail queue: mail that was put into the mail bucket, and what the mail provider says of mail that we sent."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import unquote_plus

from functions.batches import BatchResponse, Record, process
from functions.bootstrap import environment, receiving
from functions.telemetry import conclude

SERVICE = "email"


def handler(event: dict[str, Any], context: object) -> BatchResponse:
    """Notices of S3 and of SNS in, the ones to be tried again out."""
    outcomes: Counter[str] = Counter()

    def handle(record: Record) -> None:
        notice = json.loads(record["body"])
        if notice.get("Type") == "Notification":
            outcomes["mail_reports"] += receiving.receive_mail().report(notice["Message"].encode())
        # S3 sends one notice without records when notifications are set up.
        for stored in notice.get("Records", ()):
            outcomes["mail_received"] += receiving.receive_mail().mail(unquote_plus(stored["s3"]["object"]["key"]))

    response = process(event, SERVICE, environment.setting("MAIL_QUEUE_URL"), handle)
    conclude(SERVICE, outcomes, failed=len(response["batchItemFailures"]))
    return response
