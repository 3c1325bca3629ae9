"""The local AWS behind the stand-in: where received mail is put and where events go."""

from __future__ import annotations

import asyncio
import base64
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

    async def verify(self, identity: str) -> None:
        """Makes the local AWS's own SES send from an address or domain."""
        await self._ses("/v2/email/identities", {"EmailIdentity": identity})

    async def hand_on(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Gives the local AWS's own SES a copy, for whoever looks there; nothing is reported about it."""
        content = {"Raw": {"Data": base64.b64encode(raw).decode()}}
        destination = {"ToAddresses": recipients}
        call = {"FromEmailAddress": sender, "Destination": destination, "Content": content}
        await self._ses("/v2/email/outbound-emails", call)

    async def _ses(self, path: str, call: dict[str, Any]) -> None:
        headers = {"content-type": "application/json"}
        body = json.dumps(call).encode()
        await asyncio.to_thread(self._client.request, "ses", "POST", path, headers=headers, body=body, timeout=TIMEOUT)
