"""Wires the use cases to AWS: the one place that knows which adapter stands behind which port.

Everything is made at its first use and kept while the function is warm; imports are inside, so that a function loads
only what it calls.
"""

from __future__ import annotations

import os
import time
from functools import cache
from typing import TYPE_CHECKING

from shared.aws.client import AwsClient

if TYPE_CHECKING:
    from shared.aws.account_health import DynamoAccountHealth
    from shared.aws.active_conversations import DynamoActiveConversations
    from shared.aws.attempts import DynamoAttempts
    from shared.aws.channel_contexts import ChannelContexts
    from shared.aws.chat_history import DynamoTyping, LoggedHistory
    from shared.aws.connections import DynamoConnections
    from shared.aws.conversation_log import DynamoConversationLog
    from shared.aws.deliveries import DynamoDeliveries
    from shared.aws.lanes import DynamoLanes
    from shared.aws.link_codes import DynamoLinkCodes
    from shared.aws.links import DynamoLinks
    from shared.aws.media_bucket import MediaAddresses, S3MediaBucket
    from shared.aws.notices import DynamoNotices
    from shared.aws.originals import S3Originals
    from shared.aws.people import DynamoPeople
    from shared.aws.queues import Queues
    from shared.aws.relay_queue import ReleaseDue, SqsForwardQueue, SqsRelayQueue
    from shared.aws.seals import StackSeals
    from shared.aws.secrets import Secrets
    from shared.aws.sockets import ConnectionPoster
    from shared.aws.subscriptions import DynamoSubscriptions, RecentSubscriptions
    from shared.core.chat.service import ChatService
    from shared.core.chat.sessions import Sessions
    from shared.core.control.leases import EndLease
    from shared.core.control.service import Control
    from shared.core.delivery import Deliver
    from shared.core.gaps import TellGap
    from shared.core.helpdesks.acting import ActOnDesk
    from shared.core.helpdesks.context import HelpdeskContexts
    from shared.core.helpdesks.endpoint import HelpdeskEndpoint
    from shared.core.ingest import Ingest
    from shared.core.linking.wiring import Linking
    from shared.core.mail import ReceiveMail
    from shared.core.media import EraseMedia, FetchMedia
    from shared.core.profiles import LearnProfile
    from shared.core.publishing import Stream
    from shared.core.relay.forwarding import Forward
    from shared.core.relay.records import Subscription
    from shared.core.relay.storage import Endpoint
    from shared.core.relay.sweeping import SweepSubscription
    from shared.core.relay.webhook_endpoint import WebhookEndpoint
    from shared.core.telling import TellBrowsers
    from shared.core.unread import FollowUnread
    from shared.core.watching import WindowWatch
    from shared.core.webhook import ReceiveWebhook
    from shared.ports import HttpClient, InboundQueue


def setting(name: str) -> str:
    """A setting of this function, from its environment (template.yaml)."""
    return os.environ[name]


@cache
def client() -> AwsClient:
    return AwsClient.from_environment()


@cache
def queues() -> Queues:
    from shared.aws.queues import Queues

    return Queues(client())


@cache
def accounts() -> Secrets:
    from shared.aws.secrets import Secrets

    return Secrets(client(), setting("SECRETS_PREFIX"))


@cache
def inbound_queue() -> InboundQueue:
    from shared.aws.inbound_queue import SqsInboundQueue

    return SqsInboundQueue(queues(), setting("INBOUND_QUEUE_URL"))


@cache
def conversation_log() -> DynamoConversationLog:
    from shared.aws.conversation_log import DynamoConversationLog

    return DynamoConversationLog(client(), setting("TABLE_NAME"), time.time)


@cache
def people() -> DynamoPeople:
    from shared.aws.people import DynamoPeople

    return DynamoPeople(client(), setting("TABLE_NAME"), conversation_log())


@cache
def links() -> DynamoLinks:
    from shared.aws.links import DynamoLinks

    return DynamoLinks(client(), setting("TABLE_NAME"), conversation_log(), time.time)


@cache
def link_codes() -> DynamoLinkCodes:
    from shared.aws.link_codes import DynamoLinkCodes

    return DynamoLinkCodes(client(), setting("TABLE_NAME"), time.time)


