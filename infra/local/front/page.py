"""The desk's files and the made-up shop's, each under a policy that lets it load and call nothing but this server and
the named origins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiohttp import hdrs, web
from yarl import URL

from infra.local.front.settings import FrontSettings

DESK = Path(__file__).resolve().parents[2] / "desk" / "dist"
SHOP = Path(__file__).resolve().parent / "shop"
CONTENT_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


def _origins(settings: FrontSettings) -> tuple[str, str]:
    """The origins to take pictures from, and those to connect to: the socket's too."""
    content = list(settings.content_origins)
    connected = list(content)
    if settings.socket_url is not None:
        socket = URL(settings.socket_url)
        connected.append(f"{socket.scheme}://{socket.authority}")
    return "".join(f" {origin}" for origin in content), "".join(f" {origin}" for origin in connected)


def desk_policy(settings: FrontSettings) -> str:
    """No inline code, no foreign code or frames, no forms: only own scripts, and data from the stack's own origins.

    What is framed is the made-up shop, and a mail's HTML, which comes with a stricter policy of its own.
    """
    pictures, connected = _origins(settings)
    return _policy(
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' blob:{pictures}",
        f"media-src 'self'{pictures}",
        f"connect-src 'self'{connected}",
        "frame-src 'self'",
        "frame-ancestors 'none'",
    )


def shop_policy(settings: FrontSettings) -> str:
    """What a careful site with the widget on it would send; only the desk may frame it."""
    pictures, connected = _origins(settings)
    return _policy(
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' data: blob:{pictures}",
        f"media-src 'self' blob:{pictures}",
        f"connect-src 'self'{connected}",
        "frame-ancestors 'self'",
    )


def _policy(*directives: str) -> str:
    always = ("base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'")
    return "; ".join(["default-src 'none'", *directives, *always])


class Folder:
    """Serves the files of one folder, and no others; ``index.html`` for the folder itself."""

    def __init__(self, folder: Path, policy: str, more: Mapping[str, str] | None = None) -> None:
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            hdrs.CACHE_CONTROL: "no-cache",
            **(more or {}),
        }
        self._files = {path.name: path for path in folder.iterdir() if path.suffix in CONTENT_TYPES}

    async def index(self, request: web.Request) -> web.StreamResponse:
        return self._answer("index.html")

    async def file(self, request: web.Request) -> web.StreamResponse:
        return self._answer(request.match_info["name"])

    def _answer(self, name: str) -> web.Response:
        path = self._files.get(name)
        if path is None:
            return web.Response(status=404, headers=self._headers)
        body, content_type = path.read_bytes(), CONTENT_TYPES[path.suffix]
        return web.Response(body=body, content_type=content_type, charset="utf-8", headers=self._headers)


def desk(settings: FrontSettings) -> Folder:
    return Folder(DESK, desk_policy(settings), {"Cross-Origin-Opener-Policy": "same-origin"})


def shop(settings: FrontSettings) -> Folder:
    return Folder(SHOP, shop_policy(settings))
