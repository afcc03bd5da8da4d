"""Route 53's calls from outside: CloudTrail's events, permissions of roles, ordered faults, the log, paths of other SDKs."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from .domains import Domains, record, vpc
from .parties import CONSUMER, PROVIDER, Party, error_of
from .queues import subscribe_queue
from .running import RunningEmulator
from .test_authorization import ROLE, allow, make_role, session
from .test_cloudtrail import records

ANY_ZONE = "arn:aws:route53:::hostedzone/*"
PUT = record("UPSERT", "a.example.com", "A", "192.0.2.1")


@pytest.fixture
def domains(emulator: RunningEmulator) -> Domains:
    """Route 53 of the provider."""
    return Domains(emulator, PROVIDER)


def as_role(emulator: RunningEmulator, *statements: dict[str, Any]) -> Domains:
    """Route 53 of a role that may do just this."""
    make_role(emulator, ROLE, *statements)
    return Domains(emulator, PROVIDER, session(emulator, ROLE))


def test_change_of_records_comes_out_in_us_east_1_as_cloudtrail_shows_it(
    domains: Domains, emulator: RunningEmulator
) -> None:
    zone = domains.make_zone("example.com")
    domains.change(zone, record("CREATE", "prod.example.com.", "A", "192.0.1.1", "192.0.1.2"), comment="Adding")
    (found,) = records(emulator, PROVIDER, "ChangeResourceRecordSets", "us-east-1")
    assert found["eventSource"] == "route53.amazonaws.com"
    assert found["awsRegion"] == "us-east-1"
    assert found["apiVersion"] == "2013-04-01"
    assert found["additionalEventData"] == {"Note": "Do not use to reconstruct hosted zone"}
    values = [{"value": "192.0.1.1"}, {"value": "192.0.1.2"}]
    content = {"name": "prod.example.com.", "type": "A", "tTL": 300, "resourceRecords": values}
    assert found["requestParameters"] == {
        "hostedZoneId": zone,
        "changeBatch": {"comment": "Adding", "changes": [{"action": "CREATE", "resourceRecordSet": content}]},
    }
    change = found["responseElements"]["changeInfo"]
    assert change["status"] == "PENDING"
    assert change["id"].startswith("/change/C")


def test_association_comes_out_for_the_account_that_called(
    domains: Domains, provider: Party, consumer: Party, emulator: RunningEmulator
) -> None:
    zone, theirs = domains.make_zone("internal", provider.network.vpc_id), vpc(consumer.network.vpc_id)
    request = {"HostedZoneId": zone, "VPC": theirs}
    queue = subscribe_queue(Party(emulator, CONSUMER, "us-east-1"), {"source": ["aws.route53"]})
    assert (
        error_of(Domains(emulator, CONSUMER).api.associate_vpc_with_hosted_zone, **request) == "NotAuthorizedException"
    )
    domains.api.create_vpc_association_authorization(**request)
    Domains(emulator, CONSUMER).api.associate_vpc_with_hosted_zone(**request)
    first, second = [json.loads(body) for body in queue.read(2)]
    refused, made = (first, second) if "errorCode" in first["detail"] else (second, first)
    assert refused["detail"]["errorCode"] == "NotAuthorizedException"
    shown = {"hostedZoneId": zone, "vPC": {"vPCRegion": "eu-west-1", "vPCId": theirs["VPCId"]}}
    assert made["detail"]["requestParameters"] == shown
    assert (made["source"], made["region"], made["account"]) == ("aws.route53", "us-east-1", CONSUMER)
    assert made["detail-type"] == "AWS API Call via CloudTrail"
    assert records(emulator, PROVIDER, "AssociateVPCWithHostedZone", "us-east-1") == []


def test_comment_of_a_zone_needs_its_permission_and_comes_out_in_us_east_1(
    domains: Domains, emulator: RunningEmulator
) -> None:
    zone = domains.make_zone("example.com")
    role = as_role(emulator, allow("route53:GetHostedZone", ANY_ZONE))
    assert error_of(role.api.update_hosted_zone_comment, Id=zone, Comment="ours") == "AccessDenied"
    domains.api.update_hosted_zone_comment(Id=zone, Comment="ours")
    found = records(emulator, PROVIDER, "UpdateHostedZoneComment", "us-east-1")
    refused, made = sorted(found, key=lambda event: event.get("errorCode", ""), reverse=True)
    assert refused["errorCode"] == "AccessDenied"
    assert made["requestParameters"] == {"id": zone, "comment": "ours"}
    assert made["responseElements"]["hostedZone"]["config"]["comment"] == "ours"


def test_reads_make_no_events(domains: Domains, emulator: RunningEmulator) -> None:
    domains.api.list_hosted_zones()
    assert records(emulator, PROVIDER, "ListHostedZones", "us-east-1") == []


def test_role_needs_the_permission_and_the_refusal_names_it(domains: Domains, emulator: RunningEmulator) -> None:
    zone = domains.make_zone("example.com")
    role = as_role(emulator, allow("route53:ListHostedZones"), allow("route53:ListResourceRecordSets", ANY_ZONE))
    assert [found["Id"] for found in role.api.list_hosted_zones()["HostedZones"]] == [f"/hostedzone/{zone}"]
    assert len(role.records(zone)) == 2
    refused = role.problems(zone, PUT)
    assert refused.startswith("AccessDenied: User: arn:aws:sts::")
    assert f"route53:ChangeResourceRecordSets on resource: arn:aws:route53:::hostedzone/{zone}" in refused
    for call, request in (
        (role.api.list_hosted_zones_by_name, {}),
        (role.api.get_change, {"Id": "C1"}),
        (role.api.get_hosted_zone, {"Id": zone}),
        (role.api.list_tags_for_resource, {"ResourceType": "hostedzone", "ResourceId": zone}),
        (role.api.create_hosted_zone, {"Name": "example.net", "CallerReference": "z"}),
    ):
        assert error_of(call, **request) == "AccessDenied"


def test_role_may_be_limited_to_names_types_and_actions(domains: Domains, emulator: RunningEmulator) -> None:
    zone, prefix = domains.make_zone("example.com"), "route53:ChangeResourceRecordSets"
    limited = {
        "ForAllValues:StringLike": {f"{prefix}NormalizedRecordNames": ["_*.orders.example.com", "\\052.example.com"]},
        "ForAllValues:StringEquals": {f"{prefix}RecordTypes": ["TXT"], f"{prefix}Actions": ["UPSERT", "DELETE"]},
    }
    role = as_role(emulator, allow(prefix, ANY_ZONE, Condition=limited))
    proof = record("UPSERT", "_abc.Orders.example.com.", "TXT", '"vpce:x"')
    role.change(zone, proof, record("UPSERT", "*.example.com", "TXT", '"x"'))
    for other in (
        record("UPSERT", "www.example.com", "TXT", '"x"'),
        record("UPSERT", "_abc.orders.example.com", "A", "192.0.2.1"),
        record("CREATE", "_def.orders.example.com", "TXT", '"x"'),
    ):
        assert role.problems(zone, proof, other).startswith("AccessDenied")


def test_role_may_be_limited_to_vpcs_and_must_read_them(
    domains: Domains, provider: Party, emulator: RunningEmulator
) -> None:
    zone = domains.make_zone("internal", provider.network.vpc_id)
    other = provider.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    only = {"ForAllValues:StringEquals": {"route53:VPCs": [f"VPCId={other},VPCRegion=eu-west-1"]}}
    action = "route53:AssociateVPCWithHostedZone"
    request = {"HostedZoneId": zone, "VPC": vpc(other)}
    blind = as_role(emulator, allow(action, ANY_ZONE, Condition=only)).api.associate_vpc_with_hosted_zone
    assert error_of(blind, **request) == "AccessDenied"
    iam = emulator.client("iam", account=PROVIDER)
    reading = json.dumps({"Version": "2012-10-17", "Statement": [allow("ec2:DescribeVpcs")]})
    iam.put_role_policy(RoleName="drawbridge-member", PolicyName="reading", PolicyDocument=reading)
    another = provider.ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    assert error_of(blind, HostedZoneId=zone, VPC=vpc(another)) == "AccessDenied"
    blind(**request)


@pytest.mark.parametrize("code", ["PriorRequestNotComplete", "Throttling", "InvalidChangeBatch"])
def test_ordered_fault_hits_once_and_changes_nothing(domains: Domains, emulator: RunningEmulator, code: str) -> None:
    zone = domains.make_zone("example.com")
    emulator.control(
        "POST", "faults", {"service": "route53", "operation": "ChangeResourceRecordSets", "code": code, "message": "!"}
    )
    assert domains.problems(zone, PUT) == f"{code}: !"
    assert len(domains.records(zone)) == 2
    domains.change(zone, PUT)
    errors = [call["error"] for call in emulator.calls(service="route53", operation="ChangeResourceRecordSets")]
    assert errors == [code, None]


def test_fault_after_the_effect_leaves_the_record(domains: Domains, emulator: RunningEmulator) -> None:
    zone = domains.make_zone("example.com")
    fault = {"service": "route53", "operation": "*", "account": PROVIDER, "after": True, "code": "InternalError"}
    emulator.control("POST", "faults", fault)
    assert domains.problems(zone, PUT).startswith("InternalError")
    assert ("a.example.com.", "A") in domains.records(zone)


def test_calls_are_logged_with_their_parameters(domains: Domains, emulator: RunningEmulator) -> None:
    zone = domains.make_zone("example.com")
    domains.change(zone, PUT)
    (call,) = emulator.calls(operation="ChangeResourceRecordSets")
    assert (call["service"], call["account"], call["parameters"]["HostedZoneId"]) == ("route53", PROVIDER, zone)
    assert call["parameters"]["ChangeBatch"]["Changes"][0]["ResourceRecordSet"]["Name"] == "a.example.com"


def test_batches_may_come_without_the_slash_at_the_end_of_the_path(domains: Domains, emulator: RunningEmulator) -> None:
    zone = domains.make_zone("example.com")
    body = (
        '<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>'
        "<Change><Action>CREATE</Action><ResourceRecordSet><Name>a.example.com</Name><Type>A</Type><TTL>60</TTL>"
        "<ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>"
        "</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    )
    scope = f"AWS4-HMAC-SHA256 Credential={PROVIDER}/20261123/us-east-1/route53/aws4_request, SignedHeaders=host"
    headers = {"Authorization": f"{scope}, Signature=0", "Content-Type": "application/xml"}
    address = f"{emulator.url}/2013-04-01/hostedzone/{zone}/rrset"
    with urllib.request.urlopen(urllib.request.Request(address, body.encode(), headers)) as response:
        assert b"<Status>PENDING</Status>" in response.read()
    assert ("a.example.com.", "A") in domains.records(zone)
