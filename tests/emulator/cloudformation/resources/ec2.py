"""AWS::EC2::VPCEndpoint*; the other types of EC2 are moto's."""

from __future__ import annotations

from typing import Any

from .base import Made, Making, ResourceFailed, ResourceType, document, ignoring, only, resource_type, tag_list


def _all_succeeded(answer: dict[str, Any]) -> None:
    """EC2 answers 200 and names what it didn't delete."""
    for item in answer.get("Unsuccessful") or []:
        error = item.get("Error") or {}
        if "NotFound" not in str(error.get("Code")):
            raise ResourceFailed(f"{item.get('ResourceId')}: {error.get('Code')}: {error.get('Message')}")


def _tags(kind: str, making: Making, properties: dict[str, Any]) -> list[dict[str, Any]]:
    tags = making.all_tags(properties.get("Tags"))
    return [{"ResourceType": kind, "Tags": tag_list(tags)}] if tags else []


def _retag(making: Making, identifier: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = making.all_tags(old.get("Tags")), making.all_tags(new.get("Tags"))
    gone = [{"Key": key} for key in before if key not in after]
    if gone:
        making.call("ec2", "DeleteTags", Resources=[identifier], Tags=gone)
    if after and after != before:
        making.call("ec2", "CreateTags", Resources=[identifier], Tags=tag_list(after))


def _difference(old: dict[str, Any], new: dict[str, Any], name: str) -> tuple[list[Any], list[Any]]:
    before, after = old.get(name) or [], new.get(name) or []
    return [item for item in after if item not in before], [item for item in before if item not in after]


@resource_type
class VPCEndpointService(ResourceType):
    """An endpoint service; Ref is its id."""

    name = "AWS::EC2::VPCEndpointService"
    lists = ("NetworkLoadBalancerArns", "GatewayLoadBalancerArns", "SupportedIpAddressTypes", "SupportedRegions")
    properties = ("AcceptanceRequired", "PayerResponsibility", "Tags", *lists)

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateVpcEndpointServiceConfiguration."""
        service = making.call(
            "ec2",
            "CreateVpcEndpointServiceConfiguration",
            TagSpecifications=_tags("vpc-endpoint-service", making, properties),
            **only(properties, "AcceptanceRequired", *self.lists),
        )["ServiceConfiguration"]
        self._set_payer(making, service["ServiceId"], properties)
        return Made(service["ServiceId"], {"ServiceId": service["ServiceId"]})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """ModifyVpcEndpointServiceConfiguration, by what is added and removed."""
        changes: dict[str, Any] = {"AcceptanceRequired": new.get("AcceptanceRequired", True)}
        for name in self.lists:
            added, removed = _difference(old, new, name)
            changes |= ({f"Add{name}": added} if added else {}) | ({f"Remove{name}": removed} if removed else {})
        making.call("ec2", "ModifyVpcEndpointServiceConfiguration", ServiceId=made.physical_id, **changes)
        self._set_payer(making, made.physical_id, new)
        _retag(making, made.physical_id, old, new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteVpcEndpointServiceConfigurations."""
        _all_succeeded(making.call("ec2", "DeleteVpcEndpointServiceConfigurations", ServiceIds=[made.physical_id]))

    @staticmethod
    def _set_payer(making: Making, service: str, properties: dict[str, Any]) -> None:
        payer = properties.get("PayerResponsibility")
        if payer:
            arguments = {"ServiceId": service, "PayerResponsibility": payer}
            making.call("ec2", "ModifyVpcEndpointServicePayerResponsibility", **arguments)


@resource_type
class VPCEndpointServicePermissions(ResourceType):
    """The principals that may connect to a service."""

    name = "AWS::EC2::VPCEndpointServicePermissions"
    properties = ("ServiceId", "AllowedPrincipals")
    required = ("ServiceId",)
    replaced_by = ("ServiceId",)

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """Allow them."""
        return self.update(making, Made(properties["ServiceId"]), {}, properties)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Allow and disallow by the difference."""
        added, removed = _difference(old, new, "AllowedPrincipals")
        changes = {"AddAllowedPrincipals": added or None, "RemoveAllowedPrincipals": removed or None}
        if added or removed:
            making.call("ec2", "ModifyVpcEndpointServicePermissions", ServiceId=made.physical_id, **changes)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Disallow them."""
        gone = ("InvalidVpcEndpointServiceId.NotFound", "InvalidVpcEndpointService.NotFound")
        ignoring(gone, lambda: self.update(making, made, properties, {}))


@resource_type
class VPCEndpointConnectionNotification(ResourceType):
    """Notifications about connections; Ref is the id."""

    name = "AWS::EC2::VPCEndpointConnectionNotification"
    properties = ("ConnectionEvents", "ConnectionNotificationArn", "ServiceId", "VPCEndpointId")
    required = ("ConnectionEvents", "ConnectionNotificationArn")
    replaced_by = ("ServiceId", "VPCEndpointId")

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateVpcEndpointConnectionNotification."""
        given = only(properties, "ConnectionEvents", "ConnectionNotificationArn", "ServiceId")
        endpoint = properties.get("VPCEndpointId")
        answer = making.call("ec2", "CreateVpcEndpointConnectionNotification", VpcEndpointId=endpoint, **given)
        identifier = answer["ConnectionNotification"]["ConnectionNotificationId"]
        return Made(identifier, {"VPCEndpointConnectionNotificationId": identifier})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """ModifyVpcEndpointConnectionNotification."""
        given = only(new, "ConnectionEvents", "ConnectionNotificationArn")
        identifier = made.physical_id
        making.call("ec2", "ModifyVpcEndpointConnectionNotification", ConnectionNotificationId=identifier, **given)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteVpcEndpointConnectionNotifications."""
        identifiers = [made.physical_id]
        _all_succeeded(
            making.call("ec2", "DeleteVpcEndpointConnectionNotifications", ConnectionNotificationIds=identifiers)
        )


@resource_type
class VPCEndpoint(ResourceType):
    """An endpoint; Ref is its id."""

    name = "AWS::EC2::VPCEndpoint"
    fixed = ("VpcId", "ServiceName", "ServiceRegion", "VpcEndpointType")
    lists = ("SubnetIds", "SecurityGroupIds", "RouteTableIds")
    settings = ("PrivateDnsEnabled", "IpAddressType", "DnsOptions")
    properties = (*fixed, *lists, *settings, "PolicyDocument", "Tags")
    required = ("VpcId",)
    replaced_by = fixed

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateVpcEndpoint."""
        endpoint = making.call(
            "ec2",
            "CreateVpcEndpoint",
            TagSpecifications=_tags("vpc-endpoint", making, properties) or None,
            PolicyDocument=document(properties.get("PolicyDocument")),
            **only(properties, *self.fixed, *self.lists, *self.settings),
        )["VpcEndpoint"]
        entries = [f"{entry['HostedZoneId']}:{entry['DnsName']}" for entry in endpoint.get("DnsEntries") or []]
        attributes = {
            "Id": endpoint["VpcEndpointId"],
            "CreationTimestamp": str(endpoint.get("CreationTimestamp")),
            "DnsEntries": entries,
            "NetworkInterfaceIds": endpoint.get("NetworkInterfaceIds") or [],
        }
        return Made(endpoint["VpcEndpointId"], attributes)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """ModifyVpcEndpoint, by what is added and removed."""
        changes = {name: new[name] for name in self.settings if name in new and old.get(name) != new[name]}
        for name in self.lists:
            added, removed = _difference(old, new, name)
            changes |= ({f"Add{name}": added} if added else {}) | ({f"Remove{name}": removed} if removed else {})
        if old.get("PolicyDocument") != new.get("PolicyDocument"):
            policy = new.get("PolicyDocument")
            changes |= {"PolicyDocument": document(policy)} if policy else {"ResetPolicy": True}
        if changes:
            making.call("ec2", "ModifyVpcEndpoint", VpcEndpointId=made.physical_id, **changes)
        _retag(making, made.physical_id, old, new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteVpcEndpoints."""
        _all_succeeded(making.call("ec2", "DeleteVpcEndpoints", VpcEndpointIds=[made.physical_id]))
