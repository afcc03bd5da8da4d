"""Route 53 Profiles: what they hold, VPCs of several accounts, shares by RAM, states, tags, permissions, events."""

from __future__ import annotations

from typing import Any

import pytest

from .domains import Domains, message_of, record, resolve, values
from .organization import MANAGEMENT, Organization
from .parties import CONSUMER, OTHER_CONSUMER, PROVIDER, Party, error_of
from .running import RunningEmulator
from .test_authorization import ROLE, allow, make_role, session
from .test_cloudtrail import records


class Owner:
    """An account that has Profiles."""

    def __init__(self, party: Party) -> None:
        self.party = party
        self.api = party.client("route53profiles")
        self.domains = Domains(party.emulator, party.account)

    def make_profile(self, name: str = "shared", **options: Any) -> dict[str, Any]:
        """A Profile."""
        return self.api.create_profile(Name=name, ClientToken=f"token-{name}", **options)["Profile"]

    def put(self, profile: dict[str, Any], arn: str, name: str = "held") -> dict[str, Any]:
        """Put a resource into a Profile."""
        made = self.api.associate_resource_to_profile(ProfileId=profile["Id"], ResourceArn=arn, Name=name)
        return made["ProfileResourceAssociation"]

    def make_zone(self, name: str, address: str) -> str:
        """The ARN of a private zone whose apex has an address."""
        zone = self.domains.make_zone(name, self.party.network.vpc_id)
        self.domains.change(zone, record("CREATE", name, "A", address))
        return f"arn:aws:route53:::hostedzone/{zone}"

    def share(self, profile: dict[str, Any], *principals: str) -> str:
        """Share a Profile by RAM; the share's ARN."""
        ram = self.party.client("ram")
        made = ram.create_resource_share(name="dns", resourceArns=[profile["Arn"]], principals=[*principals])
        return made["resourceShare"]["resourceShareArn"]


@pytest.fixture
def owner(provider: Party) -> Owner:
    """The provider, as the owner of Profiles."""
    return Owner(provider)


def associate(party: Party, profile: dict[str, Any], name: str = "here", **options: Any) -> dict[str, Any]:
    """Associate a Profile with the party's VPC."""
    request = {"ProfileId": profile["Id"], "ResourceId": party.network.vpc_id, "Name": name, **options}
    return party.client("route53profiles").associate_profile(**request)["ProfileAssociation"]


def test_profile_is_creating_and_then_complete(owner: Owner) -> None:
    made = owner.make_profile(Tags=[{"Key": "team", "Value": "dns"}])
    assert made["Id"].startswith("rp-")
    assert made["Arn"] == f"arn:aws:route53profiles:eu-west-1:{PROVIDER}:profile/{made['Id']}"
    assert (made["Status"], made["ShareStatus"], made["OwnerId"]) == ("CREATING", "NOT_SHARED", PROVIDER)
    shown = owner.api.get_profile(ProfileId=made["Id"])["Profile"]
    assert (shown["Status"], shown["StatusMessage"], shown["ClientToken"]) == (
        "COMPLETE",
        "Created Profile",
        "token-shared",
    )
    assert owner.api.list_tags_for_resource(ResourceArn=made["Arn"])["Tags"] == {"team": "dns"}


def test_status_lasts_as_long_as_the_setting_says(owner: Owner, provider: Party) -> None:
    provider.emulator.control("POST", "settings", {"state_delay_ms": 3_600_000})
    profile = owner.make_profile()
    assert owner.api.get_profile(ProfileId=profile["Id"])["Profile"]["Status"] == "CREATING"
    associate(provider, profile)
    (found,) = owner.api.list_profile_associations()["ProfileAssociations"]
    assert (found["Status"], found["StatusMessage"]) == ("CREATING", "Creating Profile Association")


