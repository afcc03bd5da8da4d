"""The private DNS name of a service: proof of the domain, and use by endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from ..clients import ControlRefused
from .domains import Domains, message_of, record, resolve, values, vpc
from .parties import Party, error_of
from .test_authorization import ROLE, allow, make_role, session

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


def test_private_dns_is_refused_to_an_endpoint_that_is_not_available(provider: Party, consumer: Party) -> None:
    service = provider.make_service(PrivateDnsName=NAME)
    proof = service["PrivateDnsNameConfiguration"]
    put_record(provider, f"{proof['Name']}.{NAME}", proof["Value"])
    assert verify(provider) == "verified"
    waiting, refused = (consumer.connect(service)["VpcEndpointId"] for _ in range(2))
    provider.ec2.reject_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[refused])
    provider.emulator.control("POST", "settings", {"state_delay_ms": 60_000})
    provider.ec2.accept_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[waiting])
    assert [consumer.endpoint(endpoint_id)["State"] for endpoint_id in (waiting, refused)] == ["pending", "rejected"]
    modify = consumer.ec2.modify_vpc_endpoint
    assert error_of(modify, VpcEndpointId=waiting, PrivateDnsEnabled=True) == "InvalidParameter"
    assert error_of(modify, VpcEndpointId=refused, PrivateDnsEnabled=True) == "InvalidState"
    assert not consumer.endpoint(refused)["PrivateDnsEnabled"]


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


def proven_service(party: Party, name: str = NAME, **options: Any) -> dict[str, Any]:
    """A service that anybody invited may use at once, with a verified private DNS name."""
    service = party.make_service(**{"PrivateDnsName": name, "AcceptanceRequired": False, **options})
    proof = service["PrivateDnsNameConfiguration"]
    put_record(party, f"{proof['Name']}.{name}", proof["Value"])
    assert verify(party) == "verified"
    return service


def test_most_specific_public_zone_has_to_hold_the_proof(provider: Party, consumer: Party) -> None:
    proof = provider.make_service(PrivateDnsName=NAME)["PrivateDnsNameConfiguration"]
    put_record(provider, f"{proof['Name']}.{NAME}", proof["Value"])
    theirs = Domains(consumer.emulator, consumer.account)
    zone = theirs.make_zone(NAME)
    assert verify(provider) == "failed"
    theirs.change(zone, record("CREATE", f"{proof['Name']}.{NAME}", "TXT", f'"{proof["Value"]}"'))
    assert verify(provider) == "verified"


def test_proof_in_a_private_zone_proves_nothing(provider: Party) -> None:
    proof = provider.make_service(PrivateDnsName=NAME)["PrivateDnsNameConfiguration"]
    domains = Domains(provider.emulator, provider.account)
    zone = domains.make_zone("example.com", provider.network.vpc_id)
    domains.change(zone, record("CREATE", f"{proof['Name']}.{NAME}", "TXT", f'"{proof["Value"]}"'))
    assert verify(provider) == "failed"


def test_proof_may_stand_behind_a_cname(provider: Party) -> None:
    proof = provider.make_service(PrivateDnsName=NAME)["PrivateDnsNameConfiguration"]
    domains = Domains(provider.emulator, provider.account)
    domains.change(
        domains.make_zone("example.com"),
        record("CREATE", f"{proof['Name']}.{NAME}", "CNAME", "proofs.example.com"),
        record("CREATE", "proofs.example.com", "TXT", f'"other" "{proof["Value"]}"', f'"{proof["Value"]}"'),
    )
    assert verify(provider) == "verified"


def test_proof_among_routing_policies_proves_nothing(provider: Party) -> None:
    proof = provider.make_service(PrivateDnsName=NAME)["PrivateDnsNameConfiguration"]
    domains = Domains(provider.emulator, provider.account)
    value, options = f'"{proof["Value"]}"', {"SetIdentifier": "a", "Weight": 0}
    domains.change(domains.make_zone("example.com"), record("CREATE", NAME, "TXT", value, **options))
    assert verify(provider) == "failed"


def test_private_name_has_to_be_a_domain_name(provider: Party) -> None:
    assert error_of(provider.make_service, PrivateDnsName="orders..example.com") == "InvalidParameter"


def test_proof_counts_when_its_change_is_in_sync(provider: Party) -> None:
    proof = provider.make_service(PrivateDnsName=NAME)["PrivateDnsNameConfiguration"]
    domains = Domains(provider.emulator, provider.account)
    zone = domains.make_zone("example.com")
    domains.api.list_hosted_zones()
    provider.emulator.control("POST", "settings", {"state_delay_ms": 3_600_000})
    domains.change(zone, record("CREATE", f"{proof['Name']}.{NAME}", "TXT", f'"{proof["Value"]}"'))
    provider.emulator.control("POST", "settings", {"state_delay_ms": 0})
    assert verify(provider) == "failed"


def test_lost_proof_shows_when_aws_looks_again(provider: Party, consumer: Party) -> None:
    service = proven_service(provider)
    endpoint = consumer.connect(service, PrivateDnsEnabled=True)
    check = {"service": service["ServiceId"]}
    looked = provider.emulator.control("POST", "private-dns/check", check)
    assert looked["states"] == {service["ServiceId"]: "verified"}
    proof = configuration(provider)["PrivateDnsNameConfiguration"]
    put_record(provider, f"{proof['Name']}.{NAME}", "something else")
    assert configuration(provider)["PrivateDnsNameConfiguration"]["State"] == "verified"
    looked = provider.emulator.control("POST", "private-dns/check", {})
    assert looked["states"] == {service["ServiceId"]: "failed"}
    assert configuration(provider)["PrivateDnsNameConfiguration"]["State"] == "failed"
    where = {"account": consumer.account, "vpc": consumer.network.vpc_id}
    assert len(values(resolve(consumer.emulator, NAME, **where))) == 2
    assert endpoint["PrivateDnsEnabled"] is True
    other = Party(consumer.emulator, consumer.account)
    assert error_of(other.connect, service, PrivateDnsEnabled=True) == "InvalidParameter"
    with pytest.raises(ControlRefused, match="404"):
        provider.emulator.control("POST", "private-dns/check", {"service": "vpce-svc-0"})


def test_private_name_makes_a_zone_that_aws_owns(provider: Party, consumer: Party) -> None:
    endpoint = consumer.connect(proven_service(provider), PrivateDnsEnabled=True)
    domains = Domains(consumer.emulator, consumer.account)
    where = {"VPCId": consumer.network.vpc_id, "VPCRegion": "eu-west-1"}
    (zone,) = domains.api.list_hosted_zones_by_vpc(**where)["HostedZoneSummaries"]
    assert (zone["Name"], zone["Owner"]) == (f"{NAME}.", {"OwningService": "vpce.amazonaws.com"})
    assert zone["HostedZoneId"] == endpoint["DnsEntries"][0]["HostedZoneId"]
    assert error_of(domains.api.get_hosted_zone, Id=zone["HostedZoneId"]) == "AccessDenied"
    away = {"HostedZoneId": zone["HostedZoneId"], "VPC": vpc(consumer.network.vpc_id)}
    assert error_of(domains.api.disassociate_vpc_from_hosted_zone, **away) == "AccessDenied"
    consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint["VpcEndpointId"]])
    assert domains.api.list_hosted_zones_by_vpc(**where)["HostedZoneSummaries"] == []


def test_zone_cannot_come_into_a_vpc_where_an_endpoint_has_its_name(provider: Party, consumer: Party) -> None:
    consumer.connect(proven_service(provider), PrivateDnsEnabled=True)
    domains = Domains(consumer.emulator, consumer.account)
    assert error_of(domains.make_zone, NAME, consumer.network.vpc_id) == "ConflictingDomainExists"
    assert domains.make_zone("example.com", consumer.network.vpc_id)


def test_two_endpoints_of_a_vpc_cannot_have_one_private_name(provider: Party, consumer: Party) -> None:
    service = proven_service(provider)
    consumer.connect(service, PrivateDnsEnabled=True)
    refused = message_of(consumer.connect, service, PrivateDnsEnabled=True)
    assert refused == (
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
        f"{NAME} in the VPC {consumer.network.vpc_id}"
    )


def test_some_services_of_aws_have_several_private_names(consumer: Party) -> None:
    request = {"ServiceNames": ["com.amazonaws.eu-west-1.s3", "com.amazonaws.eu-west-1.sqs"]}
    details = consumer.ec2.describe_vpc_endpoint_services(**request)["ServiceDetails"]
    names = {
        (detail["ServiceName"].rpartition(".")[2], detail["ServiceType"][0]["ServiceType"]): [
            name["PrivateDnsName"] for name in detail.get("PrivateDnsNames", [])
        ]
        for detail in details
    }
    assert names["s3", "Gateway"] == []
    assert names["sqs", "Interface"] == ["sqs.eu-west-1.amazonaws.com"]
    assert names["s3", "Interface"][:2] == ["s3.eu-west-1.amazonaws.com", "*.s3.eu-west-1.amazonaws.com"]

    endpoint = consumer.connect({"ServiceName": "com.amazonaws.eu-west-1.s3"}, PrivateDnsEnabled=True)
    private = [entry for entry in endpoint["DnsEntries"] if "vpce" not in entry["DnsName"]]
    assert [entry["DnsName"] for entry in private] == names["s3", "Interface"]
    assert len({entry["HostedZoneId"] for entry in private}) == 3
    public = endpoint["DnsEntries"][len(private) :]
    assert all(entry["DnsName"].startswith(f"*.{endpoint['VpcEndpointId']}-") for entry in public)
    where = {"account": consumer.account, "vpc": consumer.network.vpc_id}
    for name in ("s3.eu-west-1.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com"):
        assert len(values(resolve(consumer.emulator, name, **where))) == 2
    assert resolve(consumer.emulator, "sqs.eu-west-1.amazonaws.com", **where)["status"] == "NOT_HERE"


def test_endpoint_has_addresses_and_records_of_its_type(provider: Party, consumer: Party) -> None:
    block = "2001:db8:0:1::/64"
    consumer.ec2.associate_subnet_cidr_block(SubnetId=consumer.network.subnet_ids[0], Ipv6CidrBlock=block)
    service = proven_service(provider)
    refused = {"DnsOptions": {"DnsRecordIpType": "dualstack"}}
    assert error_of(consumer.connect, service, **refused) == "InvalidParameter"
    endpoint = consumer.connect(service, IpAddressType="dualstack", DnsOptions={"DnsRecordIpType": "ipv4"})
    name = endpoint["DnsEntries"][0]["DnsName"]
    assert endpoint["DnsOptions"] == {"DnsRecordIpType": "ipv4"}
    assert resolve(consumer.emulator, name, "AAAA")["status"] == "NODATA"
    options = {"DnsOptions": {"DnsRecordIpType": "dualstack"}}
    consumer.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], **options)
    (address,) = values(resolve(consumer.emulator, name, "AAAA"))
    assert address.startswith("2001:")
    assert len(values(resolve(consumer.emulator, name, "A"))) == 2


def test_role_needs_permissions_around_private_dns(provider: Party) -> None:
    service = provider.make_service(PrivateDnsName=NAME)["ServiceId"]
    arn = f"arn:aws:ec2:*:*:vpc-endpoint-service/{service}"
    make_role(provider.emulator, ROLE, allow("ec2:StartVpcEndpointServicePrivateDnsVerification", arn))
    ec2 = provider.emulator.client("ec2", credentials=session(provider.emulator, ROLE))
    ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service)
    vpc_id = provider.network.vpc_id
    assert error_of(ec2.modify_vpc_endpoint, VpcEndpointId="vpce-0", PrivateDnsEnabled=True) == "UnauthorizedOperation"
    assert error_of(ec2.describe_vpc_attribute, VpcId=vpc_id, Attribute="enableDnsSupport") == "UnauthorizedOperation"
    for listing in (ec2.describe_vpcs, ec2.describe_vpc_endpoints, ec2.describe_vpc_endpoint_services):
        assert error_of(listing) == "UnauthorizedOperation"


def test_vpcs_show_their_dns_attributes_and_tags(provider: Party) -> None:
    vpc_id = provider.network.vpc_id
    provider.ec2.create_tags(Resources=[vpc_id], Tags=[{"Key": "dns", "Value": "shared"}])
    filters = [{"Name": "tag:dns", "Values": ["shared"]}]
    (found,) = provider.ec2.describe_vpcs(Filters=filters)["Vpcs"]
    assert (found["VpcId"], found["OwnerId"]) == (vpc_id, provider.account)
    assert {"Key": "dns", "Value": "shared"} in found["Tags"]
    shown = provider.ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute="enableDnsHostnames")
    assert shown["EnableDnsHostnames"] == {"Value": True}


def test_vpcs_come_in_pages(provider: Party) -> None:
    made = {provider.ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"] for number in range(6)}
    pages = list(provider.ec2.get_paginator("describe_vpcs").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["Vpcs"]) for page in pages] == [5, 3]  # with the default VPC and the party's own
    listed = {found["VpcId"] for page in pages for found in page["Vpcs"]}
    assert made <= listed
    missing = f"vpc-{'0' * 17}"
    assert error_of(provider.ec2.describe_vpcs, VpcIds=[missing]) == "InvalidVpcID.NotFound"


def test_new_endpoint_may_have_no_names_until_it_is_available(provider: Party, consumer: Party) -> None:
    provider.emulator.control("POST", "settings", {"late_dns_entries": True})
    service = provider.make_service()
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    assert consumer.endpoint(endpoint_id)["DnsEntries"] == []
    provider.ec2.accept_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[endpoint_id])
    assert len(consumer.endpoint(endpoint_id)["DnsEntries"]) == 3
