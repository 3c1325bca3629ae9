"""Bringing the local stack up, bringing it up to date, and taking it down.

Every start is a fresh one: MiniStack begins empty, accounts and keys are new, conversations of the run before are gone.
Its saved state does not carry the records of the table's stream, so entries that were written and not yet published
when it stopped would never be: a stack that looks whole and is not. Starting anew takes as long.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.stack import front, ministack
from infra.local.stack.demo import demo_accounts
from infra.local.stack.demo_helpdesks import demo_helpdesks
from infra.local.stack.deployment import Deployment, DeploymentError
from infra.local.stack.ministack import Aws
from infra.local.stack.progress import Report, silent, step
from infra.local.stack.seeding import issue_api_key, store_accounts, store_helpdesks
from infra.local.stack.settings import HOST, REGION, Settings
from infra.local.stack.warming import warm
from infra.packaging.libraries import ROOT

_LOG_LINES = 15


class StackError(Exception):
    """The local stack cannot do what was asked; the text says why and what to do."""


class LocalStack:
    """The stack of one home folder. ``report`` is told of each step."""

    def __init__(self, settings: Settings, report: Report = silent) -> None:
        self.settings = settings
        self._report = report

    def running(self) -> bool:
        """Whether both processes run and the stack was ready once."""
        return self._parts_running() == 2 and self.settings.local_file.exists()

    def description(self) -> dict[str, Any]:
        """The content of local.json. Raises StackError when the stack is not running."""
        if not self.running():
            raise StackError("no local stack is running here: start it with make up")
        content: dict[str, Any] = json.loads(self.settings.local_file.read_text())
        return content

    def up(self) -> dict[str, Any]:
        """Starts the stack, or brings a running one up to date; answers local.json's content. Raises StackError."""
        if self.running():
            self._check_same_ports()
            self._bring_up_to_date()
            return self.description()
        if self._parts_running():
            self.down()
        self._check_ports()
        try:
            self._start()
        except BaseException:
            self.down()
            raise
        return self.description()

    def down(self) -> bool:
        """Stops everything; whether anything was running."""
        self.settings.local_file.unlink(missing_ok=True)
        stopped = front.process(self.settings).stop()
        return ministack.stop(self.settings) or stopped

    def _start(self) -> None:
        settings, aws = self.settings, Aws(self.settings)
        for folder in (settings.providers_folder, settings.logs):
            shutil.rmtree(folder, ignore_errors=True)
        with step(self._report, "MiniStack started, functions packed"):
            ministack.start(settings)
            deployment = Deployment(aws, settings)
            deployment.prepare()
            if not ministack.wait_until_ready(settings):
                raise StackError(f"MiniStack did not start:\n{self._tail('aws.log')}")
        with step(self._report, "template.yaml deployed"):
            outputs = self._deployed(deployment.create)
        with ThreadPoolExecutor(1) as background:
            with step(self._report, "accounts, API key and front server ready"):
                warming = background.submit(warm, aws)
                accounts = demo_accounts(settings)
                store_accounts(aws, outputs["SecretsPrefix"], accounts)
                api_key = issue_api_key(aws, outputs["TableName"])
                helpdesks = demo_helpdesks(settings)
                store_helpdesks(aws, outputs["HelpdeskSecretsPrefix"], helpdesks)
                front.write_settings(settings, outputs, api_key, accounts, helpdesks)
                self._start_front()
            with step(self._report, "functions warmed up"):
                self._warn(warming.result())
        self._remember(outputs, api_key)

    def _bring_up_to_date(self) -> None:
        settings, aws = self.settings, Aws(self.settings)
        self._report("The local stack is up already; bringing it up to date.")
        with step(self._report, "changed code and template deployed"):
            outputs = self._deployed(Deployment(aws, settings).update)
        if outputs is None:
            self._report("  nothing has changed")
        else:
            with step(self._report, "functions warmed up"):
                self._warn(warm(aws))
        if self._front_changed():
            with step(self._report, "front server started again"):
                front.process(settings).stop()
                self._start_front()

    def _start_front(self) -> None:
        front.start(self.settings)
        if not front.wait_until_ready(self.settings):
            raise StackError(f"the front server did not start:\n{self._tail('front.log')}")
        self._front_digest_file.write_text(_front_digest())

    def _remember(self, outputs: dict[str, str], api_key: str) -> None:
        settings, key = self.settings, ministack.credentials(self.settings)
        content = {
            "url": settings.url,
            "socket_url": outputs["SocketUrl"],
            "api_key": api_key,
            "aws": {
                "endpoint_url": settings.aws_url,
                "region": REGION,
                "access_key_id": key.access_key_id,
                "secret_access_key": key.secret_access_key,
            },
            "smtp": {"host": HOST, "port": settings.smtp_port},
            "table": outputs["TableName"],
            "events_topic_arn": outputs["EventsTopicArn"],
            "secrets_prefix": outputs["SecretsPrefix"],
            "providers_url": settings.providers_url,
        }
        ministack.write_private(settings.local_file, json.dumps(content, indent=2) + "\n")

    def _parts_running(self) -> int:
        return sum(part.process(self.settings).running() for part in (ministack, front))

    def _check_same_ports(self) -> None:
        local = self.description()
        running = (local["url"], local["aws"]["endpoint_url"], local["smtp"]["port"])
        if running != (self.settings.url, self.settings.aws_url, self.settings.smtp_port):
            raise StackError(f"this stack is up at {local['url']}: make down first, then start it on other ports")

    def _check_ports(self) -> None:
        ports = {
            "ONETHREAD_PORT": self.settings.port,
            "ONETHREAD_AWS_PORT": self.settings.aws_port,
            "ONETHREAD_SMTP_PORT": self.settings.smtp_port,
        }
        for variable, port in ports.items():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError as error:
                    raise StackError(
                        f"port {port} on {HOST} cannot be used ({error.strerror}): "
                        f"end what listens there, or set {variable} to another port"
                    ) from error

    def _deployed[Outputs](self, deploy: Callable[[], Outputs]) -> Outputs:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return deploy()
        except (DeploymentError, BotoCoreError, ClientError) as error:
            raise StackError(f"template.yaml could not be deployed:\n{error}") from error

    def _warn(self, failures: dict[str, str]) -> None:
        for function, text in failures.items():
            self._report(f"  warning: the function {function} fails: {text[:500]}")

    def _tail(self, log: str) -> str:
        file = self.settings.logs / log
        return "\n".join(file.read_text(errors="replace").splitlines()[-_LOG_LINES:]) if file.exists() else "(no log)"

    @property
    def _front_digest_file(self) -> Path:
        return self.settings.home / "run" / "front.digest"

    def _front_changed(self) -> bool:
        file = self._front_digest_file
        return not file.exists() or file.read_text() != _front_digest()


def _front_digest() -> str:
    digest = hashlib.sha256()
    for folder in ("infra/local/front", "infra/local/page", "infra/local/providers"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@contextmanager
def running(home: Path, report: Report = silent) -> Iterator[dict[str, Any]]:
    """A stack of its own on free ports, for tests: yields the content of local.json and stops it afterwards."""
    stack = LocalStack(Settings.with_free_ports(home), report)
    try:
        yield stack.up()
    finally:
        stack.down()
