"""Alarms watch metrics that exist, over times that make sense; the schedule is one that Scheduler takes."""

import re

import pytest

from infra.rendering import HUB_ACCOUNT, HUB_PARAMETERS, REGION, Rendering
from infra.template import Template, altered, read, without

HUB = read("hub.yaml")
FUNCTION = "accept-connections"
TOPIC = f"arn:aws:sns:{REGION}:{HUB_ACCOUNT}:alarms"

# Metrics and dimension, by namespace: AWS documentation of Lambda and SQS, and what the function publishes by EMF.
METRICS = {
    "AWS/Lambda": ({"Errors", "Throttles", "Invocations", "Duration", "ConcurrentExecutions"}, "FunctionName"),
    "AWS/SQS": ({"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}, "QueueName"),
    "Drawbridge": (
        {
            "Decisions",
            "MessagesFailed",
            "MessagesIgnored",
            "CallsFailed",
            "MembershipUnknown",
            "ConfigurationRejected",
            "ConfigurationStale",
            "EventsNotPublished",
            "RevocationsWithheld",
            "PolicyFindings",
            "Latency",
        },
        "Function",
    ),
}

# What has to be watched: metric and the resource it is about.
WATCHED = {
    ("Errors", "drawbridge-accept-connections"),
    ("Throttles", "drawbridge-accept-connections"),
    ("Invocations", "drawbridge-accept-connections"),
    ("ApproximateAgeOfOldestMessage", "drawbridge-accept-connections"),
    ("ApproximateNumberOfMessagesVisible", "drawbridge-accept-connections-dead-letters"),
    ("ApproximateNumberOfMessagesVisible", "drawbridge-undelivered-events"),
    ("ApproximateNumberOfMessagesVisible", "drawbridge-undelivered-notifications"),
    ("ConfigurationRejected", FUNCTION),
    ("ConfigurationStale", FUNCTION),
    ("MembershipUnknown", FUNCTION),
    ("RevocationsWithheld", FUNCTION),
    ("PolicyFindings", FUNCTION),
    ("CallsFailed", FUNCTION),
    ("CallsFailed", "watch-organization"),
    ("EventsNotPublished", FUNCTION),
    ("Errors", "drawbridge-watch-organization"),
    ("ApproximateAgeOfOldestMessage", "drawbridge-watch-organization"),
    ("ApproximateNumberOfMessagesVisible", "drawbridge-watch-organization-dead-letters"),
    ("ConfigurationRejected", "watch-organization"),
    ("ConfigurationStale", "watch-organization"),
    ("Errors", "drawbridge-sync-dns"),
    ("Invocations", "drawbridge-sync-dns"),
    ("ApproximateAgeOfOldestMessage", "drawbridge-sync-dns"),
    ("ApproximateNumberOfMessagesVisible", "drawbridge-sync-dns-dead-letters"),
    ("CallsFailed", "sync-dns"),
    ("EventsNotPublished", "sync-dns"),
    ("RevocationsWithheld", "sync-dns"),
    ("ConfigurationRejected", "sync-dns"),
    ("ConfigurationStale", "sync-dns"),
    ("Errors", "drawbridge-tag-resources"),
    ("Invocations", "drawbridge-tag-resources"),
    ("ApproximateAgeOfOldestMessage", "drawbridge-tag-resources"),
    ("ApproximateNumberOfMessagesVisible", "drawbridge-tag-resources-dead-letters"),
    ("CallsFailed", "tag-resources"),
    ("ConfigurationRejected", "tag-resources"),
    ("ConfigurationStale", "tag-resources"),
}


# The longest that SQS delays a message (SQS API reference, SendMessage): the function puts off for as long.
LONGEST_DELAY = 900


def hub(template: Template = HUB, **parameters: str) -> Rendering:
    return Rendering(template, HUB_PARAMETERS | parameters)


def deaf(rendering: Rendering) -> list[str]:
    """What no alarm would tell, and alarms that could never."""
    complaints, watched = [], set()
    for name, alarm in rendering.of_type("AWS::CloudWatch::Alarm").items():
        metrics, dimension = METRICS.get(alarm["Namespace"], (set(), ""))
        names = {entry["Name"]: entry["Value"] for entry in alarm["Dimensions"]}
        if alarm["MetricName"] not in metrics:
            complaints.append(f"{name}: no such metric")
        if set(names) != {dimension}:
            complaints.append(f"{name}: the metric has other dimensions")
        if alarm["Period"] % 60 or alarm["Period"] * alarm["EvaluationPeriods"] > 86_400:
            complaints.append(f"{name}: CloudWatch refuses these periods")
        silence = "breaching" if alarm["ComparisonOperator"].startswith("LessThan") else "notBreaching"
        if alarm["TreatMissingData"] != silence:
            complaints.append(f"{name}: silence is taken for the wrong thing")
        watched.add((alarm["MetricName"], names.get(dimension)))
    return complaints + [f"nobody watches {metric} of {what}" for metric, what in sorted(WATCHED - watched)]


def test_everything_that_can_go_wrong_with_the_function_is_watched():
    assert deaf(hub()) == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        *((without(HUB, f"Resources/{name}"), "nobody watches") for name in HUB["Resources"] if name.endswith("Alarm")),
        (altered(HUB, "Resources/ErrorsAlarm/Properties/MetricName", "Error"), "no such metric"),
        (
            altered(HUB, "Resources/ErrorsAlarm/Properties/Dimensions", [{"Name": "Function", "Value": "x"}]),
            "other dimensions",
        ),
        (
            altered(HUB, "Resources/MembershipUnknownAlarm/Properties/Dimensions/0/Value", "drawbridge"),
            "nobody watches",
        ),
        (altered(HUB, "Resources/SilentAlarm/Properties/Period", 90), "refuses these periods"),
        (altered(HUB, "Resources/SilentAlarm/Properties/EvaluationPeriods", 25), "refuses these periods"),
        (altered(HUB, "Resources/SilentAlarm/Properties/TreatMissingData", "notBreaching"), "silence"),
        (altered(HUB, "Resources/DeadLettersAlarm/Properties/TreatMissingData", "breaching"), "silence"),
    ],
)
def test_an_alarm_that_could_not_tell_is_told(template, expected):
    assert any(expected in complaint for complaint in deaf(hub(template)))


