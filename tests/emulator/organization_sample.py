"""The sample Organization of the demo and of the end-to-end tests, made over AWS's own API.

    111111111111  management account
    222222222222  network-hub: hub, and provider of `orders` (opted in) and `billing` (not opted in)
    333333333333  reporting: provider of `reports` (opted in)
    444444444444  shop: member, OU workloads
    555555555555  shop-sandbox: member, OU sandbox
    666666666666  legacy-batch: suspended member
    999999999999  stranger, in no organization

Every account but the management account has a VPC with two subnets. The services ask for acceptance and may be found by
anybody who knows their name, so that a stranger can ask, too. Each account has a role `developer` for its own people;
members have `OrganizationAccountAccessRole` for the management account. The delegation policy lets the hub read
accounts, unless `build` is told to leave it to a template. What else Drawbridge's own templates make (roles, topic,
queue) is left to them. `Sample.move`, `remove`, `leave`, `admit` and `close` let accounts live on, over AWS's API.

As a program, `python -m emulator.organization_sample URL` makes it and prints what it made as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass, field
from typing import Any

from .clients import HUB, REGION, client, control

MANAGEMENT = "111111111111"
PROVIDER = "333333333333"
WORKLOADS_MEMBER = "444444444444"
SANDBOX_MEMBER = "555555555555"
SUSPENDED_MEMBER = "666666666666"
STRANGER = "999999999999"

UNITS = {
    "infrastructure": [HUB, PROVIDER],
    "workloads": [WORKLOADS_MEMBER, SUSPENDED_MEMBER],
    "sandbox": [SANDBOX_MEMBER],
}
NAMES = {
    HUB: "network-hub",
    PROVIDER: "reporting",
    WORKLOADS_MEMBER: "shop",
    SANDBOX_MEMBER: "shop-sandbox",
    SUSPENDED_MEMBER: "legacy-batch",
}
MEMBERS = [account for accounts in UNITS.values() for account in accounts]
NETWORKS = [*MEMBERS, STRANGER]
OPT_IN = {"Key": "drawbridge:enabled", "Value": "true"}
SERVICES = {"orders": (HUB, True), "billing": (HUB, False), "reports": (PROVIDER, True)}
ORGANIZATIONS_REGION = "us-east-1"


@dataclass(frozen=True)
class Network:
    """An account's VPC."""

    vpc_id: str
    subnet_ids: list[str]


@dataclass(frozen=True)
class EndpointService:
    """An endpoint service."""

    id: str
    name: str
    account: str
    load_balancer_arn: str
    opted_in: bool


@dataclass
class Sample:
    """What was made."""

    url: str
    region: str
    organization_id: str = ""
    root_id: str = ""
    units: dict[str, str] = field(default_factory=dict)
    networks: dict[str, Network] = field(default_factory=dict)
    services: dict[str, EndpointService] = field(default_factory=dict)

    def request_connection(self, account: str, service: str, **parameters: Any) -> str:
        """Have `account` create an interface endpoint to one of the services; its id."""
        network = self.networks[account]
        request = {
            "VpcEndpointType": "Interface",
            "VpcId": network.vpc_id,
            "SubnetIds": network.subnet_ids,
            "ServiceName": self.services[service].name,
            "PrivateDnsEnabled": False,
            **parameters,
        }
        ec2 = client(self.url, "ec2", account, self.region)
        return ec2.create_vpc_endpoint(**request)["VpcEndpoint"]["VpcEndpointId"]

    def move(self, account: str, unit: str) -> None:
        """Move an account from where it is into one of the units, or to the root (`""`)."""
        organizations = self._organizations(MANAGEMENT)
        (parent,) = organizations.list_parents(ChildId=account)["Parents"]
        destination = self.units[unit] if unit else self.root_id
        organizations.move_account(AccountId=account, SourceParentId=parent["Id"], DestinationParentId=destination)

    def remove(self, account: str) -> None:
        """Have the management account remove a member."""
        self._organizations(MANAGEMENT).remove_account_from_organization(AccountId=account)

    def leave(self, account: str) -> None:
        """Have a member leave by itself."""
        self._organizations(account).leave_organization()

    def close(self, account: str) -> None:
        """Have the management account close a member."""
        self._organizations(MANAGEMENT).close_account(AccountId=account)

    def admit(self, account: str, unit: str = "") -> None:
        """Invite an account (that left, or a stranger), have it accept, and put it into a unit."""
        target = {"Type": "ACCOUNT", "Id": account}
        invitation = self._organizations(MANAGEMENT).invite_account_to_organization(Target=target)["Handshake"]
        self._organizations(account).accept_handshake(HandshakeId=invitation["Id"])
        if unit:
            self.move(account, unit)

    def tag(self, account: str, **tags: str) -> None:
        """Tag an account."""
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        self._organizations(MANAGEMENT).tag_resource(ResourceId=account, Tags=pairs)

    def _organizations(self, account: str) -> Any:
        return client(self.url, "organizations", account, ORGANIZATIONS_REGION)


