"""A real django-helpdesk in a process of its own, and an agent who works in its pages."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import socket
import subprocess
import time
import uuid
from http.cookiejar import CookieJar
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-helpdesk" / "bin" / "python"
EXAMPLE = ROOT / "docs" / "helpdesks" / "django-helpdesk.json"
STARTING = 90.0
"""Seconds: it makes its database first, on a machine that may be busy."""


class DjangoHelpdesk:
    """Entering it starts it; its webhooks go to ``stack_url``."""

    def __init__(self, folder: Path, stack_url: str) -> None:
        self.folder = folder
        self.password = secrets.token_urlsafe(16)
        self.webhook_secret = secrets.token_urlsafe(24)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        host = stack_url.removeprefix("http://")
        self._webhook = f"http://desk:{self.webhook_secret}@{host}/helpdesks/generic/django"
        self._process: subprocess.Popen[bytes] | None = None

    def settings(self) -> dict[str, Any]:
        """The documented example, with this site's address and passwords in it."""
        settings: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
        settings["api_base"] = self.url
        settings["authentication"]["password"] = self.password
        settings["webhook"]["verification"]["secret"] = self.webhook_secret
        return settings

    def __enter__(self) -> DjangoHelpdesk:
        environment = {
            "PATH": os.environ["PATH"],
            "DESK_FOLDER": str(self.folder),
            "DESK_PASSWORD": self.password,
            "HELPDESK_FOLLOWUP_WEBHOOK_URLS": self._webhook,
            "PYTHONWARNINGS": "ignore",
        }
        command = [str(PYTHON), "-m", "tests.e2e.django_helpdesk", str(self.port)]
        with (self.folder / "desk.log").open("wb") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + STARTING
        while not self._answers():
            log_text = (self.folder / "desk.log").read_text(errors="replace")
            assert self._process.poll() is None, log_text[-2000:]
            assert time.monotonic() < deadline, log_text[-2000:]
            time.sleep(0.2)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def _answers(self) -> bool:
        try:
            self.tickets()
        except (URLError, ConnectionError):
            return False
        return True

    def tickets(self) -> list[dict[str, Any]]:
        """Every ticket with its comments, by the site's own API."""
        pair = base64.b64encode(f"onethread:{self.password}".encode()).decode()
        request = Request(f"{self.url}/api/tickets/?page_size=100", headers={"authorization": f"Basic {pair}"})
        with urlopen(request, timeout=30) as answer:
            items: list[dict[str, Any]] = json.loads(answer.read())["results"]
        return items

    def ticket(self, text: str) -> dict[str, Any] | None:
        """The ticket that begins with this text."""
        return next((each for each in self.tickets() if each["description"] == text), None)


class Agent:
    """Ada, signed in, in the pages of the site."""

    def __init__(self, site: DjangoHelpdesk) -> None:
        self._url = site.url
        self._cookies = CookieJar()
        self._browser = build_opener(HTTPCookieProcessor(self._cookies))
        form = {
            "username": "ada",
            "password": site.password,
            "csrfmiddlewaretoken": self._token("/login/"),
            "next": "/",
        }
        self._post("/login/", urlencode(form).encode(), "application/x-www-form-urlencoded")

    def update(
        self,
        ticket: dict[str, Any],
        text: str,
        *,
        public: bool = True,
        status: int = 1,
        file: tuple[str, bytes] | None = None,
    ) -> None:
        """Answers in the ticket's form, as the page fills it in; ``file`` is a name and its content."""
        page = f"/tickets/{ticket['id']}/"
        fields = {
            "csrfmiddlewaretoken": self._token(page),
            "comment": text,
            "new_status": str(status),
            **{name: str(ticket[name]) for name in ("title", "queue", "priority", "custom_onethread")},
            **({"public": "1"} if public else {}),
        }
        boundary = uuid.uuid4().hex
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        )
        if file is not None:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="attachment"; filename="{file[0]}"\r\n'
            body += f"{head}Content-Type: image/png\r\n\r\n".encode() + file[1] + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        self._post(f"{page}update/", body, f"multipart/form-data; boundary={boundary}")

    def _token(self, path: str) -> str:
        with self._browser.open(self._url + path, timeout=30) as answer:
            found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
        assert found is not None, f"{path} shows no form"
        return found[1]

    def _post(self, path: str, body: bytes, kind: str) -> None:
        headers = {"content-type": kind, "referer": self._url + path}
        with self._browser.open(Request(self._url + path, body, headers), timeout=60) as answer:
            page = answer.read().decode()
        assert "/login/" not in answer.url, "the agent is not signed in"
        assert "errorlist" not in page, page[page.index("errorlist") - 300 :][:900]
