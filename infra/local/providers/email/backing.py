"""The local AWS behind the stand-in: where received mail is put and where events go."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from infra.local.providers.email.settings import AwsSettings
from shared.aws.client import AwsClient, AwsError
from shared.aws.objects import Objects
from shared.aws.signing import Credentials
from shared.aws.topics import TopicEntry, Topics

PREFIX = "mail/"
TIMEOUT = 20.0


class Backing:
    """Calls are made in threads; each raises AwsError."""

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings
        credentials = Credentials(settings.access_key_id, settings.secret_access_key)
        self._client = AwsClient(settings.region, credentials, settings.url)
        self._objects = Objects(self._client)
        self._topics = Topics(self._client)

    async def store(self, mail_id: str, raw: bytes) -> None:
        """Puts a received mail where the receipt rule would."""
        key, kind = PREFIX + mail_id, "application/octet-stream"
        await asyncio.to_thread(self._objects.put, self._settings.bucket, key, raw, kind)

    async def publish(self, event: dict[str, Any]) -> None:
        """Publishes one event of the configuration set."""
        entry = TopicEntry("event", json.dumps(event, ensure_ascii=False))
        failed = await asyncio.to_thread(self._topics.publish_batch, self._settings.topic_arn, [entry])
        if failed:
            raise AwsError("NotPublished", "the topic did not take the event")

    async def hand_on(self, body: bytes) -> None:
        """Repeats a SendEmail call to the local AWS's own SES."""
        await asyncio.to_thread(
            self._client.request,
            "ses",
            "POST",
            "/v2/email/outbound-emails",
            headers={"content-type": "application/json"},
            body=body,
            operation="SendEmail",
            timeout=TIMEOUT,
        )