def build(url: str, region: str = REGION, *, delegation: bool = True) -> Sample:
    """Make the sample in an empty emulator; without `delegation` the hub may not read accounts yet."""
    sample = Sample(url, region)
    _make_organization(sample)
    if delegation:
        organizations = client(url, "organizations", MANAGEMENT, ORGANIZATIONS_REGION)
        organizations.put_resource_policy(Content=json.dumps(_delegation_policy()))
    for account in NETWORKS:
        sample.networks[account] = make_network(sample, account)
        _make_roles(sample, account)
    for name, (account, opted_in) in SERVICES.items():
        sample.services[name] = make_service(sample, name, account, opted_in)
    return sample


def _make_organization(sample: Sample) -> None:
    organizations = client(sample.url, "organizations", MANAGEMENT, ORGANIZATIONS_REGION)
    sample.organization_id = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    sample.root_id = organizations.list_roots()["Roots"][0]["Id"]
    for unit, accounts in UNITS.items():
        made = organizations.create_organizational_unit(ParentId=sample.root_id, Name=unit)
        sample.units[unit] = made["OrganizationalUnit"]["Id"]
        for account in accounts:
            sample.admit(account, unit)
            control(sample.url, "POST", f"organization/accounts/{account}", {"name": NAMES[account]})
    control(sample.url, "POST", f"organization/accounts/{SUSPENDED_MEMBER}", {"state": "SUSPENDED"})


def _delegation_policy() -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "HubReadsAccounts",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{HUB}:root"},
                "Action": [
                    "organizations:DescribeAccount",
                    "organizations:DescribeEffectivePolicy",
                    "organizations:DescribeOrganizationalUnit",
                    "organizations:ListAccounts",
                    "organizations:ListTagsForResource",
                ],
                "Resource": "*",
            }
        ],
    }


def make_network(sample: Sample, account: str) -> Network:
    """A VPC with two subnets, in the sample's Region."""
    ec2 = client(sample.url, "ec2", account, sample.region)
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc_id, **{attribute: {"Value": True}})
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{16 * number}.0/20", AvailabilityZone=f"{sample.region}{zone}")
        for number, zone in enumerate("ab")
    ]
    return Network(vpc_id, [made["Subnet"]["SubnetId"] for made in subnets])


def _make_roles(sample: Sample, account: str) -> None:
    roles = {"developer": account}
    if account in MEMBERS:
        roles["OrganizationAccountAccessRole"] = MANAGEMENT
    iam = client(sample.url, "iam", account, sample.region)
    for name, trusted in roles.items():
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{trusted}:root"},
            "Action": "sts:AssumeRole",
        }
        trust = {"Version": "2012-10-17", "Statement": [statement]}
        permissions = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=json.dumps(permissions))


def make_service(sample: Sample, name: str, account: str, opted_in: bool) -> EndpointService:
    """An endpoint service behind a Network Load Balancer, in the sample's Region."""
    balancers = client(sample.url, "elbv2", account, sample.region)
    made = balancers.create_load_balancer(
        Name=name, Type="network", Scheme="internal", Subnets=sample.networks[account].subnet_ids
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    tags = [{"Key": "Name", "Value": name}, *([OPT_IN] if opted_in else [])]
    ec2 = client(sample.url, "ec2", account, sample.region)
    service = ec2.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[arn],
        AcceptanceRequired=True,
        TagSpecifications=[{"ResourceType": "vpc-endpoint-service", "Tags": tags}],
    )["ServiceConfiguration"]
    ec2.modify_vpc_endpoint_service_permissions(ServiceId=service["ServiceId"], AddAllowedPrincipals=["*"])
    return EndpointService(service["ServiceId"], service["ServiceName"], account, arn, opted_in)


def main() -> int:
    """Make the sample and print it."""
    parser = argparse.ArgumentParser(
        prog="python -m emulator.organization_sample", description="Make the sample Organization in a running emulator."
    )
    parser.add_argument("url", help="the emulator's address, as its last line says it")
    parser.add_argument("--no-delegation", action="store_true", help="leave the delegation policy to a template")
    parser.add_argument("--region", default=REGION, help=f"Region of networks and services (default {REGION})")
    arguments = parser.parse_args()
    sample = build(arguments.url, arguments.region, delegation=not arguments.no_delegation)
    print(json.dumps(asdict(sample), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
