"""DescribeNetworkInterfaces: in pages, with filters; those of endpoints are AWS's (`RequesterManaged`).

EC2 API Reference, DescribeNetworkInterfaces: pages of 5 to 1000, but not together with ids; "Resource filtering": 200
values of a filter at the most. moto, whose interfaces these are, has no pages and few filters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ..api_call import ApiCall, AwsError
from ..identity.demand import of_everything
from .operation import Operations, filtered, page, refuse_dry_run
from .registry import LARGEST_PAGE, Registry, tags_of

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

PREFIX = "eni-"
SMALLEST_PAGE = 5
WILDCARDS = frozenset("*?")
FILTERS = {
    "attachment.attachment-id",
    "attachment.instance-id",
    "availability-zone",
    "description",
    "group-id",
    "interface-type",
    "ipv6-addresses.ipv6-address",
    "mac-address",
    "network-interface-id",
    "owner-id",
    "private-dns-name",
    "private-ip-address",
    "requester-managed",
    "source-dest-check",
    "status",
    "subnet-id",
    "tag-key",
    "vpc-id",
}


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer DescribeNetworkInterfaces, and have it judged."""
    Operations(hooks, registry).add("DescribeNetworkInterfaces", describe_all)
    app.authorization.demand("ec2", "DescribeNetworkInterfaces", of_everything)


def describe_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DescribeNetworkInterfaces."""
    size = call.parameter("MaxResults")
    if size is not None and call.parameter("NetworkInterfaceIds"):
        message = "The parameter NetworkInterfaceIds cannot be used with the parameter MaxResults"
        raise AwsError("InvalidParameterCombination", message)
    if size is not None and size > LARGEST_PAGE:
        raise AwsError("InvalidParameterValue", f"Value ( {size} ) for parameter maxResults is invalid.")
    refuse_dry_run(call)
    found = filtered(call, _candidates(call), _filter_values, FILTERS)
    for interface in found:
        vars(interface).setdefault("number", registry.next_number())
    shown, token = page(registry, call, sorted(found, key=_rank), _rank, smallest=SMALLEST_PAGE)
    return {"NetworkInterfaces": [describe(interface) for interface in shown], "NextToken": token}


def _candidates(call: ApiCall) -> list[Any]:
    """All interfaces of the place, or those that are named: a filter of plain ids needs no look at the others."""
    known = ec2_backends[call.account][call.region].enis
    ids = call.parameter("NetworkInterfaceIds", [])
    missing = [identifier for identifier in ids if identifier not in known]
    if missing:
        raise not_found(missing[0])
    if ids:
        return [known[identifier] for identifier in dict.fromkeys(ids)]
    for entry in call.parameter("Filters", []):
        values = entry.get("Values") or []
        if entry.get("Name") == "network-interface-id" and not any(WILDCARDS & set(value) for value in values):
            return [known[identifier] for identifier in dict.fromkeys(values) if identifier in known]
    return list(known.values())


def not_found(identifier: str) -> AwsError:
    """What EC2 says of an interface that isn't there."""
    return AwsError("InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{identifier}' does not exist")


def _rank(interface: Any) -> int:
    """The order of pages, which is that of the first sight; it stays when others come or go."""
    return interface.number


def _tags(interface: Any) -> list[dict[str, str]]:
    return tags_of(interface.owner_id, interface.ec2_backend.region_name, interface.id)


def describe(interface: Any) -> dict[str, Any]:
    """An interface (moto's) in AWS's words."""
    return {
        "Association": _association(interface),
        "Attachment": _attachment(interface),
        "AvailabilityZone": interface.availability_zone,
        "Description": interface.description,
        "Groups": [{"GroupId": group.id, "GroupName": group.name} for group in interface.group_set],
        "InterfaceType": interface.interface_type,
        "Ipv6Addresses": interface.network_interface_ipv6_addresses_list,
        "MacAddress": interface.mac_address,
        "NetworkInterfaceId": interface.id,
        "OwnerId": interface.owner_id,
        "PrivateDnsName": _private_name(interface),
        "PrivateIpAddress": interface.private_ip_address,
        "PrivateIpAddresses": interface.private_ip_addresses,
        "RequesterManaged": interface.requester_managed,
        "SourceDestCheck": interface.source_dest_check,
        "Status": interface.status,
        "SubnetId": interface.subnet_id,
        "TagSet": _tags(interface),
        "VpcId": interface.vpc_id,
    }


def _private_name(interface: Any) -> str | None:
    """moto gives the name to interfaces of VPCs that have DNS names, and no such attribute to the others."""
    return getattr(interface, "private_dns_name", None)


def _association(interface: Any) -> dict[str, Any] | None:
    """The public address, of which moto spells the members as on the wire."""
    known = interface.association
    return {name[:1].upper() + name[1:]: value for name, value in known.items() if name != "natEnabled"} or None


def _attachment(interface: Any) -> dict[str, Any] | None:
    attachment = interface.attachment
    if attachment is None:
        return None
    return {
        "AttachTime": attachment.attach_time,
        "AttachmentId": attachment.attachment_id,
        "DeleteOnTermination": attachment.delete_on_termination,
        "DeviceIndex": attachment.device_index,
        "InstanceId": attachment.instance_id,
        "InstanceOwnerId": attachment.instance_owner_id,
        "NetworkCardIndex": attachment.network_card_index,
        "Status": attachment.status,
    }


def _filter_values(interface: Any) -> dict[str, Any]:
    return {
        "attachment.attachment-id": interface.attachment_id,
        "attachment.instance-id": interface.instance.id if interface.instance else None,
        "availability-zone": interface.availability_zone,
        "description": interface.description,
        "group-id": lambda: [group.id for group in interface.group_set],
        "interface-type": interface.interface_type,
        "ipv6-addresses.ipv6-address": interface.ipv6_addresses,
        "mac-address": interface.mac_address,
        "network-interface-id": interface.id,
        "owner-id": interface.owner_id,
        "private-dns-name": _private_name(interface),
        "private-ip-address": interface.private_ip_address,
        "requester-managed": str(interface.requester_managed).lower(),
        "source-dest-check": str(interface.source_dest_check).lower(),
        "status": interface.status,
        "subnet-id": interface.subnet_id,
        "tags": _tags(interface),
        "vpc-id": interface.vpc_id,
    }
