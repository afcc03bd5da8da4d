"""Alarms watch metrics that exist, over times that make sense; the schedule is one that Scheduler takes."""

import re
from typing import Any

import pytest

from infra.metrics import watched_by
from infra.rendering import HUB_ACCOUNT, HUB_PARAMETERS, REGION, Rendering
from infra.template import Template, altered, at, read, without

HUB = read("hub.yaml")
# What the names of resources of these functions begin with.
SWEPT = ("", "Sync", "Tags", "Alarms", "CloudMap")
TOPIC = f"arn:aws:sns:{REGION}:{HUB_ACCOUNT}:alarms"

FUNCTIONS = (
    "accept-connections",
    "watch-organization",
    "sync-dns",
    "tag-resources",
    "publish-alarms",
    "sync-cloud-map",
)
# Those that a sweep wakes: the watcher alone is not.
SWEEPING = tuple(function for function in FUNCTIONS if function != "watch-organization")
# Those that may take something away, and tell of it.
WITHHOLDING = ("accept-connections", "sync-dns", "publish-alarms", "sync-cloud-map")
# What has to be watched: metric and the resource it is about.
WATCHED = {
    *(("Errors", f"drawbridge-{function}") for function in FUNCTIONS),
    *(("Throttles", f"drawbridge-{function}") for function in FUNCTIONS),
    *(("Invocations", f"drawbridge-{function}") for function in SWEEPING),
    *(("SweepSeconds", function) for function in SWEEPING),
    *(("ApproximateAgeOfOldestMessage", f"drawbridge-{function}") for function in FUNCTIONS),
    *(("ApproximateNumberOfMessagesVisible", f"drawbridge-{function}-dead-letters") for function in FUNCTIONS),
    ("ApproximateNumberOfMessagesVisible", "drawbridge-undelivered-events"),
    ("ApproximateNumberOfMessagesVisible", "drawbridge-undelivered-notifications"),
    *(("CallsFailed", function) for function in FUNCTIONS),
    *(("ConfigurationRejected", function) for function in FUNCTIONS),
    *(("ConfigurationStale", function) for function in FUNCTIONS),
    *(("EventsNotPublished", function) for function in WITHHOLDING),
    # The limits of a run: connections cut off, names and alarms taken away.
    *(("RevocationsWithheld", function) for function in WITHHOLDING),
    ("MembershipUnknown", "accept-connections"),
    ("PolicyFindings", "accept-connections"),
    ("HeldSeconds", "accept-connections"),
    ("VerificationsLost", "sync-dns"),
}


# The longest that SQS delays a message (SQS API reference, SendMessage): the function puts off for as long.
LONGEST_DELAY = 900


def hub(template: Template = HUB, **parameters: str) -> Rendering:
    return Rendering(template, HUB_PARAMETERS | parameters)


def deaf(rendering: Rendering) -> list[str]:
    """What no alarm would tell, and alarms that could never; that the metrics exist is asked in test_metrics."""
    complaints, watched = [], set()
    for name, alarm in rendering.of_type("AWS::CloudWatch::Alarm").items():
        if any(period % 60 or period * alarm["EvaluationPeriods"] > 86_400 for period in periods(alarm)):
            complaints.append(f"{name}: CloudWatch refuses these periods")
        silence = "breaching" if alarm["ComparisonOperator"].startswith("LessThan") else "notBreaching"
        if alarm["TreatMissingData"] != silence:
            complaints.append(f"{name}: silence is taken for the wrong thing")
        watched |= {(found.metric, value) for found, values in watched_by(alarm) for value in values.values()}
    return complaints + [f"nobody watches {metric} of {what}" for metric, what in sorted(WATCHED - watched)]


