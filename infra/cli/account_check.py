"""Asking a provider whether a channel account works, with the same parts that the functions use."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from infra.cli.findings import findings_of

if TYPE_CHECKING:
    from infra.cli.deployment import Deployment
    from shared.ports.connector import Finding
    from shared.ports.context import ChannelContext


def webhook_url(deployment: Deployment, channel: str, account: str) -> str | None:
    """The address to give to the provider, None for a channel that takes no webhooks. Raises NotFound."""
    from connectors import registry

    if registry.ingress(channel).body_limit == 0:
        return None
    return f"{deployment.output('Url').rstrip('/')}/hooks/{channel}/{account}"


def check(deployment: Deployment, channel: str, account: str) -> list[Finding]:
    """What is wrong with the settings; when nothing is, what the provider says. Raises UnknownAccount, NotFound."""
    from connectors import registry

    connector = registry.connector(channel)
    context = _context(deployment, channel, account)
    return findings_of(connector.validate(context.account), lambda: connector.check(context))


def _context(deployment: Deployment, channel: str, account: str) -> ChannelContext:
    from shared.aws.channel_contexts import ChannelContexts
    from shared.aws.mail import SesMailer
    from shared.aws.media_bucket import S3MediaBucket, SentFiles
    from shared.aws.objects import Objects
    from shared.aws.originals import S3Originals
    from shared.aws.seals import StackSeals
    from shared.aws.secrets import Secrets
    from shared.http.outgoing import GuardedClient, ProviderClient

    client = deployment.aws.client
    web = GuardedClient()
    prefix = deployment.output("SecretsPrefix")
    secrets = Secrets(client, prefix)
    contexts = ChannelContexts(
        client,
        deployment.output("TableName"),
        accounts=secrets,
        http=ProviderClient(),
        web=web,
        media=SentFiles(S3MediaBucket(Objects(client), deployment.output("MediaBucket")), web),
        sockets=_NoConnections(),
        mailer=SesMailer(client, None),
        originals=S3Originals(Objects(client), deployment.output("MailBucket")),
        seals=StackSeals(lambda: secrets.texts(f"{prefix.removesuffix('/')}-seal")),
        clock=time.time,
    )
    return contexts(channel, account)


class _NoConnections:
    """Implements shared.ports.context.Sockets for a program that nobody is connected to."""

    def push(self, identity_id: str, frame: bytes) -> int:
        return 0