def test_client_token_makes_one_profile_and_a_region_has_five(owner: Owner) -> None:
    first = owner.make_profile()
    assert owner.make_profile()["Id"] == first["Id"]
    create = owner.api.create_profile
    assert error_of(create, Name="other", ClientToken="token-shared") == "InvalidParameterException"
    assert error_of(create, Name="12", ClientToken="x") == "ValidationException"
    for number in range(4):
        owner.make_profile(f"more-{number}")
    assert error_of(create, Name="sixth", ClientToken="x") == "LimitExceededException"


def test_profiles_are_listed_in_pages(owner: Owner) -> None:
    made = {owner.make_profile(f"profile-{number}")["Id"] for number in range(3)}
    first = owner.api.list_profiles(MaxResults=2)
    rest = owner.api.list_profiles(MaxResults=2, NextToken=first["NextToken"])
    listed = first["ProfileSummaries"] + rest["ProfileSummaries"]
    assert {profile["Id"] for profile in listed} == made
    assert "NextToken" not in rest
    assert error_of(owner.api.list_profiles, NextToken="bogus") == "InvalidNextTokenException"


def test_zone_of_a_profile_answers_in_its_vpcs_and_is_not_listed_there(owner: Owner, provider: Party) -> None:
    profile = owner.make_profile()
    held = owner.put(profile, owner.make_zone("orders.internal", "10.9.9.9"), "orders")
    assert (held["Status"], held["ResourceType"], held["OwnerId"]) == ("CREATING", "PRIVATE_HOSTED_ZONE", PROVIDER)
    other = Party(provider.emulator, PROVIDER)
    where = {"account": PROVIDER, "vpc": other.network.vpc_id}
    assert resolve(provider.emulator, "orders.internal", **where)["status"] == "NOT_HERE"
    made = associate(other, profile)
    assert (made["Status"], made["Priority"], made["OwnerId"]) == ("CREATING", 100, PROVIDER)
    answer = resolve(provider.emulator, "orders.internal", **where)
    assert (answer["status"], values(answer), answer["zone"]["through"]) == ("NOERROR", ["10.9.9.9"], profile["Id"])
    listed = owner.domains.api.list_hosted_zones_by_vpc(VPCId=other.network.vpc_id, VPCRegion="eu-west-1")
    assert listed["HostedZoneSummaries"] == []


def test_zone_of_the_vpc_itself_wins_over_the_profiles(owner: Owner, provider: Party) -> None:
    profile = owner.make_profile()
    owner.put(profile, owner.make_zone("orders.internal", "10.9.9.9"))
    other = Owner(Party(provider.emulator, PROVIDER))
    other.make_zone("orders.internal", "10.1.1.1")
    other.make_zone("internal", "10.2.2.2")
    associate(other.party, profile)
    where = {"account": PROVIDER, "vpc": other.party.network.vpc_id}
    assert values(resolve(provider.emulator, "orders.internal", **where)) == ["10.1.1.1"]


def test_longer_name_in_a_profile_wins_over_a_shorter_of_the_vpc(owner: Owner, consumer: Party) -> None:
    profile = owner.make_profile()
    owner.put(profile, owner.make_zone("orders.internal", "10.9.9.9"))
    owner.share(profile, CONSUMER)
    Owner(consumer).make_zone("internal", "10.2.2.2")
    associate(consumer, profile)
    where = {"account": CONSUMER, "vpc": consumer.network.vpc_id}
    assert values(resolve(consumer.emulator, "orders.internal", **where)) == ["10.9.9.9"]
    assert resolve(consumer.emulator, "billing.internal", **where)["status"] == "NXDOMAIN"


