"""What sync-dns may do by the member role: what the account's part is, in a session of its own name only."""

from dataclasses import replace

import pytest

from infra.delivery import permissions
from infra.permission import Request, actions, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    MEMBER_DNS_PARAMETERS,
    MEMBER_PARAMETERS,
    Rendering,
)
from infra.template import Template, at, read, without
from infra.test_function_role import service_arn
from infra.test_sync_role import GIVEN_TO, HELD, OF_VPC, TO_VPC, TYPES, VPCS, ZONE, endpoint_arn

MEMBER = read("member.yaml")
POLICIES = "Resources/MemberRole/Properties/Policies"
ROLE_ID = "AROAEXAMPLEEXAMPLEEXA"
SYNC = {"aws:userid": f"{ROLE_ID}:sync-dns"}
OTHERS = [{"aws:userid": f"{ROLE_ID}:{name}"} for name in ("accept-connections", "watch-organization", "async-dns")]

VPC = f"arn:aws:ec2:eu-west-1:{CONSUMER_ACCOUNT}:vpc/vpc-0c0ffee0c0ffee0c0"
IN_VPC = SYNC | {VPCS: OF_VPC[VPCS]}
ENABLED = SYNC | {"aws:resourcetag/drawbridge:enabled": "true"}
OPTED_IN = SYNC | {"aws:resourcetag/drawbridge:private-dns": "true"}
IN_PROFILE = SYNC | {HELD: "HostedZone"}
WITH_PROFILE = SYNC | {GIVEN_TO: TO_VPC[GIVEN_TO]}
RECORDS = SYNC | {TYPES: ["A", "AAAA", "TXT"]}

# By the part that an account has: what it is read for, and what is written.
READS = {
    "ConsumerRole": {
        "list endpoints": Request("ec2:DescribeVpcEndpoints", context=SYNC),
        "see what a service offers": Request("ec2:DescribeVpcEndpointServices", context=SYNC),
        "list VPCs": Request("ec2:DescribeVpcs", context=SYNC),
        "read the settings of a VPC": Request("ec2:DescribeVpcAttribute", VPC, SYNC),
        "find zones of a VPC": Request("route53:ListHostedZonesByVPC", context=IN_VPC),
        "see which VPCs have Profiles": Request("route53profiles:ListProfileAssociations", context=SYNC),
        "see what is in a Profile": Request("route53profiles:ListProfileResourceAssociations", context=SYNC),
        "list forwarding rules": Request("route53resolver:ListResolverRules", context=SYNC),
        "see which VPCs have rules": Request("route53resolver:ListResolverRuleAssociations", context=SYNC),
    },
    "DnsRole": {
        "list zones": Request("route53:ListHostedZones", context=SYNC),
        "find zones by name": Request("route53:ListHostedZonesByName", context=SYNC),
        "read a zone": Request("route53:GetHostedZone", ZONE, SYNC),
        "read records": Request("route53:ListResourceRecordSets", ZONE, SYNC),
        "read who is let in": Request("route53:ListVPCAssociationAuthorizations", ZONE, SYNC),
        "read a Profile": Request("route53profiles:GetProfile", context=SYNC),
        "see what is in a Profile": Request("route53profiles:ListProfileResourceAssociations", context=SYNC),
        "follow a change": Request("route53:GetChange", "arn:aws:route53:::change/C0123456789ABCDEFGHIJ", SYNC),
    },
}
ALL_READS = {name: request for requests in READS.values() for name, request in requests.items()}
WRITES = {
    "verify": Request("ec2:StartVpcEndpointServicePrivateDnsVerification", service_arn(CONSUMER_ACCOUNT), ENABLED),
    "switch a private name on": Request("ec2:ModifyVpcEndpoint", endpoint_arn(CONSUMER_ACCOUNT), OPTED_IN),
    "associate a VPC": Request("route53:AssociateVPCWithHostedZone", ZONE, IN_VPC),
    "disassociate a VPC": Request("route53:DisassociateVPCFromHostedZone", ZONE, IN_VPC),
    "write records": Request("route53:ChangeResourceRecordSets", ZONE, RECORDS),
    "make a zone": Request("route53:CreateHostedZone", context=IN_VPC),
    "look at the VPC of a zone": Request("ec2:DescribeVpcs", context=SYNC),
    "delete a zone": Request("route53:DeleteHostedZone", ZONE, SYNC),
    "let a VPC in": Request("route53:CreateVPCAssociationAuthorization", ZONE, IN_VPC),
    "let it in no more": Request("route53:DeleteVPCAssociationAuthorization", ZONE, IN_VPC),
    "give a VPC a Profile": Request("route53profiles:AssociateProfile", context=WITH_PROFILE),
    "take a Profile from a VPC": Request("route53profiles:DisassociateProfile", context=WITH_PROFILE),
    "put a zone into a Profile": Request("route53profiles:AssociateResourceToProfile", context=IN_PROFILE),
    "take a zone out of a Profile": Request("route53profiles:DisassociateResourceFromProfile", context=IN_PROFILE),
}
OF_CONTENTS = {"put a zone into a Profile", "take a zone out of a Profile"}
OF_PROFILES = {"give a VPC a Profile", "take a Profile from a VPC"}
CONSUMER_WRITES = {"switch a private name on", "associate a VPC"}
ZONE_WRITES = {
    "disassociate a VPC", "make a zone", "look at the VPC of a zone", "delete a zone", "let a VPC in", "let it in no more",
}  # fmt: skip


