"""The front server passes calls on to the API unchanged."""

from __future__ import annotations

import contextlib
import gzip
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from yarl import URL

from infra.local.front.server import front_application
from infra.local.front.settings import FrontSettings


class Gateway:
    """The API Gateway emulator's place: remembers what arrives."""

    def __init__(self) -> None:
        self.received: list[tuple[str, str, list[tuple[str, str]], bytes]] = []
        self.answer: Callable[[], web.Response] = lambda: web.Response(text="ok")
        self.connections: set[object] = set()

    async def receive(self, request: web.Request) -> web.StreamResponse:
        headers = [(name.decode(), value.decode()) for name, value in request.raw_headers]
        self.received.append((request.method, request.raw_path, headers, await request.read()))
        if request.path == "/v1/slow-stream":
            answer = web.StreamResponse()
            await answer.prepare(request)
            for piece in (b"one ", b"two"):
                await answer.write(piece)
            return answer
        self.connections.add(request.get_extra_info("peername"))
        return self.answer()

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.received[-1][2] if key.lower() == name]


@contextlib.asynccontextmanager
async def front(folder: Path, gateway_url: str, gateway_host: str | None = None) -> AsyncIterator[str]:
    settings = FrontSettings(gateway_url=gateway_url, gateway_host=gateway_host, api_key="k", folder=str(folder))
    async with TestServer(front_application(settings, "http://127.0.0.1")) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[Gateway, str]]:
    place = Gateway()
    application = web.Application(client_max_size=20 << 20)
    application.router.add_route("*", "/{rest:.*}", place.receive)
    async with TestServer(application) as server:
        yield place, str(server.make_url("")).rstrip("/")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False) as made:
        yield made


@pytest.fixture
async def url(tmp_path: Path, gateway: tuple[Gateway, str]) -> AsyncIterator[str]:
    async with front(tmp_path, gateway[1], "abc.execute-api.localhost:4566") as made:
        yield made


async def test_method_path_query_and_body_arrive_byte_for_byte(
    url: str, gateway: tuple[Gateway, str], session: aiohttp.ClientSession
) -> None:
    target = "/hooks/wechat/main?echostr=a%2Bb+c/d==&empty=&x=%E4%BD%A0&x=2"
    body = bytes(range(256))
    async with session.put(URL(url + target, encoded=True), data=body) as answer:
        assert (answer.status, await answer.text()) == (200, "ok")
    method, path, _, received = gateway[0].received[-1]
    assert (method, path, received) == ("PUT", target, body)


@pytest.mark.parametrize("path", ["/hooks/wechat/main", "/chat/main/sessions", "/v1/conversations"])
async def test_all_paths_of_the_api_are_passed_on(
    url: str, gateway: tuple[Gateway, str], session: aiohttp.ClientSession, path: str
) -> None:
    async with session.get(url + path) as answer:
        assert await answer.text() == "ok"
    assert gateway[0].received[-1][1] == path


async def test_headers_pass_but_for_those_of_one_connection(
    url: str, gateway: tuple[Gateway, str], session: aiohttp.ClientSession
) -> None:
    headers = {
        "Authorization": "Bearer k",
        "X-Custom": "1",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
        "Cookie": "a=b",
        "X-Forwarded-For": "203.0.113.7",
        "Origin": "https://shop.example",
    }
    async with session.post(f"{url}/v1/x", data=b"{}", headers=headers) as answer:
        assert answer.status == 200
    place = gateway[0]
    assert place.header("host") == ["abc.execute-api.localhost:4566"]
    assert place.header("authorization") == ["Bearer k"]
    assert place.header("x-custom") == ["1"]
    assert place.header("cookie") == ["a=b"]
    assert place.header("x-hop") == []
    assert place.header("origin") == ["https://shop.example"]
    assert place.header("x-forwarded-for") == ["203.0.113.7, 127.0.0.1"]
    assert place.header("x-forwarded-host") == [url.removeprefix("http://")]


async def test_the_answer_comes_back_whole(
    url: str, gateway: tuple[Gateway, str], session: aiohttp.ClientSession
) -> None:
    packed = gzip.compress(b"hello")

    def answer() -> web.Response:
        headers = {"Location": "https://example.com/", "Content-Encoding": "gzip"}
        made = web.Response(status=302, body=packed, headers=headers)
        made.headers.add("Set-Cookie", "a=1")
        made.headers.add("Set-Cookie", "b=2")
        return made

    gateway[0].answer = answer
    async with session.get(f"{url}/v1/x", allow_redirects=False) as received:
        assert received.status == 302
        assert await received.read() == packed
        assert received.headers["Location"] == "https://example.com/"
        assert received.headers.getall("Set-Cookie") == ["a=1", "b=2"]


async def test_a_streamed_answer_is_streamed_on(url: str, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{url}/v1/slow-stream") as answer:
        assert answer.headers.get("Transfer-Encoding") == "chunked"
        assert await answer.read() == b"one two"


async def test_connections_to_the_api_are_kept(
    url: str, gateway: tuple[Gateway, str], session: aiohttp.ClientSession
) -> None:
    for _call in range(3):
        async with session.get(f"{url}/v1/x") as answer:
            await answer.read()
    assert len(gateway[0].connections) == 1


async def test_a_body_over_ten_megabytes_is_refused_as_by_api_gateway(
    url: str, gateway: tuple[Gateway, str], session: aiohttp.ClientSession
) -> None:
    async with session.post(f"{url}/hooks/wechat/main", data=bytes((10 << 20) + 1)) as answer:
        assert answer.status == 413
        assert b"body_too_large" in await answer.read()
    assert gateway[0].received == []


async def test_an_api_that_is_not_there_is_reported(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with (
        front(tmp_path, f"http://127.0.0.1:{unused_port()}") as url,
        session.get(f"{url}/v1/conversations") as answer,
    ):
        assert answer.status == 502
        assert answer.content_type == "application/problem+json"
        assert b"gateway_unreachable" in await answer.read()
