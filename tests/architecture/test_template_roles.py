"""Who may do what: a role for each function, with what it needs and no more."""

from __future__ import annotations

import re

import pytest

from infra.packaging.bundle import FUNCTIONS
from tests.architecture.template import (
    ROOT,
    actions,
    as_list,
    leading_keys,
    local_actions,
    logical,
    of_type,
    resources,
    statements,
)

LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
CONSUME = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}
STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
MAY = {
    "webhook": {"sqs:SendMessage", "secretsmanager:GetSecretValue"},
    "chat": {
        "dynamodb:GetItem",
        "dynamodb:Query",
        "sqs:SendMessage",
        "secretsmanager:GetSecretValue",
        "s3:PutObject",
        "s3:GetObject",
    },
    "socket": {
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
        "dynamodb:BatchWriteItem",
        "sqs:SendMessage",
        "secretsmanager:GetSecretValue",
        "s3:GetObject",
        "execute-api:ManageConnections",
    },
    "email": CONSUME
    | {
        "sqs:SendMessage",
        "s3:GetObject",
        "s3:ListBucket",
        "secretsmanager:GetSecretValue",
        "secretsmanager:ListSecrets",
    },
    "ingest": CONSUME
    | {
        "s3:GetObject",
        "s3:ListBucket",
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
        "sqs:SendMessage",  # to its dead-letter queue
    },
    "publish": STREAM | {"sns:Publish", "sqs:SendMessage", "dynamodb:Query"},
    "deliver": CONSUME
    | {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:ConditionCheckItem",
        "secretsmanager:GetSecretValue",
        "s3:GetObject",
        "s3:ListBucket",
        "execute-api:ManageConnections",
        "sqs:SendMessage",  # to its dead-letter queue
        "ses:SendEmail",
        "ses:SendRawEmail",
    },
    "media": CONSUME
    | {
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "secretsmanager:GetSecretValue",
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:ListBucket",
    },
    "forward": CONSUME
    | {
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
        "secretsmanager:GetSecretValue",
        "s3:GetObject",
        "s3:PutObject",
        "s3:ListBucket",
        "sqs:SendMessage",
    },
    "helpdesk": {"sqs:SendMessage", "secretsmanager:GetSecretValue"},
    "watch": CONSUME
    | {
        "sqs:SendMessage",
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    },
    "api": {
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
        "secretsmanager:GetSecretValue",
        "secretsmanager:ListSecrets",
        "s3:GetObject",
        "s3:PutObject",
        "execute-api:ManageConnections",
        "sqs:SendMessage",
    },
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_a_role_of_its_own_without_managed_policies(function: str) -> None:
    properties = resources()[f"{logical(function)}Function"]["Properties"]
    role = resources()[f"{logical(function)}Role"]["Properties"]

    assert properties["Role"] == {"Fn::GetAtt": [f"{logical(function)}Role", "Arn"]}
    assert "ManagedPolicyArns" not in role
    assert len([name for name, each in resources().items() if each["Type"] == "AWS::IAM::Role"]) == len(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_it_needs_and_no_more(function: str) -> None:
    allowed = set().union(*(actions(statement) for statement in statements(function)))

    assert allowed == MAY[function] | LOGS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_local_aws_adds_only_the_batch_form_of_what_is_allowed(function: str) -> None:
    for statement in statements(function):
        assert {action.removesuffix("Batch") for action in local_actions(statement)} <= actions(statement)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_may_act_on_everything_except_where_aws_cannot_narrow_it(function: str) -> None:
    for statement in statements(function):
        if "*" in as_list(statement["Resource"]):
            assert actions(statement) == {"secretsmanager:ListSecrets"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_table_rights_are_bound_to_partitions_that_exist(function: str) -> None:
    partitions = {match + "*" for match in re.findall(r'_key\(f"([A-Z]+#)', (ROOT / "shared/aws/keys.py").read_text())}
    partitions |= {"KEYS", "INBOX#*", "DUE#*", "C#*", "I#*", "U#*", "A#*", "SUBS", "S#*", "LANE#*", "K#helpdesk:*"}
    for statement in statements(function):
        items = {action for action in actions(statement) if action.endswith("Item") or action == "dynamodb:Query"}
        if items:
            assert set(leading_keys(statement)) <= partitions


def test_only_the_api_sees_api_keys_and_only_senders_see_providers_tokens() -> None:
    def reach(partition: str) -> set[str]:
        return {
            function
            for function in FUNCTIONS
            for statement in statements(function)
            if "Condition" in statement and partition in leading_keys(statement)
        }

    assert reach("KEYS") == reach("K#*") == {"api"}
    assert reach("K#helpdesk:*") == {"forward"}
    assert reach("T#*") == {"api", "deliver", "media"}


def test_the_session_secret_is_read_by_those_alone_whom_visitors_call() -> None:
    """A visitor's own link code is the API's work."""
    readers = {function for function in FUNCTIONS if "-session-" in str(statements(function))}

    assert readers == {"chat", "socket", "api"}


def test_the_seal_secret_is_read_by_those_alone_who_seal_or_check() -> None:
    readers = {function for function in FUNCTIONS if "-seal-" in str(statements(function))}

    assert readers == {"deliver", "email", "forward", "api"}


def test_no_function_of_the_relay_reads_a_channels_secret_and_no_channel_a_helpdesks() -> None:
    def readers(secrets: str) -> set[str]:
        return {
            function for function in FUNCTIONS if f"secret:${{AWS::StackName}}{secrets}" in str(statements(function))
        }

    assert readers("-helpdesk/*") == {"forward", "helpdesk", "api"}
    assert readers("/*").isdisjoint({"forward", "helpdesk", "publish", "watch"})


def test_subscriptions_are_changed_by_the_api_and_by_the_relay_alone() -> None:
    writers = {
        function
        for function in FUNCTIONS
        for statement in statements(function)
        if "Condition" in statement and "SUBS" in leading_keys(statement)
        if actions(statement) & {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    }

    assert writers == {"api", "forward"}


def test_only_who_has_to_do_with_the_relay_puts_something_into_its_queue() -> None:
    queue = {"Fn::GetAtt": ["ForwardQueue", "Arn"]}
    senders = {
        function
        for function in FUNCTIONS
        for statement in statements(function)
        if "sqs:SendMessage" in actions(statement) and queue in as_list(statement["Resource"])
    }

    assert senders == {"publish", "forward", "helpdesk", "watch", "api"}


@pytest.mark.parametrize(("function", "queue"), [("ingest", "Inbound"), ("deliver", "Outbound")])
def test_a_consumer_sends_to_its_dead_letter_queue_alone(function: str, queue: str) -> None:
    sends = [each for each in statements(function) if "sqs:SendMessage" in each["Action"]]

    assert [each["Resource"] for each in sends] == [{"Fn::GetAtt": [f"{queue}DeadLetterQueue", "Arn"]}]


def test_mail_is_sent_by_deliver_alone() -> None:
    assert {function for function in FUNCTIONS if "ses:" in str(statements(function))} == {"deliver"}


def test_ses_alone_may_put_mail_into_the_mail_bucket_and_only_for_our_rules() -> None:
    deny, allow = resources()["MailBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert deny["Effect"] == "Deny"
    assert allow["Principal"] == {"Service": "ses.amazonaws.com"}
    assert allow["Action"] == "s3:PutObject"
    assert "aws:SourceAccount" in allow["Condition"]["StringEquals"]
    assert "receipt-rule-set/${AWS::StackName}-mail" in allow["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]


def test_nobody_outside_the_account_may_use_the_topic() -> None:
    policy = of_type("AWS::SNS::TopicPolicy")["EventsPolicy"]
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert statement["Principal"] == {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
