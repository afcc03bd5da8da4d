"""Schedules: they fire when they are told to, by the role they have."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ..clients import ControlRefused
from .running import HUB, RunningEmulator
from .sample_functions import allow, create_role, trust

Client = Callable[..., Any]
SCHEDULER = "scheduler.amazonaws.com"
QUEUE = f"arn:aws:sqs:eu-west-1:{HUB}:work"
BUS = f"arn:aws:events:eu-west-1:{HUB}:event-bus/hub"
NEVER = {"Mode": "OFF"}


def role_for(client: Client, *statements: tuple[Any, Any]) -> str:
    return create_role(client("iam"), "schedule-role", SCHEDULER, *statements)


def schedule(client: Client, target: dict[str, Any], name: str = "sweep", **settings: Any) -> str:
    settings = {"ScheduleExpression": "rate(15 minutes)", "FlexibleTimeWindow": NEVER} | settings
    return client("scheduler").create_schedule(Name=name, Target=target, **settings)["ScheduleArn"]


def received(client: Client, name: str = "work") -> list[dict[str, Any]]:
    url = client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    return client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", [])


def test_schedule_sends_its_input_by_its_role(client: Client, emulator: RunningEmulator) -> None:
    client("sqs").create_queue(QueueName="work")  # the role is enough, the queue needs no policy
    target = {"Arn": QUEUE, "RoleArn": role_for(client, ("sqs:SendMessage", QUEUE))}
    arn = schedule(client, target | {"Input": '{"by": "<aws.scheduler.schedule-arn>"}'})
    assert received(client) == []
    assert emulator.control("POST", "tick", {"name": "sweep"}) == {"fired": [arn]}
    [message] = received(client)
    assert json.loads(message["Body"]) == {"by": arn}


def test_schedule_without_input_sends_the_schedulers_event(client: Client, emulator: RunningEmulator) -> None:
    client("sqs").create_queue(QueueName="work")
    arn = schedule(client, {"Arn": QUEUE, "RoleArn": role_for(client, ("sqs:SendMessage", QUEUE))})
    emulator.control("POST", "tick")
    event = json.loads(received(client)[0]["Body"])
    assert (event["source"], event["detail-type"], event["resources"]) == ("aws.scheduler", "Scheduled Event", [arn])


def put_requests_on_bus(client: Client, role: str) -> None:
    """A bus whose requests go to queue `work`, and a schedule that puts one."""
    client("events").create_event_bus(Name="hub")
    client("events").put_rule(Name="all", EventBusName="hub", EventPattern='{"detail-type": ["Sweep Requested"]}')
    client("events").put_targets(Rule="all", EventBusName="hub", Targets=[{"Id": "queue", "Arn": QUEUE}])
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": QUEUE}]}
    client("sqs").create_queue(QueueName="work", Attributes={"Policy": json.dumps(policy)})
    parameters = {"Source": "drawbridge", "DetailType": "Sweep Requested"}
    schedule(client, {"Arn": BUS, "RoleArn": role, "EventBridgeParameters": parameters, "Input": "{}"})


def test_schedule_puts_an_event_on_a_bus(client: Client, emulator: RunningEmulator) -> None:
    role = role_for(client, ("events:PutEvents", BUS))
    condition = {"StringEquals": {"events:detail-type": "Sweep Requested"}}
    condition["ForAllValues:StringEquals"] = {"events:source": "drawbridge"}
    policy = allow(("events:PutEvents", BUS))
    policy["Statement"][0]["Condition"] = condition
    client("iam").put_role_policy(RoleName="schedule-role", PolicyName="policy", PolicyDocument=json.dumps(policy))
    put_requests_on_bus(client, role)
    emulator.control("POST", "tick")
    event = json.loads(received(client)[0]["Body"])
    shown = {name: event[name] for name in ("source", "detail-type", "account", "region", "detail")}
    assert shown == {
        "source": "drawbridge",
        "detail-type": "Sweep Requested",
        "account": HUB,
        "region": "eu-west-1",
        "detail": {},
    }


def test_event_vanishes_when_the_role_may_not_put_it(client: Client, emulator: RunningEmulator) -> None:
    put_requests_on_bus(client, role_for(client, ("events:PutEvents", "arn:aws:events:eu-west-1:1:event-bus/other")))
    emulator.control("POST", "tick")
    assert received(client) == []
    assert emulator.control("GET", "dropped")["dropped"][0]["reason"].startswith("NO_PERMISSIONS: events:PutEvents")


def test_dead_letter_is_left_by_the_role_too(client: Client, emulator: RunningEmulator) -> None:
    client("sqs").create_queue(QueueName="letters")
    letters = QUEUE.replace("work", "letters")
    role = role_for(client, ("sqs:SendMessage", letters))
    arn = schedule(client, {"Arn": QUEUE, "RoleArn": role, "Input": "{}", "DeadLetterConfig": {"Arn": letters}})
    emulator.control("POST", "tick")
    [letter] = received(client, "letters")
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"
    assert letter["MessageAttributes"]["SCHEDULE_ARN"]["StringValue"] == arn


def test_disabled_schedule_does_not_fire(client: Client, emulator: RunningEmulator) -> None:
    schedule(client, {"Arn": QUEUE, "RoleArn": role_for(client)}, State="DISABLED")
    assert emulator.control("POST", "tick") == {"fired": []}
    with pytest.raises(ControlRefused, match="no enabled schedule"):
        emulator.control("POST", "tick", {"name": "sweep"})


def test_one_time_schedule_is_deleted_after_it_fired(client: Client, emulator: RunningEmulator) -> None:
    role = role_for(client)
    once = {"ScheduleExpression": "at(2030-01-01T00:00:00)", "ActionAfterCompletion": "DELETE"}
    schedule(client, {"Arn": QUEUE, "RoleArn": role}, **once)
    emulator.control("POST", "tick")
    assert client("scheduler").list_schedules()["Schedules"] == []


def test_scheduled_rule_fires_its_event(client: Client, emulator: RunningEmulator) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": QUEUE}]}
    client("sqs").create_queue(QueueName="work", Attributes={"Policy": json.dumps(policy)})
    arn = client("events").put_rule(Name="reconcile", ScheduleExpression="rate(1 hour)")["RuleArn"]
    client("events").put_targets(Rule="reconcile", Targets=[{"Id": "queue", "Arn": QUEUE}])
    assert emulator.control("POST", "tick") == {"fired": [arn]}
    event = json.loads(received(client)[0]["Body"])
    assert (event["source"], event["detail-type"], event["resources"]) == ("aws.events", "Scheduled Event", [arn])


@pytest.mark.parametrize("expression", ["rate(0 minutes)", "rate(5 seconds)", "every day", "cron(0 9 * *)"])
def test_invalid_expression_is_refused(client: Client, expression: str) -> None:
    with pytest.raises(ClientError, match="Invalid Schedule Expression"):
        schedule(client, {"Arn": QUEUE, "RoleArn": role_for(client)}, ScheduleExpression=expression)


def test_role_has_to_trust_the_schedulers_group(client: Client) -> None:
    other = f"arn:aws:scheduler:eu-west-1:{HUB}:schedule-group/other"
    document = trust(SCHEDULER, ArnEquals={"aws:SourceArn": other})
    role = client("iam").create_role(RoleName="narrow", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
        schedule(client, {"Arn": QUEUE, "RoleArn": role})
    client("scheduler").create_schedule_group(Name="other")
    schedule(client, {"Arn": QUEUE, "RoleArn": role}, GroupName="other")
