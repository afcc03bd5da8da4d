"""The sweep reaches all that there is: load balancers, listeners, target groups, zones, and what no event told of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployment.developer import ROLE, Developer
from deployment.discovery import Discovery
from deployment.domains import Domains
from deployment.drawbridge import Drawbridge
from deployment.tags import Tags, holds
from deployment.target_groups import TargetGroup, put_behind
from deployment.waiting import wait_until
from emulator.clients import REGION
from emulator.organization_sample import HUB, EndpointService

from .rules import ALSO_MADE, DEPLOYMENT, MARK, WRITE, mark
from .tagged import await_everywhere, calls_of, written

PLATFORM = {"platform": "network-team", MARK: mark("platform")}
OWN_NAME = "tagged.corp.example"


@pytest.fixture
def behind(drawbridge: Drawbridge, service: EndpointService) -> Iterator[TargetGroup]:
    """A listener and a target group of the service's load balancer."""
    made = put_behind(drawbridge.aws, service, drawbridge.sample.networks[service.account], "behind", 443)
    yield made
    made.delete()


@pytest.fixture
def zone(drawbridge: Drawbridge, service: EndpointService) -> Iterator[str]:
    """A private zone that sync-dns has made, for the name of a central endpoint."""
    domains = Domains(drawbridge.aws)
    endpoint = drawbridge.request_connection(HUB, service, dns_name=OWN_NAME)
    (made,) = drawbridge.later_until(f"{OWN_NAME} has a zone", lambda: domains.zones(OWN_NAME))
    drawbridge.later_until(f"{OWN_NAME} has records", lambda: domains.records(made))
    yield made
    drawbridge.aws.client("ec2", HUB).delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    drawbridge.later_until(f"the zone of {OWN_NAME} is gone", lambda: not domains.zones(OWN_NAME))


def test_sweep_tags_what_is_behind_a_service_and_the_zones_that_drawbridge_made_and_no_other(
    drawbridge: Drawbridge, service: EndpointService, behind: TargetGroup, zone: str, tags_of_hub: Tags
) -> None:
    domains = Domains(drawbridge.aws)
    by_hand = domains.make_zone("by-hand.example", drawbridge.sample.networks[HUB].vpc_id)
    alone = drawbridge.make_balancer(HUB, "behind-no-service")
    drawbridge.sweep()
    drawbridge.settle()
    for arn in (service.load_balancer_arn, behind.listener, behind.arn):
        assert tags_of_hub.of_load_balancing(arn) == PLATFORM
    assert tags_of_hub.of_zone(zone) == PLATFORM
    assert tags_of_hub.of_zone(by_hand) == {}
    assert tags_of_hub.of_load_balancing(alone) == {}
    assert holds(tags_of_hub.of_service(service.id), {"platform": "network-team"})
    domains.api.delete_hosted_zone(Id=by_hand)


