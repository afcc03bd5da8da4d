"""The private DNS name of a service: proof of the domain, and use by endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from .parties import Party, error_of

NAME = "orders.example.com"


def configuration(party: Party) -> dict[str, Any]:
    """The one service of the account, as it is now."""
    return party.ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"][0]


def put_record(party: Party, name: str, value: str, kind: str = "TXT") -> None:
    """A record in the public zone `example.com` of the account."""
    route53 = party.client("route53")
    zones = route53.list_hosted_zones()["HostedZones"]
    zone_id = (
        zones[0]["Id"]
        if zones
        else route53.create_hosted_zone(Name="example.com", CallerReference="a")["HostedZone"]["Id"]
    )
    record = {"Name": name, "Type": kind, "TTL": 1800, "ResourceRecords": [{"Value": f'"{value}"'}]}
    change = {"Action": "UPSERT", "ResourceRecordSet": record}
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": [change]})


def verify(party: Party) -> str:
    """Start a verification; the state it ends in."""
    service_id = configuration(party)["ServiceId"]
    party.ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service_id)
    return configuration(party)["PrivateDnsNameConfiguration"]["State"]


def test_new_name_waits_for_its_proof(provider: Party) -> None:
    service = provider.make_service(PrivateDnsName=NAME)
    proof = service["PrivateDnsNameConfiguration"]
    assert service["PrivateDnsName"] == NAME
    assert (proof["State"], proof["Type"]) == ("pendingVerification", "TXT")
    assert proof["Name"].startswith("_")
    assert proof["Value"].startswith("vpce:")


def test_record_alone_proves_nothing_before_verification_is_started(provider: Party) -> None:
    proof = provider.make_service(PrivateDnsName=NAME)["PrivateDnsNameConfiguration"]
    put_record(provider, f"{proof['Name']}.{NAME}", proof["Value"])
    assert configuration(provider)["PrivateDnsNameConfiguration"]["State"] == "pendingVerification"
    assert verify(provider) == "verified"


def test_verification_without_record_fails_and_can_be_repeated(provider: Party) -> None:
    proof = provider.make_service(PrivateDnsName=NAME)["PrivateDnsNameConfiguration"]
    assert verify(provider) == "failed"
    put_record(provider, f"{proof['Name']}.{NAME}", proof["Value"].upper())
    assert verify(provider) == "failed"
    put_record(provider, f"{proof['Name']}.{NAME}", proof["Value"])
    assert verify(provider) == "verified"


@pytest.mark.parametrize("place", ["{token}.example.com", "orders.example.com"])
def test_proof_may_stand_at_the_parent_domain_or_without_token(provider: Party, place: str) -> None:
    proof = provider.make_service(PrivateDnsName=NAME)["PrivateDnsNameConfiguration"]
    put_record(provider, place.format(token=proof["Name"]), proof["Value"])
    assert verify(provider) == "verified"


def test_changed_name_needs_a_new_proof(provider: Party) -> None:
    service = provider.make_service(PrivateDnsName=NAME)
    proof = service["PrivateDnsNameConfiguration"]
    put_record(provider, f"{proof['Name']}.{NAME}", proof["Value"])
    assert verify(provider) == "verified"
    modify = provider.ec2.modify_vpc_endpoint_service_configuration
    modify(ServiceId=service["ServiceId"], PrivateDnsName="billing.example.com")
    changed = configuration(provider)["PrivateDnsNameConfiguration"]
    assert changed["State"] == "pendingVerification"
    assert changed["Name"] != proof["Name"]
    modify(ServiceId=service["ServiceId"], RemovePrivateDnsName=True)
    assert "PrivateDnsName" not in configuration(provider)
    start = provider.ec2.start_vpc_endpoint_service_private_dns_verification
    assert error_of(start, ServiceId=service["ServiceId"]) == "InvalidParameter"


def test_private_dns_is_refused_while_the_connection_awaits_acceptance(provider: Party, consumer: Party) -> None:
    service = provider.make_service(PrivateDnsName=NAME)
    proof = service["PrivateDnsNameConfiguration"]
    put_record(provider, f"{proof['Name']}.{NAME}", proof["Value"])
    assert verify(provider) == "verified"
    assert error_of(consumer.connect, service, PrivateDnsEnabled=True) == "InvalidParameter"
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    modify = consumer.ec2.modify_vpc_endpoint
    assert error_of(modify, VpcEndpointId=endpoint_id, PrivateDnsEnabled=True) == "InvalidParameter"

    provider.ec2.accept_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[endpoint_id])
    modify(VpcEndpointId=endpoint_id, PrivateDnsEnabled=True)
    endpoint = consumer.endpoint(endpoint_id)
    assert endpoint["PrivateDnsEnabled"] is True
    assert endpoint["DnsEntries"][0]["DnsName"] == NAME
    assert endpoint["DnsEntries"][1]["DnsName"].startswith(endpoint_id)


def test_private_dns_needs_a_verified_name_and_dns_in_the_vpc(provider: Party, consumer: Party) -> None:
    service = provider.make_service(PrivateDnsName=NAME, AcceptanceRequired=False)
    assert error_of(consumer.connect, service, PrivateDnsEnabled=True) == "InvalidParameter"
    proof = service["PrivateDnsNameConfiguration"]
    put_record(provider, f"{proof['Name']}.{NAME}", proof["Value"])
    assert verify(provider) == "verified"
    switch = {"VpcId": consumer.network.vpc_id, "EnableDnsHostnames": {"Value": False}}
    consumer.ec2.modify_vpc_attribute(**switch)
    assert error_of(consumer.connect, service, PrivateDnsEnabled=True) == "InvalidParameter"
    consumer.ec2.modify_vpc_attribute(**{**switch, "EnableDnsHostnames": {"Value": True}})
    assert consumer.connect(service, PrivateDnsEnabled=True)["PrivateDnsEnabled"] is True


def test_private_name_conflicts_with_a_private_zone_of_the_vpc(provider: Party, consumer: Party) -> None:
    service = provider.make_service(PrivateDnsName=NAME, AcceptanceRequired=False)
    proof = service["PrivateDnsNameConfiguration"]
    put_record(provider, f"{proof['Name']}.{NAME}", proof["Value"])
    assert verify(provider) == "verified"
    consumer.client("route53").create_hosted_zone(
        Name=NAME,
        CallerReference="b",
        VPC={"VPCRegion": "eu-west-1", "VPCId": consumer.network.vpc_id},
        HostedZoneConfig={"PrivateZone": True},
    )
    assert error_of(consumer.connect, service, PrivateDnsEnabled=True) == "InvalidParameter"
    assert consumer.connect(service)["PrivateDnsEnabled"] is False