def periods(alarm: dict[str, Any]) -> list[int]:
    """The periods of the metrics that an alarm watches."""
    stats = [query["MetricStat"]["Period"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    return stats or [alarm["Period"]]


ALARMS = [name for name, found in HUB["Resources"].items() if found["Type"] == "AWS::CloudWatch::Alarm"]


def silenced(name: str) -> Template:
    """The hub without one alarm, and without the light and the dashboard over all."""
    return without(without(without(HUB, f"Resources/{name}"), "Resources/HealthAlarm"), "Resources/Overview")


def test_everything_that_can_go_wrong_with_the_function_is_watched():
    assert deaf(hub()) == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        *((silenced(name), "nobody watches") for name in ALARMS),
        (altered(HUB, "Resources/ErrorsAlarm/Properties/MetricName", "Duration"), "nobody watches"),
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


def unlit(template: Template = HUB) -> set[str]:
    """Alarms that the light over all doesn't shine for, and names there of no alarm."""
    rendering = hub(template)
    rule = rendering.properties("HealthAlarm")["AlarmRule"]
    terms = [re.fullmatch(r'ALARM\("([^"]+)"\)', term.strip()) for term in rule.split(" OR ")]
    lit = {term[1] if term else "what isn't understood" for term in terms}
    return lit ^ {alarm["AlarmName"] for alarm in rendering.of_type("AWS::CloudWatch::Alarm").values()}


RULE = "Resources/HealthAlarm/Properties/AlarmRule/Fn::Sub"
# Alarms under a composite alarm, and characters in its rule (CloudWatch quotas).
MOST_CHILDREN, LONGEST_RULE = 100, 10_240


def test_one_light_shines_for_every_alarm():
    assert unlit() == set()
    rule = hub().properties("HealthAlarm")["AlarmRule"]
    assert rule.count("ALARM(") <= MOST_CHILDREN
    assert len(rule) <= LONGEST_RULE


def test_an_alarm_that_the_light_forgets_is_told():
    rule = at(HUB, RULE)
    assert unlit(altered(HUB, RULE, rule.replace('ALARM("${TagsErrorsAlarm}") OR', ""))) == {
        "drawbridge-tag-resources-errors"
    }
    assert "what isn't understood" in unlit(altered(HUB, RULE, rule.replace(" OR ", " AND ", 1)))
    assert unlit(altered(HUB, RULE, f'{rule} OR ALARM("drawbridge-quota")')) == {"drawbridge-quota"}


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
    for alarm in ("SilentAlarm", "SweepUnfinishedAlarm"):
        if min(rendering.properties(f"{name}{alarm}")["Period"] for name in SWEPT) < 2 * every:
            faults.append(f"{alarm}: it rings between two sweeps")
    unfinished = [rendering.properties(f"{name}SweepUnfinishedAlarm") for name in SWEPT]
    if any((found["Statistic"], found["Threshold"]) != ("SampleCount", 1) for found in unfinished):
        faults.append("a sweep that ended is one value, however long it took")
    putting_off = [
        rendering.properties(f"{name}OldestMessageAlarm")["Threshold"] for name in ("Sync", "Alarms", "CloudMap")
    ]
    if min(putting_off) < LONGEST_DELAY + every:
        faults.append("the alarm on old messages rings for what was put off")
    if max(rendering.properties(f"{name}OldestMessageAlarm")["Threshold"] for name in ("", "Watch", "Tags")) > every:
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
        (altered(HUB, "Resources/AlarmsSweepUnfinishedAlarm/Properties/Period", 900), "between two sweeps"),
        (altered(HUB, "Resources/SyncSweepUnfinishedAlarm/Properties/Statistic", "Sum"), "is one value"),
        (altered(HUB, "Resources/AlarmsOldestMessageAlarm/Properties/Threshold", 900), "for what was put off"),
        (altered(HUB, "Resources/SyncOldestMessageAlarm/Properties/Threshold", 900), "for what was put off"),
        (altered(HUB, "Resources/Sweep/Properties/ScheduleExpression", "rate(5 minutes)"), "when the next one is due"),
    ],
)
def test_a_sweep_that_would_not_help_is_told(template, expected):
    assert any(expected in fault for fault in sweep_faults(hub(template)))