def test_alarms_notify_the_topic_when_there_is_one():
    with_topic = hub(AlarmTopicArn=TOPIC).of_type("AWS::CloudWatch::Alarm").values()
    assert all(alarm["AlarmActions"] == alarm["OKActions"] == [TOPIC] for alarm in with_topic)
    assert not any("AlarmActions" in alarm for alarm in hub().of_type("AWS::CloudWatch::Alarm").values())


def seconds(expression: str) -> int | None:
    """The time between two runs of a rate expression (EventBridge Scheduler, "Schedule types"), None if it is none."""
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", expression)
    if not found or int(found[1]) == 0 or (int(found[1]) == 1) == bool(found[3]):
        return None
    return int(found[1]) * {"minute": 60, "hour": 3600, "day": 86_400}[found[2]]


def sweep_faults(rendering: Rendering) -> list[str]:
    """Why sweeps would not run, or their absence go unnoticed."""
    sweep = rendering.properties("Sweep")
    every = seconds(sweep["ScheduleExpression"])
    if every is None:
        return ["Scheduler refuses the expression"]
    faults = []
    if sweep["State"] != "ENABLED":
        faults.append("the sweep does not run")
    if min(rendering.properties(f"{name}SilentAlarm")["Period"] for name in ("", "Sync", "Tags")) < 2 * every:
        faults.append("the alarm on silence rings between two sweeps")
    if rendering.properties("SyncOldestMessageAlarm")["Threshold"] < LONGEST_DELAY + every:
        faults.append("the alarm on old messages rings for what was put off")
    if max(rendering.properties(f"{name}OldestMessageAlarm")["Threshold"] for name in ("", "Tags")) > every:
        faults.append("a message may wait for longer than a sweep")
    if sweep["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] > every:
        faults.append("a sweep is retried when the next one is due")
    return faults


def test_the_sweep_runs_and_its_absence_is_noticed():
    assert sweep_faults(hub()) == []


@pytest.mark.parametrize(
    "expression", ["rate(15 minute)", "rate(1 hours)", "rate(0 minutes)", "every 15 minutes", "rate(15)"]
)
def test_a_schedule_that_scheduler_refuses_is_told(expression):
    refused = altered(HUB, "Resources/Sweep/Properties/ScheduleExpression", expression)
    assert sweep_faults(hub(refused)) == ["Scheduler refuses the expression"]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (altered(HUB, "Resources/Sweep/Properties/State", "DISABLED"), "does not run"),
        (altered(HUB, "Resources/Sweep/Properties/ScheduleExpression", "rate(1 hour)"), "between two sweeps"),
        (altered(HUB, "Resources/OldestMessageAlarm/Properties/Threshold", 3600), "longer than a sweep"),
        (altered(HUB, "Resources/TagsOldestMessageAlarm/Properties/Threshold", 3600), "longer than a sweep"),
        (altered(HUB, "Resources/SyncSilentAlarm/Properties/Period", 900), "between two sweeps"),
        (altered(HUB, "Resources/TagsSilentAlarm/Properties/Period", 900), "between two sweeps"),
        (altered(HUB, "Resources/SyncOldestMessageAlarm/Properties/Threshold", 900), "for what was put off"),
        (altered(HUB, "Resources/Sweep/Properties/ScheduleExpression", "rate(5 minutes)"), "when the next one is due"),
    ],
)
def test_a_sweep_that_would_not_help_is_told(template, expected):
    assert any(expected in fault for fault in sweep_faults(hub(template)))
