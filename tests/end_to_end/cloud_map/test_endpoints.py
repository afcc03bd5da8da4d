"""Endpoints are found in Cloud Map as long as they are connected and want it."""

from __future__ import annotations

from typing import Any

from deployment.developer import Developer
from deployment.discovery import Discovery
from deployment.drawbridge import CLOUD_MAP_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.clients import REGION
from emulator.organization_sample import EndpointService

from .. import ordered_faults
from ..function_calls import MEMBER_ROLE, count_operations, function_calls, writing
from .conftest import NAMESPACE, left

WANTED = {"drawbridge_cloud-map": "payments:443/tcp"}
OURS = "drawbridge"


def connect(drawbridge: Drawbridge, developer: Developer, service: EndpointService) -> str:
    """An endpoint that asks to be found, and is connected."""
    endpoint = developer.create_endpoint(service, **WANTED)
    drawbridge.await_state(developer.account, endpoint, "available")
    return endpoint


def await_found(drawbridge: Drawbridge, discovery: Discovery, endpoint: str) -> dict[str, dict[str, str]]:
    """Wait until an endpoint is found by each of its interfaces; what is told of them."""

    def look() -> dict[str, dict[str, str]]:
        found = discovery.found(NAMESPACE, "payments")
        of_it = {name: told for name, told in found.items() if name.startswith(endpoint)}
        return of_it if len(of_it) == 2 else {}

    return drawbridge.later_until(f"{endpoint} is found", look)


def calls_after(drawbridge: Drawbridge, after: int) -> list[dict[str, Any]]:
    """The calls of the function after that number, in whichever account."""
    calls = [call for role in (CLOUD_MAP_ROLE, MEMBER_ROLE) for call in function_calls(drawbridge, after, role)]
    of_others = {"assume_role", "AssumeRole"}
    return [call for call in calls if call["operation"] not in of_others]


def test_endpoint_is_found_with_all_that_is_known_of_it_until_it_is_deleted(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    found = await_found(drawbridge, discovery, endpoint)
    ec2 = drawbridge.aws.client("ec2", developer.account)
    shown = ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    interfaces = ec2.describe_network_interfaces(NetworkInterfaceIds=shown["NetworkInterfaceIds"])["NetworkInterfaces"]
    assert {told["AWS_INSTANCE_IPV4"] for told in found.values()} == {i["PrivateIpAddress"] for i in interfaces}
    for name, told in found.items():
        assert name == f"{endpoint}:{told['availability-zone-id']}"
        assert told["endpoint-name"] in {entry["DnsName"] for entry in shown["DnsEntries"]}
        expected = {
            "AWS_INSTANCE_PORT": "443",
            "account": developer.account,
            "drawbridge.owner": OURS,
            "endpoint-id": endpoint,
            "port": "443",
            "protocol": "tcp",
            "region": REGION,
            "service-name": offered.name,
        }
        assert expected.items() <= told.items()
    namespace = discovery.namespace(NAMESPACE)
    assert namespace
    made = [namespace, discovery.services(namespace)["payments"]]
    for resource in made:
        tags = discovery.api.list_tags_for_resource(ResourceARN=resource["Arn"])["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in tags} == {"drawbridge:owner": OURS}
    developer.delete_endpoints()
    drawbridge.later_until("it is found no more, and its service is gone", lambda: not left(discovery))


def test_endpoint_that_loses_its_tag_is_found_no_more(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    await_found(drawbridge, discovery, endpoint)
    ec2 = drawbridge.aws.client("ec2", developer.account)
    ec2.delete_tags(Resources=[endpoint], Tags=[{"Key": "drawbridge:cloud-map"}])
    drawbridge.later_until("it is found no more", lambda: not discovery.found(NAMESPACE, "payments"))


def test_endpoint_that_is_cut_off_is_found_no_more(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    await_found(drawbridge, discovery, endpoint)
    provider = drawbridge.aws.client("ec2", offered.account)
    provider.reject_vpc_endpoint_connections(ServiceId=offered.id, VpcEndpointIds=[endpoint])
    drawbridge.sweep_until(lambda: not discovery.found(NAMESPACE, "payments"))


def test_instance_of_somebody_else_stays_when_ours_come_and_go(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    await_found(drawbridge, discovery, endpoint)
    namespace = discovery.namespace(NAMESPACE)
    assert namespace
    service = discovery.services(namespace)["payments"]
    discovery.run_task(service, "10.9.9.9")
    developer.delete_endpoints()
    drawbridge.later_until("ours is gone", lambda: [*discovery.found(NAMESPACE, "payments")] == ["task-10.9.9.9"])
    drawbridge.sweep()
    drawbridge.settle()
    assert [*discovery.found(NAMESPACE, "payments")] == ["task-10.9.9.9"]
    discovery.stop_task(service, "10.9.9.9")


def test_sweep_of_a_world_in_step_reads_and_writes_nothing(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    endpoint = connect(drawbridge, developer, offered)
    await_found(drawbridge, discovery, endpoint)
    drawbridge.sweep()
    drawbridge.settle()
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.settle()
    calls = calls_after(drawbridge, after)
    assert [call["operation"] for call in writing(calls)] == []
    # Of the hub's account there is no namespace; of the member's one, with one service.
    of_cloud_map = count_operations([call for call in calls if call["service"] == "servicediscovery"])
    assert of_cloud_map == {"ListNamespaces": 2, "ListServices": 1, "ListInstances": 1}


def test_operation_that_fails_is_told_and_not_tried_again_at_once(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery, since: int
) -> None:
    first = connect(drawbridge, developer, offered)
    await_found(drawbridge, discovery, first)
    namespace = discovery.namespace(NAMESPACE)
    assert namespace
    service = discovery.services(namespace)["payments"]
    drawbridge.aws.control(
        "POST", "cloud-map/failures", {"service": service["Id"], "error_code": "ACCESS_DENIED", "times": 2}
    )
    second = connect(drawbridge, developer, offered)

    def told() -> list[dict[str, Any]]:
        held = drawbridge.sync_cloud_map.log.decisions(since, decision="hold", reason="OPERATION_FAILED")
        return [line for line in held if line["vpc_endpoint_id"] == second and "ACCESS_DENIED" in line["detail"]]

    drawbridge.later_until("the failure is told", told)
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.settle()
    assert writing(calls_after(drawbridge, after)) == []
    assert not any(name.startswith(second) for name in discovery.found(NAMESPACE, "payments"))


def test_throttled_registration_comes_back(
    drawbridge: Drawbridge, developer: Developer, offered: EndpointService, discovery: Discovery
) -> None:
    fault = ordered_faults.order(
        drawbridge, "servicediscovery", "RegisterInstance", role=MEMBER_ROLE, code="RequestLimitExceeded", count=6
    )
    endpoint = connect(drawbridge, developer, offered)
    wait_until("it was throttled", lambda: ordered_faults.hits(drawbridge, fault) > 0)
    # What failed would come back much later than a test lasts.
    drawbridge.aws.control("DELETE", "faults")
    drawbridge.forget_messages()
    drawbridge.sweep()
    await_found(drawbridge, discovery, endpoint)
