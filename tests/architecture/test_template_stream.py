"""The table, its stream and the topic that the stream's events go to; and the buckets."""

from __future__ import annotations

import pytest

from shared.aws.keys import DUE_INDEX, INBOX_INDEX
from tests.architecture.template import of_type, resources, source


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
