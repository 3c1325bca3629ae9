"""The stack that a command talks to: the one on this machine (--local) or one in AWS (--stack NAME)."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.cli.aws_access import AwsAccess, AwsSettings
from infra.cli.errors import CommandError, UsageError

LOCAL_STACK = "onethread"
_LOCAL_OUTPUTS = {
    "url": "Url",
    "socket_url": "SocketUrl",
    "table": "TableName",
    "events_topic_arn": "EventsTopicArn",
    "secrets_prefix": "SecretsPrefix",
}


class Deployment:
    """A stack by its outputs; ``known`` ones need no call, the others are read from CloudFormation once."""

    def __init__(self, name: str, aws: AwsAccess, known: Mapping[str, str], api_key: str | None = None) -> None:
        self.name = name
        self.aws = aws
        self._known = known
        self._api_key = api_key

    def output(self, name: str) -> str:
        """A stack output, such as ``TableName``. Raises CommandError(``unknown_stack``, ``not_onethread``)."""
        value = self._known.get(name) or self._outputs.get(name)
        if value is None:
            raise CommandError("not_onethread", f"stack {self.name} has no output {name}: is it a onethread stack?")
        return value

    @property
    def event_source(self) -> str:
        """The ``source`` of the events that the stack publishes."""
        return f"urn:onethread:{self.name}"

    def api_key(self, given: str | None) -> str:
        """The key to call the API with: the given one, else ONETHREAD_API_KEY, else the local stack's own."""
        key = given or os.environ.get("ONETHREAD_API_KEY") or self._api_key
        if not key:
            raise UsageError("no API key: give --api-key or set ONETHREAD_API_KEY (onethread key create makes one)")
        return key

    @cached_property
    def _outputs(self) -> dict[str, str]:
        from botocore.exceptions import ClientError

        try:
            stacks = self.aws.stacks.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            # CloudFormation has no code of its own for a stack that is not there.
            if "does not exist" not in str(error):
                raise
            message = f"there is no stack {self.name} in {self.aws.region}"
            raise CommandError("unknown_stack", message) from error
        return {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}


def deployment_of(arguments: Namespace) -> Deployment:
    """The stack that the arguments name. Raises UsageError when that is not one, CommandError when it is not there."""
    if arguments.local and arguments.stack:
        raise UsageError("--local and --stack exclude each other")
    if arguments.local:
        return _local()
    if not arguments.stack:
        raise UsageError("which stack? give --local, or --stack NAME")
    settings = AwsSettings(region=arguments.region, profile=arguments.profile)
    return Deployment(arguments.stack, AwsAccess(settings), {})


def _local() -> Deployment:
    path = Path(os.environ.get("ONETHREAD_HOME") or ".onethread") / "local.json"
    try:
        values = json.loads(path.read_text("utf-8"))
        return _from_local_file(values)
    except FileNotFoundError as error:
        raise CommandError(
            "not_running", f"no local stack is running: run make up first ({path} is missing)"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError("bad_local_file", f"{path} cannot be read: run make up again") from error


def _from_local_file(values: dict[str, Any]) -> Deployment:
    aws = values["aws"]
    settings = AwsSettings(
        region=aws["region"],
        endpoint_url=aws["endpoint_url"],
        access_key_id=aws["access_key_id"],
        secret_access_key=aws["secret_access_key"],
    )
    known = {output: values[name] for name, output in _LOCAL_OUTPUTS.items() if name in values}
    return Deployment(values.get("stack", LOCAL_STACK), AwsAccess(settings), known, values.get("api_key"))
