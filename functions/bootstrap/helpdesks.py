"""What needs a helpdesk's adapter: what it is told, and what it asks for."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from functions.bootstrap import environment, objects, store

if TYPE_CHECKING:
    from shared.core.helpdesks.acting import ActOnDesk
    from shared.core.helpdesks.context import HelpdeskContexts
    from shared.core.helpdesks.endpoint import HelpdeskEndpoint


@cache
def helpdesk_contexts() -> HelpdeskContexts:
    from shared.aws.desk_memory import DynamoDeskMemory
    from shared.core.helpdesks.context import HelpdeskContexts
    from shared.core.helpdesks.files import EntryFiles
    from shared.http.outgoing import GuardedClient, ProviderClient

    web = GuardedClient()
    return HelpdeskContexts(
        environment.helpdesk_accounts(),
        http=ProviderClient(),
        files_of=lambda entry: EntryFiles(objects.media_bucket(), web, entry),
        memory_of=lambda helpdesk, account: DynamoDeskMemory(
            environment.client(), environment.setting("TABLE_NAME"), helpdesk, account
        ),
        clock=time.time,
    )


@cache
def helpdesk_endpoint() -> HelpdeskEndpoint:
    from connectors import registry
    from shared.core.helpdesks.endpoint import HelpdeskEndpoint

    return HelpdeskEndpoint(
        store.conversation_log(),
        store.people(),
        helpdesk_of=registry.helpdesk,
        context_of=helpdesk_contexts(),
        capabilities_of=lambda channel: registry.connector(channel).capabilities,
        clock=time.time,
    )


@cache
def act_on_desk() -> ActOnDesk:
    from connectors import registry
    from shared.core.conversations import ChangeConversation
    from shared.core.helpdesks.acting import ActOnDesk
    from shared.core.reply import Reply

    return ActOnDesk(
        Reply(store.conversation_log(), registry.connector, time.time),
        ChangeConversation(store.conversation_log(), store.people(), time.time),
        helpdesk_of=registry.helpdesk,
        context_of=helpdesk_contexts(),
        bucket=objects.media_bucket(),
    )