@cache
def linking() -> Linking:
    from shared.core.linking.wiring import Linking

    levels = tuple(level for level in setting("LINKED_HISTORY").split(",") if level)
    return Linking.on(conversation_log(), people(), links(), link_codes(), clock=time.time, shows_all=levels)


@cache
def deliveries() -> DynamoDeliveries:
    from shared.aws.deliveries import DynamoDeliveries

    return DynamoDeliveries(client(), setting("TABLE_NAME"), time.time)


@cache
def account_health() -> DynamoAccountHealth:
    from shared.aws.account_health import DynamoAccountHealth

    return DynamoAccountHealth(client(), setting("TABLE_NAME"))


@cache
def connections() -> DynamoConnections:
    from shared.aws.connections import DynamoConnections

    return DynamoConnections(client(), setting("TABLE_NAME"), time.time)


@cache
def connection_poster() -> ConnectionPoster:
    from shared.aws.sockets import ConnectionPoster

    return ConnectionPoster(client(), setting("SOCKET_MANAGEMENT_URL"))


@cache
def media_bucket() -> S3MediaBucket:
    from shared.aws.media_bucket import S3MediaBucket
    from shared.aws.objects import Objects

    return S3MediaBucket(Objects(client()), setting("MEDIA_BUCKET"))


@cache
def media_addresses() -> MediaAddresses:
    from shared.aws.media_bucket import MediaAddresses

    return MediaAddresses(media_bucket())


@cache
def originals() -> S3Originals:
    from shared.aws.objects import Objects
    from shared.aws.originals import S3Originals

    return S3Originals(Objects(client()), setting("MAIL_BUCKET"))


@cache
def seals() -> StackSeals:
    from shared.aws.seals import StackSeals

    return StackSeals(lambda: accounts().texts(setting("SEAL_SECRET")))


@cache
def channel_contexts() -> ChannelContexts:
    from shared.aws.channel_contexts import ChannelContexts
    from shared.aws.connections import ConnectedSockets
    from shared.aws.mail import SesMailer
    from shared.aws.media_bucket import SentFiles
    from shared.http.outgoing import GuardedClient, ProviderClient

    web = GuardedClient()
    return ChannelContexts(
        client(),
        setting("TABLE_NAME"),
        accounts=accounts(),
        http=ProviderClient(),
        web=web,
        media=SentFiles(media_bucket(), web),
        sockets=ConnectedSockets(connections(), connection_poster(), time.time),
        mailer=SesMailer(client(), setting("MAIL_CONFIGURATION_SET")),
        originals=originals(),
        seals=seals(),
        clock=time.time,
    )


@cache
def receive_webhook() -> ReceiveWebhook:
    from connectors import registry
    from shared.core.webhook import ReceiveWebhook

    return ReceiveWebhook(registry.ingress, accounts(), inbound_queue(), time.time)


@cache
def notices() -> DynamoNotices:
    from shared.aws.notices import DynamoNotices

    return DynamoNotices(client(), setting("TABLE_NAME"))


@cache
def ingest() -> Ingest:
    from connectors import registry
    from shared.core.ingest import Ingest

    return Ingest(
        log=conversation_log(),
        people=people(),
        deliveries=deliveries(),
        notices=notices(),
        linking=linking(),
        connector_of=registry.connector,
        originals=originals(),
        clock=time.time,
    )


@cache
def tell_gap() -> TellGap:
    from connectors import registry
    from shared.core.gaps import TellGap

    return TellGap(
        log=conversation_log(),
        people=people(),
        notices=notices(),
        connector_of=registry.connector,
        originals=originals(),
        clock=time.time,
    )


@cache
def receive_mail() -> ReceiveMail:
    from connectors import registry
    from shared.core.mail import ReceiveMail

    return ReceiveMail(
        registry.intake("email"),
        accounts=accounts(),
        queue=inbound_queue(),
        heads=originals(),
        seals=seals(),
        clock=time.time,
    )


@cache
def event_stream() -> Stream:
    from shared.aws.event_topic import SnsEventTopic
    from shared.aws.topics import Topics

    return SnsEventTopic(Topics(client()), setting("EVENTS_TOPIC_ARN"))


@cache
def subscriptions() -> DynamoSubscriptions:
    from shared.aws.subscriptions import DynamoSubscriptions

    return DynamoSubscriptions(client(), setting("TABLE_NAME"))


