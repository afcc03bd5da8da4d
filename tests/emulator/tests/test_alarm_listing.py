"""Alarms are listed, tagged and deleted."""

from __future__ import annotations

import pytest

from .parties import error_of
from .running import HUB, RunningEmulator
from .sample_alarms import ALARM, TOPIC, Client, become, described, put

BOTH = ["MetricAlarm", "CompositeAlarm"]


@pytest.fixture
def estate(client: Client) -> None:
    """Metric alarms a to d, and composite alarms `down` (a, b) and `above` (down)."""
    put(client, "a", "b", "c", "d")
    client("cloudwatch").put_composite_alarm(AlarmName="down", AlarmRule="ALARM(a) OR ALARM(b)")
    client("cloudwatch").put_composite_alarm(AlarmName="above", AlarmRule="ALARM(down)")


def names(client: Client, **wanted: object) -> tuple[list[str], list[str]]:
    """Names of the metric alarms, and of the composite ones."""
    answer = client("cloudwatch").describe_alarms(**wanted)
    lists = (answer["MetricAlarms"], answer["CompositeAlarms"])
    metric, composite = ([alarm["AlarmName"] for alarm in alarms] for alarms in lists)
    return metric, composite


@pytest.mark.usefixtures("estate")
def test_only_metric_alarms_are_listed_unless_types_are_named(client: Client) -> None:
    assert names(client) == (["a", "b", "c", "d"], [])
    assert names(client, AlarmTypes=["CompositeAlarm"]) == ([], ["above", "down"])
    assert names(client, AlarmNames=["down"]) == ([], [])
    assert names(client, AlarmTypes=BOTH, AlarmNames=["down", "a", "gone"]) == (["a"], ["down"])


@pytest.mark.usefixtures("estate")
def test_alarms_are_found_by_prefix_state_and_action(client: Client) -> None:
    put(client, "aa", AlarmActions=[TOPIC])
    become(client, "c", "ALARM")
    assert names(client, AlarmNamePrefix="a") == (["a", "aa"], [])
    assert names(client, AlarmNamePrefix="a", AlarmTypes=BOTH) == (["a", "aa"], ["above"])
    assert names(client, StateValue="ALARM") == (["c"], [])
    assert names(client, ActionPrefix=TOPIC[:20]) == (["aa"], [])


@pytest.mark.usefixtures("estate")
def test_relatives_are_listed_by_themselves(client: Client) -> None:
    assert names(client, ChildrenOfAlarmName="down") == (["a", "b"], [])
    assert names(client, ChildrenOfAlarmName="above") == ([], ["down"])
    assert names(client, ParentsOfAlarmName="a") == ([], ["down"])
    (child, _) = client("cloudwatch").describe_alarms(ChildrenOfAlarmName="down")["MetricAlarms"]
    assert "Threshold" not in child
    cloudwatch = client("cloudwatch")
    assert error_of(cloudwatch.describe_alarms, ParentsOfAlarmName="a", AlarmTypes=BOTH) == "ValidationError"
    assert error_of(cloudwatch.describe_alarms, AlarmNames=["a"], AlarmNamePrefix="a") == "ValidationError"


@pytest.mark.usefixtures("estate")
def test_alarms_come_in_pages(client: Client, emulator: RunningEmulator) -> None:
    cloudwatch = client("cloudwatch")
    pages = [*cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=BOTH, MaxRecords=4)]
    assert [len(page["MetricAlarms"] + page["CompositeAlarms"]) for page in pages] == [4, 2]
    emulator.control("POST", "settings", {"alarms_page": 1})
    pages = [*cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=BOTH, MaxRecords=100)]
    assert len(pages) == 6
    assert error_of(cloudwatch.describe_alarms, MaxRecords=101) == "ValidationError"
    assert error_of(cloudwatch.describe_alarms, NextToken="nonsense") == "InvalidNextToken"
    assert error_of(cloudwatch.describe_alarms, AlarmNames=[f"n{n}" for n in range(101)]) == "ValidationError"


