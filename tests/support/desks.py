"""A helpdesk's stand-in that is running, and onethread in memory beside it: what happens here is brought there by the
adapter, and what agents do there comes back by webhook."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

from aiohttp import web

from connectors import registry
from infra.local.providers.desk import stand_in as made_stand_in
from shared.core.helpdesks.acting import ActOnDesk
from shared.core.helpdesks.context import HelpdeskContexts
from shared.core.helpdesks.endpoint import HelpdeskEndpoint
from shared.core.messages import is_message, read_message
from shared.core.publishing import entry_event
from shared.core.records import Entry
from shared.core.relay.records import HelpdeskName, Notification, Outcome, Subscription
from shared.errors import DeliveryError, UnknownAccount
from shared.helpdesk.seam import HelpdeskContext
from shared.http.outgoing import ProviderClient
from shared.http.request import Request
from shared.model.envelope import Envelope
from shared.model.event import Event
from shared.model.media import Media
from shared.ports.accounts import Account
from shared.ports.http import HttpClient, HttpResponse
from tests.unit.core.desk import Desk

FIXTURES = Path(__file__).parents[1] / "fixtures" / "helpdesks"
PATIENCE = 10.0


class Died(Exception):
    """The worker stopped here."""


@dataclass
class DeskMemoryDict:
    """Implements shared.helpdesk.seam.DeskMemory in memory."""

    pairs: dict[tuple[str, str], str] = field(default_factory=dict)
    back: dict[tuple[str, str], str] = field(default_factory=dict)
    begun: set[tuple[str, str]] = field(default_factory=set)

    def theirs(self, kind: str, ours: str) -> str | None:
        return self.pairs.get((kind, ours))

    def ours(self, kind: str, theirs: str) -> str | None:
        return self.back.get((kind, theirs))

    def begin(self, kind: str, ours: str) -> bool:
        first = (kind, ours) not in self.begun
        self.begun.add((kind, ours))
        return first

    def remember(self, kind: str, ours: str, theirs: str) -> str:
        self.back[kind, theirs] = ours
        return self.pairs.setdefault((kind, ours), theirs)

    def forget(self, kind: str, ours: str) -> None:
        theirs = self.pairs.pop((kind, ours), None)
        self.back.pop((kind, theirs or ""), None)
        self.begun.discard((kind, ours))


@dataclass
class Mortal:
    """Dies at the given step, before or after it took effect; steps are calls of the helpdesk and of the memory."""

    dies_at: int | None = None
    takes_effect: bool = True
    steps: int = 0

    def step[Answer](self, act: Callable[[], Answer]) -> Answer:
        self.steps += 1
        if self.steps != self.dies_at:
            return act()
        if self.takes_effect:
            act()
        raise Died(f"at step {self.steps}")


@dataclass
class MortalHttp:
    """Every call is a step."""

    inner: HttpClient
    life: Mortal

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
        maximum_bytes: int = 1_048_576,
    ) -> HttpResponse:
        def act() -> HttpResponse:
            return self.inner.request(
                method, url, headers=headers, body=body, timeout=timeout, maximum_bytes=maximum_bytes
            )

        return self.life.step(act)


@dataclass
class MortalMemory:
    """Every word with the memory is a step."""

    inner: DeskMemoryDict
    life: Mortal

    def theirs(self, kind: str, ours: str) -> str | None:
        return self.life.step(lambda: self.inner.theirs(kind, ours))

    def ours(self, kind: str, theirs: str) -> str | None:
        return self.life.step(lambda: self.inner.ours(kind, theirs))

    def begin(self, kind: str, ours: str) -> bool:
        return self.life.step(lambda: self.inner.begin(kind, ours))

    def remember(self, kind: str, ours: str, theirs: str) -> str:
        return self.life.step(lambda: self.inner.remember(kind, ours, theirs))

    def forget(self, kind: str, ours: str) -> None:
        self.life.step(lambda: self.inner.forget(kind, ours))


@dataclass
class FileStore:
    """Implements shared.core.media.MediaBucket in memory."""

    files: dict[str, tuple[bytes, str, str | None]] = field(default_factory=dict)

    def put(self, key: str, body: bytes, content_type: str, filename: str | None) -> None:
        self.files[key] = (body, content_type, filename)

    def size(self, key: str) -> int | None:
        return len(self.files[key][0]) if key in self.files else None

    def read(self, key: str, maximum: int) -> bytes:
        return self.files[key][0][:maximum]

    def delete(self, key: str) -> None:
        self.files.pop(key, None)


@dataclass
class BucketFiles:
    """Implements shared.ports.context.MediaFiles: what is kept under a media's id."""

    bucket: FileStore

    def read(self, media: Media, maximum_bytes: int) -> bytes:
        found = [each for key, each in self.bucket.files.items() if key.endswith(f"/{media.media_id}")]
        if not found:
            raise DeliveryError("permanent", "media_unavailable", "no such file")
        return found[0][0][:maximum_bytes]