@cache
def recent_subscriptions() -> RecentSubscriptions:
    from shared.aws.subscriptions import RecentSubscriptions

    return RecentSubscriptions(subscriptions())


@cache
def wake_up_queue() -> SqsForwardQueue:
    """For what the stream says: a batch that comes again is the same occasion."""
    from shared.aws.relay_queue import SqsForwardQueue

    return SqsForwardQueue(queues(), setting("FORWARD_QUEUE_URL"), lambda: "stream")


@cache
def relay_queue() -> SqsRelayQueue:
    from shared.aws.relay_queue import SqsRelayQueue

    return SqsRelayQueue(queues(), setting("FORWARD_QUEUE_URL"), setting("TIMERS_QUEUE_URL"), time.time)


@cache
def release_due() -> ReleaseDue:
    from shared.aws.relay_queue import ReleaseDue

    return ReleaseDue(queues(), setting("FORWARD_QUEUE_URL"), time.time)


@cache
def lanes() -> DynamoLanes:
    from shared.aws.lanes import DynamoLanes

    return DynamoLanes(client(), setting("TABLE_NAME"))


@cache
def attempts() -> DynamoAttempts:
    from shared.aws.attempts import DynamoAttempts

    return DynamoAttempts(client(), setting("TABLE_NAME"))


@cache
def active_conversations() -> DynamoActiveConversations:
    from shared.aws.active_conversations import DynamoActiveConversations

    return DynamoActiveConversations(client(), setting("TABLE_NAME"), conversation_log())


@cache
def loopback_webhooks() -> bool:
    """Whether subscribers may be on this machine: on a local stack alone."""
    return setting("LOOPBACK_WEBHOOKS") == "true"


@cache
def webhook_client() -> HttpClient:
    """Calls subscribers' addresses, which are strangers' words."""
    if loopback_webhooks():
        from shared.http.loopback import LocalWebhookClient

        return LocalWebhookClient()
    from shared.http.outgoing import GuardedClient

    return GuardedClient()


@cache
def webhook_endpoint() -> WebhookEndpoint:
    from shared.core.relay.webhook_endpoint import WebhookEndpoint

    return WebhookEndpoint(webhook_client(), seals(), time.time)


@cache
def forward() -> Forward:
    from shared.core.relay.forwarding import Forward

    return Forward(
        subscriptions=subscriptions(),
        lanes=lanes(),
        attempts=attempts(),
        queue=relay_queue(),
        log=conversation_log(),
        addresses=media_addresses(),
        endpoint_of=endpoint_of,
        source=setting("EVENT_SOURCE"),
        clock=time.time,
    )


@cache
def sweep_subscription() -> SweepSubscription:
    from shared.core.relay.sweeping import SweepSubscription

    return SweepSubscription(
        subscriptions=subscriptions(),
        lanes=lanes(),
        queue=relay_queue(),
        log=conversation_log(),
        conversations=active_conversations(),
        clock=time.time,
    )


def endpoint_of(subscription: Subscription) -> Endpoint:
    """Where its events go: to its helpdesk's adapter, or to its address."""
    return webhook_endpoint() if subscription.helpdesk is None else helpdesk_endpoint()


@cache
def deliver() -> Deliver:
    from connectors import registry
    from shared.core.delivery import Deliver

    return Deliver(
        log=conversation_log(),
        people=people(),
        deliveries=deliveries(),
        health=account_health(),
        connector_of=registry.connector,
        context_of=channel_contexts(),
        addresses=media_addresses(),
        clock=time.time,
    )


@cache
def learn_profile() -> LearnProfile:
    from connectors import registry
    from shared.core.profiles import LearnProfile

    return LearnProfile(people(), linking().prove, connector_of=registry.connector, context_of=channel_contexts())


@cache
def tell_browsers() -> TellBrowsers:
    from connectors import registry
    from shared.core.telling import TellBrowsers

    return TellBrowsers(conversation_log(), people(), connector_of=registry.connector, context_of=channel_contexts())


@cache
def fetch_media() -> FetchMedia:
    from connectors import registry
    from shared.aws.media_entries import DynamoMediaEntries
    from shared.core.media import FetchMedia

    entries = DynamoMediaEntries(client(), setting("TABLE_NAME"), conversation_log(), time.time)
    contexts = channel_contexts()
    return FetchMedia(
        entries,
        media_bucket(),
        lambda channel, account, reference: registry.connector(channel).fetch_media(
            reference, contexts(channel, account)
        ),
    )


