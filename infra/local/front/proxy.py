"""The way through to the API: method, path, query, headers and body pass unchanged in both directions."""

from __future__ import annotations

import aiohttp
from aiohttp import hdrs, web
from multidict import CIMultiDict
from yarl import URL

MAXIMUM_BODY = 10 << 20
"""API Gateway takes 10 MB (docs.aws.amazon.com, "Amazon API Gateway quotas")."""
GATEWAY_SECONDS = 30
KEPT_ALIVE_SECONDS = 3
"""Shorter than common servers wait (5 s): a request must not go out on a connection that is being closed."""
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""RFC 9110, 7.6.1: meant for one connection only."""
ADDED_BY_CLIENT = (hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.USER_AGENT, hdrs.CONTENT_TYPE)


class Proxy:
    """Passes requests on over kept-alive connections. ``session`` is set while the server runs."""

    def __init__(self, gateway_url: str, gateway_host: str | None) -> None:
        self.gateway_url = gateway_url.rstrip("/")
        self.gateway_host = gateway_host
        self.session: aiohttp.ClientSession | None = None

    def open_session(self) -> aiohttp.ClientSession:
        """A session that adds nothing, follows nothing, unpacks nothing and keeps no cookies."""
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=200, keepalive_timeout=KEPT_ALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=GATEWAY_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=ADDED_BY_CLIENT,
            auto_decompress=False,
        )
        return self.session

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.session is None:
            return problem(503, "starting", "The server is starting or stopping.")
        if not request.raw_path.startswith("/"):
            return problem(400, "bad_request_target", "The request target must be a path.")
        body = await request.read() if (request.content_length or 0) <= MAXIMUM_BODY else None
        if body is None or len(body) > MAXIMUM_BODY:
            return problem(413, "body_too_large", "The body is larger than 10 MB.")
        target = URL(self.gateway_url + request.raw_path, encoded=True)
        headers = self._request_headers(request)
        try:
            upstream = await self.session.request(
                request.method, target, data=body or None, headers=headers, allow_redirects=False
            )
        except TimeoutError:
            return problem(504, "gateway_timeout", f"The API gave no answer in {GATEWAY_SECONDS} seconds.")
        except aiohttp.ClientConnectorError:
            return problem(502, "gateway_unreachable", "The API cannot be reached.")
        except aiohttp.ClientConnectionError:
            return problem(502, "gateway_closed", "The API closed the connection.")
        async with upstream:
            return await _stream(request, upstream)

    def _request_headers(self, request: web.Request) -> CIMultiDict[str]:
        headers = _end_to_end(request.headers)
        headers.popall(hdrs.CONTENT_LENGTH, None)
        headers[hdrs.HOST] = self.gateway_host or URL(self.gateway_url).authority
        headers["X-Forwarded-Host"] = request.headers.get(hdrs.HOST, "")
        headers["X-Forwarded-Proto"] = request.scheme
        earlier = request.headers.get(hdrs.X_FORWARDED_FOR)
        headers[hdrs.X_FORWARDED_FOR] = ", ".join(filter(None, (earlier, request.remote)))
        return headers


async def _stream(request: web.Request, upstream: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=upstream.status, reason=upstream.reason)
    for name, value in _end_to_end(upstream.headers).items():
        response.headers.add(name, value)
    await response.prepare(request)
    async for piece in upstream.content.iter_any():
        await response.write(piece)
    await response.write_eof()
    return response


def _end_to_end(headers: aiohttp.typedefs.LooseHeaders) -> CIMultiDict[str]:
    """The headers without those of one connection: the known ones and those that ``Connection`` names."""
    kept: CIMultiDict[str] = CIMultiDict(headers)
    named = {name.strip().lower() for value in kept.getall(hdrs.CONNECTION, []) for name in value.split(",")}
    for name in HOP_BY_HOP | named:
        kept.popall(name, None)
    return kept


def problem(status: int, code: str, detail: str) -> web.Response:
    """An RFC 9457 answer, as the API gives them."""
    content = {"type": "about:blank", "status": status, "code": code, "title": detail, "detail": detail}
    return web.json_response(content, status=status, content_type="application/problem+json")
