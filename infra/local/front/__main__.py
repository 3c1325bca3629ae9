"""``python -m infra.local.front --settings FILE``: run the front server until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
from pathlib import Path

from aiohttp import web

from infra.local.front.server import front_application
from infra.local.front.settings import FrontSettings, read_settings

HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 2.0


def listening_socket(port: int) -> socket.socket:
    """A socket on 127.0.0.1. Raises OSError when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener


async def serve(settings: FrontSettings) -> None:
    listener = listening_socket(settings.listening_port())
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    # access_log None: addresses hold session tokens and signatures.
    runner = web.AppRunner(front_application(settings, url), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    print(url, flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.local.front", description="The local stack's front server.")
    parser.add_argument("--settings", type=Path, default=Path(".onethread/front.json"))
    asyncio.run(serve(read_settings(parser.parse_args().settings)))


if __name__ == "__main__":
    main()
