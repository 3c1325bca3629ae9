"""template.yaml as data for the local CloudFormation."""

from __future__ import annotations

from pathlib import Path

from infra.local.stack.template import read_template, with_code

TEXT = """
AWSTemplateFormatVersion: 2010-09-09
Conditions:
  Both: !And [!Condition One, !Equals [!Ref Two, "yes"]]
Globals:
  Function: {Timeout: 3, CodeUri: .}
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt WorkerRole.Arn
      Environment: {Variables: {NAME: !Sub "${AWS::StackName}-worker"}}
  Alarms:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: infra/alarms.yaml, Parameters: {Name: !Ref Worker}}
"""


def test_short_tags_become_their_long_form_and_the_version_stays_a_text(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEXT)

    template = read_template(file)

    assert template["AWSTemplateFormatVersion"] == "2010-09-09"
    assert template["Conditions"]["Both"] == {
        "Fn::And": [{"Condition": "One"}, {"Fn::Equals": [{"Ref": "Two"}, "yes"]}]
    }
    worker = template["Resources"]["Worker"]["Properties"]
    assert worker["Role"] == {"Fn::GetAtt": ["WorkerRole", "Arn"]}
    assert worker["Environment"]["Variables"]["NAME"] == {"Fn::Sub": "${AWS::StackName}-worker"}


def test_code_and_nested_templates_are_replaced_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEXT)
    template = read_template(file)

    packaged = with_code(template, "s3://bucket/code.zip", lambda path: f"http://bucket/{path}")

    assert packaged["Globals"]["Function"] == {"Timeout": 3, "CodeUri": "s3://bucket/code.zip"}
    alarms = packaged["Resources"]["Alarms"]["Properties"]
    assert alarms == {"TemplateURL": "http://bucket/infra/alarms.yaml", "Parameters": {"Name": {"Ref": "Worker"}}}
    assert packaged["Resources"]["Worker"] == template["Resources"]["Worker"]
    assert template["Globals"]["Function"]["CodeUri"] == "."
