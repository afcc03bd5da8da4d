"""Accounts of a test's own: they come and go without disturbing other tests."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from deployment.drawbridge import Drawbridge
from emulator.organization_sample import REGION, EndpointService, Network

# One that the load balancers of the services are in.
ZONE = f"{REGION}a"
NUMBERS = itertools.count(700_000_000_001)


@dataclass
class Guests:
    """Accounts that were made for a test, with a network each."""

    drawbridge: Drawbridge
    accounts: list[str] = field(default_factory=list)

    def stranger(self) -> str:
        """A new account outside the Organization."""
        account = str(next(NUMBERS))
        ec2 = self.drawbridge.aws.client("ec2", account)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20", AvailabilityZone=ZONE)["Subnet"]["SubnetId"]
        self.drawbridge.sample.networks[account] = Network(vpc, [subnet])
        self.accounts.append(account)
        return account

    def member(self, unit: str = "workloads") -> str:
        """A new member of the Organization."""
        account = self.stranger()
        self.drawbridge.sample.admit(account, unit)
        return account

    def connect(self, account: str, service: EndpointService) -> str:
        """A connection of the account that is established; the endpoint's id."""
        endpoint = self.drawbridge.request_connection(account, service)
        self.drawbridge.await_state(account, endpoint, "available")
        # That the account joined has woken the functions, too. What is seen later must come from what happens later.
        self.drawbridge.settle()
        return endpoint

    def end(self) -> None:
        """Delete their endpoints: nothing of them is left to be judged."""
        for account in self.accounts:
            ec2 = self.drawbridge.aws.client("ec2", account)
            endpoints = [endpoint["VpcEndpointId"] for endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"]]
            if endpoints:
                ec2.delete_vpc_endpoints(VpcEndpointIds=endpoints)
