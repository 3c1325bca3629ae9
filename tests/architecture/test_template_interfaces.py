"""Where the outside comes in: HTTP, sockets and mail; and what the command line is told."""

from __future__ import annotations

from tests.architecture.template import of_type, resources, source


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


def test_mail_goes_from_the_rule_into_the_bucket_and_from_there_into_the_queue() -> None:
    rule = resources()["MailRule"]["Properties"]["Rule"]
    notices = resources()["MailBucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]

    assert rule["Actions"] == [{"S3Action": {"BucketName": {"Ref": "MailBucket"}, "ObjectKeyPrefix": "mail/"}}]
    assert [each["Queue"] for each in notices] == [{"Fn::GetAtt": ["MailQueue", "Arn"]}]
    assert resources()["MailRule"]["Condition"] == resources()["MailRules"]["Condition"] == "ReceivesMail"


def test_all_outputs_that_the_command_line_reads_are_there() -> None:
    outputs = {
        *("Url", "SocketUrl", "TableName", "EventsTopicArn", "SecretsPrefix", "MediaBucket", "InboundQueueUrl"),
        *("OutboundQueueUrl", "MediaQueueUrl", "InboundDeadLetterQueueUrl", "OutboundDeadLetterQueueUrl"),
        *("MediaDeadLetterQueueUrl", "TimersQueueUrl", "TimersDeadLetterQueueUrl", "PublishFailuresQueueUrl"),
        *("ForwardQueueUrl", "ForwardDeadLetterQueueUrl", "HelpdeskSecretsPrefix"),
    }

    assert outputs <= set(source()["Outputs"])
