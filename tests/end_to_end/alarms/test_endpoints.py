"""An endpoint has alarms as long as it is connected and asks for them, on the metrics that it really has."""

from __future__ import annotations

from deployment.alarms import Alarms, dimensions
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from deployment.topics import Topic
from emulator.organization_sample import WORKLOADS_MEMBER, EndpointService

from . import rules
from .watched import (
    assert_in_catalogue,
    await_alarms_of_endpoint,
    await_held,
    connect,
    sets_of_dimensions,
    sweep,
    tag_by_hand,
    untag_by_hand,
    written,
)

NAMESPACE = "AWS/PrivateLinkEndpoints"
METRICS = {"packets-dropped": "PacketsDropped", "resets-received": "RstPacketsReceived"}
THRESHOLDS = {"packets-dropped": 10.0, "resets-received": 100.0}


def test_accepted_endpoint_gets_alarms_with_exactly_the_dimensions_of_its_metrics(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms
) -> None:
    endpoint = connect(drawbridge, developer, service)
    found = await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    expected = {
        "Endpoint Type": "Interface",
        "Service Name": service.name,
        "VPC Endpoint Id": endpoint,
        "VPC Id": developer.network.vpc_id,
    }
    drawbridge.aws.control("POST", f"traffic/{endpoint}", {})
    for profile, alarm in found.items():
        assert (alarm["Namespace"], alarm["MetricName"]) == (NAMESPACE, METRICS[profile])
        assert dimensions(alarm) == expected
        # Of the two sets that there are, it is that without the subnet.
        assert sorted(expected) in sets_of_dimensions(NAMESPACE, METRICS[profile])
        assert_in_catalogue(alarm)
        listed = alarms.api.list_metrics(Namespace=NAMESPACE, MetricName=METRICS[profile])["Metrics"]
        assert expected in [dimensions(metric) for metric in listed]


def test_alarm_of_an_endpoint_tells_its_topic_what_it_means_and_whose_it_is(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms, topics: dict[str, Topic]
) -> None:
    endpoint = connect(drawbridge, developer, service)
    found = await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    for profile, alarm in found.items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [topics["warning"].arn]
        assert (alarm["InsufficientDataActions"], alarm["ActionsEnabled"]) == ([], True)
        assert alarms.tags(alarm) == rules.OWNER
        assert alarm["AlarmDescription"].startswith(f"Endpoint {endpoint} of account {WORKLOADS_MEMBER}: ")
        assert alarm["AlarmDescription"].endswith(f" {rules.RUNBOOK}#{profile} Made by Drawbridge (drawbridge).")
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (THRESHOLDS[profile], "GreaterThanThreshold")
        assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (60, 5, 5)
        assert alarm["TreatMissingData"] == "notBreaching"
    name = found["packets-dropped"]["AlarmName"]
    alarms.set_state(name, "ALARM")
    assert topics["warning"].await_message(name)["AWSAccountId"] == WORKLOADS_MEMBER


def test_endpoint_that_waits_or_has_not_asked_gets_none(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms
) -> None:
    # Nobody answers there: the service isn't looked after.
    waits = developer.create_endpoint(drawbridge.sample.services["billing"], drawbridge_alarms="true")
    silent = developer.create_endpoint(service)
    ignored = connect(drawbridge, developer, service, ignore="true")
    served = connect(drawbridge, developer, service)
    await_alarms_of_endpoint(drawbridge, alarms, served)
    drawbridge.await_state(WORKLOADS_MEMBER, silent, "available")
    sweep(drawbridge)
    assert drawbridge.state_of(WORKLOADS_MEMBER, waits) == "pendingAcceptance"
    assert [alarms.of_endpoint(endpoint) for endpoint in (waits, silent, ignored)] == [{}] * 3


def test_tag_brings_alarms_and_takes_them_away(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms
) -> None:
    endpoint = developer.create_endpoint(service)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.settle()
    assert alarms.of_endpoint(endpoint) == {}
    tag_by_hand(drawbridge, endpoint, WORKLOADS_MEMBER, alarms="true")
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    untag_by_hand(drawbridge, endpoint, WORKLOADS_MEMBER, "alarms")
    await_alarms_of_endpoint(drawbridge, alarms, endpoint, ())


def test_alarms_go_with_the_endpoint_and_those_of_others_stay(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms
) -> None:
    endpoint, other = (connect(drawbridge, developer, service) for _ in range(2))
    for each in (endpoint, other):
        await_alarms_of_endpoint(drawbridge, alarms, each)
    developer.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    await_alarms_of_endpoint(drawbridge, alarms, endpoint, ())
    assert alarms.of_endpoint(other).keys() == rules.OF_ENDPOINT


