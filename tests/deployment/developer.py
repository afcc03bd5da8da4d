"""A person at work in an account: a session of the account's role `developer`, as CloudTrail tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emulator.clients import REGION, client
from emulator.organization_sample import EndpointService, Network

from .local_aws import LocalAws

ROLE = "developer"


@dataclass(frozen=True)
class Developer:
    """Somebody who has assumed the role in an account that has this network."""

    aws: LocalAws
    account: str
    network: Network
    session: str
    endpoints: list[str] = field(default_factory=list, init=False)
    _credentials: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        role = f"arn:aws:iam::{self.account}:role/{ROLE}"
        assumed = self.aws.client("sts", self.account).assume_role(RoleArn=role, RoleSessionName=self.session)
        object.__setattr__(self, "_credentials", assumed["Credentials"])

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client that acts as the session."""
        return client(self.aws.url, service, self.account, region, self._credentials)

    def create_endpoint(self, service: EndpointService, **tags: str) -> str:
        """Create an interface endpoint to a service, with these tags (`drawbridge_ignore` is drawbridge:ignore); its id."""
        pairs = [{"Key": key.replace("_", ":", 1), "Value": value} for key, value in tags.items()]
        tagged = [{"ResourceType": "vpc-endpoint", "Tags": pairs}] if pairs else []
        made = self.client("ec2").create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=self.network.vpc_id,
            SubnetIds=self.network.subnet_ids,
            ServiceName=service.name,
            PrivateDnsEnabled=False,
            TagSpecifications=tagged,
        )
        self.endpoints.append(made["VpcEndpoint"]["VpcEndpointId"])
        return self.endpoints[-1]

    def delete_endpoints(self) -> None:
        """Delete what was created and is still there."""
        ec2 = self.client("ec2")
        mine = [{"Name": "vpc-endpoint-id", "Values": self.endpoints}]
        there = ec2.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"] if self.endpoints else []
        if there:
            ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"] for endpoint in there])