@cache
def erase_media() -> EraseMedia:
    from shared.core.media import EraseMedia

    return EraseMedia(media_bucket())


@cache
def window_watch() -> WindowWatch:
    from connectors import registry
    from shared.aws.due_conversations import DynamoDueConversations
    from shared.core.watching import WindowWatch

    log = conversation_log()
    return WindowWatch(
        log,
        DynamoDueConversations(client(), setting("TABLE_NAME"), log),
        lambda channel: registry.connector(channel).capabilities.windows,
        time.time,
    )


@cache
def end_lease() -> EndLease:
    from connectors import registry
    from shared.core.control.leases import EndLease

    return EndLease(conversation_log(), lambda channel: registry.connector(channel).capabilities.windows, time.time)


@cache
def control() -> Control:
    from connectors import registry
    from shared.aws.api_keys import DynamoApiKeys
    from shared.core.control.service import Control

    return Control(
        conversation_log(),
        DynamoApiKeys(client(), setting("TABLE_NAME"), time.time),
        lambda channel: registry.connector(channel).capabilities.windows,
        time.time,
    )


@cache
def helpdesk_accounts() -> Secrets:
    from shared.aws.secrets import Secrets

    return Secrets(client(), setting("HELPDESK_SECRETS_PREFIX"))


@cache
def receive_desk_webhook() -> ReceiveWebhook:
    from connectors import registry
    from shared.aws.desk_queue import SqsDeskQueue
    from shared.core.webhook import ReceiveWebhook

    queue = SqsDeskQueue(queues(), setting("FORWARD_QUEUE_URL"))
    return ReceiveWebhook(registry.helpdesk_ingress, helpdesk_accounts(), queue, time.time)


@cache
def helpdesk_contexts() -> HelpdeskContexts:
    from shared.aws.desk_memory import DynamoDeskMemory
    from shared.core.helpdesks.context import HelpdeskContexts
    from shared.core.helpdesks.files import EntryFiles
    from shared.http.outgoing import GuardedClient, ProviderClient

    web = GuardedClient()
    return HelpdeskContexts(
        helpdesk_accounts(),
        http=ProviderClient(),
        files_of=lambda entry: EntryFiles(media_bucket(), web, entry),
        memory_of=lambda helpdesk, account: DynamoDeskMemory(client(), setting("TABLE_NAME"), helpdesk, account),
        clock=time.time,
    )


@cache
def helpdesk_endpoint() -> HelpdeskEndpoint:
    from connectors import registry
    from shared.core.helpdesks.endpoint import HelpdeskEndpoint

    return HelpdeskEndpoint(
        conversation_log(),
        people(),
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
        Reply(conversation_log(), registry.connector, time.time),
        ChangeConversation(conversation_log(), people(), time.time),
        helpdesk_of=registry.helpdesk,
        context_of=helpdesk_contexts(),
        bucket=media_bucket(),
    )


@cache
def follow_unread() -> FollowUnread:
    from shared.core.unread import FollowUnread

    return FollowUnread(conversation_log(), deliveries(), time.time)


@cache
def history() -> LoggedHistory:
    from shared.aws.chat_history import LoggedHistory

    return LoggedHistory(conversation_log(), people(), media_addresses())


@cache
def typing() -> DynamoTyping:
    from shared.aws.chat_history import DynamoTyping

    return DynamoTyping(client(), setting("TABLE_NAME"), time.time)


def account_names() -> list[tuple[str, str]]:
    """The channel accounts of this stack, as (channel, account)."""
    return accounts().names()


@cache
def sessions() -> Sessions:
    from shared.core.chat.sessions import Sessions

    def session_secrets() -> list[bytes]:
        return [accounts().text(setting("SESSION_SECRET")).encode()]

    return Sessions(accounts(), session_secrets, time.time)


@cache
def chat_service() -> ChatService:
    from shared.aws.chat_history import PostToConnection
    from shared.core.chat.service import ChatService

    return ChatService(
        sessions=sessions(),
        queue=inbound_queue(),
        connections=connections(),
        history_of=history(),
        sockets=PostToConnection(connection_poster()),
        typing=typing(),
        upload_forms=media_bucket(),
        socket_url=setting("SOCKET_URL"),
        now=time.time,
    )
