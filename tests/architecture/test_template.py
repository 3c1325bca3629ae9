"""template.yaml, as CloudFormation gets it: who may do what, what happens to what fails, and who is told what."""

from __future__ import annotations

import ast
import copy
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform

from infra.local.stack.template import Template, read_template, with_code
from infra.packaging.bundle import FUNCTIONS
from shared.aws.keys import DUE_INDEX, INBOX_INDEX
from shared.core.unread import LONGEST_WAIT
from shared.core.windows import SHORTEST_ANNOUNCED

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = {"Architecture": "arm64", "LogLevel": "INFO"}

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

DEAD_LETTERS = {"Inbound": 100, "Outbound": 100, "Forward": 100, "Media": 5, "Timers": 100, "Mail": 5}
"""Queues, and after how many deliveries they set a message aside themselves."""


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transform asks for one, and makes no call."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


@cache
def source() -> Template:
    return with_code(read_template(ROOT / "template.yaml"), "s3://bucket/code.zip", lambda path: f"https://host/{path}")


class NoManagedPolicies:
    """SAM asks for these only for roles that it makes itself."""

    def load(self) -> dict[str, str]:
        return {}


def transformed(template: Template) -> dict[str, Any]:
    """The resources after the SAM transform. Raises InvalidDocumentException."""
    result = transform(copy.deepcopy(template), dict(PARAMETERS), NoManagedPolicies())
    resources: dict[str, Any] = result["Resources"]
    return resources


@cache
def resources() -> dict[str, Any]:
    return transformed(source())


def of_type(kind: str) -> dict[str, Any]:
    return {name: each["Properties"] for name, each in resources().items() if each["Type"] == kind}


def logical(function: str) -> str:
    return function.capitalize()