def test_other_account_sees_and_uses_a_profile_only_while_it_is_shared(owner: Owner, consumer: Party) -> None:
    profile = owner.make_profile()
    owner.put(profile, owner.make_zone("orders.internal", "10.9.9.9"))
    theirs = consumer.client("route53profiles")
    assert error_of(theirs.get_profile, ProfileId=profile["Id"]) == "ResourceNotFoundException"
    assert error_of(associate, consumer, profile) == "ResourceNotFoundException"
    share = owner.share(profile, CONSUMER)
    assert theirs.get_profile(ProfileId=profile["Id"])["Profile"]["ShareStatus"] == "SHARED_WITH_ME"
    assert owner.api.get_profile(ProfileId=profile["Id"])["Profile"]["ShareStatus"] == "SHARED_BY_ME"
    assert [found["ShareStatus"] for found in theirs.list_profiles()["ProfileSummaries"]] == ["SHARED_WITH_ME"]
    assert len(theirs.list_profile_resource_associations(ProfileId=profile["Id"])["ProfileResourceAssociations"]) == 1
    made = associate(consumer, profile)
    assert made["OwnerId"] == CONSUMER
    assert [found["Id"] for found in owner.api.list_profile_associations()["ProfileAssociations"]] == [made["Id"]]
    where = {"account": CONSUMER, "vpc": consumer.network.vpc_id}
    assert values(resolve(consumer.emulator, "orders.internal", **where)) == ["10.9.9.9"]
    assert error_of(theirs.delete_profile, ProfileId=profile["Id"]) == "AccessDeniedException"
    consumer.emulator.client("ram", account=PROVIDER).delete_resource_share(resourceShareArn=share)
    assert error_of(theirs.get_profile, ProfileId=profile["Id"]) == "ResourceNotFoundException"
    assert values(resolve(consumer.emulator, "orders.internal", **where)) == ["10.9.9.9"]
    theirs.disassociate_profile(ProfileId=profile["Id"], ResourceId=consumer.network.vpc_id)
    assert resolve(consumer.emulator, "orders.internal", **where)["status"] == "NOT_HERE"


def test_profile_may_be_shared_with_a_whole_organization(emulator: RunningEmulator) -> None:
    organization = Organization(emulator, CONSUMER)
    owner, consumer = Owner(Party(emulator, MANAGEMENT)), Party(emulator, CONSUMER)
    profile = owner.make_profile()
    owner.share(profile, f"arn:aws:organizations::{MANAGEMENT}:organization/{organization.id}")
    assert associate(consumer, profile)["ProfileId"] == profile["Id"]
    assert error_of(associate, Party(emulator, OTHER_CONSUMER), profile) == "ResourceNotFoundException"


def test_endpoint_of_a_profile_answers_for_its_private_names(owner: Owner, provider: Party, consumer: Party) -> None:
    service = {"ServiceName": "com.amazonaws.eu-west-1.sqs"}
    endpoint = provider.connect(service, PrivateDnsEnabled=True)
    arn = f"arn:aws:ec2:eu-west-1:{PROVIDER}:vpc-endpoint/{endpoint['VpcEndpointId']}"
    profile = owner.make_profile()
    assert owner.put(profile, arn)["ResourceType"] == "VPC_ENDPOINT"
    owner.share(profile, CONSUMER)
    associate(consumer, profile)
    where = {"account": CONSUMER, "vpc": consumer.network.vpc_id}
    answer = resolve(consumer.emulator, "sqs.eu-west-1.amazonaws.com", **where)
    assert (len(values(answer)), answer["zone"]["endpoint"]) == (2, endpoint["VpcEndpointId"])
    assert answer["zone"]["owner"] == "vpce.amazonaws.com"
    provider.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint["VpcEndpointId"], PrivateDnsEnabled=False)
    assert resolve(consumer.emulator, "sqs.eu-west-1.amazonaws.com", **where)["status"] == "NOT_HERE"


