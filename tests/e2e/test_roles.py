"""Least privilege: what each function's role must not do is refused by IAM, as deployed from the template.

That each role suffices is proven by every other test here: IAM is enforced for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from boto3.session import Session
from botocore.exceptions import ClientError

from tests.e2e.outside import Outside

FUNCTIONS = (
    *("webhook", "chat", "socket", "ingest", "publish", "deliver", "media"),
    *("forward", "helpdesk", "watch", "api"),
)
REFUSALS = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}

Attempt = Callable[["Role"], object]


class Role:
    """AWS clients with the rights of one function, and the names of what it might reach for."""

    def __init__(self, outside: Outside, function: str) -> None:
        self._access = outside.local["aws"]
        self.table = outside.local["table"]
        self.topic = outside.local["events_topic_arn"]
        self.prefix = outside.local["secrets_prefix"]
        name = f"{self.table}-{function}"
        configuration = outside.aws("lambda").get_function_configuration(FunctionName=name)
        self.environment: dict[str, str] = configuration["Environment"]["Variables"]
        assumed = outside.aws("sts").assume_role(RoleArn=configuration["Role"], RoleSessionName="test")["Credentials"]
        self._session = Session(
            aws_access_key_id=assumed["AccessKeyId"],
            aws_secret_access_key=assumed["SecretAccessKey"],
            aws_session_token=assumed["SessionToken"],
            region_name=self._access["region"],
        )
        sqs = outside.aws("sqs")
        self.inbound = sqs.get_queue_url(QueueName=f"{self.table}-inbound.fifo")["QueueUrl"]
        self.outbound = sqs.get_queue_url(QueueName=f"{self.table}-outbound.fifo")["QueueUrl"]
        self.forward = sqs.get_queue_url(QueueName=f"{self.table}-forward.fifo")["QueueUrl"]
        buckets = outside.aws("s3").list_buckets()["Buckets"]
        self.bucket = buckets[0]["Name"]

    def client(self, service: str) -> Any:
        make: Callable[..., Any] = self._session.client
        return make(service, endpoint_url=self._access["endpoint_url"])


def read_table(role: Role) -> object:
    key = {"PK": {"S": "KEYS"}, "SK": {"S": "x"}}
    return role.client("dynamodb").get_item(TableName=role.table, Key=key)


def write_table(role: Role) -> object:
    return role.client("dynamodb").put_item(TableName=role.table, Item={"PK": {"S": "C#x"}, "SK": {"S": "x"}})


def delete_from_table(role: Role) -> object:
    return role.client("dynamodb").delete_item(TableName=role.table, Key={"PK": {"S": "C#x"}, "SK": {"S": "x"}})


def read_subscriptions(role: Role) -> object:
    key = {"PK": {"S": "SUBS"}, "SK": {"S": "x"}}
    return role.client("dynamodb").get_item(TableName=role.table, Key=key)


def write_subscription(role: Role) -> object:
    return role.client("dynamodb").put_item(TableName=role.table, Item={"PK": {"S": "SUBS"}, "SK": {"S": "x"}})


def read_helpdesk_secret(role: Role) -> object:
    return role.client("secretsmanager").get_secret_value(SecretId=f"{role.table}-helpdesk/generic/main")


def send_forward(role: Role) -> object:
    return role.client("sqs").send_message(
        QueueUrl=role.forward, MessageBody="{}", MessageGroupId="g", MessageDeduplicationId="d"
    )


def scan_table(role: Role) -> object:
    return role.client("dynamodb").scan(TableName=role.table, Limit=1)


def drop_table(role: Role) -> object:
    return role.client("dynamodb").delete_table(TableName=role.table)


def read_account_secret(role: Role) -> object:
    return role.client("secretsmanager").get_secret_value(SecretId=f"{role.prefix}wechat/main")


def read_session_secret(role: Role) -> object:
    return role.client("secretsmanager").get_secret_value(SecretId=f"{role.table}-session")


def change_secret(role: Role) -> object:
    return role.client("secretsmanager").put_secret_value(SecretId=f"{role.prefix}wechat/main", SecretString="{}")


def send_inbound(role: Role) -> object:
    return role.client("sqs").send_message(
        QueueUrl=role.inbound, MessageBody="{}", MessageGroupId="g", MessageDeduplicationId="d"
    )


def send_outbound(role: Role) -> object:
    return role.client("sqs").send_message(
        QueueUrl=role.outbound, MessageBody="{}", MessageGroupId="g", MessageDeduplicationId="d"
    )


def publish(role: Role) -> object:
    return role.client("sns").publish(TopicArn=role.topic, Message="{}", MessageGroupId="g", MessageDeduplicationId="d")


def read_file(role: Role) -> object:
    return role.client("s3").get_object(Bucket=role.bucket, Key="media/x")


def write_file(role: Role) -> object:
    return role.client("s3").put_object(Bucket=role.bucket, Key="media/x", Body=b"x")


def invoke(role: Role) -> object:
    return role.client("lambda").invoke(FunctionName=f"{role.table}-api", Payload=b"{}")


EVERYBODY: tuple[Attempt, ...] = (scan_table, drop_table, change_secret, send_outbound, invoke)
"""What no function needs."""

FORBIDDEN: dict[str, tuple[Attempt, ...]] = {
    "webhook": (
        read_subscriptions,
        read_helpdesk_secret,
        send_forward,
        read_table,
        write_table,
        delete_from_table,
        read_session_secret,
        publish,
        read_file,
        write_file,
    ),
    "chat": (
        read_helpdesk_secret,
        send_forward,
        write_table,
        delete_from_table,
        read_account_secret,
        publish,
        write_file,
    ),
    "socket": (read_helpdesk_secret, send_forward, read_account_secret, publish, write_file),
    "ingest": (
        read_helpdesk_secret,
        send_forward,
        read_account_secret,
        read_session_secret,
        send_inbound,
        publish,
        read_file,
        write_file,
    ),
    "publish": (
        write_subscription,
        read_helpdesk_secret,
        read_table,
        write_table,
        delete_from_table,
        read_account_secret,
        read_session_secret,
        send_inbound,
        read_file,
        write_file,
    ),
    "deliver": (
        read_helpdesk_secret,
        send_forward,
        read_session_secret,
        send_inbound,
        publish,
        write_file,
    ),
    "media": (
        read_helpdesk_secret,
        send_forward,
        delete_from_table,
        read_session_secret,
        send_inbound,
        publish,
    ),
    "forward": (
        read_account_secret,
        read_session_secret,
        send_inbound,
        publish,
        write_file,
    ),
    "helpdesk": (
        read_table,
        read_subscriptions,
        write_table,
        delete_from_table,
        read_account_secret,
        read_session_secret,
        send_inbound,
        publish,
        read_file,
        write_file,
    ),
    "watch": (
        read_helpdesk_secret,
        delete_from_table,
        read_account_secret,
        read_session_secret,
        send_inbound,
        publish,
        read_file,
        write_file,
    ),
    "api": (send_inbound, publish, write_file),
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_is_refused_what_its_function_does_not_need(outside: Outside, function: str) -> None:
    # given
    role = Role(outside, function)
    allowed = []
    for attempt in (*EVERYBODY, *FORBIDDEN[function]):
        # when
        if not _refused(attempt, role):
            allowed.append(attempt.__name__)
    # then
    assert not allowed


def _refused(attempt: Attempt, role: Role) -> bool:
    """Whether IAM said no; any other failure would prove nothing, and counts as allowed."""
    try:
        attempt(role)
    except ClientError as error:
        return error.response["Error"]["Code"] in REFUSALS
    return False


def test_what_a_role_may_do_is_not_refused_here_so_the_refusals_mean_something(outside: Outside) -> None:
    assert read_account_secret(Role(outside, "webhook"))
    assert read_table(Role(outside, "api"))
