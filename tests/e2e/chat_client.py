"""A visitor of a web page, with a real WebSocket."""

from __future__ import annotations

import json
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.e2e.outside import Outside

PATIENCE = 15.0


class ChatClient:
    """One visitor. Entering it opens a socket; it can be entered again, as the same visitor."""

    def __init__(self, outside: Outside, account: str = "main", claims: dict[str, str] | None = None) -> None:
        asked = {} if claims is None else {"claims": claims}
        self.session: dict[str, Any] = outside.call("POST", f"/chat/{account}/sessions", asked).json()
        self._outside = outside
        self._account = account
        self._origin = outside.url
        self._opened = ExitStack()
        self._socket: ClientConnection | None = None

    def __enter__(self) -> ChatClient:
        address = f"{self.session['socket_url']}?token={self.session['token']}"
        self._socket = self._opened.enter_context(connect(address, additional_headers={"Origin": self._origin}))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()
        self._socket = None

    @property
    def socket(self) -> ClientConnection:
        assert self._socket is not None, "the visitor is not connected"
        return self._socket

    def send(self, frame: dict[str, Any]) -> None:
        self.socket.send(json.dumps(frame))

    def any(self) -> dict[str, Any]:
        """The next frame."""
        frame: dict[str, Any] = json.loads(self.socket.recv(timeout=PATIENCE))
        assert frame["type"] != "error", frame
        return frame

    def next(self, kind: str) -> dict[str, Any]:
        """The next frame of a kind; others before it are let go."""
        while (frame := self.any())["type"] != kind:
            continue
        return frame

    def message(self, text: str) -> dict[str, Any]:
        """The next message with this text."""
        while (message := self.next("message")["message"])["text"] != text:
            continue
        found: dict[str, Any] = message
        return found

    def until_resumed(self) -> list[dict[str, Any]]:
        """The messages that a resume brings."""
        messages: list[dict[str, Any]] = []
        while (frame := self.any())["type"] != "resumed":
            if frame["type"] == "message":
                messages.append(frame["message"])
        return messages

    def history(self) -> list[dict[str, Any]]:
        """What the page is shown when it asks over HTTP."""
        answer = self._outside.call("GET", f"/chat/{self._account}/messages?after=0", token=str(self.session["token"]))
        assert answer.status == 200, answer.body
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def link_code(self) -> dict[str, Any]:
        """A code by which this visitor goes on elsewhere, as the page asks for it."""
        token = str(self.session["token"])
        path = f"/chat/{self._account}/link-codes"
        answer = self._outside.call("POST", path, {}, token=token, headers={"origin": self._origin})
        assert answer.status == 201, answer.body
        assert {name.lower(): value for name, value in answer.headers.items()}[
            "access-control-allow-origin"
        ] == self._origin
        found: dict[str, Any] = answer.json()
        return found
