"""A shop's page with the widget: another origin than onethread's, a strict policy, and its visitors in a browser."""

from __future__ import annotations

import json
import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import jwt
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from infra.frontend.toolchain import MODULES
from tests.e2e.outside import Outside

AXE = MODULES / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Shop:
    """The pages by their paths, and the web-chat account that they use."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.account = f"shop{uuid.uuid4().hex[:8]}"
        self.pages: dict[str, str] = {}
        self._signing_key = secrets.token_urlsafe(32)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()
        settings = {
            "allowed_origins": [self.origin],
            "identity_secret": self._signing_key,
            "page_url": f"{self.origin}/",
        }
        name = f"{outside.local['secrets_prefix']}webchat/{self.account}"
        outside.aws("secretsmanager").create_secret(Name=name, SecretString=json.dumps(settings))

    def close(self) -> None:
        self._server.shutdown()

    @property
    def policy(self) -> str:
        """Nothing but what the widget needs: its script, the API, the socket, and the bucket."""
        aws = urlsplit(self.outside.local["aws"]["endpoint_url"]).netloc
        api = self.outside.url
        return (
            f"default-src 'none'; script-src {api} 'nonce-of-the-page'; connect-src {api} ws://{aws} http://{aws}; "
            f"img-src http://{aws}; media-src http://{aws}; require-trusted-types-for 'script'"
        )

    def put(self, attributes: str = "", body: str = "", *, lang: str = "en", path: str = "/") -> None:
        """A page with the widget; ``body`` stands before it."""
        script = (
            f'<script src="{self.outside.url}/widget.js" data-account="{self.account}" {attributes} async></script>'
        )
        self.pages[path] = (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Hats</title>'
            '<meta name="viewport" content="width=device-width"></head>'
            f"<body><main><h1>Hats</h1><p>All of them.</p>{body}</main>{script}</body></html>"
        )

    def identity_token(self, subject: str, **claims: object) -> str:
        return jwt.encode(
            {"sub": subject, "exp": int(time.time()) + 3600, **claims}, self._signing_key, algorithm="HS256"
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = shop.pages.get(urlsplit(self.path).path)
                content = (page or "").encode()
                self.send_response(204 if page is None else 200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.send_header("content-security-policy", shop.policy)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Says nothing."""

        return Handler


class Visitor:
    """Somebody with the shop's page open: what they see of the widget, and what they do with it."""

    def __init__(self, shop: Shop, page: Page) -> None:
        self.shop = shop
        self.page = page
        self.widget = page.locator("onethread-widget")
        self.launcher = self.widget.locator(".launcher")
        self.dialog = self.widget.get_by_role("dialog")
        self.text = self.widget.get_by_role("textbox")
        self.log = self.widget.get_by_role("log")

    def goes_to(self, address: str = "/") -> None:
        self.page.goto(self.shop.origin + address)
        expect(self.widget).to_be_attached()

    def opens(self) -> None:
        self.launcher.click()
        expect(self.dialog).to_be_visible()

    def writes(self, text: str) -> None:
        self.text.fill(text)
        self.widget.locator("button.send").click()

    def wrote(self, text: str) -> str:
        """Writes, and waits until it is in the conversation; the conversation's id."""
        self.writes(text)
        expect(self.own(text)).to_contain_text("Delivered")
        return self.shop.outside.conversation_with(text)

    def own(self, text: str) -> Locator:
        return self.log.locator("li.ours", has_text=text)

    def left_of(self, element: Locator) -> float:
        """How far it is from the left edge of the window, in pixels."""
        box = element.bounding_box()
        assert box is not None
        return box["x"]

    def violations(self) -> list[str]:
        """What axe has to say of the page, the widget included. The page's policy lets the test's own script in."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found: list[str] = self.page.evaluate(
            "async tags => (await axe.run(document, {runOnly: tags})).violations"
            ".flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target} ${node.failureSummary}`))",
            STANDARDS,
        )
        return found


@contextmanager
def visitor(shop: Shop, browser: Browser, expected: str = "no error", **context: Any) -> Iterator[Visitor]:
    """A browser of somebody's own. A script error, or anything that the page's policy refuses, fails the test, unless
    it has the ``expected`` words in it."""
    opened = browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1100, "height": 760}, **context})
    try:
        with watched(opened, expected) as page:
            yield Visitor(shop, page)
    finally:
        opened.close()


@contextmanager
def watched(context: BrowserContext, expected: str) -> Iterator[Page]:
    """A tab whose errors fail the test; those of a network that is not there are what some tests are about."""
    problems: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    yield page
    unknown = [each for each in problems if expected not in each and "ERR_INTERNET_DISCONNECTED" not in each]
    assert unknown == []
