"""Hosted zones: create, list in pages and by name, tags, delete; and that they are their account's only."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .domains import Domains, message_of, record, vpc
from .parties import CONSUMER, PROVIDER, Party, error_of
from .running import RunningEmulator
from .stack_templates import StackOf


@pytest.fixture
def domains(emulator: RunningEmulator) -> Domains:
    """Route 53 of the provider."""
    return Domains(emulator, PROVIDER)


def test_public_zone_begins_with_name_servers_and_their_records(domains: Domains) -> None:
    made = domains.api.create_hosted_zone(
        Name="Example.COM", CallerReference="a", HostedZoneConfig={"Comment": "shop", "PrivateZone": False}
    )
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["ChangeInfo"]["Status"] == "PENDING"
    zone = made["HostedZone"]
    assert zone["Id"].startswith("/hostedzone/Z")
    assert made["Location"].endswith(zone["Id"])
    assert zone["Name"] == "example.com."
    assert zone["Config"] == {"Comment": "shop", "PrivateZone": False}
    assert zone["ResourceRecordSetCount"] == 2
    shown = domains.api.get_hosted_zone(Id=zone["Id"])
    assert shown["HostedZone"] == zone
    assert len(shown["DelegationSet"]["NameServers"]) == 4
    assert domains.records(zone["Id"]) == [("example.com.", "NS"), ("example.com.", "SOA")]


def test_private_zone_shows_its_vpcs_and_no_name_servers(domains: Domains, provider: Party) -> None:
    zone_id = domains.make_zone("internal", provider.network.vpc_id)
    shown = domains.api.get_hosted_zone(Id=zone_id)
    assert shown["HostedZone"]["Config"]["PrivateZone"] is True
    assert shown["VPCs"] == [vpc(provider.network.vpc_id)]
    assert "DelegationSet" not in shown
    create = domains.api.create_hosted_zone
    private = {"HostedZoneConfig": {"PrivateZone": True}}
    assert error_of(create, Name="internal", CallerReference="b", **private) == "InvalidInput"


def test_zone_can_be_made_in_a_vpc_of_ones_own_only(domains: Domains, consumer: Party) -> None:
    foreign = vpc(consumer.network.vpc_id)
    create = domains.api.create_hosted_zone
    assert error_of(create, Name="internal", CallerReference="a", VPC=foreign) == "InvalidVPCId"
    malformed = vpc("vpc-none")
    assert error_of(create, Name="internal", CallerReference="a", VPC=malformed) == "InvalidVPCId"


def test_caller_reference_makes_one_zone_even_when_it_is_gone(domains: Domains, emulator: RunningEmulator) -> None:
    create = domains.api.create_hosted_zone
    zone_id = create(Name="example.com", CallerReference="once")["HostedZone"]["Id"]
    assert error_of(create, Name="example.com", CallerReference="once") == "HostedZoneAlreadyExists"
    domains.api.delete_hosted_zone(Id=zone_id)
    assert error_of(create, Name="other.example", CallerReference="once") == "HostedZoneAlreadyExists"
    Domains(emulator, CONSUMER).api.create_hosted_zone(Name="example.com", CallerReference="once")


def test_public_zones_of_one_name_are_different_zones(domains: Domains) -> None:
    assert domains.make_zone("example.com") != domains.make_zone("example.com")


@pytest.mark.parametrize("name", ["a..example.com", f"{'a' * 64}.example.com", "ä.example.com", ".".join("a" * 200)])
def test_what_is_no_domain_name_is_refused(domains: Domains, name: str) -> None:
    assert error_of(domains.api.create_hosted_zone, Name=name, CallerReference="a") == "InvalidDomainName"


def test_private_zones_of_one_name_exclude_each_other_in_a_vpc(domains: Domains, provider: Party) -> None:
    mine = provider.network.vpc_id
    domains.make_zone("orders.internal", mine)
    domains.make_zone("internal", mine)
    create = domains.api.create_hosted_zone
    request = {"Name": "orders.internal.", "CallerReference": "again", "VPC": vpc(mine)}
    assert error_of(create, **request) == "ConflictingDomainExists"
    other = provider.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    assert domains.make_zone("orders.internal", other)


def test_zones_are_listed_in_pages_by_marker(domains: Domains) -> None:
    made = {domains.make_zone(f"zone-{number}.example") for number in range(5)}
    first = domains.api.list_hosted_zones(MaxItems="2")
    assert (first["IsTruncated"], first["MaxItems"], len(first["HostedZones"])) == (True, "2", 2)
    listed = [zone["Id"] for zone in first["HostedZones"]]
    domains.api.delete_hosted_zone(Id=first["NextMarker"])
    page = first
    while page["IsTruncated"]:
        page = domains.api.list_hosted_zones(MaxItems="2", Marker=page["NextMarker"])
        listed += [zone["Id"] for zone in page["HostedZones"]]
    assert {f"/hostedzone/{zone_id}" for zone_id in made - {first["NextMarker"]}} == set(listed)
    assert len(listed) == 4
    assert error_of(domains.api.list_hosted_zones, MaxItems="0") == "InvalidInput"


def test_page_of_zones_has_a_hundred_at_the_most(domains: Domains) -> None:
    for number in range(101):
        domains.make_zone(f"zone-{number}.example")
    page = domains.api.list_hosted_zones(MaxItems="500")
    assert (len(page["HostedZones"]), page["MaxItems"], page["IsTruncated"]) == (100, "100", True)
    pages = domains.api.get_paginator("list_hosted_zones").paginate()
    assert sum(len(page["HostedZones"]) for page in pages) == 101
    assert domains.api.get_hosted_zone_count()["HostedZoneCount"] == 101


def test_private_zones_can_be_listed_alone(domains: Domains, provider: Party) -> None:
    domains.make_zone("example.com")
    domains.make_zone("internal", provider.network.vpc_id)
    zones = domains.api.list_hosted_zones(HostedZoneType="PrivateHostedZone")["HostedZones"]
    assert [zone["Name"] for zone in zones] == ["internal."]


def test_listing_by_name_begins_at_the_name_and_goes_on_to_others(domains: Domains) -> None:
    for name in ("example.com", "b.example.com", "a.example.com", "example.net", "aaa.example.org"):
        domains.make_zone(name)
    everything = domains.api.list_hosted_zones_by_name()["HostedZones"]
    ordered = ["example.com.", "a.example.com.", "b.example.com.", "example.net.", "aaa.example.org."]
    assert [zone["Name"] for zone in everything] == ordered
    page = domains.api.list_hosted_zones_by_name(DNSName="B.example.com", MaxItems="2")
    assert [zone["Name"] for zone in page["HostedZones"]] == ["b.example.com.", "example.net."]
    assert (page["DNSName"], page["IsTruncated"], page["NextDNSName"]) == ("B.example.com", True, "aaa.example.org.")
    following = domains.api.list_hosted_zones_by_name(
        DNSName=page["NextDNSName"], HostedZoneId=page["NextHostedZoneId"], MaxItems="2"
    )
    assert ([zone["Name"] for zone in following["HostedZones"]], following["IsTruncated"]) == (ordered[4:], False)
    assert error_of(domains.api.list_hosted_zones_by_name, HostedZoneId="Z1") == "InvalidInput"


def test_zone_with_records_of_its_own_cannot_be_deleted(domains: Domains) -> None:
    zone_id = domains.make_zone("example.com")
    domains.change(zone_id, record("CREATE", "www.example.com", "A", "192.0.2.1"))
    assert error_of(domains.api.delete_hosted_zone, Id=zone_id) == "HostedZoneNotEmpty"
    domains.change(zone_id, record("DELETE", "www.example.com", "A", "192.0.2.1"))
    assert domains.api.delete_hosted_zone(Id=zone_id)["ChangeInfo"]["Status"] == "PENDING"
    assert error_of(domains.api.get_hosted_zone, Id=zone_id) == "NoSuchHostedZone"
    assert zone_id in message_of(domains.api.delete_hosted_zone, Id=zone_id)


def test_comment_can_be_changed_and_removed(domains: Domains) -> None:
    zone_id = domains.make_zone("example.com")
    domains.api.update_hosted_zone_comment(Id=zone_id, Comment="shop")
    assert domains.api.get_hosted_zone(Id=zone_id)["HostedZone"]["Config"]["Comment"] == "shop"
    domains.api.update_hosted_zone_comment(Id=zone_id)
    assert "Comment" not in domains.api.get_hosted_zone(Id=zone_id)["HostedZone"]["Config"]


def test_zone_of_another_account_is_denied_and_never_listed(domains: Domains, emulator: RunningEmulator) -> None:
    zone_id = domains.make_zone("example.com")
    other = Domains(emulator, CONSUMER).api
    for call in (other.get_hosted_zone, other.delete_hosted_zone):
        with pytest.raises(ClientError) as refused:
            call(Id=zone_id)
        assert refused.value.response["Error"]["Code"] == "AccessDenied"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert error_of(other.list_resource_record_sets, HostedZoneId=zone_id) == "AccessDenied"
    assert other.list_hosted_zones()["HostedZones"] == []
    assert other.list_hosted_zones_by_name()["HostedZones"] == []


def test_quota_of_zones_can_be_reached(domains: Domains, emulator: RunningEmulator) -> None:
    emulator.control("POST", "settings", {"hosted_zones_per_account": 1})
    domains.make_zone("example.com")
    assert error_of(domains.make_zone, "example.net") == "TooManyHostedZones"
    limit = domains.api.get_account_limit(Type="MAX_HOSTED_ZONES_BY_OWNER")
    assert (limit["Limit"]["Value"], limit["Count"]) == (1, 1)


def test_tags_are_added_and_removed_in_one_call(domains: Domains) -> None:
    zone_id = domains.make_zone("example.com")
    named = {"ResourceType": "hostedzone", "ResourceId": zone_id}
    change = domains.api.change_tags_for_resource
    change(**named, AddTags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    change(**named, AddTags=[{"Key": "b", "Value": "3"}], RemoveTagKeys=["a", "absent"])
    shown = domains.api.list_tags_for_resource(**named)["ResourceTagSet"]
    assert shown == {"ResourceType": "hostedzone", "ResourceId": zone_id, "Tags": [{"Key": "b", "Value": "3"}]}
    assert error_of(change, **named) == "InvalidInput"
    many = [{"Key": str(number), "Value": ""} for number in range(11)]
    assert error_of(change, **named, AddTags=many) == "InvalidInput"


def test_tags_of_ten_zones_come_in_one_call_and_of_eleven_in_none(domains: Domains) -> None:
    ids = [domains.make_zone(f"zone-{number}.example") for number in range(11)]
    listing = domains.api.list_tags_for_resources
    shown = listing(ResourceType="hostedzone", ResourceIds=ids[:10])["ResourceTagSets"]
    assert [tags["ResourceId"] for tags in shown] == ids[:10]
    assert error_of(listing, ResourceType="hostedzone", ResourceIds=ids) == "InvalidInput"
    missing = [ids[0], "Z0UNKNOWN"]
    assert error_of(listing, ResourceType="hostedzone", ResourceIds=missing) == "NoSuchHostedZone"


def test_health_checks_and_their_tags_stay(domains: Domains) -> None:
    config = {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 443}
    check = domains.api.create_health_check(CallerReference="a", HealthCheckConfig=config)["HealthCheck"]["Id"]
    named = {"ResourceType": "healthcheck", "ResourceId": check}
    domains.api.change_tags_for_resource(**named, AddTags=[{"Key": "a", "Value": "1"}])
    tags = domains.api.list_tags_for_resource(**named)["ResourceTagSet"]["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}]


def test_what_is_not_there_is_refused_by_name(domains: Domains, emulator: RunningEmulator) -> None:
    zone_id = domains.make_zone("example.com")
    assert "route53:GetDNSSEC" in message_of(domains.api.get_dnssec, HostedZoneId=zone_id)
    assert error_of(domains.api.list_reusable_delegation_sets) == "NotImplemented"
    discovery = emulator.client("servicediscovery", account=PROVIDER)
    assert error_of(discovery.create_public_dns_namespace, Name="example.net") == "NotImplemented"


def test_stack_with_a_zone_fails_with_the_reason(stack: StackOf) -> None:
    zone = "{Type: AWS::Route53::HostedZone, Properties: {Name: example.com}}"
    assert stack.create(f"Resources: {{Zone: {zone}}}") == "ROLLBACK_COMPLETE"
    assert "hosted zones made by Cloud Map or by moto" in stack.reasons()


def test_reset_forgets_zones_and_references(domains: Domains, emulator: RunningEmulator) -> None:
    domains.api.create_hosted_zone(Name="example.com", CallerReference="a")
    emulator.control("POST", "reset")
    assert domains.api.list_hosted_zones()["HostedZones"] == []
    domains.api.create_hosted_zone(Name="example.com", CallerReference="a")
