"""AWS::ElasticLoadBalancingV2::*, as far as endpoint services need them; moto's model forgets the type of a balancer."""

from __future__ import annotations

from typing import Any

from .base import Made, Making, ResourceFailed, ResourceType, ignoring, only, resource_type, tag_list

LONGEST_NAME = 32


@resource_type
class LoadBalancer(ResourceType):
    """A load balancer; Ref is its ARN."""

    name = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    fixed = ("Type", "Scheme", "Subnets", "SubnetMappings")
    properties = ("Name", "IpAddressType", "SecurityGroups", "LoadBalancerAttributes", "Tags", *fixed)
    replaced_by = ("Name", *fixed)
    name_property = "Name"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateLoadBalancer, and its attributes."""
        name = properties.get("Name") or making.name(LONGEST_NAME)
        given = only(properties, "IpAddressType", "SecurityGroups", *self.fixed)
        tags = tag_list(making.all_tags(properties.get("Tags"))) or None
        [balancer] = making.call("elbv2", "CreateLoadBalancer", Name=name, Tags=tags, **given)["LoadBalancers"]
        arn = balancer["LoadBalancerArn"]
        self._set(making, arn, properties)
        attributes = {
            "LoadBalancerArn": arn,
            "DNSName": balancer["DNSName"],
            "CanonicalHostedZoneID": balancer.get("CanonicalHostedZoneId"),
            "LoadBalancerName": name,
            "LoadBalancerFullName": arn.split(":loadbalancer/", 1)[1],
            "SecurityGroups": balancer.get("SecurityGroups") or [],
        }
        return Made(arn, attributes)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Attributes and tags; the rest stays as it was made."""
        if only(old, "IpAddressType", "SecurityGroups") != only(new, "IpAddressType", "SecurityGroups"):
            raise ResourceFailed("the emulator doesn't change IpAddressType or SecurityGroups of a load balancer")
        self._set(making, made.physical_id, new)
        tags = tag_list(making.all_tags(new.get("Tags")))
        if tags:
            making.call("elbv2", "AddTags", ResourceArns=[made.physical_id], Tags=tags)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteLoadBalancer."""
        gone = ("LoadBalancerNotFound",)
        ignoring(gone, lambda: making.call("elbv2", "DeleteLoadBalancer", LoadBalancerArn=made.physical_id))

    @staticmethod
    def _set(making: Making, arn: str, properties: dict[str, Any]) -> None:
        if properties.get("LoadBalancerAttributes"):
            attributes = properties["LoadBalancerAttributes"]
            making.call("elbv2", "ModifyLoadBalancerAttributes", LoadBalancerArn=arn, Attributes=attributes)


@resource_type
class TargetGroup(ResourceType):
    """A target group with its targets; Ref is its ARN."""

    name = "AWS::ElasticLoadBalancingV2::TargetGroup"
    fixed = ("Protocol", "ProtocolVersion", "Port", "VpcId", "TargetType", "IpAddressType")
    health = (
        "HealthCheckEnabled",
        "HealthCheckIntervalSeconds",
        "HealthCheckPath",
        "HealthCheckPort",
        "HealthCheckProtocol",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "UnhealthyThresholdCount",
        "Matcher",
    )
    properties = ("Name", "Targets", "TargetGroupAttributes", "Tags", *fixed, *health)
    replaced_by = ("Name", *fixed)
    name_property = "Name"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateTargetGroup, its attributes, its targets."""
        name = properties.get("Name") or making.name(LONGEST_NAME)
        tags = tag_list(making.all_tags(properties.get("Tags"))) or None
        given = only(properties, *self.fixed, *self.health)
        [group] = making.call("elbv2", "CreateTargetGroup", Name=name, Tags=tags, **given)["TargetGroups"]
        arn = group["TargetGroupArn"]
        self._set(making, arn, {}, properties)
        full_name = f"targetgroup/{arn.split(':targetgroup/', 1)[1]}"
        return Made(arn, {"TargetGroupArn": arn, "TargetGroupName": name, "TargetGroupFullName": full_name})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Health check, attributes, targets and tags."""
        making.call("elbv2", "ModifyTargetGroup", TargetGroupArn=made.physical_id, **only(new, *self.health))
        self._set(making, made.physical_id, old, new)
        tags = tag_list(making.all_tags(new.get("Tags")))
        if tags:
            making.call("elbv2", "AddTags", ResourceArns=[made.physical_id], Tags=tags)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteTargetGroup."""
        gone = ("TargetGroupNotFound",)
        ignoring(gone, lambda: making.call("elbv2", "DeleteTargetGroup", TargetGroupArn=made.physical_id))

    @staticmethod
    def _set(making: Making, arn: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        if new.get("TargetGroupAttributes"):
            attributes = new["TargetGroupAttributes"]
            making.call("elbv2", "ModifyTargetGroupAttributes", TargetGroupArn=arn, Attributes=attributes)
        before, after = old.get("Targets") or [], new.get("Targets") or []
        added = [target for target in after if target not in before]
        removed = [target for target in before if target not in after]
        if added:
            making.call("elbv2", "RegisterTargets", TargetGroupArn=arn, Targets=added)
        if removed:
            making.call("elbv2", "DeregisterTargets", TargetGroupArn=arn, Targets=removed)


@resource_type
class Listener(ResourceType):
    """A listener; Ref is its ARN."""

    name = "AWS::ElasticLoadBalancingV2::Listener"
    settings = ("Port", "Protocol", "SslPolicy", "Certificates", "DefaultActions", "AlpnPolicy")
    properties = ("LoadBalancerArn", *settings)
    required = ("LoadBalancerArn", "DefaultActions")
    replaced_by = ("LoadBalancerArn",)

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateListener."""
        [listener] = making.call("elbv2", "CreateListener", **properties)["Listeners"]
        return Made(listener["ListenerArn"], {"ListenerArn": listener["ListenerArn"]})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """ModifyListener."""
        making.call("elbv2", "ModifyListener", ListenerArn=made.physical_id, **only(new, *self.settings))
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteListener."""
        gone = ("ListenerNotFound", "LoadBalancerNotFound")
        ignoring(gone, lambda: making.call("elbv2", "DeleteListener", ListenerArn=made.physical_id))
