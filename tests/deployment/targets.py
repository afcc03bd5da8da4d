"""The targets of a target group as its account sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .local_aws import LocalAws
from .tags import as_mapping

FOLLOWS = "drawbridge:cloud-map"
# What is on its way out, or no target at all.
OVER = ("draining", "unused")


@dataclass(frozen=True)
class TargetGroup:
    """A target group of addresses; `arn` is its own."""

    aws: LocalAws
    account: str
    arn: str

    @property
    def api(self) -> Any:
        """Elastic Load Balancing as the account calls it."""
        return self.aws.client("elbv2", self.account)

    @property
    def name(self) -> str:
        """Its name."""
        return self.arn.split("/")[1]

    def follow(self, service: str) -> None:
        """Have its targets follow the Cloud Map service of this ARN."""
        self.api.add_tags(ResourceArns=[self.arn], Tags=[{"Key": FOLLOWS, "Value": service}])

    def register(self, address: str) -> None:
        """Register a target by hand."""
        self.api.register_targets(TargetGroupArn=self.arn, Targets=[{"Id": address}])

    def deregister(self, address: str) -> None:
        """Deregister a target by hand."""
        self.api.deregister_targets(TargetGroupArn=self.arn, Targets=[{"Id": address}])

    def states(self) -> dict[str, str]:
        """The states of its targets, by address."""
        found = self.api.describe_target_health(TargetGroupArn=self.arn)["TargetHealthDescriptions"]
        return {target["Target"]["Id"]: target["TargetHealth"]["State"] for target in found}

    def targets(self) -> set[str]:
        """The addresses that it sends connections to, or will."""
        return {address for address, state in self.states().items() if state not in OVER}

    def tags(self) -> dict[str, str]:
        """Its tags."""
        return as_mapping(self.api.describe_tags(ResourceArns=[self.arn])["TagDescriptions"][0]["Tags"])
