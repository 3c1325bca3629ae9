"""Deploying template.yaml into MiniStack, as ``sam deploy`` would into AWS."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local.stack.code import code_archive
from infra.local.stack.ministack import Aws
from infra.local.stack.settings import DESK_ORIGIN, REGION, STACK_NAME, Settings
from infra.local.stack.template import Template, read_template, with_code
from infra.packaging.libraries import ROOT

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

BUCKET = "deployments"
DEPLOY_SECONDS = 120.0
POLL_SECONDS = 0.1


class DeploymentError(Exception):
    """CloudFormation refused or failed; the text names the resources and the reasons."""


class Deployment:
    """One stack in one MiniStack."""

    def __init__(self, aws: Aws, settings: Settings) -> None:
        self._aws = aws
        self._settings = settings

    def prepare(self) -> None:
        """Does what needs no MiniStack, so that it can be done while that starts."""
        code_archive(self._code_folder)
        self._aws.make_clients()

    def create(self) -> dict[str, str]:
        """Deploys into an empty MiniStack and returns the stack's outputs. Raises DeploymentError."""
        self._aws.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self._aws.cloudformation.create_stack(
            StackName=STACK_NAME,
            TemplateURL=self._upload_template(),
            Parameters=self._parameters(),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        outputs = self._wait()
        self._mend(outputs)
        return outputs

    def update(self) -> dict[str, str] | None:
        """Deploys what has changed; None when nothing has. Raises DeploymentError."""
        from botocore.exceptions import ClientError

        try:
            self._aws.cloudformation.update_stack(
                StackName=STACK_NAME,
                TemplateURL=self._upload_template(),
                Parameters=self._parameters(),
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            )
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return None
            raise
        outputs = self._wait()
        self._mend(outputs)
        return outputs

    def _parameters(self) -> list[ParameterTypeDef]:
        values = {
            "GatewayAuthority": self._settings.aws_authority,
            "PublicUrl": self._settings.url,
            "DeskOrigins": DESK_ORIGIN,
            "Protect": "false",
            "Alarms": "false",
            "Architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64",
        }
        return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]

    @property
    def _code_folder(self) -> Path:
        return self._settings.home / "code"

    def _upload_template(self) -> str:
        """Uploads code and templates; the address of the main template."""
        archive = code_archive(self._code_folder)
        key = archive.name
        self._aws.s3.put_object(Bucket=BUCKET, Key=key, Body=archive.read_bytes())
        template = with_code(
            read_template(ROOT / "template.yaml"),
            f"s3://{BUCKET}/{key}",
            lambda path: self._upload(read_template(ROOT / path)),
        )
        return self._upload(template)

    def _upload(self, template: Template) -> str:
        body = json.dumps(template).encode()
        key = f"{hashlib.sha256(body).hexdigest()[:32]}.json"
        self._aws.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"{self._settings.aws_url}/{BUCKET}/{key}"

    def _wait(self) -> dict[str, str]:
        deadline = time.monotonic() + DEPLOY_SECONDS
        while time.monotonic() < deadline:
            stack = self._aws.cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
            if stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                raise DeploymentError(self._reasons())
            time.sleep(POLL_SECONDS)
        raise DeploymentError(f"CloudFormation was not done after {DEPLOY_SECONDS:.0f} seconds")

    def _reasons(self) -> str:
        events: list[Any] = self._aws.cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
        failed = [event for event in events if "FAILED" in event["ResourceStatus"]]
        lines = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}" for event in failed
        ]
        return "\n".join(lines) or "the stack was rolled back"

    def _mend(self, outputs: dict[str, str]) -> None:
        """Sets what MiniStack's CloudFormation passes over, so that the topic behaves as template.yaml says."""
        topic = outputs["EventsTopicArn"]
        for name, value in (("FifoTopic", "true"), ("ContentBasedDeduplication", "false")):
            self._aws.sns.set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)