def test_vpc_has_two_profiles_by_priority(owner: Owner, provider: Party) -> None:
    other = Party(provider.emulator, PROVIDER)
    profiles = [owner.make_profile(f"profile-{number}") for number in range(3)]
    owners = [owner, Owner(Party(provider.emulator, PROVIDER))]
    for number, profile in enumerate(profiles[:2]):
        owner.put(profile, owners[number].make_zone("orders.internal", f"10.9.9.{number}"))
    where = {"account": PROVIDER, "vpc": other.network.vpc_id}
    first = associate(other, profiles[0], Priority=500)
    assert error_of(associate, other, profiles[0], Priority=500) == "ResourceExistsException"
    assert error_of(associate, other, profiles[0], Priority=501) == "ValidationException"
    assert error_of(associate, other, profiles[1]) == "ValidationException"
    assert error_of(associate, other, profiles[1], Priority=500) == "ValidationException"
    second = associate(other, profiles[1], Priority=400)
    assert error_of(associate, other, profiles[2], Priority=600) == "LimitExceededException"
    assert values(resolve(provider.emulator, "orders.internal", **where)) == ["10.9.9.1"]
    update = owner.api.update_profile_association
    request = {"ProfileAssociationId": second["Id"]}
    assert error_of(update, **request, Priority=500) == "ValidationException"
    changed = update(**request, Priority=700, Name="later")["ProfileAssociation"]
    assert (changed["Status"], changed["Priority"], changed["Name"]) == ("UPDATING", 700, "later")
    shown = owner.api.get_profile_association(ProfileAssociationId=second["Id"])["ProfileAssociation"]
    assert (shown["Status"], shown["ResourceId"]) == ("COMPLETE", other.network.vpc_id)
    assert first["Priority"] == 500
    assert values(resolve(provider.emulator, "orders.internal", **where)) == ["10.9.9.0"]


def test_profile_in_use_cannot_be_deleted_and_disassociation_takes_a_while(owner: Owner, provider: Party) -> None:
    profile = owner.make_profile()
    associate(provider, profile)
    assert error_of(owner.api.delete_profile, ProfileId=profile["Id"]) == "ConflictException"
    request = {"ProfileId": profile["Id"], "ResourceId": provider.network.vpc_id}
    gone = owner.api.disassociate_profile(**request)["ProfileAssociation"]
    assert (gone["Status"], gone["StatusMessage"]) == ("DELETING", "Deleting Profile Association")
    assert owner.api.list_profile_associations(ProfileId=profile["Id"])["ProfileAssociations"] == []
    assert error_of(owner.api.disassociate_profile, **request) == "ResourceNotFoundException"
    assert owner.api.delete_profile(ProfileId=profile["Id"])["Profile"]["Status"] == "DELETING"
    assert error_of(owner.api.get_profile, ProfileId=profile["Id"]) == "ResourceNotFoundException"


def test_resources_can_be_found_renamed_and_taken_out(owner: Owner) -> None:
    profile = owner.make_profile()
    zones = [owner.make_zone(f"zone-{number}.internal", "10.9.9.9") for number in range(3)]
    held = [owner.put(profile, arn, f"zone-{number}") for number, arn in enumerate(zones)]
    listing = owner.api.list_profile_resource_associations
    first = listing(ProfileId=profile["Id"], MaxResults=2)
    rest = listing(ProfileId=profile["Id"], MaxResults=2, NextToken=first["NextToken"])
    assert len(first["ProfileResourceAssociations"] + rest["ProfileResourceAssociations"]) == 3
    (found,) = listing(ProfileId=profile["Id"], ResourceArn=zones[1])["ProfileResourceAssociations"]
    assert (found["Id"], found["Status"], found["ResourceArn"]) == (held[1]["Id"], "COMPLETE", zones[1])
    assert listing(ProfileId=profile["Id"], ResourceType="VPC_ENDPOINT")["ProfileResourceAssociations"] == []
    update = owner.api.update_profile_resource_association
    renamed = update(ProfileResourceAssociationId=held[1]["Id"], Name="renamed")["ProfileResourceAssociation"]
    assert (renamed["Name"], renamed["Status"]) == ("renamed", "UPDATING")
    request = {"ProfileId": profile["Id"], "ResourceArn": zones[1]}
    taken = owner.api.disassociate_resource_from_profile(**request)["ProfileResourceAssociation"]
    assert taken["Status"] == "DELETING"
    assert error_of(owner.api.disassociate_resource_from_profile, **request) == "ResourceNotFoundException"


