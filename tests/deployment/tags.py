"""Tags as the accounts that have the resources see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .local_aws import LocalAws


@dataclass(frozen=True)
class Tags:
    """The tags of an account's resources."""

    aws: LocalAws
    account: str

    def of_endpoint(self, endpoint: str) -> dict[str, str]:
        """The tags of an endpoint."""
        return as_mapping(self._describe(endpoint).get("Tags", []))

    def of_interfaces(self, endpoint: str) -> dict[str, dict[str, str]]:
        """The tags of each network interface of an endpoint."""
        ids = self._describe(endpoint)["NetworkInterfaceIds"]
        found = self._ec2.describe_network_interfaces(NetworkInterfaceIds=ids)["NetworkInterfaces"]
        return {interface["NetworkInterfaceId"]: as_mapping(interface["TagSet"]) for interface in found}

    def of_endpoint_and_interfaces(self, endpoint: str) -> list[dict[str, str]]:
        """The tags of an endpoint, and those of each of its interfaces."""
        return [self.of_endpoint(endpoint), *self.of_interfaces(endpoint).values()]

    def of_service(self, service: str) -> dict[str, str]:
        """The tags of an endpoint service."""
        found = self._ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[service])
        return as_mapping(found["ServiceConfigurations"][0].get("Tags", []))

    def of_load_balancing(self, arn: str) -> dict[str, str]:
        """The tags of a load balancer, a listener or a target group."""
        found = self.aws.client("elbv2", self.account).describe_tags(ResourceArns=[arn])
        return as_mapping(found["TagDescriptions"][0]["Tags"])

    def of_zone(self, zone: str) -> dict[str, str]:
        """The tags of a hosted zone."""
        api = self.aws.client("route53", self.account, "us-east-1")
        found = api.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)
        return as_mapping(found["ResourceTagSet"]["Tags"])

    def by_arn(self, arn: str) -> dict[str, str]:
        """The tags of an alarm, or of something of Cloud Map."""
        name = {"cloudwatch": "cloudwatch", "servicediscovery": "servicediscovery"}[arn.split(":")[2]]
        found = self.aws.client(name, self.account).list_tags_for_resource(ResourceARN=arn)
        return as_mapping(found["Tags"])

    @property
    def _ec2(self) -> Any:
        return self.aws.client("ec2", self.account)

    def _describe(self, endpoint: str) -> dict[str, Any]:
        return self._ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]


def as_mapping(pairs: Iterable[dict[str, str]]) -> dict[str, str]:
    """Tags as AWS lists them, by key."""
    return {pair["Key"]: pair["Value"] for pair in pairs}


def holds(tags: dict[str, str], expected: dict[str, str]) -> bool:
    """Whether these are among the tags."""
    return tags.items() >= expected.items()
