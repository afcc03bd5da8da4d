"""What people made in DNS becomes Drawbridge's by their order, is kept as it is, and goes with what it was made for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from deployment.command import adopt
from deployment.domains import Domains, vpc_of
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, PROVIDER, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from .conftest import ZONE
from .names import (
    addresses_of,
    await_decision,
    delete_endpoint,
    describe,
    give_name,
    is_verified,
    tag_vpc,
    verification,
    written,
)

NAME = "adopted.corp.example"
# A role of the people, in accounts other than the hub: what docs/command.md says that looking there takes.
OPERATOR = "drawbridge-operator"
LOOKING = [
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcEndpointServiceConfigurations",
    "ec2:DescribeVpcs",
    "route53:ListHostedZonesByVPC",
    "route53profiles:ListProfileAssociations",
    "route53profiles:ListProfileResourceAssociations",
    "route53resolver:ListResolverRuleAssociations",
    "route53resolver:ListResolverRules",
]


@pytest.fixture
def selected_vpc(drawbridge: Drawbridge) -> Iterator[str]:
    """The VPC of a member in which names of one's own answer."""
    yield tag_vpc(drawbridge, WORKLOADS_MEMBER, selected=True)
    tag_vpc(drawbridge, WORKLOADS_MEMBER, selected=False)
    drawbridge.settle()


@pytest.fixture(scope="module")
def operator(drawbridge: Drawbridge) -> str:
    """The role of the hub's people in the members; its name."""
    trusted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": LOOKING, "Resource": "*"}
    for account in (WORKLOADS_MEMBER, SANDBOX_MEMBER, PROVIDER):
        iam = drawbridge.aws.client("iam", account)
        iam.create_role(RoleName=OPERATOR, AssumeRolePolicyDocument=document(trusted))
        iam.put_role_policy(RoleName=OPERATOR, PolicyName="looking", PolicyDocument=document(allowed))
    return OPERATOR


def document(statement: dict[str, Any]) -> str:
    """A policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make_zone_by_hand(drawbridge: Drawbridge, domains: Domains, vpc: str) -> str:
    """Make a private zone of the name that answers in the hub's VPC and, by a script of somebody's, in that of a member."""
    zone = domains.make_zone(NAME, drawbridge.sample.networks[HUB].vpc_id)
    theirs = {"HostedZoneId": zone, "VPC": vpc_of(vpc)}
    domains.api.create_vpc_association_authorization(**theirs)
    Domains(drawbridge.aws, WORKLOADS_MEMBER).api.associate_vpc_with_hosted_zone(**theirs)
    domains.api.delete_vpc_association_authorization(**theirs)
    return zone


def lead_to(drawbridge: Drawbridge, domains: Domains, zone: str, endpoint: str) -> None:
    """Make the alias record that leads to an endpoint by hand."""
    regional = describe(drawbridge, HUB, endpoint)["DnsEntries"][0]
    alias = {
        "HostedZoneId": regional["HostedZoneId"],
        "DNSName": regional["DnsName"],
        "EvaluateTargetHealth": False,
    }
    record = {"Name": NAME, "Type": "A", "AliasTarget": alias}
    changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
    domains.api.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def sweep_cold(drawbridge: Drawbridge) -> list[str]:
    """Sweep in a new environment, which knows nothing; what it changed."""
    drawbridge.settle()
    drawbridge.forget_messages()
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.settle()
    return written(drawbridge, after)


def test_zone_that_people_made_is_kept_once_adopted_and_goes_with_the_tag(
    drawbridge: Drawbridge,
    domains: Domains,
    named_service: EndpointService,
    selected_vpc: str,
    operator: str,
    since: int,
) -> None:
    home = drawbridge.sample.networks[HUB].vpc_id
    zone = make_zone_by_hand(drawbridge, domains, selected_vpc)
    endpoint = drawbridge.request_connection(HUB, named_service, dns_name=NAME)
    await_decision(drawbridge, since, dns_name=NAME, decision="hold", reason="CONFLICT")
    drawbridge.await_state(HUB, endpoint, "available")
    lead_to(drawbridge, domains, zone, endpoint)
    before = domains.records(zone)
    assert sweep_cold(drawbridge) == []
    assert domains.records(zone) == before

    shown = adopt(drawbridge.aws, endpoint, "--role", operator, "--format", "json")
    assert shown.returncode == 1
    (name,) = json.loads(shown.stdout)["names"]
    assert [step.get("records") for step in name["adopts"]] == [[f"A:{NAME}"], None], shown.stderr
    assert domains.records(zone) == before

    done = adopt(drawbridge.aws, endpoint, "--role", operator, "--yes")
    assert done.returncode == 0, done.stderr
    records = domains.records(zone)
    registered = {f"{key}._drawbridge.{NAME}" for key in (endpoint, home, selected_vpc)}
    assert {key: content for key, content in records.items() if key[0] == NAME} == before
    assert {name for name, _ in records.keys() - before.keys()} == registered

    assert sweep_cold(drawbridge) == []
    assert (domains.records(zone), domains.associated(zone)) == (records, {home, selected_vpc})
    for account, vpc in ((HUB, home), (WORKLOADS_MEMBER, selected_vpc)):
        assert domains.addresses(NAME, account, vpc) == addresses_of(drawbridge, HUB, endpoint)

    drawbridge.aws.client("ec2", HUB).delete_tags(Resources=[endpoint], Tags=[{"Key": "drawbridge:dns-name"}])
    wait_until(f"the zone of {NAME} is gone", lambda: not domains.zones(NAME), explain=drawbridge.explain)
    delete_endpoint(drawbridge, HUB, endpoint)
    drawbridge.settle()


def test_proof_that_people_made_is_kept_once_adopted_and_goes_with_the_service(
    drawbridge: Drawbridge, domains: Domains, public_zone: str, operator: str
) -> None:
    drawbridge.sync_dns.enable_mapping(False)
    service = drawbridge.offer_service(notified=[], settled=False)
    give_name(drawbridge, service, f"taken-over.{ZONE}")
    asked = verification(drawbridge, service)
    proof = (f"{asked['Name']}.taken-over.{ZONE}", "TXT")
    domains.make_record(public_zone, *proof, f'"{asked["Value"]}"', ttl=1800)
    drawbridge.sync_dns.enable_mapping(True)
    drawbridge.later_until(f"{service.id} is verified", lambda: is_verified(drawbridge, service))
    registration = (f"{service.id}._drawbridge.{ZONE}", "TXT")
    assert registration not in domains.records(public_zone)

    done = adopt(drawbridge.aws, service.id, "--role", operator, "--yes")
    assert done.returncode == 0, done.stderr
    assert registration in domains.records(public_zone)
    assert sweep_cold(drawbridge) == []
    assert is_verified(drawbridge, service)
    again = adopt(drawbridge.aws, service.id, "--role", operator)
    assert again.returncode == 0, again.stdout + again.stderr

    ec2 = drawbridge.aws.client("ec2", service.account)
    ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service.id])
    what = "the records of the service are gone"
    gone = {proof, registration}
    wait_until(what, lambda: not gone & domains.records(public_zone).keys(), explain=drawbridge.explain)