def test_a_page_has_50_alarms_when_nobody_asks_for_more(client: Client) -> None:
    put(client, *(f"n{number:03}" for number in range(51)))
    assert len(names(client)[0]) == 50
    assert len(names(client, MaxRecords=100)[0]) == 51


def test_evaluation_can_be_partial(client: Client, emulator: RunningEmulator) -> None:
    put(client, "a")
    wanted = {"account": HUB, "region": "eu-west-1", "alarm": "a", "state": "PARTIAL_DATA"}
    emulator.control("POST", "alarms/evaluation", wanted)
    assert described(client, "a")["EvaluationState"] == "PARTIAL_DATA"
    emulator.control("POST", "alarms/evaluation", wanted | {"state": None})
    assert "EvaluationState" not in described(client, "a")


def test_alarms_are_found_by_their_metric(client: Client) -> None:
    put(client, "a")
    wanted = {name: ALARM[name] for name in ("Namespace", "MetricName", "Dimensions")}
    assert len(client("cloudwatch").describe_alarms_for_metric(**wanted)["MetricAlarms"]) == 1
    del wanted["Dimensions"]
    assert client("cloudwatch").describe_alarms_for_metric(**wanted)["MetricAlarms"] == []


@pytest.mark.usefixtures("estate")
def test_wrong_names_do_not_keep_the_others(client: Client) -> None:
    assert error_of(client("cloudwatch").delete_alarms, AlarmNames=["c", "gone", "d"]) == "ResourceNotFound"
    assert names(client) == (["a", "b"], [])


@pytest.mark.usefixtures("estate")
def test_one_composite_alarm_is_deleted_at_a_time(client: Client) -> None:
    cloudwatch = client("cloudwatch")
    assert error_of(cloudwatch.delete_alarms, AlarmNames=["above", "down", "c"]) == "ValidationError"
    cloudwatch.delete_alarms(AlarmNames=["above", "c", "d"])
    assert names(client, AlarmTypes=BOTH) == (["a", "b"], ["down"])
    assert error_of(cloudwatch.delete_alarms, AlarmNames=[f"n{n}" for n in range(101)]) == "ValidationError"


@pytest.mark.usefixtures("estate")
def test_alarm_that_a_composite_alarm_depends_on_stays_and_so_do_the_others(client: Client) -> None:
    cloudwatch = client("cloudwatch")
    for wanted in (["a", "c"], ["down", "c"]):
        assert error_of(cloudwatch.delete_alarms, AlarmNames=wanted) == "ValidationError"
    assert names(client, AlarmTypes=BOTH) == (["a", "b", "c", "d"], ["above", "down"])
    for wanted in (["above"], ["down"], ["a", "b"]):
        cloudwatch.delete_alarms(AlarmNames=wanted)


def test_tags_are_given_and_taken(client: Client) -> None:
    put(client, "a", Tags=[{"Key": "one", "Value": "1"}])
    cloudwatch, arn = client("cloudwatch"), described(client, "a")["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "two", "Value": "2"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["one", "gone"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "two", "Value": "2"}]
    tagging = client("resourcegroupstaggingapi")
    (found,) = tagging.get_resources(ResourceTypeFilters=["cloudwatch:alarm"])["ResourceTagMappingList"]
    assert (found["ResourceARN"], found["Tags"]) == (arn, [{"Key": "two", "Value": "2"}])
    many = [{"Key": f"k{number}", "Value": "v"} for number in range(50)]
    assert error_of(cloudwatch.tag_resource, ResourceARN=arn, Tags=many) == "InvalidParameterValue"


def test_tags_of_a_deleted_alarm_are_gone(client: Client) -> None:
    cloudwatch = client("cloudwatch")
    put(client, "a", Tags=[{"Key": "one", "Value": "1"}])
    arn = described(client, "a")["AlarmArn"]
    cloudwatch.delete_alarms(AlarmNames=["a"])
    assert error_of(cloudwatch.list_tags_for_resource, ResourceARN=arn) == "ResourceNotFoundException"
    put(client, "a")
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
    assert error_of(cloudwatch.list_tags_for_resource, ResourceARN="a") == "InvalidParameterValue"
