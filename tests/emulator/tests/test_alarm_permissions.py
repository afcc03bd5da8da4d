"""What roles need for alarms, dashboards and metrics."""

from __future__ import annotations

from typing import Any

import pytest

from .parties import PROVIDER, error_of
from .running import RunningEmulator
from .sample_alarms import ALARM
from .test_authorization import allow, as_role

NAME = "drawbridge/main/333333333333/endpoint/vpce-1/idle"
OURS = f"arn:aws:cloudwatch:*:{PROVIDER}:alarm:drawbridge/*"
ARN = f"arn:aws:cloudwatch:eu-west-1:{PROVIDER}:alarm:{NAME}"
DASHBOARDS = f"arn:aws:cloudwatch::{PROVIDER}:dashboard/drawbridge-*"
OWNER = [{"Key": "drawbridge:owner", "Value": "main"}]
WITH_OWNER = {
    "StringEquals": {"aws:RequestTag/drawbridge:owner": "main"},
    "ForAllValues:StringEquals": {"aws:TagKeys": ["drawbridge:owner"]},
}
REFUSED = "AccessDenied"


def as_ours(emulator: RunningEmulator, *statements: dict[str, Any]) -> Any:
    return as_role(emulator, "cloudwatch", *statements)


def test_alarms_are_written_by_their_names(emulator: RunningEmulator) -> None:
    actions = ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:SetAlarmState"]
    cloudwatch = as_ours(emulator, allow(actions, OURS))
    cloudwatch.put_metric_alarm(AlarmName=NAME, **ALARM)
    cloudwatch.set_alarm_state(AlarmName=NAME, StateValue="OK", StateReason="test")
    assert error_of(cloudwatch.put_metric_alarm, AlarmName="other", **ALARM) == REFUSED
    assert error_of(cloudwatch.delete_alarms, AlarmNames=[NAME, "other"]) == REFUSED
    cloudwatch.delete_alarms(AlarmNames=[NAME])


def test_tags_of_a_new_alarm_need_a_permission_of_their_own(emulator: RunningEmulator) -> None:
    put = as_ours(emulator, allow("cloudwatch:PutMetricAlarm", OURS)).put_metric_alarm
    assert error_of(put, AlarmName=NAME, **ALARM, Tags=OWNER) == REFUSED
    put(AlarmName=NAME, **ALARM)


def test_tags_are_judged_by_keys_and_values(emulator: RunningEmulator) -> None:
    actions = ["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"]
    put = as_ours(emulator, allow(actions, OURS, Condition=WITH_OWNER)).put_metric_alarm
    assert error_of(put, AlarmName=NAME, **ALARM) == REFUSED
    assert error_of(put, AlarmName=NAME, **ALARM, Tags=[{"Key": "drawbridge:owner", "Value": "me"}]) == REFUSED
    assert error_of(put, AlarmName=NAME, **ALARM, Tags=[*OWNER, {"Key": "more", "Value": ""}]) == REFUSED
    put(AlarmName=NAME, **ALARM, Tags=OWNER)


def test_what_an_alarm_has_is_judged(emulator: RunningEmulator) -> None:
    owned = {"StringEquals": {"aws:ResourceTag/drawbridge:owner": "main"}}
    cloudwatch = as_ours(emulator, allow("cloudwatch:DeleteAlarms", OURS, Condition=owned))
    own = emulator.client("cloudwatch", account=PROVIDER)
    own.put_metric_alarm(AlarmName=NAME, **ALARM)
    assert error_of(cloudwatch.delete_alarms, AlarmNames=[NAME]) == REFUSED
    own.tag_resource(ResourceARN=ARN, Tags=OWNER)
    cloudwatch.delete_alarms(AlarmNames=[NAME])


def test_topics_of_an_alarm_are_judged(emulator: RunningEmulator) -> None:
    topics = {"ForAllValues:StringLike": {"cloudwatch:AlarmActions": ["arn:aws:sns:*:222222222222:drawbridge-*"]}}
    put = as_ours(emulator, allow("cloudwatch:PutMetricAlarm", OURS, Condition=topics)).put_metric_alarm
    assert error_of(put, AlarmName=NAME, **ALARM, OKActions=["arn:aws:sns:eu-west-1:222222222222:other"]) == REFUSED
    put(AlarmName=NAME, **ALARM, OKActions=["arn:aws:sns:eu-west-1:222222222222:drawbridge-info"])


