"""MiniStack, the local AWS: how it is started, and the way to it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local.stack.processes import Process
from infra.local.stack.settings import HOST, REGION, Settings
from infra.local.stack.waiting import answers, wait_until
from shared.aws.client import AwsClient
from shared.aws.signing import Credentials

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient

READY_SECONDS = 30.0
ROOT_KEY_ID = "onethread-local"


def credentials(settings: Settings) -> Credentials:
    """The local account's root key, made at the first question; the functions have roles of their own."""
    file = settings.credentials_file
    if not file.exists():
        write_private(file, json.dumps({"access_key_id": ROOT_KEY_ID, "secret_access_key": secrets.token_urlsafe(24)}))
    return Credentials(**json.loads(file.read_text()))


def write_private(file: Path, text: str) -> None:
    """Writes a file whole or not at all, readable for its owner only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(file)


def process(settings: Settings) -> Process:
    return Process("aws", settings.home / "run")


def start(settings: Settings) -> None:
    """Starts MiniStack with an empty memory, without waiting for it."""
    shutil.rmtree(settings.temporary, ignore_errors=True)
    settings.temporary.mkdir(parents=True)
    # -I keeps this folder and the environment's PYTHONPATH out of the server's import path.
    command = [sys.executable, "-I", str(Path(__file__).with_name("emulator.py"))]
    process(settings).start(command, _environment(settings), settings.temporary, settings.logs / "aws.log")


def wait_until_ready(settings: Settings) -> bool:
    running = process(settings).running

    def settled() -> bool:
        return answers(settings.aws_port, "/_ministack/ready") or not running()

    return wait_until(settled, READY_SECONDS) and running()


def stop(settings: Settings) -> bool:
    """Ends MiniStack and clears what its workers have unpacked."""
    stopped = process(settings).stop()
    shutil.rmtree(settings.temporary, ignore_errors=True)
    return stopped


def _environment(settings: Settings) -> dict[str, str]:
    """All of it: what is not named here, such as the user's own AWS profile, must not reach the functions."""
    key = credentials(settings)
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),
        "HOME": str(settings.temporary),
        "TMPDIR": str(settings.temporary),
        "LANG": "C.UTF-8",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(settings.aws_port),
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        # Roles are enforced, so that a permission that template.yaml lacks shows here and not on AWS.
        "AUTH": "true",
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_WARM_TTL_SECONDS": "1800",
        # Lower levels quote what functions write and what topics carry.
        "LOG_LEVEL": "WARNING",
        # Either would open a port of its own.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
    }


class Aws:
    """Clients of the local AWS with the root key, each made when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._endpoint = settings.aws_url
        self._key = credentials(settings)

    def make_clients(self) -> None:
        """Makes those that every start needs: each reads a long description of its service."""
        _ = (self.cloudformation, self.s3, self.sns, self.functions)

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        return self._session.client("cloudformation", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def s3(self) -> S3Client:
        return self._session.client("s3", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def sns(self) -> SNSClient:
        return self._session.client("sns", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def functions(self) -> LambdaClient:
        return self._session.client("lambda", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def logs(self) -> Any:
        """CloudWatch Logs."""
        return self._session.client("logs", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def client(self) -> AwsClient:
        """The client that the functions use."""
        return AwsClient(REGION, self._key, self._endpoint)

    @cached_property
    def _session(self) -> Session:
        from boto3.session import Session

        return Session(self._key.access_key_id, self._key.secret_access_key, region_name=REGION)

    @property
    def _config(self) -> Config:
        from botocore.config import Config

        # Never through a proxy, whatever the environment says.
        return Config(
            connect_timeout=5, read_timeout=60, retries={"max_attempts": 2}, proxies={}, max_pool_connections=20
        )
