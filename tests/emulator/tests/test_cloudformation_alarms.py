"""Stacks with alarms, composite alarms and dashboards."""

from __future__ import annotations

import pytest

from .sample_alarms import Client, described, put
from .stack_templates import StackOf

TEMPLATE = """
Parameters: {Rule: {Type: String, Default: "OR"}}
Resources:
  First: &alarm
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: N
      MetricName: M
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanThreshold
  Second: *alarm
  Both:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties:
      AlarmName: both
      AlarmRule: !Sub "ALARM(${First}) ${Rule} ALARM(\\"${Second.Arn}\\")"
      ActionsSuppressor: !Ref First
      ActionsSuppressorWaitPeriod: 60
      ActionsSuppressorExtensionPeriod: 60
      Tags: [{Key: owner, Value: main}]
Outputs:
  Name: {Value: !Ref Both}
  Arn: {Value: !GetAtt Both.Arn}
"""


def test_composite_alarm_is_made_changed_and_deleted_with_its_children(client: Client, stack: StackOf) -> None:
    assert stack.create(TEMPLATE) == "CREATE_COMPLETE", stack.reasons()
    alarm = described(client, "both")
    assert stack.outputs() == {"Name": "both", "Arn": alarm["AlarmArn"]}
    tags = client("cloudwatch").list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
    assert {"Key": "owner", "Value": "main"} in tags
    assert stack.update(TEMPLATE, Parameters={"Rule": "AND"}) == "UPDATE_COMPLETE", stack.reasons()
    assert " AND " in described(client, "both")["AlarmRule"]
    assert stack.delete() == "DELETE_COMPLETE", stack.reasons()
    kinds = ["MetricAlarm", "CompositeAlarm"]
    left = client("cloudwatch").describe_alarms(AlarmTypes=kinds)
    assert left["MetricAlarms"] == left["CompositeAlarms"] == []


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("AWS::CloudWatch::CompositeAlarm, Properties: {AlarmRule: ALARM(gone)}", "do not exist"),
        ("AWS::CloudWatch::CompositeAlarm, Properties: {AlarmRule: 'FALSE', AlarmName: taken}", "already exists"),
        ("AWS::CloudWatch::CompositeAlarm, Properties: {AlarmRule: 'FALSE', Threshold: 1}", "Threshold"),
        (
            "AWS::CloudWatch::Alarm, Properties: {ComparisonOperator: GreaterThanThreshold, EvaluationPeriods: 1}",
            "one of",
        ),
        ("AWS::CloudWatch::Dashboard, Properties: {DashboardBody: '{}'}", "dashboard"),
    ],
)
def test_what_cloudwatch_refuses_fails_the_stack(client: Client, stack: StackOf, resource: str, reason: str) -> None:
    put(client, "taken")
    assert stack.create(f"Resources: {{Thing: {{Type: {resource}}}}}") == "ROLLBACK_COMPLETE"
    assert reason in stack.reasons()
