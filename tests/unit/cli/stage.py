"""The stage that commands are tried on: a stack in an emulated AWS, and an API that answers as told."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

REGION = "eu-west-1"


@dataclass
class Result:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The one line of JSON on standard error."""
        (line,) = self.err.splitlines()
        found: dict[str, str] = json.loads(line)["error"]
        return found


@dataclass
class Stack:
    """The emulated stack: its outputs, and clients to look behind the command line's back."""

    name: str
    endpoint_url: str
    outputs: dict[str, str]

    session: Session

    @cached_property
    def sqs(self) -> SQSClient:
        return self.session.client("sqs", endpoint_url=self.endpoint_url)

    @cached_property
    def sns(self) -> SNSClient:
        return self.session.client("sns", endpoint_url=self.endpoint_url)

    @cached_property
    def secrets(self) -> SecretsManagerClient:
        return self.session.client("secretsmanager", endpoint_url=self.endpoint_url)

    def received(self, output: str, most: int = 10) -> list[dict[str, Any]]:
        """The messages that wait in a queue, taken out of it."""
        url = self.outputs[output]
        answer = self.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=most,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
            WaitTimeSeconds=0,
        )
        messages: list[dict[str, Any]] = [dict(message) for message in answer.get("Messages", [])]
        for message in messages:
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return messages


@dataclass
class FakeApi:
    """An API on this machine. It answers with ``status`` and ``answer`` and remembers the requests, and their methods
    beside them."""

    status: int = 202
    answer: Any = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    url: str = ""

    def start(self) -> ThreadingHTTPServer:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                api.requests.append((self.path, headers, json.loads(body) if body else None))
                api.methods.append(self.command)
                if api.status == 0:
                    self.close_connection = True
                    return
                content = b"" if api.status == 204 else json.dumps(api.answer).encode()
                self.send_response(api.status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                self.do_POST()

            def do_PATCH(self) -> None:
                self.do_POST()

            def do_DELETE(self) -> None:
                self.do_POST()

            def log_message(self, format: str, *arguments: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server
