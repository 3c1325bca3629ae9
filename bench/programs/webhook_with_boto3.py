"""ARTEFACT LIBRARIES: the same webhook with boto3 clients in place of our two adapters; all else is the same."""

import sys


def main(artefact: str, libraries: str) -> None:
    sys.path[:0] = [artefact, libraries]

    import json
    import os
    import time
    from functools import cache
    from types import ModuleType
    from typing import Any

    import boto3

    from connectors import registry
    from shared.aws.secrets import AccountSecrets
    from shared.core.webhook import ReceiveWebhook
    from shared.model.envelope import QueuedEvent

    class BotoAccounts:
        """shared.aws.secrets.Secrets on boto3."""

        def __init__(self) -> None:
            self._client = boto3.client("secretsmanager")

        def account(self, channel: str, account: str) -> AccountSecrets:
            name = f"{os.environ['SECRETS_PREFIX']}{channel}/{account}"
            answer = self._client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")
            return AccountSecrets(json.loads(answer["SecretString"]), lambda: None)

        def refresh(self, channel: str, account: str) -> AccountSecrets:
            return self.account(channel, account)

    class BotoQueue:
        """shared.aws.inbound_queue.SqsInboundQueue on boto3."""

        def __init__(self) -> None:
            self._client = boto3.client("sqs")

        def put(self, events: list[QueuedEvent]) -> None:
            for each in events:
                self._client.send_message(
                    QueueUrl=os.environ["INBOUND_QUEUE_URL"],
                    MessageBody=each.envelope.to_json(),
                    MessageGroupId=each.group,
                    MessageDeduplicationId=each.dedupe,
                )

    @cache
    def receive_webhook() -> ReceiveWebhook:
        return ReceiveWebhook(registry.ingress, BotoAccounts(), BotoQueue(), time.time)

    receiving: Any = ModuleType("functions.bootstrap.receiving")
    receiving.receive_webhook = receive_webhook
    sys.modules["functions.bootstrap.receiving"] = receiving

    from functions import webhook

    answer = webhook.handler(json.loads(sys.stdin.read()), None)
    done = time.monotonic()
    print(json.dumps({"at": done, "status": answer["statusCode"], "modules": sorted(sys.modules)}))


main(*sys.argv[1:])
