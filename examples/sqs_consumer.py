"""Reads every event of a onethread stack in order, from a queue of its own.

    python sqs_consumer.py <EventsTopicArn> helpdesk.fifo

Needs boto3, and credentials that may use SQS and SNS. It makes the queue and subscribes it; doing so again changes
nothing.
"""

import json
import sys

import boto3


def subscribe(topic_arn: str, name: str) -> str:
    """Makes a FIFO queue that takes what customers write, and returns its address."""
    sqs, sns = boto3.client("sqs"), boto3.client("sns")
    queue_url = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
    may_send = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": attributes["QueueArn"],
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may_send]})
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": policy})
    wanted = {"type": ["message.received", "message.edited", "message.deleted"]}
    options = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps(wanted)}
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=attributes["QueueArn"], Attributes=options)
    return queue_url


def consume(queue_url: str) -> None:
    """Prints each event once it has come. One that is not deleted comes again, and its conversation waits for it."""
    sqs = boto3.client("sqs")
    while True:
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        for message in answer.get("Messages", []):
            event = json.loads(message["Body"])
            text = event.get("data", {}).get("message", {}).get("text", "")
            print(event["subject"], event["sequence"], event["type"], text, flush=True)
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    consume(subscribe(*sys.argv[1:]))
