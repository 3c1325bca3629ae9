"""Who is told of what goes wrong, and of which queue, function or topic."""

from __future__ import annotations

import json
import re

from infra.local.stack.template import read_template
from infra.packaging.bundle import FUNCTIONS
from tests.architecture.template import ROOT, alarms, logical, of_type, resources, statements


def filters(metric: str) -> dict[str, str]:
    """The log groups whose lines are counted for a metric of ours, and by which pattern."""
    properties = [each["Properties"] for each in alarms().values() if each["Type"] == "AWS::Logs::MetricFilter"]
    return {
        each["LogGroupName"]["Fn::Sub"].rpartition("-")[2]: each["FilterPattern"]
        for each in properties
        if each["MetricTransformations"][0]["MetricName"] == metric
    }


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
