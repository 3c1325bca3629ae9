"""A stack with real mail and web chat on a store in memory, as those see it who try to be somebody else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jwt

from connectors import registry
from connectors.channels.email.intake import INTAKE
from shared.aws.chat_history import LoggedHistory
from shared.core.chat.sessions import Sessions
from shared.core.ingest import Ingest
from shared.core.linking.joining import Evidence
from shared.core.linking.records import LinkCode
from shared.core.messages import is_message, read_message
from shared.core.records import Located, Reference
from shared.core.reply import Reply, ReplyRequest
from shared.model.identifiers import identity_id
from shared.ports.connector import Connector
from tests.support.channels import CHANNELS
from tests.unit.chat.fakes import IDENTITY_SECRET, SESSION_SECRET, SHOP, a_chat
from tests.unit.core.desk import Desk
from tests.unit.email_inbound.mails import ACCOUNTS, PASS, SEALS, block, envelope, letter, raw

CODE = "K7QM2XPD"
ADDRESS = "ann@trusted.example"
ANN = identity_id("email", "main", ADDRESS)
SECRET = "my number is 4711"
AGENT = {"type": "agent", "id": "key-1"}


class World:
    """Ann has written a mail that her domain vouches for, and was answered."""

    def __init__(self) -> None:
        self.desk = desk = Desk()
        desk.reply = Reply(desk.store, self._connector, desk.clock, desk.pauses.append)
        desk.ingest = Ingest(
            linking=desk.linking,
            originals=desk.originals,
            log=desk.store,
            people=desk.store,
            deliveries=desk.store,
            notices=desk.store,
            connector_of=self._connector,
            clock=desk.clock,
            sleep=desk.pauses.append,
        )
        chat = a_chat()
        self.queue, self.sockets = chat.queue, chat.sockets
        self.chat = replace(
            chat.service,
            sessions=Sessions(chat.accounts, lambda: [SESSION_SECRET], desk.clock),
            history_of=LoggedHistory(desk.store, desk.store, desk.store),
            now=desk.clock,
        )
        self.mail(SECRET)
        self.answer = self._answered()

    def mail(self, body: str, verdicts: str = PASS, **fields: str) -> None:
        """A mail, through the intake and the core; every one has a name of its own."""
        named = {"Message-ID": f"<{len(self.desk.store.references)}@mail.example>", **fields}
        whole = raw(letter(f"{body}\r\n", **named), block(verdicts))
        self.desk.originals.kept["mail/k3v7"] = whole
        for found in INTAKE.mail(whole, ACCOUNTS, SEALS):
            self.desk.ingest.start_batch()
            self.desk.ingest(envelope(whole, **found.event.headers))

    def opened(self, user: str | None = None, earlier: str | None = None, **asked: Any) -> str:
        """The token of a web-chat session: of a user whom the site vouches for, or of a visitor."""
        if user is not None:
            claims = {"sub": user, "exp": int(self.desk.clock()) + 3600, "email": ADDRESS, "email_verified": True}
            asked["identity_token"] = jwt.encode(claims, IDENTITY_SECRET, algorithm="HS256")
        token: str = self.chat.open_session("main", json.dumps(asked).encode(), earlier)["token"]
        return token

    def says(self, token: str, text: str) -> None:
        self._posts(token, {"parts": [{"type": "text", "text": text}]})

    def follows(self, token: str, code: str) -> None:
        """The visitor comes by an address with a code in it."""
        self._posts(token, {"type": "link", "code": code})

    def sees(self, token: str) -> list[str]:
        """All that a visitor can get hold of: the history, and what comes over a socket that resumes at 0."""
        shown = [item["text"] for item in self.chat.history("main", token, 0, 100)["items"]]
        self.sockets.posted.clear()
        self.chat.connect("socket", token, SHOP)
        self.chat.receive("socket", b'{"type": "resume", "after": 0}')
        frames = [frame for _, frame in self.sockets.posted if frame["type"] == "message"]
        return [*shown, *(frame["message"]["text"] for frame in frames)]

    def visitor(self, token: str) -> str:
        return self.chat.sessions.prove(token).identity_id

    def is_ann(self, identity: str) -> bool:
        """Whether an identity is taken for one of Ann's."""
        return self.customer(identity) == self.customer(ANN)

    def customer(self, identity: str) -> str:
        return self.desk.store.identities[identity].identity.customer_id

    def told_as_ann(self, text: str) -> bool:
        """Whether somebody's words stand in one of Ann's conversations."""
        theirs = [each for each, head in self.desk.store.heads.items() if head.customer_id == self.customer(ANN)]
        entries = [entry for name in theirs for entry in self.desk.store.logs[name] if is_message(entry)]
        return any(text in read_message(entry).text for entry in entries)

    def issues(self, seconds: float = 900, channel: str | None = None, account: str | None = None) -> None:
        """A code for Ann."""
        expires_at = self.desk.clock() + seconds
        self.desk.links.issue(LinkCode(CODE, self.customer(ANN), expires_at, AGENT, channel, account))

    def merges(self, source: str, target: str) -> None:
        """An agent merges the customers of two identities."""
        evidence = Evidence("agent", "agent", AGENT, shows_all=False)
        self.desk.linking.linker.merge(self.customer(source), self.customer(target), evidence)

    def unlinks(self, identity: str) -> None:
        self.desk.linking.linker.unlink(self.customer(identity), identity, AGENT)

    def _posts(self, token: str, frame: dict[str, Any]) -> None:
        frame["client_id"] = f"frame-{len(self.queue.events)}"
        self.chat.post_message("main", token, json.dumps(frame).encode())
        self.desk.ingest.start_batch()
        self.desk.ingest(self.queue.events[-1].envelope)

    def _answered(self) -> str:
        """The provider's id of a mail that Ann has got from us."""
        conversation_id = self.desk.store.identities[ANN].conversation_id or ""
        request = ReplyRequest(parts=[{"type": "text", "text": "it is on its way"}])
        answer = self.desk.reply(conversation_id, request, "key-1", None)
        located = Located(conversation_id, answer["sequence"], answer["message_id"])
        self.desk.store.remember(Reference("email", "main", "0100-mail-1"), located)
        return "0100-mail-1"

    def _connector(self, channel: str) -> Connector:
        return self.desk.channels[channel] if channel in CHANNELS else registry.connector(channel)