def may(request: Request, template: Template = MEMBER, **parameters: str) -> bool:
    """Whether the role of a member allows it; with all parts and capabilities, unless other parameters are given."""
    chosen = {"ProviderRole": "no"} | parameters if parameters else MEMBER_DNS_PARAMETERS
    rendering = Rendering(template, MEMBER_PARAMETERS | chosen, account=CONSUMER_ACCOUNT)
    return "MemberRole" in rendering.resources and allowed(permissions(rendering, "MemberRole"), request)


@pytest.mark.parametrize("action", ALL_READS | WRITES)
def test_a_member_lets_sync_dns_in_its_own_session_only(action):
    request = (ALL_READS | WRITES)[action]
    assert may(request)
    assert not any(may(replace(request, context={**request.context, **other})) for other in OTHERS)


@pytest.mark.parametrize("part", READS)
def test_an_account_is_read_for_the_part_that_it_has(part):
    assert {name for name, request in ALL_READS.items() if may(request, **{part: "yes"})} == set(READS[part])


def test_a_provider_is_not_read_for_names():
    assert not any(may(request, ProviderRole="yes") for request in ALL_READS.values())


@pytest.mark.parametrize(
    ("parameters", "writes"),
    [
        ({"ProviderRole": "yes"}, set()),
        ({"ProviderRole": "yes", "VerifyDomains": "yes"}, {"verify"}),
        ({"ProviderRole": "yes", "PrivateNames": "every", "WriteZones": "yes"}, set()),
        ({"ConsumerRole": "yes", "VerifyDomains": "yes"}, set()),
        ({"ConsumerRole": "yes", "PrivateNames": "tagged"}, {"switch a private name on", "associate a VPC"}),
        ({"ConsumerRole": "yes", "WriteZones": "yes"}, {"associate a VPC"}),
        ({"ConsumerRole": "yes", "PrivateNames": "every", "WriteZones": "yes"}, CONSUMER_WRITES),
        ({"DnsRole": "yes"}, {"write records"}),
        ({"DnsRole": "yes", "PrivateNames": "every", "VerifyDomains": "yes"}, {"write records"}),
        ({"DnsRole": "yes", "WriteZones": "yes"}, {"write records", *ZONE_WRITES}),
        ({"ProviderRole": "yes", "WriteProfiles": "yes"}, set()),
        ({"ConsumerRole": "yes", "WriteProfiles": "yes"}, OF_PROFILES),
        ({"DnsRole": "yes", "WriteProfiles": "yes"}, {"write records", *OF_CONTENTS}),
        ({"ConsumerRole": "yes", "DnsRole": "yes"}, {"write records"}),
        ({"VerifyDomains": "yes", "PrivateNames": "every", "WriteZones": "yes", "WriteProfiles": "yes"}, set()),
    ],
)
def test_a_member_lets_write_what_its_part_and_the_capabilities_say(parameters, writes):
    # Reading VPCs is a consumer's part as well.
    written = {name for name, request in WRITES.items() if may(request, **parameters)}
    assert written - ({"look at the VPC of a zone"} if "ConsumerRole" in parameters else set()) == writes