def test_what_a_profile_cannot_hold_is_refused(owner: Owner, consumer: Party) -> None:
    profile = owner.make_profile()
    arn = owner.make_zone("orders.internal", "10.9.9.9")
    owner.put(profile, arn)
    assert error_of(owner.put, profile, arn, "again") == "ConflictException"
    same_name = Owner(Party(consumer.emulator, PROVIDER)).make_zone("orders.internal", "10.8.8.8")
    assert error_of(owner.put, profile, same_name, "same") == "ConflictException"
    public = f"arn:aws:route53:::hostedzone/{owner.domains.make_zone('example.com')}"
    assert error_of(owner.put, profile, public, "public") == "InvalidParameterException"
    foreign = Owner(consumer).make_zone("billing.internal", "10.8.8.8")
    assert error_of(owner.put, profile, foreign, "foreign") == "ResourceNotFoundException"
    group = f"arn:aws:route53resolver:eu-west-1:{PROVIDER}:firewall-rule-group/rslvr-frg-1"
    assert "firewall-rule-group" in message_of(owner.put, profile, group, "group")
    assert error_of(owner.put, profile, "arn:aws:s3:::bucket", "bucket") == "ValidationException"
    missing = f"arn:aws:ec2:eu-west-1:{PROVIDER}:vpc-endpoint/vpce-{'0' * 17}"
    assert error_of(owner.put, profile, missing, "missing") == "ResourceNotFoundException"


def test_vpcs_of_others_cannot_be_associated(owner: Owner, consumer: Party) -> None:
    profile = owner.make_profile()
    request = {"ProfileId": profile["Id"], "ResourceId": consumer.network.vpc_id, "Name": "theirs"}
    assert error_of(owner.api.associate_profile, **request) == "ResourceNotFoundException"


def test_tags_of_profiles_and_associations_can_be_changed(owner: Owner, provider: Party) -> None:
    profile = owner.make_profile()
    made = associate(provider, profile, Tags=[{"Key": "a", "Value": "1"}])
    arn = f"arn:aws:route53profiles:eu-west-1:{PROVIDER}:profile-association/{made['Id']}"
    for resource in (profile["Arn"], arn):
        owner.api.tag_resource(ResourceArn=resource, Tags={"a": "2", "b": "3"})
        owner.api.untag_resource(ResourceArn=resource, TagKeys=["a", "absent"])
        assert owner.api.list_tags_for_resource(ResourceArn=resource)["Tags"] == {"b": "3"}
    absent = f"arn:aws:route53profiles:eu-west-1:{PROVIDER}:profile/rp-0"
    assert error_of(owner.api.list_tags_for_resource, ResourceArn=absent) == "ResourceNotFoundException"


def as_role(emulator: RunningEmulator, *statements: dict[str, Any]) -> Any:
    """Profiles of a role that may do just this."""
    make_role(emulator, ROLE, *statements)
    return emulator.client("route53profiles", credentials=session(emulator, ROLE))


def test_role_may_put_into_a_profile_what_its_conditions_name(owner: Owner, provider: Party) -> None:
    profile = owner.make_profile()
    zone, other = owner.make_zone("orders.internal", "10.9.9.9"), owner.make_zone("billing.internal", "10.9.9.9")
    only = {"StringEquals": {"route53profiles:HostedZoneDomains": "orders.internal"}}
    only["StringEqualsIgnoreCase"] = {"route53profiles:ResourceTypes": ["HostedZone", "VPCEndpoint"]}
    put = "route53profiles:AssociateResourceToProfile"
    role = as_role(provider.emulator, allow("route53profiles:ListProfiles"), allow(put, Condition=only))
    assert len(role.list_profiles()["ProfileSummaries"]) == 1
    request = {"ProfileId": profile["Id"], "Name": "held"}
    role.associate_resource_to_profile(**request, ResourceArn=zone)
    assert error_of(role.associate_resource_to_profile, **request, ResourceArn=other) == "AccessDeniedException"
    group = f"arn:aws:route53resolver:eu-west-1:{PROVIDER}:firewall-rule-group/rslvr-frg-1"
    assert error_of(role.associate_resource_to_profile, **request, ResourceArn=group) == "AccessDeniedException"
    assert error_of(role.get_profile, ProfileId=profile["Id"]) == "AccessDeniedException"


