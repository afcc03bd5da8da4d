"""Target groups of addresses, as the account sees them that has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emulator.organization_sample import EndpointService, Network

from .local_aws import LocalAws
from .tags import Tags

# States of what was a target.
OVER = ("draining", "unused")


@dataclass(frozen=True)
class TargetGroup:
    """A target group behind a listener; each as an ARN."""

    aws: LocalAws
    account: str
    arn: str
    listener: str

    @property
    def api(self) -> Any:
        """Elastic Load Balancing as the account calls it."""
        return self.aws.client("elbv2", self.account)

    @property
    def name(self) -> str:
        """Its name."""
        return self.arn.split("/")[1]

    def register(self, address: str) -> None:
        """Somebody registers a target."""
        self.api.register_targets(TargetGroupArn=self.arn, Targets=[{"Id": address}])

    def tag(self, **tags: str) -> None:
        """Somebody tags it (`cloud_map` is drawbridge:cloud-map)."""
        self.api.add_tags(ResourceArns=[self.arn], Tags=_pairs(tags))

    def tags(self) -> dict[str, str]:
        """Its tags."""
        return Tags(self.aws, self.account).of_load_balancing(self.arn)

    def states(self) -> dict[str, str]:
        """The states of its targets, by address."""
        return {target["Target"]["Id"]: target["TargetHealth"]["State"] for target in self._targets()}

    def targets(self) -> set[str]:
        """The addresses that it sends connections to, or will."""
        return {address for address, state in self.states().items() if state not in OVER}

    def zones(self) -> dict[str, str]:
        """The Availability Zones that were told of its targets, by address; `all` is said of one outside the VPC."""
        targets = [target["Target"] for target in self._targets()]
        return {target["Id"]: target["AvailabilityZone"] for target in targets if "AvailabilityZone" in target}

    def delete(self) -> None:
        """Somebody deletes it and its listener."""
        self.api.delete_listener(ListenerArn=self.listener)
        self.api.delete_target_group(TargetGroupArn=self.arn)

    def _targets(self) -> list[dict[str, Any]]:
        return self.api.describe_target_health(TargetGroupArn=self.arn)["TargetHealthDescriptions"]


def put_behind(
    aws: LocalAws, service: EndpointService, network: Network, name: str, port: int, kind: str = "ip", **tags: str
) -> TargetGroup:
    """Put a listener with a target group at a service's load balancer; tags as `TargetGroup.tag` takes them."""
    balancing = aws.client("elbv2", service.account)
    options: dict[str, Any] = {"Tags": _pairs(tags)} if tags else {}
    made = balancing.create_target_group(
        Name=name, Protocol="TCP", Port=port, VpcId=network.vpc_id, TargetType=kind, **options
    )
    group = made["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    balancer = service.load_balancer_arn
    made = balancing.create_listener(LoadBalancerArn=balancer, Protocol="TCP", Port=port, DefaultActions=forward)
    return TargetGroup(aws, service.account, group, made["Listeners"][0]["ListenerArn"])


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": f"drawbridge:{key.replace('_', '-')}", "Value": value} for key, value in tags.items()]