REFUSED = {
    "verify for a service that did not opt in": replace(WRITES["verify"], context=SYNC),
    "verify for a service of another account": replace(WRITES["verify"], resource=service_arn(HUB_ACCOUNT)),
    "switch a name on at an untagged endpoint": replace(WRITES["switch a private name on"], context=SYNC),
    "switch a name on in another account": replace(
        WRITES["switch a private name on"], resource=endpoint_arn(HUB_ACCOUNT)
    ),
    "change the security groups of an endpoint": replace(
        WRITES["switch a private name on"],
        resource=f"arn:aws:ec2:eu-west-1:{CONSUMER_ACCOUNT}:security-group/sg-0123abcd",
    ),
    "write a record of another type": replace(WRITES["write records"], context=SYNC | {TYPES: ["CNAME"]}),
    "write records of no type": replace(WRITES["write records"], context=SYNC),
    "make a public zone": replace(WRITES["make a zone"], context=SYNC),
    "put a firewall rule group into a Profile": replace(
        WRITES["put a zone into a Profile"], context=SYNC | {HELD: "FirewallRuleGroup"}
    ),
    "put what has no type into a Profile": replace(WRITES["put a zone into a Profile"], context=SYNC),
    "take a forwarding rule out of a Profile": replace(
        WRITES["take a zone out of a Profile"], context=SYNC | {HELD: "ResolverRule"}
    ),
    "delete a Profile": Request("route53profiles:DeleteProfile", context=SYNC),
    "take a forwarding rule from a VPC": Request(
        "route53resolver:DisassociateResolverRule",
        f"arn:aws:route53resolver:eu-west-1:{CONSUMER_ACCOUNT}:resolver-rule/rslvr-rr-0123456789abcdef",
        SYNC,
    ),
    "delete an endpoint": Request("ec2:DeleteVpcEndpoints", endpoint_arn(CONSUMER_ACCOUNT), OPTED_IN),
    "accept": Request("ec2:AcceptVpcEndpointConnections", service_arn(CONSUMER_ACCOUNT), ENABLED),
    "tag": Request("ec2:CreateTags", endpoint_arn(CONSUMER_ACCOUNT), SYNC | {"aws:tagkeys": ["drawbridge:owner"]}),
}


@pytest.mark.parametrize("step", REFUSED)
def test_a_member_does_not_let_sync_dns(step):
    assert not may(REFUSED[step])


@pytest.mark.parametrize(
    ("step", "part", "sid", "condition"),
    [
        ("verify for a service that did not opt in", 0, "StartVerification", "StringEquals"),
        ("switch a name on at an untagged endpoint", 1, "EnableNames", "StringEquals"),
        ("write a record of another type", 2, "WriteRecords", "ForAllValues:StringEquals"),
        ("write records of no type", 2, "WriteRecords", "Null"),
        ("make a public zone", 2, "MakeZones", "Null"),
        ("put a firewall rule group into a Profile", 2, "FillProfiles", "StringEqualsIgnoreCase"),
        ("put what has no type into a Profile", 2, "FillProfiles", "StringEqualsIgnoreCase"),
    ],
)
def test_a_member_without_its_limit_would(step, part, sid, condition):
    assert may(REFUSED[step], without(MEMBER, f"{statement(part, sid)}/Condition/{condition}"))


SESSIONS = [
    (part, sid)
    for part, policy in enumerate(at(MEMBER, POLICIES))
    if "Fn::If" in policy
    for item in policy["Fn::If"][1]["PolicyDocument"]["Statement"]
    for found in [item["Fn::If"][1] if "Fn::If" in item else item]
    if "sync-dns" in str(found.get("Condition"))
    for sid in [found["Sid"]]
]


@pytest.mark.parametrize(("part", "sid"), SESSIONS)
def test_a_member_that_does_not_look_at_the_session_would_let_others(part, sid):
    path = statement(part, sid)
    listed = at(MEMBER, f"{path}/Action")
    listed = listed if isinstance(listed, list) else [listed]
    request = next(r for r in (ALL_READS | WRITES).values() if r.action == listed[0])
    other = replace(request, context={**request.context, **OTHERS[0]})
    # SeeVpcOfZone and ReadNames both let VPCs be read: the part alone tells.
    parameters = {**MEMBER_DNS_PARAMETERS, "ConsumerRole": "yes" if part == 1 else "no", "ProviderRole": "yes"}
    assert may(request, **parameters) and not may(other, **parameters)
    assert may(other, without(MEMBER, f"{path}/Condition/StringLike"), **parameters)


def statement(part: int, sid: str) -> str:
    """The path of the statement with this Sid in one of the policies."""
    path = f"{POLICIES}/{part}/Fn::If/1/PolicyDocument/Statement"
    for number, item in enumerate(at(MEMBER, path)):
        if item.get("Sid") == sid:
            return f"{path}/{number}"
        if "Fn::If" in item and item["Fn::If"][1]["Sid"] == sid:
            return f"{path}/{number}/Fn::If/1"
    raise LookupError(sid)


def test_every_action_for_names_has_a_request_that_proves_it():
    with_names = Rendering(MEMBER, MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS, account=CONSUMER_ACCOUNT)
    of_names = [found for found in permissions(with_names, "MemberRole") if "sync-dns" in str(found.get("Condition"))]
    assert {request.action for request in (ALL_READS | WRITES).values()} == actions(of_names)


def test_with_every_endpoint_selected_the_tag_is_not_asked_for():
    request = REFUSED["switch a name on at an untagged endpoint"]
    assert may(request, ConsumerRole="yes", PrivateNames="every")
