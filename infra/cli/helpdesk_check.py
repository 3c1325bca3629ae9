"""Asking a helpdesk whether an account works, with the same parts that the functions use."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from infra.cli.findings import findings_of

if TYPE_CHECKING:
    from infra.cli.deployment import Deployment
    from shared.helpdesk.seam import HelpdeskContext
    from shared.ports.connector import Finding


def check(deployment: Deployment, helpdesk: str, account: str) -> list[Finding]:
    """What is wrong with the settings; when nothing is, what the helpdesk says. Raises UnknownAccount, NotFound."""
    from connectors import registry

    adapter = registry.helpdesk(helpdesk)
    context = _context(deployment, helpdesk, account)
    return findings_of(adapter.validate(context.account), lambda: adapter.check(context))


def _context(deployment: Deployment, helpdesk: str, account: str) -> HelpdeskContext:
    from shared.aws.desk_memory import DynamoDeskMemory
    from shared.aws.media_bucket import S3MediaBucket
    from shared.aws.objects import Objects
    from shared.aws.secrets import Secrets
    from shared.core.helpdesks.context import HelpdeskContexts
    from shared.core.helpdesks.files import EntryFiles
    from shared.http.outgoing import GuardedClient, ProviderClient

    client, table = deployment.aws.client, deployment.output("TableName")
    bucket = S3MediaBucket(Objects(client), deployment.output("MediaBucket"))
    contexts = HelpdeskContexts(
        Secrets(client, deployment.output("HelpdeskSecretsPrefix")),
        http=ProviderClient(),
        files_of=lambda entry: EntryFiles(bucket, GuardedClient(), entry),
        memory_of=lambda name, account: DynamoDeskMemory(client, table, name, account),
        clock=time.time,
    )
    return contexts(helpdesk, account)
