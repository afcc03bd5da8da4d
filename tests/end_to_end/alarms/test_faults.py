"""AWS refuses or can't: what failed is told with its call, the rest is done, and the next run repairs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from deployment.alarms import Alarms
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import SANDBOX_MEMBER, EndpointService

from ..function_calls import MEMBER_ROLE, count_operations
from ..ordered_faults import UNTIL_CLEARED, clear, hits, order
from . import rules
from .watched import await_alarms_of_endpoint, await_failure, calls_of, connect, sweep


def test_throttled_alarm_is_made_later(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms, since: int
) -> None:
    throttled = {"code": "ThrottlingException", "message": "Rate exceeded", "http_status": 400}
    fault = order(drawbridge, "cloudwatch", "PutMetricAlarm", role=MEMBER_ROLE, count=UNTIL_CLEARED, **throttled)
    endpoint = connect(drawbridge, developer, service)
    await_failure(drawbridge, since, "cloudwatch:PutMetricAlarm", "ThrottlingException", endpoint)
    assert hits(drawbridge, fault) > len(rules.OF_ENDPOINT), "the SDK tries again by itself"
    clear(drawbridge, fault)
    wait_until("nothing is in hand", lambda: not drawbridge.publish_alarms.at_work())
    drawbridge.publish_alarms.time_out_messages()
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)


def test_alarm_that_fails_doesnt_keep_the_others_from_being_made(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms, since: int
) -> None:
    order(drawbridge, "cloudwatch", "PutMetricAlarm", role=MEMBER_ROLE, code="ValidationError", http_status=400)
    endpoint = connect(drawbridge, developer, service)
    await_failure(drawbridge, since, "cloudwatch:PutMetricAlarm", "ValidationError", endpoint)
    wait_until("one of them stands", lambda: alarms.of_endpoint(endpoint), explain=drawbridge.explain)
    drawbridge.forget_messages()
    sweep(drawbridge)
    await_alarms_of_endpoint(drawbridge, alarms, endpoint)


@pytest.fixture
def forbidden(drawbridge: Drawbridge, configured: None) -> Iterator[None]:
    """The neighbour's role may not make alarms, and afterwards may again."""
    iam = drawbridge.aws.client("iam", SANDBOX_MEMBER)
    statement = {"Effect": "Deny", "Action": "cloudwatch:PutMetricAlarm", "Resource": "*"}
    named = {"RoleName": MEMBER_ROLE, "PolicyName": "no-alarms-here"}
    iam.put_role_policy(**named, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    yield
    iam.delete_role_policy(**named)
    drawbridge.forget_messages()


@pytest.mark.usefixtures("forbidden")
def test_member_without_the_permission_is_told_and_the_others_are_served(
    drawbridge: Drawbridge,
    developer: Developer,
    neighbour: Developer,
    service: EndpointService,
    alarms: Alarms,
    since: int,
) -> None:
    drawbridge.publish_alarms.enable_mapping(False)
    theirs, mine = (connect(drawbridge, somebody, service) for somebody in (neighbour, developer))
    drawbridge.accept_connections.settle()
    drawbridge.publish_alarms.forget_messages()
    drawbridge.sweep()
    drawbridge.publish_alarms.enable_mapping(True)
    line = await_failure(drawbridge, since, "cloudwatch:PutMetricAlarm", SANDBOX_MEMBER, "AccessDenied")
    assert line["level"] == "ERROR"
    wait_until(
        f"{mine} has its alarms",
        lambda: alarms.of_endpoint(mine).keys() == rules.OF_ENDPOINT,
        explain=drawbridge.explain,
    )
    assert Alarms(drawbridge.aws, SANDBOX_MEMBER).of_endpoint(theirs) == {}


def test_alarm_that_a_person_makes_meanwhile_is_not_overwritten(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, alarms: Alarms
) -> None:
    endpoint = connect(drawbridge, developer, service)
    found = await_alarms_of_endpoint(drawbridge, alarms, endpoint)
    name = found["packets-dropped"]["AlarmName"]
    alarms.api.untag_resource(ResourceARN=found["packets-dropped"]["AlarmArn"], TagKeys=["drawbridge:owner"])
    kept = {"Namespace": "Shop", "MetricName": "Orders", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
    alarms.api.put_metric_alarm(AlarmName=name, **kept, Threshold=1, ComparisonOperator="LessThanThreshold")
    after = drawbridge.aws.last_call()
    sweep(drawbridge)
    assert alarms.named(name)[""]["MetricName"] == "Orders"
    assert count_operations(calls_of(drawbridge, after))["ListTagsForResource"] == 1
    alarms.api.delete_alarms(AlarmNames=[name])
    sweep(drawbridge)
    assert alarms.of_endpoint(endpoint)["packets-dropped"]["MetricName"] == "PacketsDropped"