@dataclass(frozen=True)
class _OneAccount:
    """Implements shared.ports.accounts.AccountSecrets."""

    current: Account

    def previous(self) -> Account | None:
        return None


@dataclass(frozen=True)
class OneAccount:
    """Implements shared.ports.accounts.Accounts: every helpdesk has the account ``main``."""

    settings: Account
    refreshed: list[tuple[str, str]] = field(default_factory=list)

    def account(self, channel: str, account: str) -> _OneAccount:
        if account != "main":
            raise UnknownAccount(account)
        return _OneAccount(self.settings)

    def refresh(self, channel: str, account: str) -> _OneAccount:
        self.refreshed.append((channel, account))
        return self.account(channel, account)


class StandIn:
    """A stand-in with its own thread and event loop, and the place where its webhooks come in."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.webhooks: list[Request] = []
        self.url = ""
        fixture = (FIXTURES / name / "contract.json").read_text(encoding="utf-8")
        self._fixture = fixture
        self._folder = folder
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=f"stand-in of {name}", daemon=True)
        self.failure: BaseException | None = None

    @property
    def account(self) -> dict[str, Any]:
        """The settings of the adapter's account, as ``onethread helpdesk set`` would store them."""
        settings: dict[str, Any] = self._values()["account"]
        return settings

    @property
    def settings(self) -> dict[str, Any]:
        """What the stand-in is told."""
        settings: dict[str, Any] = self._values()["stand_in"]
        return settings

    @property
    def freshness(self) -> float:
        """How far, in seconds, the time of a webhook may be from now."""
        return float(self._values()["freshness"])

    @property
    def page(self) -> int:
        """How many messages, or changes, of a ticket the helpdesk lists at once."""
        return int(self._values()["page"])

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(PATIENCE), "the stand-in did not start"
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)

    def act(self, action: str, body: object = None, method: str = "POST") -> Any:
        """The stand-in's control interface."""
        data = None if body is None else json.dumps(body).encode()
        address = f"{self.url}/_control/{action}"
        request = HttpRequest(address, data=data, method=method, headers={"content-type": "application/json"})
        with urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or b"{}")

    def _values(self) -> dict[str, Any]:
        text = self._fixture.replace("$api_base", f"{self.url}/desk").replace("$webhook_url", f"{self.url}/hook")
        values: dict[str, Any] = json.loads(text)
        return values

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            runner = self._loop.run_until_complete(self._serve())
        except BaseException as error:  # it is raised again in the thread that started this one
            self.failure = error
            self._ready.set()
            return
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _serve(self) -> web.AppRunner:
        application = web.Application(client_max_size=32 << 20)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        application.router.add_post("/hook", self._received)
        # The address has to be known before the stand-in is made, so the port is taken first.
        listener = _listener()
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        accounts = {"main": self.settings}
        provider = made_stand_in(self.name, accounts, public_url=f"{self.url}/desk", folder=self._folder)
        application.add_subapp("/desk", provider.api)
        application.add_subapp("/_control", provider.control)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        return runner

    async def _received(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.webhooks.append(Request("POST", request.path, dict(request.query), headers, await request.read()))
        return web.json_response({})


def _listener() -> Any:
    import socket

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener


@contextmanager
def stand_in(name: str) -> Iterator[StandIn]:
    """The helpdesk's stand-in, running for a while."""
    with tempfile.TemporaryDirectory() as folder:
        running = StandIn(name, Path(folder))
        running.start()
        try:
            yield running
        finally:
            running.stop()


class Connected:
    """onethread in memory with one helpdesk. ``life`` decides when the worker dies."""

    def __init__(self, helpdesk: str, account: Account) -> None:
        self.helpdesk = helpdesk
        self.account = account
        self.desk = Desk()
        self.adapter = registry.helpdesk(helpdesk)
        self.memory = DeskMemoryDict()
        self.bucket = FileStore()
        self.life = Mortal()
        self.called: list[str] = []
        self.told: dict[str, int] = {}
        self.types: set[str] = set()
        self.accounts = OneAccount(account)
        self.subscription = Subscription("sub-1", self.desk.clock(), helpdesk=HelpdeskName(helpdesk, "main"))
        contexts = HelpdeskContexts(
            self.accounts,
            http=_Forwarding(self),
            files_of=lambda entry: BucketFiles(self.bucket),
            memory_of=lambda helpdesk, account: MortalMemory(self.memory, self.life),
            clock=time.time,
        )
        self.context = contexts(helpdesk, "main")
        self.endpoint = HelpdeskEndpoint(
            self.desk.store,
            self.desk.store,
            helpdesk_of=registry.helpdesk,
            context_of=contexts,
            capabilities_of=lambda channel: self.desk.channels[channel].capabilities,
            clock=self.desk.clock,
        )
        self.acting = ActOnDesk(
            self.desk.reply,
            self.desk.change,
            helpdesk_of=registry.helpdesk,
            context_of=contexts,
            bucket=self.bucket,
        )

    def write(self, text: str, sender: str = "ann") -> str:
        """A customer's message; the id of the conversation."""
        self.desk.write(sender, text)
        return self.desk.conversation(sender).conversation_id

    def outcome(self, entry: Entry) -> Outcome:
        """One attempt to tell of one entry."""
        event = entry_event(entry, "onethread")
        return self.deliver(event, entry)

    def deliver(self, event: Event, entry: Entry | None = None) -> Outcome:
        message = read_message(entry) if entry is not None and is_message(entry) else None
        outcome = self.endpoint.deliver(self.subscription, Notification(event, entry, message))
        if outcome.verdict == "delivered" and event.type in self.adapter.types:
            self.types.add(event.type)
        return outcome

    def tell(self, conversation_id: str) -> None:
        """Tells of everything that has not been told, in order, as the relay does; whoever dies comes again."""
        entries = self.desk.store.logs[conversation_id]
        while self.told.get(conversation_id, 0) < len(entries):
            entry = entries[self.told.get(conversation_id, 0)]
            try:
                outcome = self.outcome(entry)
            except Died:
                continue
            assert outcome.verdict == "delivered", outcome
            self.told[conversation_id] = entry.sequence

    def act(self, envelope: Envelope, tries: int = 1) -> str:
        """Carries out a webhook; whoever dies comes again."""
        while True:
            try:
                return self.acting(envelope, tries)
            except Died:
                continue

    def envelopes(self, request: Request) -> list[Envelope]:
        """What the queue holds of a webhook, taken through the queue's form and back."""
        verified = registry.helpdesk_ingress(self.helpdesk).verify(request, self.account, time.time())
        made = [Envelope(self.helpdesk, "main", time.time(), each.body, each.query, each.headers) for each in verified]
        return [Envelope.from_json(each.to_json()) for each in made]

    def messages(self, conversation_id: str, kind: str = "message.sent") -> list[str]:
        """The texts of a conversation's messages."""
        return [read_message(each).text for each in self.desk.store.logs[conversation_id] if each.type == kind]


@dataclass
class _Forwarding:
    """The client of the present life."""

    connected: Connected
    client: HttpClient = field(default_factory=ProviderClient)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
        maximum_bytes: int = 1_048_576,
    ) -> HttpResponse:
        self.connected.called.append(url)
        return MortalHttp(self.client, self.connected.life).request(
            method, url, headers=headers, body=body, timeout=timeout, maximum_bytes=maximum_bytes
        )


def eventually[Found](look: Callable[[], Found | None]) -> Found:
    """What is found, as soon as it is."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def context_with(http: HttpClient, helpdesk: str, account: Account, now: float) -> HelpdeskContext:
    """What an adapter is handed for an account ``main``, with nothing remembered and no files."""
    return HelpdeskContext(
        "main", account, http, BucketFiles(FileStore()), DeskMemoryDict(), lambda: now, f"{helpdesk}/main"
    )


def answered(status: int, body: object = None, **headers: str) -> HttpResponse:
    """``body`` as JSON, unless it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status, headers, content)
