"""What the tests of names ask for, and look at."""

from __future__ import annotations

from typing import Any

from deployment.drawbridge import SYNC_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import EndpointService

from ..function_calls import MEMBER_ROLE, function_calls, writing

# Where names of one's own answer, beside the endpoint's VPC.
VPC_TAG = {"Key": "dns", "Value": "yes"}
NAMES = {"names": {"vpcs": {"tag": {"key": VPC_TAG["Key"], "value": VPC_TAG["Value"]}}}}
# Publishing what was done, and looking again, change nothing that is anybody's.
WRITTEN = ("ec2", "route53")


def give_name(drawbridge: Drawbridge, service: EndpointService, name: str) -> None:
    """Have the provider give its service a private DNS name."""
    ec2 = drawbridge.aws.client("ec2", service.account)
    ec2.modify_vpc_endpoint_service_configuration(ServiceId=service.id, PrivateDnsName=name)


def verification(drawbridge: Drawbridge, service: EndpointService) -> dict[str, str]:
    """State, Name and Value of the proof that AWS asks for."""
    ec2 = drawbridge.aws.client("ec2", service.account)
    described = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service.id])
    return described["ServiceConfigurations"][0]["PrivateDnsNameConfiguration"]


def is_verified(drawbridge: Drawbridge, service: EndpointService) -> bool:
    """Whether the name of a service is shown to be its provider's."""
    return verification(drawbridge, service)["State"] == "verified"


def describe(drawbridge: Drawbridge, account: str, endpoint: str) -> dict[str, Any]:
    """An endpoint as its owner sees it."""
    return drawbridge.aws.client("ec2", account).describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]


def addresses_of(drawbridge: Drawbridge, account: str, endpoint: str) -> list[str]:
    """The addresses of an endpoint's network interfaces."""
    interfaces = describe(drawbridge, account, endpoint)["NetworkInterfaceIds"]
    ec2 = drawbridge.aws.client("ec2", account)
    described = ec2.describe_network_interfaces(NetworkInterfaceIds=interfaces)["NetworkInterfaces"]
    return sorted(interface["PrivateIpAddress"] for interface in described)


def delete_endpoint(drawbridge: Drawbridge, account: str, endpoint: str) -> None:
    """Have the owner delete an endpoint."""
    drawbridge.aws.client("ec2", account).delete_vpc_endpoints(VpcEndpointIds=[endpoint])


def tag_vpc(drawbridge: Drawbridge, account: str, selected: bool) -> str:
    """Let names of one's own answer in the VPC of an account, or not; its id."""
    vpc, ec2 = drawbridge.sample.networks[account].vpc_id, drawbridge.aws.client("ec2", account)
    (ec2.create_tags if selected else ec2.delete_tags)(Resources=[vpc], Tags=[VPC_TAG])
    return vpc


def await_decision(drawbridge: Drawbridge, since: int = 0, **fields: Any) -> dict[str, Any]:
    """Wait for a decision of sync-dns with these fields."""
    found = wait_until(
        f"sync-dns decides {fields}",
        lambda: drawbridge.sync_dns.log.decisions(since, **fields),
        explain=drawbridge.explain,
    )
    return found[0]


def calls_of(drawbridge: Drawbridge, after: int) -> list[dict[str, Any]]:
    """The calls of sync-dns after that number, in whichever account; those of other functions in members are among them."""
    return [call for role in (SYNC_ROLE, MEMBER_ROLE) for call in function_calls(drawbridge, after, role)]


def written(drawbridge: Drawbridge, after: int) -> list[str]:
    """The operations among them that change something."""
    changed = [call["operation"] for call in writing(calls_of(drawbridge, after)) if call["service"] in WRITTEN]
    # The topic that services tell of requests is the business of accept-connections, which has it told with its first sweep.
    return [operation for operation in changed if operation != "CreateVpcEndpointConnectionNotification"]