def test_role_may_give_profiles_to_the_vpcs_that_its_conditions_name(owner: Owner, provider: Party) -> None:
    profile, other = owner.make_profile(), Party(provider.emulator, PROVIDER)
    only = {"StringEquals": {"route53profiles:ResourceIds": provider.network.vpc_id}}
    give = ["route53profiles:AssociateProfile", "route53profiles:DisassociateProfile"]
    role = as_role(provider.emulator, allow(give, Condition=only), allow("ec2:DescribeVpcs"))
    here = {"ProfileId": profile["Id"], "ResourceId": provider.network.vpc_id}
    assert role.associate_profile(**here, Name="here")["ProfileAssociation"]["ProfileId"] == profile["Id"]
    there = here | {"ResourceId": other.network.vpc_id}
    assert error_of(role.associate_profile, **there, Name="there") == "AccessDeniedException"
    role.disassociate_profile(**here)


def test_association_with_a_vpc_needs_leave_to_read_vpcs(owner: Owner, provider: Party) -> None:
    role = as_role(provider.emulator, allow("route53profiles:*"))
    here = {"ProfileId": owner.make_profile()["Id"], "ResourceId": provider.network.vpc_id, "Name": "here"}
    assert "ec2:DescribeVpcs" in message_of(role.associate_profile, **here)


def test_arn_of_a_profile_in_a_policy_lets_nothing(owner: Owner, provider: Party) -> None:
    profile = owner.make_profile()
    zone = owner.make_zone("orders.internal", "10.9.9.9")
    tag = allow("route53profiles:ListTagsForResource", profile["Arn"])
    role = as_role(provider.emulator, allow("route53profiles:*Profile*", profile["Arn"]), tag)
    assert error_of(role.get_profile, ProfileId=profile["Id"]) == "AccessDeniedException"
    request = {"ProfileId": profile["Id"], "Name": "held", "ResourceArn": zone}
    assert error_of(role.associate_resource_to_profile, **request) == "AccessDeniedException"
    assert role.list_tags_for_resource(ResourceArn=profile["Arn"])["Tags"] == {}


def test_calls_come_out_as_events_in_their_region_and_faults_hit(owner: Owner, provider: Party) -> None:
    fault = {"service": "route53profiles", "operation": "AssociateProfile", "code": "ThrottlingException"}
    provider.emulator.control("POST", "faults", fault)
    profile = owner.make_profile()
    assert error_of(associate, provider, profile) == "ThrottlingException"
    made = associate(provider, profile)
    done, refused = records(provider.emulator, PROVIDER, "AssociateProfile")
    assert refused["errorCode"] == "ThrottlingException"
    shown = {"profileId": profile["Id"], "resourceId": provider.network.vpc_id, "name": "here"}
    assert done["requestParameters"] == shown
    assert done["responseElements"]["profileAssociation"]["id"] == made["Id"]
    assert (done["eventSource"], done["awsRegion"]) == ("route53profiles.amazonaws.com", "eu-west-1")
    assert records(provider.emulator, PROVIDER, "ListProfiles") == []


def test_reset_forgets_profiles(owner: Owner, emulator: RunningEmulator) -> None:
    owner.make_profile()
    emulator.control("POST", "reset")
    assert owner.api.list_profiles()["ProfileSummaries"] == []
