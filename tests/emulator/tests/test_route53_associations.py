"""VPCs of private zones: within an account, across accounts by authorization, and who owns what a VPC sees."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from .domains import Domains, message_of, vpc
from .parties import CONSUMER, OTHER_CONSUMER, PROVIDER, Party, error_of
from .running import RunningEmulator


@pytest.fixture
def owner(emulator: RunningEmulator) -> Domains:
    """Route 53 of the account that has the zones."""
    return Domains(emulator, PROVIDER)


@pytest.fixture
def member(emulator: RunningEmulator) -> Domains:
    """Route 53 of the account that has a VPC to be associated."""
    return Domains(emulator, CONSUMER)


def names_of(domains: Domains, vpc_id: str) -> dict[str, dict[str, str]]:
    """The zones that a VPC sees, with their owners."""
    listed = domains.api.list_hosted_zones_by_vpc(VPCId=vpc_id, VPCRegion="eu-west-1")["HostedZoneSummaries"]
    return {zone["Name"]: zone["Owner"] for zone in listed}


def test_vpcs_of_ones_own_need_no_authorization(owner: Domains, provider: Party) -> None:
    zone = owner.make_zone("orders.internal", provider.network.vpc_id)
    other = provider.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    change = owner.api.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpc(other), Comment="second")["ChangeInfo"]
    assert (change["Status"], change["Comment"]) == ("PENDING", "second")
    assert owner.api.get_change(Id=change["Id"])["ChangeInfo"]["Status"] == "INSYNC"
    assert owner.api.get_hosted_zone(Id=zone)["VPCs"] == [vpc(provider.network.vpc_id), vpc(other)]
    assert names_of(owner, other) == {"orders.internal.": {"OwningAccount": PROVIDER}}


def test_association_across_accounts_needs_the_owners_authorization(
    owner: Domains, member: Domains, provider: Party, consumer: Party
) -> None:
    zone, theirs = owner.make_zone("orders.internal", provider.network.vpc_id), vpc(consumer.network.vpc_id)
    request = {"HostedZoneId": zone, "VPC": theirs}
    with pytest.raises(ClientError) as refused:
        member.api.associate_vpc_with_hosted_zone(**request)
    assert refused.value.response["Error"]["Code"] == "NotAuthorizedException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401
    assert "is not authorized to make the association" in refused.value.response["Error"]["Message"]

    made = owner.api.create_vpc_association_authorization(**request)
    assert (made["HostedZoneId"], made["VPC"]) == (zone, theirs)
    assert error_of(owner.api.associate_vpc_with_hosted_zone, **request) == "NotAuthorizedException"
    member.api.associate_vpc_with_hosted_zone(**request)
    assert names_of(member, consumer.network.vpc_id) == {"orders.internal.": {"OwningAccount": PROVIDER}}
    assert theirs in owner.api.get_hosted_zone(Id=zone)["VPCs"]
    assert error_of(member.api.get_hosted_zone, Id=zone) == "AccessDenied"


def test_authorization_stays_until_it_is_deleted_and_the_association_outlives_it(
    owner: Domains, member: Domains, provider: Party, consumer: Party
) -> None:
    zone, theirs = owner.make_zone("orders.internal", provider.network.vpc_id), vpc(consumer.network.vpc_id)
    request = {"HostedZoneId": zone, "VPC": theirs}
    for _ in range(2):
        owner.api.create_vpc_association_authorization(**request)
    member.api.associate_vpc_with_hosted_zone(**request)
    listing = owner.api.list_vpc_association_authorizations
    assert listing(HostedZoneId=zone)["VPCs"] == [theirs]
    owner.api.delete_vpc_association_authorization(**request)
    assert listing(HostedZoneId=zone)["VPCs"] == []
    again = owner.api.delete_vpc_association_authorization
    assert error_of(again, **request) == "VPCAssociationAuthorizationNotFound"
    assert theirs in owner.api.get_hosted_zone(Id=zone)["VPCs"]
    member.api.disassociate_vpc_from_hosted_zone(**request)
    assert error_of(member.api.associate_vpc_with_hosted_zone, **request) == "NotAuthorizedException"


def test_authorizations_are_the_owners_to_give_and_for_private_zones(
    owner: Domains, member: Domains, provider: Party, consumer: Party, emulator: RunningEmulator
) -> None:
    zone, theirs = owner.make_zone("orders.internal", provider.network.vpc_id), vpc(consumer.network.vpc_id)
    grant = {"HostedZoneId": zone, "VPC": theirs}
    assert error_of(member.api.create_vpc_association_authorization, **grant) == "AccessDenied"
    assert error_of(member.api.list_vpc_association_authorizations, HostedZoneId=zone) == "AccessDenied"
    public = owner.make_zone("example.com")
    authorize = owner.api.create_vpc_association_authorization
    assert error_of(authorize, HostedZoneId=public, VPC=theirs) == "InvalidInput"
    assert error_of(authorize, HostedZoneId=zone, VPC=vpc("vpc-none")) == "InvalidVPCId"
    emulator.control("POST", "settings", {"vpc_authorizations_per_hosted_zone": 1})
    authorize(**grant)
    another = vpc(f"vpc-{'0' * 17}")
    assert error_of(authorize, HostedZoneId=zone, VPC=another) == "TooManyVPCAssociationAuthorizations"


def test_authorizations_are_listed_in_pages(owner: Domains, provider: Party) -> None:
    zone = owner.make_zone("orders.internal", provider.network.vpc_id)
    for number in range(52):
        owner.api.create_vpc_association_authorization(HostedZoneId=zone, VPC=vpc(f"vpc-{number:017x}"))
    listing = owner.api.list_vpc_association_authorizations
    first = listing(HostedZoneId=zone, MaxResults="100")
    rest = listing(HostedZoneId=zone, NextToken=first["NextToken"])
    assert (len(first["VPCs"]), len(rest["VPCs"])) == (50, 2)
    assert "NextToken" not in rest
    assert error_of(listing, HostedZoneId=zone, NextToken="bogus") == "InvalidPaginationToken"


def test_either_account_may_disassociate_and_nobody_else(
    owner: Domains, member: Domains, provider: Party, consumer: Party, emulator: RunningEmulator
) -> None:
    zone, theirs = owner.make_zone("orders.internal", provider.network.vpc_id), vpc(consumer.network.vpc_id)
    request = {"HostedZoneId": zone, "VPC": theirs}
    owner.api.create_vpc_association_authorization(**request)
    for side in (owner, member):
        member.api.associate_vpc_with_hosted_zone(**request)
        stranger = Domains(emulator, OTHER_CONSUMER).api
        assert error_of(stranger.disassociate_vpc_from_hosted_zone, **request) == "AccessDenied"
        side.api.disassociate_vpc_from_hosted_zone(**request)
        assert names_of(member, consumer.network.vpc_id) == {}
    assert error_of(member.api.disassociate_vpc_from_hosted_zone, **request) == "VPCAssociationNotFound"


def test_last_vpc_of_a_zone_stays(owner: Domains, provider: Party) -> None:
    zone, mine = owner.make_zone("orders.internal", provider.network.vpc_id), vpc(provider.network.vpc_id)
    assert error_of(owner.api.disassociate_vpc_from_hosted_zone, HostedZoneId=zone, VPC=mine) == "LastVPCAssociation"
    other = provider.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    owner.api.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpc(other))
    owner.api.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=mine)
    assert owner.api.get_hosted_zone(Id=zone)["VPCs"] == [vpc(other)]


def test_zone_outlives_its_vpc_and_the_association_can_be_removed(owner: Domains, provider: Party) -> None:
    zone = owner.make_zone("orders.internal", provider.network.vpc_id)
    other = provider.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    owner.api.associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpc(other))
    provider.ec2.delete_vpc(VpcId=other)
    owner.api.disassociate_vpc_from_hosted_zone(HostedZoneId=zone, VPC=vpc(other))
    assert owner.api.get_hosted_zone(Id=zone)["VPCs"] == [vpc(provider.network.vpc_id)]


def test_second_zone_of_one_name_cannot_come_into_a_vpc(
    owner: Domains, member: Domains, provider: Party, consumer: Party
) -> None:
    theirs = vpc(consumer.network.vpc_id)
    member.make_zone("orders.internal", consumer.network.vpc_id)
    zone = owner.make_zone("orders.internal", provider.network.vpc_id)
    request = {"HostedZoneId": zone, "VPC": theirs}
    owner.api.create_vpc_association_authorization(**request)
    assert error_of(member.api.associate_vpc_with_hosted_zone, **request) == "ConflictingDomainExists"
    again = {"HostedZoneId": zone, "VPC": vpc(provider.network.vpc_id)}
    assert "already been associated" in message_of(owner.api.associate_vpc_with_hosted_zone, **again)


def test_public_zones_and_unknown_vpcs_cannot_be_associated(owner: Domains, provider: Party) -> None:
    public = owner.make_zone("example.com")
    associate = owner.api.associate_vpc_with_hosted_zone
    mine = vpc(provider.network.vpc_id)
    assert error_of(associate, HostedZoneId=public, VPC=mine) == "PublicZoneVPCAssociation"
    zone = owner.make_zone("orders.internal", provider.network.vpc_id)
    assert error_of(associate, HostedZoneId=zone, VPC=vpc(f"vpc-{'0' * 17}")) == "InvalidVPCId"
    elsewhere = vpc(provider.network.vpc_id, "eu-central-1")
    assert error_of(associate, HostedZoneId=zone, VPC=elsewhere) == "InvalidVPCId"
    assert error_of(associate, HostedZoneId="Z0UNKNOWN", VPC=mine) == "NoSuchHostedZone"


def test_quota_of_vpcs_can_be_reached(owner: Domains, provider: Party, emulator: RunningEmulator) -> None:
    emulator.control("POST", "settings", {"vpcs_per_hosted_zone": 1})
    zone = owner.make_zone("orders.internal", provider.network.vpc_id)
    other = provider.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    request = {"HostedZoneId": zone, "VPC": vpc(other)}
    assert error_of(owner.api.associate_vpc_with_hosted_zone, **request) == "LimitsExceeded"
    limit = owner.api.get_hosted_zone_limit(HostedZoneId=zone, Type="MAX_VPCS_ASSOCIATED_BY_ZONE")
    assert (limit["Limit"]["Value"], limit["Count"]) == (1, 1)


def test_zones_of_a_vpc_are_its_owners_to_list_in_pages(owner: Domains, member: Domains, provider: Party) -> None:
    for number in range(3):
        owner.make_zone(f"zone-{number}.internal", provider.network.vpc_id)
    request = {"VPCId": provider.network.vpc_id, "VPCRegion": "eu-west-1"}
    first = owner.api.list_hosted_zones_by_vpc(**request, MaxItems="2")
    rest = owner.api.list_hosted_zones_by_vpc(**request, MaxItems="2", NextToken=first["NextToken"])
    summaries = first["HostedZoneSummaries"] + rest["HostedZoneSummaries"]
    assert len({zone["HostedZoneId"] for zone in summaries}) == 3
    assert not any(zone["HostedZoneId"].startswith("/") for zone in summaries)
    assert "NextToken" not in rest
    assert error_of(member.api.list_hosted_zones_by_vpc, **request) == "AccessDenied"
