"""``python -m bench.stub [KEY]``: reads accounts as one line of JSON, writes its address, and serves until ended."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys

from bench.stub.answers import Answers
from bench.stub.server import Session


async def main() -> None:
    loop = asyncio.get_running_loop()
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1])
    accounts = json.loads(sys.stdin.readline())
    answers = Answers()
    server = await loop.create_server(lambda: Session(answers), "127.0.0.1", 0, ssl=context)
    url = f"{'https' if context else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    answers.secrets = {name: json.dumps(value).replace("{stub}", url) for name, value in accounts.items()}
    print(url, flush=True)
    await server.serve_forever()


asyncio.run(main())