def statements(function: str) -> list[dict[str, Any]]:
    (policy,) = resources()[f"{logical(function)}Role"]["Properties"]["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def actions(statement: dict[str, Any]) -> set[str]:
    """The actions of a statement on AWS."""
    return {action for action in as_list(statement["Action"]) if isinstance(action, str)}


def local_actions(statement: dict[str, Any]) -> set[str]:
    """Those that it has on the local AWS besides."""
    conditional = [action["Fn::If"] for action in as_list(statement["Action"]) if isinstance(action, dict)]
    assert all((condition, on_aws) == ("OnAws", {"Ref": "AWS::NoValue"}) for condition, on_aws, _ in conditional)
    return {local for _, _, local in conditional}


def leading_keys(statement: dict[str, Any]) -> list[str]:
    keys: list[str] = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    return keys


# --- functions -------------------------------------------------------------------------------------------------------


def test_the_template_has_exactly_the_known_functions_with_their_handlers() -> None:
    handlers = {properties["Handler"] for properties in of_type("AWS::Lambda::Function").values()}

    assert handlers == {f"functions.{name}.handler" for name in FUNCTIONS}


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
def test_a_function_has_a_role_of_its_own_without_managed_policies(function: str) -> None:
    properties = resources()[f"{logical(function)}Function"]["Properties"]
    role = resources()[f"{logical(function)}Role"]["Properties"]

    assert properties["Role"] == {"Fn::GetAtt": [f"{logical(function)}Role", "Arn"]}
    assert "ManagedPolicyArns" not in role
    assert len([name for name, each in resources().items() if each["Type"] == "AWS::IAM::Role"]) == len(FUNCTIONS)


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


def test_mail_is_sent_by_deliver_alone() -> None:
    assert {function for function in FUNCTIONS if "ses:" in str(statements(function))} == {"deliver"}


def test_ses_alone_may_put_mail_into_the_mail_bucket_and_only_for_our_rules() -> None:
    deny, allow = resources()["MailBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert deny["Effect"] == "Deny"
    assert allow["Principal"] == {"Service": "ses.amazonaws.com"}
    assert allow["Action"] == "s3:PutObject"
    assert "aws:SourceAccount" in allow["Condition"]["StringEquals"]
    assert "receipt-rule-set/${AWS::StackName}-mail" in allow["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]


def test_mail_goes_from_the_rule_into_the_bucket_and_from_there_into_the_queue() -> None:
    rule = resources()["MailRule"]["Properties"]["Rule"]
    notices = resources()["MailBucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]

    assert rule["Actions"] == [{"S3Action": {"BucketName": {"Ref": "MailBucket"}, "ObjectKeyPrefix": "mail/"}}]
    assert [each["Queue"] for each in notices] == [{"Fn::GetAtt": ["MailQueue", "Arn"]}]
    assert resources()["MailRule"]["Condition"] == resources()["MailRules"]["Condition"] == "ReceivesMail"


@pytest.mark.parametrize(("function", "queue"), [("ingest", "Inbound"), ("deliver", "Outbound")])
def test_a_consumer_sends_to_its_dead_letter_queue_alone(function: str, queue: str) -> None:
    sends = [each for each in statements(function) if "sqs:SendMessage" in each["Action"]]

    assert [each["Resource"] for each in sends] == [{"Fn::GetAtt": [f"{queue}DeadLetterQueue", "Arn"]}]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_told_every_setting_that_its_code_asks_for_and_no_other(function: str) -> None:
    variables = set(resources()[f"{logical(function)}Function"]["Properties"]["Environment"]["Variables"])

    told = {name for name in variables if not name.startswith("POWERTOOLS_")}
    assert told == settings_of(function)


def settings_of(function: str) -> set[str]:
    """The names that a function's modules ask ``bootstrap.setting`` for, themselves or through what they wire up."""
    wiring = {
        node.name: node for node in _parse(ROOT / "functions/bootstrap.py").body if isinstance(node, ast.FunctionDef)
    }
    folder = ROOT / "functions" / function
    modules = list(folder.glob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    pending: list[ast.AST] = [_parse(module) for module in modules]
    seen: set[str] = set()
    settings: set[str] = set()
    while pending:
        for name, argument in _calls(pending.pop()):
            if name == "setting" and argument is not None:
                settings.add(argument)
            elif name in wiring and name not in seen:
                seen.add(name)
                pending.append(wiring[name])
    return settings


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _calls(tree: ast.AST) -> list[tuple[str, str | None]]:
    """(name, first argument when it is a text) of each call to a plain name or to a name of ``bootstrap``."""
    found: list[tuple[str, object]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and isinstance(node.value, ast.Name):
            found.append((node.value.id, None))  # a wiring that is handed on to be called later
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="bootstrap"), attr=name):
                argument = node.args[0] if node.args else None
                found.append((name, argument.value if isinstance(argument, ast.Constant) else None))
    return [(name, argument if isinstance(argument, str) else None) for name, argument in found]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_logs_have_a_group_and_an_end(function: str) -> None:
    properties = resources()[f"{logical(function)}Function"]["Properties"]
    group = resources()[f"{logical(function)}Logs"]["Properties"]

    assert properties["LoggingConfig"]["LogGroup"] == {"Ref": f"{logical(function)}Logs"}
    assert properties["LoggingConfig"]["LogFormat"] == "JSON"
    assert group["RetentionInDays"] == {"Ref": "LogDays"}


# --- queues and the stream -------------------------------------------------------------------------------------------


def test_queues_in_order_are_fifo_with_a_share_of_throughput_per_group() -> None:
    for name in ("InboundQueue", "OutboundQueue", "ForwardQueue"):
        queue = of_type("AWS::SQS::Queue")[name]
        assert queue["FifoQueue"] is True
        assert queue["FifoThroughputLimit"] == "perMessageGroupId"
        assert queue["DeduplicationScope"] == "messageGroup"
        assert queue["QueueName"]["Fn::Sub"].endswith(".fifo")
        assert of_type("AWS::SQS::Queue")[name.replace("Queue", "DeadLetterQueue")]["FifoQueue"] is True


@pytest.mark.parametrize("name", sorted(DEAD_LETTERS))
def test_what_fails_again_and_again_is_set_aside_for_two_weeks(name: str) -> None:
    queues = of_type("AWS::SQS::Queue")
    redrive = queues[f"{name}Queue"]["RedrivePolicy"]
    dead_letters = queues[f"{name}DeadLetterQueue"]

    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{name}DeadLetterQueue", "Arn"]}
    assert redrive["maxReceiveCount"] == DEAD_LETTERS[name]
    assert dead_letters["MessageRetentionPeriod"] == 14 * 86_400
    assert "-dlq" in dead_letters["QueueName"]["Fn::Sub"]


def test_the_media_function_knows_its_last_try() -> None:
    (tries,) = re.findall(r"^TRIES = (\d+)$", (ROOT / "functions/media.py").read_text(), re.MULTILINE)

    assert int(tries) == DEAD_LETTERS["Media"]


def test_a_timer_may_come_out_until_its_longest_wait_on_many_routes_is_over() -> None:
    queue = of_type("AWS::SQS::Queue")["TimersQueue"]
    longest, routes = 86_400, 14
    comes_out = routes * (longest // LONGEST_WAIT + 1)

    assert LONGEST_WAIT + queue["VisibilityTimeout"] < 12 * 3600
    assert queue["MessageRetentionPeriod"] >= routes * longest
    assert queue["RedrivePolicy"]["maxReceiveCount"] > 2 * comes_out


def test_windows_are_looked_for_every_five_minutes_which_is_a_third_of_the_shortest_lead() -> None:
    (rule,) = of_type("AWS::Events::Rule").values()
    (target,) = rule["Targets"]
    allowed = [each for each in of_type("AWS::Lambda::Permission").values() if "events" in str(each["Principal"])]

    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert SHORTEST_ANNOUNCED / 4 >= 3 * 300
    assert target["Arn"] == {"Fn::GetAtt": ["WatchFunction", "Arn"]}
    assert [each["FunctionName"] for each in allowed] == [{"Ref": "WatchFunction"}]
    assert "SourceArn" in allowed[0]


def test_every_queue_is_encrypted() -> None:
    assert all(queue["SqsManagedSseEnabled"] is True for queue in of_type("AWS::SQS::Queue").values())


@pytest.mark.parametrize(
    ("queue", "function"),
    [
        *(("Inbound", "ingest"), ("Outbound", "deliver"), ("Forward", "forward")),
        *(("Media", "media"), ("Timers", "watch"), ("Mail", "email")),
    ],
)
def test_a_message_stays_hidden_for_six_times_the_functions_time(queue: str, function: str) -> None:
    hidden = of_type("AWS::SQS::Queue")[f"{queue}Queue"]["VisibilityTimeout"]
    timeout = of_type("AWS::Lambda::Function")[f"{logical(function)}Function"]["Timeout"]

    assert hidden >= 6 * timeout


@pytest.mark.parametrize(
    ("function", "queue", "batch"),
    [
        ("ingest", "Inbound", 10),
        ("deliver", "Outbound", 10),
        ("forward", "Forward", 1),
        ("media", "Media", 2),
        ("watch", "Timers", 10),
        ("email", "Mail", 10),
    ],
)
def test_a_queues_function_reports_the_messages_that_failed(function: str, queue: str, batch: int) -> None:
    mapping = of_type("AWS::Lambda::EventSourceMapping")[f"{logical(function)}Function{queue}"]

    assert mapping == {
        "FunctionName": {"Ref": f"{logical(function)}Function"},
        "EventSourceArn": {"Fn::GetAtt": [f"{queue}Queue", "Arn"]},
        "BatchSize": batch,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }


def test_the_stream_is_read_from_its_beginning_and_only_for_entries_of_the_log() -> None:
    mapping = of_type("AWS::Lambda::EventSourceMapping")["PublishFunctionLog"]

    assert mapping["EventSourceArn"] == {"Fn::GetAtt": ["Table", "StreamArn"]}
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["BatchSize"] == 100
    (pattern,) = mapping["FilterCriteria"]["Filters"]
    expected = '{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"E#"}]}}}}'
    assert pattern == {"Pattern": expected}


def test_a_stream_record_at_fault_is_isolated_and_an_outage_is_waited_out() -> None:
    mapping = of_type("AWS::Lambda::EventSourceMapping")["PublishFunctionLog"]

    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["MaximumRetryAttempts"] == -1
    assert mapping["MaximumRecordAgeInSeconds"] == 3600
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["PublishFailuresQueue", "Arn"]}
    # The function raises; a partial answer would need its own handling of order within a shard.
    assert "FunctionResponseTypes" not in mapping


# --- the topic -------------------------------------------------------------------------------------------------------


def test_the_topic_is_ordered_and_deduplicates_by_the_ids_that_we_give() -> None:
    topic = of_type("AWS::SNS::Topic")["EventsTopic"]

    assert topic["FifoTopic"] is True
    assert topic["ContentBasedDeduplication"] is False
    assert topic["FifoThroughputScope"] == "MessageGroup"
    assert topic["TopicName"]["Fn::Sub"].endswith("-events.fifo")


@pytest.mark.parametrize(
    ("queue", "tasks"), [("Outbound", ["send", "push", "profile"]), ("Media", ["media"]), ("Timers", ["timer"])]
)
def test_a_subscription_takes_the_events_with_its_tasks(queue: str, tasks: list[str]) -> None:
    subscription = of_type("AWS::SNS::Subscription")[f"{queue}Subscription"]

    assert subscription["FilterPolicy"] == {"tasks": tasks}
    assert subscription["FilterPolicyScope"] == "MessageAttributes"
    assert subscription["RawMessageDelivery"] is True
    (statement,) = of_type("AWS::SQS::QueuePolicy")[f"{queue}QueuePolicy"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::GetAtt": [f"{queue}Queue", "Arn"]}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "EventsTopic"}}}


def test_nobody_outside_the_account_may_use_the_topic() -> None:
    policy = of_type("AWS::SNS::TopicPolicy")["EventsPolicy"]
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert statement["Principal"] == {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}


# --- the store -------------------------------------------------------------------------------------------------------


def test_the_table_survives_mistakes() -> None:
    table = resources()["Table"]

    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["Properties"]["DeletionProtectionEnabled"] == {"Ref": "Protect"}
    assert source()["Parameters"]["Protect"]["Default"] == "true"


def test_the_table_has_the_keys_and_the_indexes_that_the_code_uses() -> None:
    table = resources()["Table"]["Properties"]
    indexes = {
        index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]]
        for index in table["GlobalSecondaryIndexes"]
    }

    assert [key["AttributeName"] for key in table["KeySchema"]] == ["PK", "SK"]
    assert indexes == {INBOX_INDEX: ["GSI1PK", "GSI1SK"], DUE_INDEX: ["GSI2PK", "GSI2SK"]}
    assert all(index["Projection"] == {"ProjectionType": "KEYS_ONLY"} for index in table["GlobalSecondaryIndexes"])
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_bucket_is_private_and_kept() -> None:
    bucket = resources()["Bucket"]

    assert bucket["DeletionPolicy"] == "Retain"
    assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values())
    assert resources()["BucketPolicy"]["Condition"] == "OnAws"


# --- the interfaces --------------------------------------------------------------------------------------------------


def test_the_http_routes_are_the_public_ones() -> None:
    routes = {
        route["RouteKey"]: route["Target"]["Fn::Sub"]
        for route in of_type("AWS::ApiGatewayV2::Route").values()
        if route["ApiId"] == {"Ref": "HttpApi"}
    }

    assert routes == {
        "GET /hooks/{channel}/{account}": "integrations/${WebhookIntegration}",
        "POST /hooks/{channel}/{account}": "integrations/${WebhookIntegration}",
        "ANY /chat/{proxy+}": "integrations/${ChatIntegration}",
        "POST /chat/{account}/link-codes": "integrations/${ApiIntegration}",
        "GET /widget.js": "integrations/${ChatIntegration}",
        "ANY /v1/{proxy+}": "integrations/${ApiIntegration}",
        "GET /v1": "integrations/${ApiIntegration}",
        "POST /helpdesks/{helpdesk}/{account}": "integrations/${HelpdeskIntegration}",
    }


def test_every_route_has_its_own_throttle() -> None:
    stage = of_type("AWS::ApiGatewayV2::Stage")["HttpStage"]
    keys = {r["RouteKey"] for r in of_type("AWS::ApiGatewayV2::Route").values() if r["ApiId"] == {"Ref": "HttpApi"}}

    assert set(stage["RouteSettings"]) == keys


def test_access_logs_hold_no_addresses_of_calls_or_callers() -> None:
    written = of_type("AWS::ApiGatewayV2::Stage")["HttpStage"]["AccessLogSettings"]["Format"]

    for variable in ("$context.path", "queryString", "sourceIp", "userAgent", "$context.authorizer"):
        assert variable not in written


def test_the_socket_routes_reach_the_socket_function() -> None:
    routes = {r["RouteKey"] for r in of_type("AWS::ApiGatewayV2::Route").values() if r["ApiId"] == {"Ref": "SocketApi"}}

    assert routes == {"$connect", "$disconnect", "$default"}


def test_all_outputs_that_the_command_line_reads_are_there() -> None:
    outputs = {
        *("Url", "SocketUrl", "TableName", "EventsTopicArn", "SecretsPrefix", "MediaBucket", "InboundQueueUrl"),
        *("OutboundQueueUrl", "MediaQueueUrl", "InboundDeadLetterQueueUrl", "OutboundDeadLetterQueueUrl"),
        *("MediaDeadLetterQueueUrl", "TimersQueueUrl", "TimersDeadLetterQueueUrl", "PublishFailuresQueueUrl"),
        *("ForwardQueueUrl", "ForwardDeadLetterQueueUrl", "HelpdeskSecretsPrefix"),
    }

    assert outputs <= set(source()["Outputs"])


# --- this test -------------------------------------------------------------------------------------------------------


def test_a_misspelt_property_of_an_event_does_not_pass() -> None:
    template = copy.deepcopy(source())
    event = template["Resources"]["IngestFunction"]["Properties"]["Events"]["Inbound"]["Properties"]
    event["BatchSiz"] = event.pop("BatchSize")

    with pytest.raises(InvalidDocumentException):
        transformed(template)


def test_every_alarm_names_something_that_the_template_makes() -> None:
    names = {
        *(properties["FunctionName"]["Fn::Sub"] for properties in of_type("AWS::Lambda::Function").values()),
        *(properties["QueueName"]["Fn::Sub"] for properties in of_type("AWS::SQS::Queue").values()),
        *(properties["TopicName"]["Fn::Sub"] for properties in of_type("AWS::SNS::Topic").values()),
    }
    made = {name.removeprefix("${AWS::StackName}-") for name in names}
    dimensions = re.findall(
        r'Name: (?:FunctionName|QueueName|TopicName), Value: !Sub "\$\{Prefix\}-([^"]+)"',
        (ROOT / "infra/alarms.yaml").read_text(),
    )

    assert dimensions
    assert set(dimensions) <= made


def alarms() -> dict[str, dict[str, Any]]:
    """Everything in the template of the alarms."""
    found: dict[str, dict[str, Any]] = read_template(ROOT / "infra/alarms.yaml")["Resources"]
    return found


def filters(metric: str) -> dict[str, str]:
    """The log groups whose lines are counted for a metric of ours, and by which pattern."""
    properties = [each["Properties"] for each in alarms().values() if each["Type"] == "AWS::Logs::MetricFilter"]
    return {
        each["LogGroupName"]["Fn::Sub"].rpartition("-")[2]: each["FilterPattern"]
        for each in properties
        if each["MetricTransformations"][0]["MetricName"] == metric
    }


def test_every_queue_of_what_was_set_aside_is_looked_into_and_an_alarm_counts_what_is_found() -> None:
    aside = [
        {"Ref": name} for name in of_type("AWS::SQS::Queue") if name.endswith(("DeadLetterQueue", "FailuresQueue"))
    ]
    told = resources()["WatchFunction"]["Properties"]["Environment"]["Variables"]["DEAD_LETTER_QUEUES"]["Fn::Join"]
    (allowed,) = [each for each in statements("watch") if each["Action"] == "sqs:GetQueueAttributes"]

    assert sorted(told[1], key=str) == sorted(aside, key=str)
    assert [each["Fn::GetAtt"][0] for each in allowed["Resource"]] == [each["Ref"] for each in told[1]]
    assert filters("dead-letters") == {"watch": "{ $.dead_letters > 0 }"}
    assert filters("subscriptions-silent") == {"watch": "{ $.subscriptions_silent > 0 }"}
    assert {"dead_letters=", "subscriptions_silent="} <= set(
        re.findall(r"\w+=(?=sum|len)", (ROOT / "functions/attention.py").read_text())
    )


def test_an_error_of_any_function_is_counted_and_lambda_logs_it_at_the_level_that_is_set() -> None:
    assert set(filters("function-errors")) == set(FUNCTIONS)
    assert len(set(filters("function-errors").values())) == 1
    for function in FUNCTIONS:
        assert resources()[f"{logical(function)}Function"]["Properties"]["LoggingConfig"]["SystemLogLevel"] == "WARN"


def test_the_logs_that_are_read_for_alarms_are_made_before_them() -> None:
    assert set(resources()["AlarmsStack"]["DependsOn"]) == {f"{logical(function)}Logs" for function in FUNCTIONS}


def test_the_metrics_of_our_own_have_the_name_of_the_stack_so_that_two_in_one_account_stay_apart() -> None:
    ours = [
        transformation["MetricNamespace"]
        for each in alarms().values()
        if each["Type"] == "AWS::Logs::MetricFilter"
        for transformation in each["Properties"]["MetricTransformations"]
    ]

    assert all(namespace == {"Fn::Sub": "onethread/${Prefix}"} for namespace in ours)


def test_the_dashboard_stays_within_the_fifty_metrics_of_one_that_costs_nothing() -> None:
    """https://aws.amazon.com/cloudwatch/pricing/: three dashboards of up to 50 metrics each."""
    body = json.loads(alarms()["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])

    assert sum(len(widget["properties"]["metrics"]) for widget in body["widgets"]) <= 50


def test_throttles_are_watched_of_the_account_whose_concurrency_it_is() -> None:
    alarm = read_template(ROOT / "infra/alarms.yaml")["Resources"]["FunctionThrottlesAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/Lambda", "Throttles", "Sum")
    assert "Dimensions" not in alarm
