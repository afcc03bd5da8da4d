"""What a call demands of its caller: actions on resources, with the condition keys that AWS would send along.

Service Authorization Reference: Amazon EC2, AWS Organizations, Amazon EventBridge, Amazon SQS. The reference names the keys
`ec2:Attribute` and `ec2:Attribute/…`, but not the attributes of a service: here they are the request's parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.ec2 import utils

from ..api_call import ApiCall
from ..delivery.buses import bus_arn_of, find_bus
from ..delivery.queues import find_queue
from ..privatelink.registry import tags_of
from .callers import PARTITION
from .delegation import context_of, resource_of
from .demand import EVERYTHING, Demand, Demands, of_everything

SERVICE_CALLS = (
    "AcceptVpcEndpointConnections",
    "CreateVpcEndpointConnectionNotification",
    "DescribeVpcEndpointServicePermissions",
    "ModifyVpcEndpointServicePermissions",
    "RejectVpcEndpointConnections",
)
LISTINGS = (
    "DescribeSubnets",
    "DescribeVpcEndpointConnectionNotifications",
    "DescribeVpcEndpointConnections",
    "DescribeVpcEndpointServiceConfigurations",
)
READS_OF_ORGANIZATION = (
    "DescribeAccount",
    "DescribeEffectivePolicy",
    "DescribeOrganizationalUnit",
    "ListAccounts",
    "ListTagsForResource",
)
# Parameters of ModifyVpcEndpointServiceConfiguration that aren't attributes of the service.
NOT_ATTRIBUTES = ("DryRun", "ServiceId")


def _ec2_arn(account: str, region: str, kind: str, identifier: str) -> str:
    return f"arn:{PARTITION}:ec2:{region}:{account}:{kind}/{identifier}"


def _resource_tags(account: str, region: str, identifier: str) -> dict[str, Any]:
    """`aws:ResourceTag/…`, which EC2 also knows by its own older name."""
    tags = tags_of(account, region, identifier)
    return {f"{prefix}:ResourceTag/{tag['Key']}": tag["Value"] for tag in tags for prefix in ("aws", "ec2")}


def _of_service(call: ApiCall) -> Iterable[Demand]:
    # A connection notification may be of an endpoint instead.
    kind = "vpc-endpoint" if call.parameter("VpcEndpointId") else "vpc-endpoint-service"
    identifier = call.parameter("VpcEndpointId") or call.parameter("ServiceId", "")
    context = {"ec2:Region": call.region, **_resource_tags(call.account, call.region, identifier)}
    arn = _ec2_arn(call.account, call.region, kind, identifier)
    yield Demand(f"ec2:{call.operation}", arn, context)


def _of_configuration(call: ApiCall) -> Iterable[Demand]:
    """With what is to be changed, by the names of the request's parameters."""
    changed = {name: value for name, value in call.parameters.items() if name not in NOT_ATTRIBUTES}
    for demand in _of_service(call):
        attributes = {f"ec2:Attribute/{name}": _text(value) for name, value in changed.items()}
        yield Demand(demand.action, demand.resource, {**demand.context, **attributes, "ec2:Attribute": [*changed]})


def _text(value: Any) -> str | list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_tagging(call: ApiCall) -> Iterable[Demand]:
    """For each resource by itself: one that isn't allowed fails the call."""
    tags = {tag["Key"]: tag.get("Value") or "" for tag in call.parameter("Tags", [])}
    for identifier in call.parameter("Resources", []):
        yield of_ec2_tags(call.operation, call.account, call.region, identifier, tags)


def of_ec2_tags(action: str, account: str, region: str, identifier: str, tags: dict[str, str]) -> Demand:
    """What a change of tags demands for one resource, also when it comes by way of the tagging API."""
    asked: dict[str, Any] = {"aws:TagKeys": [*tags]} if tags else {}
    asked |= {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    kind = utils.EC2_PREFIX_TO_RESOURCE.get(utils.get_prefix(identifier) or "", EVERYTHING)
    context = {"ec2:Region": region, **asked, **_resource_tags(account, region, identifier)}
    return Demand(f"ec2:{action}", _ec2_arn(account, region, kind, identifier), context)


def _of_organization(call: ApiCall) -> Iterable[Demand]:
    yield Demand(f"organizations:{call.operation}", resource_of(call), context_of(call))


def _of_buses(call: ApiCall) -> Iterable[Demand]:
    for entry in call.parameter("Entries", []):
        name = entry.get("EventBusName") or "default"
        arn = name if name.startswith("arn:") else bus_arn_of(call.account, call.region, name)
        context = {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")}
        bus = find_bus(arn)
        yield Demand("events:PutEvents", arn, context, bus.policy if bus else None)


def _of_queue(call: ApiCall) -> Iterable[Demand]:
    account, name = call.parameter("QueueUrl", "").split("/")[-2:]
    arn = f"arn:{PARTITION}:sqs:{call.region}:{account}:{name}"
    queue = find_queue(arn)
    yield Demand(f"sqs:{call.operation}", arn, policy=queue.policy if queue else None)


DEMANDS: dict[tuple[str, str], Demands] = {
    **{("ec2", name): of_everything for name in LISTINGS},
    **{("ec2", name): _of_service for name in SERVICE_CALLS},
    ("ec2", "ModifyVpcEndpointServiceConfiguration"): _of_configuration,
    ("ec2", "CreateTags"): _of_tagging,
    ("ec2", "DeleteTags"): _of_tagging,
    **{("organizations", name): _of_organization for name in READS_OF_ORGANIZATION},
    ("cloudtrail", "LookupEvents"): of_everything,
    ("events", "PutEvents"): _of_buses,
    ("sqs", "SendMessage"): _of_queue,
}
