"""The way to AWS: boto3 clients by profile and region, and the project's own client with the same credentials.

boto3 is imported by the first client that is asked for, so that help and commands without AWS answer at once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from infra.cli.errors import CommandError

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient

    from shared.aws.client import AwsClient


@dataclass(frozen=True, kw_only=True)
class AwsSettings:
    """Where AWS is and who asks; what is None comes from the usual AWS environment and configuration files."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


class AwsAccess:
    """Clients of AWS services, each made when it is first needed."""

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings

    @property
    def region(self) -> str:
        """Raises CommandError(``no_region``)."""
        if not self._session.region_name:
            raise CommandError("no_region", "no AWS region: give --region or set AWS_REGION")
        return self._session.region_name

    @cached_property
    def sqs(self) -> SQSClient:
        return self._session.client("sqs", endpoint_url=self._endpoint_url, config=self._config)

    @cached_property
    def sns(self) -> SNSClient:
        return self._session.client("sns", endpoint_url=self._endpoint_url, config=self._config)

    @cached_property
    def secrets(self) -> SecretsManagerClient:
        return self._session.client("secretsmanager", endpoint_url=self._endpoint_url, config=self._config)

    @cached_property
    def stacks(self) -> CloudFormationClient:
        return self._session.client("cloudformation", endpoint_url=self._endpoint_url, config=self._config)

    @cached_property
    def streams(self) -> Any:
        """DynamoDB Streams."""
        return self._session.client("dynamodbstreams", endpoint_url=self._endpoint_url, config=self._config)

    @cached_property
    def client(self) -> AwsClient:
        """The client that the functions use, with the same credentials. Raises CommandError(``no_credentials``)."""
        from shared.aws.client import AwsClient
        from shared.aws.signing import Credentials

        found = self._session.get_credentials()
        if found is None:
            raise CommandError("no_credentials", "no AWS credentials: give --profile or set them in the environment")
        keys = found.get_frozen_credentials()
        if not keys.access_key or not keys.secret_key:
            raise CommandError("no_credentials", "the AWS credentials found are incomplete")
        return AwsClient(self.region, Credentials(keys.access_key, keys.secret_key, keys.token), self._endpoint_url)

    @cached_property
    def _session(self) -> Session:
        from boto3.session import Session

        settings = self._settings
        session = Session(
            region_name=settings.region or os.environ.get("AWS_REGION"),
            profile_name=settings.profile,
            aws_access_key_id=settings.access_key_id,
            aws_secret_access_key=settings.secret_access_key,
        )
        if not session.region_name:
            raise CommandError("no_region", "no AWS region: give --region or set AWS_REGION")
        return session

    @property
    def _endpoint_url(self) -> str | None:
        return self._settings.endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or None

    @cached_property
    def _config(self) -> Config:
        from botocore.config import Config

        # A stack on this machine is never reached through a proxy, whatever the environment says.
        proxies: dict[str, str] | None = {} if self._settings.endpoint_url else None
        return Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard"}, proxies=proxies)
