"""CloudWatch alarms: how they begin, and who hears of a change."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .running import HUB, RunningEmulator

Client = Callable[..., Any]
ALARM = {
    "AlarmName": "errors",
    "Namespace": "AWS/Lambda",
    "MetricName": "Errors",
    "Dimensions": [{"Name": "FunctionName", "Value": "worker"}],
    "Statistic": "Sum",
    "Period": 300,
    "EvaluationPeriods": 1,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


def state(client: Client) -> str:
    return client("cloudwatch").describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]["StateValue"]


def test_new_alarm_has_insufficient_data(client: Client) -> None:
    client("cloudwatch").put_metric_alarm(**ALARM)
    assert state(client) == "INSUFFICIENT_DATA"


def test_changed_alarm_keeps_its_state(client: Client) -> None:
    client("cloudwatch").put_metric_alarm(**ALARM)
    client("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    client("cloudwatch").put_metric_alarm(**ALARM | {"Threshold": 5.0})
    assert state(client) == "ALARM"


def test_change_of_state_is_told_to_the_topic_and_to_eventbridge(client: Client) -> None:
    topic = client("sns").create_topic(Name="alarms")["TopicArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic,
            }
        ],
    }
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
    queue = f"arn:aws:sqs:eu-west-1:{HUB}:work"
    services = {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}
    statement = {"Effect": "Allow", "Principal": services, "Action": "sqs:SendMessage", "Resource": queue}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    url = client("sqs").create_queue(QueueName="work", Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    client("events").put_rule(Name="alarms", EventPattern='{"source": ["aws.cloudwatch"]}')
    client("events").put_targets(Rule="alarms", Targets=[{"Id": "queue", "Arn": queue}])
    client("cloudwatch").put_metric_alarm(**ALARM, AlarmActions=[topic])
    client("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="too many")
    messages = client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    bodies = [json.loads(message["Body"]) for message in messages]
    [event] = [body for body in bodies if "detail-type" in body]
    [notification] = [json.loads(body["Message"]) for body in bodies if body.get("Type") == "Notification"]
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["detail"]["state"]["value"] == "ALARM"
    assert event["detail"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert event["resources"] == [f"arn:aws:cloudwatch:eu-west-1:{HUB}:alarm:errors"]
    assert (notification["NewStateValue"], notification["OldStateValue"]) == ("ALARM", "INSUFFICIENT_DATA")
    client("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="again")
    assert "Messages" not in client("sqs").receive_message(QueueUrl=url)


def test_alarm_on_a_queue_follows_its_messages(client: Client, emulator: RunningEmulator) -> None:
    url = client("sqs").create_queue(QueueName="letters")["QueueUrl"]
    on_queue = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": "letters"}],
    }
    client("cloudwatch").put_metric_alarm(**ALARM | on_queue)
    assert emulator.control("POST", "alarms/judge") == {"states": {"errors": "OK"}}
    client("sqs").send_message(QueueUrl=url, MessageBody="a letter")
    assert emulator.control("POST", "alarms/judge") == {"states": {"errors": "ALARM"}}
    assert state(client) == "ALARM"
    client("sqs").purge_queue(QueueUrl=url)
    assert emulator.control("POST", "alarms/judge") == {"states": {"errors": "OK"}}


def test_alarm_on_anything_else_is_left_alone(client: Client, emulator: RunningEmulator) -> None:
    client("cloudwatch").put_metric_alarm(**ALARM)
    assert emulator.control("POST", "alarms/judge") == {"states": {}}
    assert state(client) == "INSUFFICIENT_DATA"