@pytest.mark.usefixtures("changed_rules")
def test_sweep_tags_alarms_and_what_is_of_cloud_map_with_our_mark_and_no_other(
    drawbridge: Drawbridge, tags_of_hub: Tags
) -> None:
    drawbridge.reconfigure(tags={"write": WRITE | ALSO_MADE})
    marked = [{"Key": "drawbridge:owner", "Value": DEPLOYMENT}]
    cloudwatch, cloud_map = (drawbridge.aws.client(name, HUB) for name in ("cloudwatch", "servicediscovery"))
    discovery = Discovery(drawbridge.aws, HUB)
    alarm = {"MetricName": "Errors", "Namespace": "Any", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1}
    alarm |= {"Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}
    for name, tags in (("drawbridge/ours", marked), ("theirs", [])):
        cloudwatch.put_metric_alarm(AlarmName=name, Tags=tags, **alarm)
    namespace = discovery.make_namespace("tagged")
    cloud_map.tag_resource(ResourceARN=namespace["Arn"], Tags=marked)
    service = discovery.make_service(namespace, "orders", Tags=marked)
    drawbridge.sweep()
    drawbridge.settle()
    for arn in (namespace["Arn"], service["Arn"], cloudwatch_arn("drawbridge/ours")):
        assert holds(tags_of_hub.by_arn(arn), PLATFORM)
    assert tags_of_hub.by_arn(cloudwatch_arn("theirs")) == {}
    cloudwatch.delete_alarms(AlarmNames=["drawbridge/ours", "theirs"])
    cloud_map.delete_service(Id=service["Id"])
    cloud_map.delete_namespace(Id=namespace["Id"])


def cloudwatch_arn(alarm: str) -> str:
    """The ARN of an alarm of the hub."""
    return f"arn:aws:cloudwatch:{REGION}:{HUB}:alarm:{alarm}"


def test_second_sweep_reads_and_writes_nothing(
    drawbridge: Drawbridge,
    developer: Developer,
    service: EndpointService,
    behind: TargetGroup,
    zone: str,
    tags: Tags,
) -> None:
    endpoint = developer.create_endpoint(service)
    await_everywhere(drawbridge, tags, endpoint, creator=ROLE)
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.settle()
    assert "AddTags" in written(drawbridge, after)
    # Cold, so that nothing is known and all is read.
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.settle()
    assert written(drawbridge, after) == []
    read = {(call["service"], call["operation"]) for call in calls_of(drawbridge, after)}
    assert read >= {
        ("ec2", "DescribeNetworkInterfaces"),
        ("ec2", "DescribeVpcEndpointConnections"),
        ("elbv2", "DescribeTags"),
        ("resourcegroupstaggingapi", "GetResources"),
        ("organizations", "DescribeEffectivePolicy"),
    }


@pytest.mark.usefixtures("changed_rules")
def test_creator_that_no_event_told_of_is_looked_up_by_the_sweep(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags, tags_of_hub: Tags
) -> None:
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 0})
    endpoint = developer.create_endpoint(service)
    drawbridge.await_state(developer.account, endpoint, "available")
    drawbridge.settle()
    drawbridge.sweep()
    await_everywhere(drawbridge, tags, endpoint, unit="workloads")
    drawbridge.settle()
    assert [found.get("creator") for found in tags.of_endpoint_and_interfaces(endpoint)] == [None] * 3

    drawbridge.reconfigure(tags={"write": WRITE, "look-up-creators": True})
    drawbridge.sweep()
    await_everywhere(drawbridge, tags, endpoint, creator=ROLE, session=developer.session)
    # A service that was there before Drawbridge was.
    orders = drawbridge.sample.services["orders"]
    what = f"{orders.id} has its creator"
    wait_until(what, lambda: tags_of_hub.of_service(orders.id).get("creator") == "root", explain=drawbridge.explain)
    drawbridge.settle()
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.settle()
    assert written(drawbridge, after) == []


def test_service_that_is_not_looked_after_is_left_with_what_is_behind_it(
    drawbridge: Drawbridge, tags_of_hub: Tags
) -> None:
    billing = drawbridge.sample.services["billing"]
    drawbridge.sweep()
    drawbridge.settle()
    assert tags_of_hub.of_service(billing.id) == {"Name": "billing"}
    assert tags_of_hub.of_load_balancing(billing.load_balancer_arn) == {}


def test_resource_that_another_deployment_tags_is_left_and_told(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags, since: int
) -> None:
    theirs = {MARK: "another platform", "platform": "theirs"}
    assert DEPLOYMENT not in theirs[MARK]
    drawbridge.tag_resources.enable_mapping(False)
    endpoint = developer.create_endpoint(service)
    pairs = [{"Key": key, "Value": value} for key, value in theirs.items()]
    developer.client("ec2").create_tags(Resources=[endpoint], Tags=pairs)
    drawbridge.tag_resources.enable_mapping(True)
    drawbridge.settle()
    held = drawbridge.tag_resources.log.decisions(since, decision="hold", reason="NOT_OWNED")
    assert any(endpoint in str(line) for line in held)
    assert tags.of_endpoint(endpoint) == theirs
