"""CloudWatch alarms: how they begin, and who hears of a change."""

from __future__ import annotations

from typing import Any

from .parties import error_of
from .running import HUB, RunningEmulator
from .sample_alarms import ALARM, BY_ENDPOINT, ON_METRICS, TOPIC, Client, Listener, become, described, put, query


def state(client: Client) -> str:
    return described(client, "errors")["StateValue"]


def test_new_alarm_has_insufficient_data(client: Client) -> None:
    put(client, "errors")
    assert state(client) == "INSUFFICIENT_DATA"


def test_changed_alarm_keeps_its_state_but_nothing_of_its_configuration(client: Client) -> None:
    put(client, "errors", AlarmDescription="old", AlarmActions=[TOPIC])
    become(client, "errors", "ALARM")
    put(client, "errors", Threshold=5.0)
    alarm = described(client, "errors")
    assert (alarm["StateValue"], alarm["Threshold"], alarm["AlarmActions"]) == ("ALARM", 5.0, [])
    assert "AlarmDescription" not in alarm


def test_change_of_state_is_told_to_the_topic_and_to_eventbridge(client: Client) -> None:
    listener = Listener(client)
    put(client, "errors", AlarmActions=[TOPIC])
    listener.hear()
    become(client, "errors", "ALARM")
    event, notification = sorted(listener.hear(), key=lambda heard: "AlarmName" in heard)
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["detail"]["state"]["value"] == "ALARM"
    assert event["detail"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    assert event["resources"] == [f"arn:aws:cloudwatch:eu-west-1:{HUB}:alarm:errors"]
    (watched,) = event["detail"]["configuration"]["metrics"]
    assert watched["metricStat"]["metric"]["dimensions"] == {"FunctionName": "worker"}
    assert (notification["NewStateValue"], notification["OldStateValue"]) == ("ALARM", "INSUFFICIENT_DATA")
    become(client, "errors", "ALARM")
    assert listener.hear() == []


def test_alarm_on_a_query_tells_its_topic_too(client: Client) -> None:
    listener = Listener(client)
    metrics = [query(BY_ENDPOINT, Period=60)]
    client("cloudwatch").put_metric_alarm(AlarmName="fleet", Metrics=metrics, AlarmActions=[TOPIC], **ON_METRICS)
    become(client, "fleet", "ALARM")
    assert listener.notified() == [("fleet", "ALARM")]


def test_disabled_actions_are_not_taken(client: Client) -> None:
    listener = Listener(client)
    put(client, "errors", AlarmActions=[TOPIC], ActionsEnabled=False)
    become(client, "errors", "ALARM")
    assert listener.notified() == []
    client("cloudwatch").enable_alarm_actions(AlarmNames=["errors"])
    become(client, "errors", "OK")
    become(client, "errors", "ALARM")
    assert listener.notified() == [("errors", "ALARM")]


def test_configuration_is_told_when_an_alarm_is_made_changed_and_deleted(client: Client) -> None:
    listener = Listener(client)
    put(client, "errors")
    put(client, "errors", Threshold=5.0)
    client("cloudwatch").delete_alarms(AlarmNames=["errors"])
    told: dict[str, Any] = {event["detail"]["operation"]: event for event in listener.hear()}
    assert list(told) == ["create", "update", "delete"]
    assert {event["detail-type"] for event in told.values()} == {"CloudWatch Alarm Configuration Change"}
    assert told["update"]["detail"]["configuration"]["threshold"] == 5.0
    assert told["update"]["detail"]["previousConfiguration"]["threshold"] == 0.0
    assert told["create"]["detail"]["configuration"]["metrics"][0]["metricStat"]["stat"] == "Sum"


def test_state_of_an_alarm_that_is_not_there_cannot_be_set(client: Client) -> None:
    cloudwatch = client("cloudwatch")
    wanted = {"AlarmName": "errors", "StateValue": "ALARM", "StateReason": "test"}
    assert error_of(cloudwatch.set_alarm_state, **wanted) == "ResourceNotFound"
    put(client, "errors")
    assert error_of(cloudwatch.set_alarm_state, **wanted | {"StateValue": "FINE"}) == "ValidationError"
    assert error_of(cloudwatch.set_alarm_state, **wanted, StateReasonData="{") == "InvalidFormat"


def test_alarm_on_a_queue_follows_its_messages(client: Client, emulator: RunningEmulator) -> None:
    url = client("sqs").create_queue(QueueName="letters")["QueueUrl"]
    on_queue = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": "letters"}],
    }
    client("cloudwatch").put_metric_alarm(AlarmName="errors", **ALARM | on_queue)
    assert emulator.control("POST", "alarms/judge") == {"states": {"errors": "OK"}}
    client("sqs").send_message(QueueUrl=url, MessageBody="a letter")
    assert emulator.control("POST", "alarms/judge") == {"states": {"errors": "ALARM"}}
    assert state(client) == "ALARM"
    client("sqs").purge_queue(QueueUrl=url)
    assert emulator.control("POST", "alarms/judge") == {"states": {"errors": "OK"}}


def test_alarm_on_anything_else_is_left_alone(client: Client, emulator: RunningEmulator) -> None:
    put(client, "errors")
    assert emulator.control("POST", "alarms/judge") == {"states": {}}
    assert state(client) == "INSUFFICIENT_DATA"
