"""The page's files, under a policy that lets it load and call nothing but this server and the named origins."""

from __future__ import annotations

from pathlib import Path

from aiohttp import hdrs, web
from yarl import URL

from infra.local.front.settings import FrontSettings

FOLDER = Path(__file__).resolve().parent.parent / "page"
CONTENT_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


def content_security_policy(settings: FrontSettings) -> str:
    """No inline code, no foreign code or frames, no forms: only own scripts, and data from the stack's own origins.

    The one thing framed is a mail's HTML, which comes with a stricter policy of its own.
    """
    origins = list(settings.content_origins)
    if settings.socket_url is not None:
        socket = URL(settings.socket_url)
        origins.append(f"{socket.scheme}://{socket.authority}")
    others = "".join(f" {origin}" for origin in origins)
    pictures = "".join(f" {origin}" for origin in settings.content_origins)
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' blob:{pictures}",
            f"media-src 'self'{pictures}",
            f"connect-src 'self'{others}",
            "frame-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ]
    )


class Page:
    """Serves the files of the page folder, and no others."""

    def __init__(self, settings: FrontSettings) -> None:
        self.headers = {
            "Content-Security-Policy": content_security_policy(settings),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            hdrs.CACHE_CONTROL: "no-cache",
        }
        self.files = {path.name: path for path in FOLDER.iterdir() if path.suffix in CONTENT_TYPES}

    async def index(self, request: web.Request) -> web.StreamResponse:
        return self._answer("index.html")

    async def file(self, request: web.Request) -> web.StreamResponse:
        return self._answer(request.match_info["name"])

    def _answer(self, name: str) -> web.Response:
        path = self.files.get(name)
        if path is None:
            return web.Response(status=404, headers=self.headers)
        body, content_type = path.read_bytes(), CONTENT_TYPES[path.suffix]
        return web.Response(body=body, content_type=content_type, charset="utf-8", headers=self.headers)