def test_alarms_of_a_rejected_connection_go(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms
) -> None:
    endpoint = connect(drawbridge, developer, service)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    drawbridge.aws.client("ec2", service.account).reject_vpc_endpoint_connections(
        ServiceId=service.id, VpcEndpointIds=[endpoint]
    )
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "rejected")
    # A person's rejection is told to nobody at the consumer's: the sweep finds it.
    drawbridge.sweep_until(lambda: not alarms.of_endpoint(endpoint))


def test_tag_of_a_profile_is_the_threshold_or_switches_the_alarm_off(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms, since: int
) -> None:
    endpoint = connect(drawbridge, developer, service, **{"alarm:packets-dropped": "2.5"})
    found = await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    assert found["packets-dropped"]["Threshold"] == 2.5
    assert found["resets-received"]["Threshold"] == THRESHOLDS["resets-received"]
    off = {"alarm:resets-received": "off", "alarm:packets-dropped": "7"}
    tag_by_hand(drawbridge, endpoint, WORKLOADS_MEMBER, **off)
    found = await_alarms_of_endpoint(drawbridge, alarms, endpoint, ["packets-dropped"])
    assert found["packets-dropped"]["Threshold"] == 7.0
    tag_by_hand(drawbridge, endpoint, WORKLOADS_MEMBER, **{"alarm:packets-dropped": "a few"})
    line = await_held(drawbridge, since, endpoint, reason="INVALID_TAG")
    assert "drawbridge:alarm:packets-dropped" in line["detail"]
    drawbridge.settle()
    assert alarms.of_endpoint(endpoint)["packets-dropped"]["Threshold"] == THRESHOLDS["packets-dropped"]


def test_alarm_of_somebody_else_with_our_name_is_left_and_told(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms, since: int
) -> None:
    endpoint = developer.create_endpoint(service)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    theirs = f"{alarms.endpoint_prefix(endpoint)}packets-dropped"
    alarms.api.put_metric_alarm(
        AlarmName=theirs,
        Namespace="Shop",
        MetricName="Orders",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
    )
    before = alarms.named(theirs)[""]
    tag_by_hand(drawbridge, endpoint, WORKLOADS_MEMBER, alarms="true")
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    line = await_held(drawbridge, since, theirs, reason="NOT_OWNED")
    assert "drawbridge:owner=drawbridge" in line["detail"]
    assert alarms.named(theirs)[""] == before
    # Neither with the endpoint does it go.
    developer.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    await_alarms_of_endpoint(drawbridge, alarms, endpoint, ["packets-dropped"])
    sweep(drawbridge)
    assert alarms.named(theirs)[""] == before
    alarms.api.delete_alarms(AlarmNames=[theirs])


def test_alarm_that_a_person_changed_is_put_right_and_one_that_they_deleted_made_again(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms, since: int
) -> None:
    endpoint = connect(drawbridge, developer, service)
    found = await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    mine = found["packets-dropped"]
    members = ("AlarmName", "Namespace", "MetricName", "Statistic", "Dimensions", "Period", "EvaluationPeriods")
    asked = {name: mine[name] for name in (*members, "ComparisonOperator")}
    alarms.api.put_metric_alarm(**asked, Threshold=99_999)
    alarms.api.delete_alarms(AlarmNames=[found["resets-received"]["AlarmName"]])
    sweep(drawbridge)
    again = await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    changing = {"AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp", "StateTransitionedTimestamp"}
    assert {key: value for key, value in again["packets-dropped"].items() if key not in changing} == {
        key: value for key, value in mine.items() if key not in changing
    }
    told = drawbridge.publish_alarms.log.decisions(since, decision="publish", reason="OUT_OF_STEP")
    assert any(mine["AlarmName"] in str(line) and "what is judged" in line["detail"] for line in told)


def test_actions_that_a_person_switched_off_stay_off_when_the_alarm_is_changed(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms, since: int
) -> None:
    endpoint = connect(drawbridge, developer, service)
    name = await_alarms_of_endpoint(drawbridge, alarms, endpoint)["packets-dropped"]["AlarmName"]
    alarms.api.disable_alarm_actions(AlarmNames=[name])
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    assert written(drawbridge, after) == []
    await_held(drawbridge, since, name, reason="SILENCED")
    tag_by_hand(drawbridge, endpoint, WORKLOADS_MEMBER, **{"alarm:packets-dropped": "3"})
    drawbridge.settle()
    found = alarms.of_endpoint(endpoint)
    assert found["packets-dropped"]["Threshold"] == 3.0
    assert {profile: alarm["ActionsEnabled"] for profile, alarm in found.items()} == {
        "packets-dropped": False,
        "resets-received": True,
    }