@pytest.mark.parametrize(("resource", "allowed"), [(OURS, False), ("*", True)])
def test_composite_alarms_need_a_permission_for_everything(
    emulator: RunningEmulator, resource: str, allowed: bool
) -> None:
    put = as_ours(emulator, allow("cloudwatch:PutCompositeAlarm", resource)).put_composite_alarm
    if allowed:
        put(AlarmName=NAME, AlarmRule="FALSE")
    else:
        assert error_of(put, AlarmName=NAME, AlarmRule="FALSE") == REFUSED


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [(OURS, False), (f"arn:aws:cloudwatch:*:{PROVIDER}:alarm:*", True), ("*", True)],
)
def test_listings_need_a_permission_for_all_alarms(emulator: RunningEmulator, resource: str, allowed: bool) -> None:
    describe = as_ours(emulator, allow("cloudwatch:DescribeAlarms", resource)).describe_alarms
    if allowed:
        describe(AlarmNamePrefix="drawbridge/")
    else:
        assert error_of(describe, AlarmNamePrefix="drawbridge/") == REFUSED


def test_tags_are_read_and_changed_by_the_alarms_arn(emulator: RunningEmulator) -> None:
    emulator.client("cloudwatch", account=PROVIDER).put_metric_alarm(AlarmName=NAME, **ALARM)
    emulator.client("cloudwatch", account=PROVIDER).put_metric_alarm(AlarmName="other", **ALARM)
    actions = ["cloudwatch:ListTagsForResource", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
    cloudwatch, other = as_ours(emulator, allow(actions, OURS)), ARN.replace(NAME, "other")
    cloudwatch.tag_resource(ResourceARN=ARN, Tags=OWNER)
    assert cloudwatch.list_tags_for_resource(ResourceARN=ARN)["Tags"] == OWNER
    cloudwatch.untag_resource(ResourceARN=ARN, TagKeys=["drawbridge:owner"])
    assert error_of(cloudwatch.list_tags_for_resource, ResourceARN=other) == REFUSED
    assert error_of(cloudwatch.tag_resource, ResourceARN=other, Tags=OWNER) == REFUSED
    assert error_of(cloudwatch.untag_resource, ResourceARN=other, TagKeys=["k"]) == REFUSED


def test_dashboards_are_judged_by_arns_without_region(emulator: RunningEmulator) -> None:
    actions = [f"cloudwatch:{action}" for action in ("PutDashboard", "GetDashboard", "DeleteDashboards")]
    cloudwatch = as_ours(emulator, allow(actions, DASHBOARDS))
    cloudwatch.put_dashboard(DashboardName="drawbridge-main", DashboardBody='{"widgets": []}')
    cloudwatch.get_dashboard(DashboardName="drawbridge-main")
    assert error_of(cloudwatch.put_dashboard, DashboardName="other", DashboardBody='{"widgets": []}') == REFUSED
    assert error_of(cloudwatch.get_dashboard, DashboardName="other") == REFUSED
    assert error_of(cloudwatch.delete_dashboards, DashboardNames=["drawbridge-main", "other"]) == REFUSED
    cloudwatch.delete_dashboards(DashboardNames=["drawbridge-main"])
    assert error_of(cloudwatch.list_dashboards) == REFUSED


def test_metrics_and_dashboards_are_listed_by_permissions_on_everything(emulator: RunningEmulator) -> None:
    cloudwatch = as_ours(emulator, allow(["cloudwatch:ListMetrics", "cloudwatch:ListDashboards"]))
    cloudwatch.list_metrics()
    cloudwatch.list_dashboards()


def test_data_are_judged_by_their_namespace(emulator: RunningEmulator) -> None:
    own = {"StringEquals": {"cloudwatch:namespace": "Drawbridge"}}
    put = as_ours(emulator, allow("cloudwatch:PutMetricData", Condition=own)).put_metric_data
    data = [{"MetricName": "Decisions", "Value": 1}]
    put(Namespace="Drawbridge", MetricData=data)
    assert error_of(put, Namespace="Other", MetricData=data) == REFUSED
