"""WeChat's API as far as the functions need it, on 127.0.0.1: gives a token, takes messages and makes QR codes."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class WeChatApi:
    """``sent`` are the messages that were taken; ``answers`` are given first, in order, instead of a yes."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the name that http.server calls
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self._say(api.answer(self.path, body))

            def do_GET(self) -> None:
                """user/info of somebody who follows nobody: it tells nothing."""
                self._say({"subscribe": 0})

            def _say(self, value: dict[str, Any]) -> None:
                answer = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Says nothing: what is printed belongs to the code under test."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.startswith("/cgi-bin/stable_token"):
            return {"access_token": "token-of-the-test", "expires_in": 7200}
        if self.answers:
            return self.answers.pop(0)
        if path.startswith("/cgi-bin/qrcode/create"):
            scene = body["action_info"]["scene"]["scene_str"]
            return {"ticket": f"ticket-{scene}", "url": f"http://weixin.qq.com/q/{scene}"}
        self.sent.append(body)
        return {"errcode": 0, "errmsg": "ok"}

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
