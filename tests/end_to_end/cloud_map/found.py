"""What the tests of Cloud Map make, wait for and count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from deployment.cloud_map import CloudMap
from deployment.developer import Developer
from deployment.drawbridge import CLOUD_MAP_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import EndpointService

from ..function_calls import MEMBER_ROLE, function_calls, writing
from . import rules

# What only sync-cloud-map writes.
WRITTEN = ("servicediscovery", "elbv2")


def connect(drawbridge: Drawbridge, somebody: Developer, service: EndpointService, registration: str) -> str:
    """An endpoint that is connected, and asks to be found: `payments`, `payments:443`, `payments:443/tcp`."""
    endpoint = somebody.create_endpoint(service, **{rules.TAG: registration})
    drawbridge.await_state(somebody.account, endpoint, "available")
    return endpoint


def instances_of(drawbridge: Drawbridge, somebody: Developer, endpoint: str) -> dict[str, dict[str, Any]]:
    """The network interfaces of an endpoint by the ids that its instances have; each with `zone_id`."""
    ec2 = drawbridge.aws.client("ec2", somebody.account)
    described = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    found = ec2.describe_network_interfaces(NetworkInterfaceIds=described["NetworkInterfaceIds"])
    subnets = ec2.describe_subnets(SubnetIds=described["SubnetIds"])["Subnets"]
    zone_ids = {subnet["SubnetId"]: subnet["AvailabilityZoneId"] for subnet in subnets}
    return {
        f"{endpoint}:{zone_ids[interface['SubnetId']]}": interface | {"zone_id": zone_ids[interface["SubnetId"]]}
        for interface in found["NetworkInterfaces"]
    }


def await_found(
    drawbridge: Drawbridge, cloud_map: CloudMap, name: str, wanted: Iterable[str], namespace: str = rules.NAMESPACE
) -> dict[str, dict[str, str]]:
    """Wait until exactly these instances are found under a name, and nothing is left to do; their attributes."""
    ids = set(wanted)
    what = f"found as {name} is {sorted(ids) or 'nothing'}"
    drawbridge.later_until(what, lambda: cloud_map.discover(namespace, name).keys() == ids)
    drawbridge.settle()
    return cloud_map.discover(namespace, name)


def await_held(drawbridge: Drawbridge, since: int, about: str, reason: str) -> dict[str, Any]:
    """Wait until sync-cloud-map tells that it leaves something as it is; of which `about` is a part."""

    def look() -> list[dict[str, Any]]:
        held = drawbridge.sync_cloud_map.log.decisions(since, decision="hold", reason=reason)
        return [line for line in held if about in str(line)]

    return wait_until(f"{about} is held for {reason}", look, explain=drawbridge.explain)[0]


def await_failure(drawbridge: Drawbridge, since: int, *texts: str) -> dict[str, Any]:
    """Wait until sync-cloud-map tells of a failure in a line that has all these texts."""

    def look() -> list[dict[str, Any]]:
        said = [line for line in drawbridge.sync_cloud_map.log.said(since) if line["level"] != "INFO"]
        return [line for line in said if all(text in str(line) for text in texts)]

    return wait_until(f"a failure with {texts} is told", look, explain=drawbridge.explain)[0]


def calls_of(drawbridge: Drawbridge, after: int) -> list[dict[str, Any]]:
    """The calls after that number of sync-cloud-map, and in members of any function that works there."""
    return [call for role in (CLOUD_MAP_ROLE, MEMBER_ROLE) for call in function_calls(drawbridge, after, role)]


def written(drawbridge: Drawbridge, after: int) -> list[str]:
    """The operations of Cloud Map and load balancing among them that change something."""
    calls = [call for call in calls_of(drawbridge, after) if call["service"] in WRITTEN]
    return [call["operation"] for call in writing(calls)]


def sweep(drawbridge: Drawbridge) -> None:
    """Let the schedule's time come, and all that comes of it."""
    drawbridge.sweep()
    drawbridge.settle()


def untag(drawbridge: Drawbridge, somebody: Developer, endpoint: str) -> None:
    """Have the endpoint ask no more to be found."""
    ec2 = drawbridge.aws.client("ec2", somebody.account)
    ec2.delete_tags(Resources=[endpoint], Tags=[{"Key": rules.TAG.replace("_", ":")}])


def alone(drawbridge: Drawbridge, act: Callable[[], None]) -> None:
    """Do something while no other function is woken, so that each call of a member's role is sync-cloud-map's."""
    others = [function for function in drawbridge.functions if function is not drawbridge.sync_cloud_map]
    for function in others:
        function.enable_mapping(False)
    try:
        act()
        drawbridge.sync_cloud_map.settle()
    finally:
        for function in others:
            function.enable_mapping(True)
    drawbridge.settle()
