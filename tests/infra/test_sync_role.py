"""The function sync-dns can read names in the hub account and write those that it was let write, and nothing else."""

from dataclasses import replace

import pytest

from infra.delivery import permissions
from infra.permission import Request, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    DNS_PARAMETERS,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    ORGANIZATION,
    OTHER_ORGANIZATION,
    OTHER_REGION,
    PROVIDER_ACCOUNT,
    REGION,
    Rendering,
)
from infra.template import Template, altered, at, read, without
from infra.test_function_role import BUS, CONFIGURATION, ENABLED, IN_REGION, MANAGED, MEMBER_ROLE, granted, service_arn
from infra.test_function_role import NEEDED as NEEDED_TO_DECIDE

HUB = read("hub.yaml")
ROLE = "Resources/SyncRole/Properties/Policies/0/PolicyDocument/Statement"

ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
QUEUE = f"arn:aws:sqs:{REGION}:{HUB_ACCOUNT}:drawbridge-sync-dns"
BY_HUB = {"aws:principalaccount": HUB_ACCOUNT}
TYPES, VPCS = "route53:changeresourcerecordsetsrecordtypes", "route53:vpcs"
HELD, GIVEN_TO = "route53profiles:resourcetypes", "route53profiles:resourceids"
OF_VPC = BY_HUB | {VPCS: [f"VPCId=vpc-0c0ffee0c0ffee0c0,VPCRegion={REGION}"]}
OF_VPC_ELSEWHERE = BY_HUB | {VPCS: [f"VPCId=vpc-0c0ffee0c0ffee0c0,VPCRegion={OTHER_REGION}"]}
IN_PROFILE = BY_HUB | IN_REGION | {HELD: "HostedZone"}
TO_VPC = BY_HUB | IN_REGION | {GIVEN_TO: "vpc-0c0ffee0c0ffee0c0"}
OPTED_IN = BY_HUB | IN_REGION | {"aws:resourcetag/drawbridge:private-dns": "true"}


def endpoint_arn(account: str = HUB_ACCOUNT) -> str:
    return f"arn:aws:ec2:{REGION}:{account}:vpc-endpoint/vpce-0f1e2d3c4b5a69788"


NEEDED = {
    "list services": NEEDED_TO_DECIDE["list services"],
    "list endpoints": Request("ec2:DescribeVpcEndpoints", context=IN_REGION),
    "see what a service offers": Request("ec2:DescribeVpcEndpointServices", context=IN_REGION),
    "list VPCs": Request("ec2:DescribeVpcs", context=IN_REGION),
    "read the settings of a VPC": Request(
        "ec2:DescribeVpcAttribute", f"arn:aws:ec2:{REGION}:{HUB_ACCOUNT}:vpc/vpc-0c0ffee0c0ffee0c0", IN_REGION
    ),
    "list zones": Request("route53:ListHostedZones"),
    "find zones by name": Request("route53:ListHostedZonesByName"),
    "find zones of a VPC": Request("route53:ListHostedZonesByVPC", context=OF_VPC),
    "read a zone": Request("route53:GetHostedZone", ZONE),
    "read records": Request("route53:ListResourceRecordSets", ZONE),
    "read who is let in": Request("route53:ListVPCAssociationAuthorizations", ZONE),
    "follow a change": Request("route53:GetChange", "arn:aws:route53:::change/C0123456789ABCDEFGHIJ"),
    "read a Profile": Request("route53profiles:GetProfile", context=IN_REGION),
    "see what is in a Profile": Request("route53profiles:ListProfileResourceAssociations", context=IN_REGION),
    "see which VPCs have Profiles": Request("route53profiles:ListProfileAssociations", context=IN_REGION),
    "list forwarding rules": Request("route53resolver:ListResolverRules", context=IN_REGION),
    "see which VPCs have rules": Request("route53resolver:ListResolverRuleAssociations", context=IN_REGION),
    "read membership": NEEDED_TO_DECIDE["read membership"],
    "read tags of a member": NEEDED_TO_DECIDE["read tags of a member"],
    "list members": NEEDED_TO_DECIDE["list members"],
    "act elsewhere": NEEDED_TO_DECIDE["act elsewhere"],
    "start configuration": NEEDED_TO_DECIDE["start configuration"],
    "poll configuration": NEEDED_TO_DECIDE["poll configuration"],
    "start policy": NEEDED_TO_DECIDE["start policy"],
    "poll policy": NEEDED_TO_DECIDE["poll policy"],
    "publish": Request(
        "events:PutEvents", BUS, {"events:source": ["drawbridge"], "events:detail-type": "Name Created"}
    ),
    "look again later": Request("sqs:SendMessage", QUEUE),
}

# What it may do beside, by the parameters that let it.
WRITES = {
    "verify": Request("ec2:StartVpcEndpointServicePrivateDnsVerification", service_arn(), ENABLED),
    "switch a private name on": Request("ec2:ModifyVpcEndpoint", endpoint_arn(), OPTED_IN),
    "write records": Request("route53:ChangeResourceRecordSets", ZONE, BY_HUB | {TYPES: ["A", "AAAA", "TXT"]}),
    "look at the VPC of a zone": Request("ec2:DescribeVpcs", context={"aws:requestedregion": OTHER_REGION}),
    "make a zone": Request("route53:CreateHostedZone", context=OF_VPC),
    "delete a zone": Request("route53:DeleteHostedZone", ZONE, BY_HUB),
    "let a VPC in": Request("route53:CreateVPCAssociationAuthorization", ZONE, OF_VPC),
    "let it in no more": Request("route53:DeleteVPCAssociationAuthorization", ZONE, OF_VPC),
    "associate a VPC": Request("route53:AssociateVPCWithHostedZone", ZONE, OF_VPC),
    "disassociate a VPC": Request("route53:DisassociateVPCFromHostedZone", ZONE, OF_VPC),
    "put a zone into a Profile": Request("route53profiles:AssociateResourceToProfile", context=IN_PROFILE),
    "take a zone out of a Profile": Request("route53profiles:DisassociateResourceFromProfile", context=IN_PROFILE),
    "give a VPC a Profile": Request("route53profiles:AssociateProfile", context=TO_VPC),
    "take a Profile from a VPC": Request("route53profiles:DisassociateProfile", context=TO_VPC),
}
CONSUMERS = {"ConsumerAccounts": DNS_PARAMETERS["ConsumerAccounts"]}
DNS = {"DnsAccounts": DNS_PARAMETERS["DnsAccounts"]}
OF_NAMES = {"switch a private name on", "associate a VPC", "look at the VPC of a zone"}
OF_CONTENTS = {"put a zone into a Profile", "take a zone out of a Profile"}
OF_PROFILES = {"give a VPC a Profile", "take a Profile from a VPC"}
OF_ZONES = {
    "look at the VPC of a zone",
    "make a zone",
    "delete a zone",
    "let a VPC in",
    "let it in no more",
    "disassociate a VPC",
}

# Each is one step beyond a request above.
REFUSED = {
    **{need: NEEDED_TO_DECIDE[need] for need in ("accept", "reject", "mark", "list connections")},
    **MANAGED,
    "list endpoints in another Region": replace(
        NEEDED["list endpoints"], context={"aws:requestedregion": OTHER_REGION}
    ),
    "read the settings of a VPC of another account": replace(
        NEEDED["read the settings of a VPC"], resource=f"arn:aws:ec2:{REGION}:{CONSUMER_ACCOUNT}:vpc/vpc-0c0ffee0"
    ),
    "verify for a service that did not opt in": replace(WRITES["verify"], context=IN_REGION),
    "verify in another Region": replace(WRITES["verify"], context={**ENABLED, "aws:requestedregion": OTHER_REGION}),
    "verify in another account": replace(WRITES["verify"], resource=service_arn(PROVIDER_ACCOUNT)),
    "switch a name on at an untagged endpoint": replace(WRITES["switch a private name on"], context=BY_HUB | IN_REGION),
    "switch a name on at an endpoint that opted out": replace(
        WRITES["switch a private name on"],
        context=OPTED_IN | {"aws:resourcetag/drawbridge:private-dns": "false"},
    ),
    "switch a name on in another Region": replace(
        WRITES["switch a private name on"], context=OPTED_IN | {"aws:requestedregion": OTHER_REGION}
    ),
    "switch a name on in another account": replace(
        WRITES["switch a private name on"], resource=endpoint_arn(CONSUMER_ACCOUNT)
    ),
    "change the subnets of an endpoint": replace(
        WRITES["switch a private name on"], resource=f"arn:aws:ec2:{REGION}:{HUB_ACCOUNT}:subnet/subnet-0aaa1111"
    ),
    "delete an endpoint": Request("ec2:DeleteVpcEndpoints", endpoint_arn(), OPTED_IN),
    "write a record of another type": replace(WRITES["write records"], context=BY_HUB | {TYPES: ["A", "MX"]}),
    "write records of no type": replace(WRITES["write records"], context=BY_HUB),
    "make a public zone": replace(WRITES["make a zone"], context=BY_HUB),
    "make a zone in another Region": replace(WRITES["make a zone"], context=OF_VPC_ELSEWHERE),
    "let a VPC of another Region in": replace(WRITES["let a VPC in"], context=OF_VPC_ELSEWHERE),
    "associate a VPC of another Region": replace(WRITES["associate a VPC"], context=OF_VPC_ELSEWHERE),
    "disassociate a VPC of another Region": replace(WRITES["disassociate a VPC"], context=OF_VPC_ELSEWHERE),
    "put a firewall rule group into a Profile": replace(
        WRITES["put a zone into a Profile"], context=IN_PROFILE | {HELD: "FirewallRuleGroup"}
    ),
    "put a forwarding rule into a Profile": replace(
        WRITES["put a zone into a Profile"], context=IN_PROFILE | {HELD: "ResolverRule"}
    ),
    "take a query log out of a Profile": replace(
        WRITES["take a zone out of a Profile"], context=IN_PROFILE | {HELD: "ResolverQueryLoggingConfig"}
    ),
    "put what has no type into a Profile": replace(WRITES["put a zone into a Profile"], context=BY_HUB | IN_REGION),
    "put a zone into a Profile in another Region": replace(
        WRITES["put a zone into a Profile"], context=IN_PROFILE | {"aws:requestedregion": OTHER_REGION}
    ),
    "give a VPC of another Region a Profile": replace(
        WRITES["give a VPC a Profile"], context=TO_VPC | {"aws:requestedregion": OTHER_REGION}
    ),
    "read a Profile in another Region": replace(
        NEEDED["read a Profile"], context={"aws:requestedregion": OTHER_REGION}
    ),
    "make a Profile": Request("route53profiles:CreateProfile", context=BY_HUB | IN_REGION),
    "delete a Profile": Request("route53profiles:DeleteProfile", context=BY_HUB | IN_REGION),
    "share a Profile": Request(
        "route53profiles:PutProfilePolicy",
        f"arn:aws:route53profiles:{REGION}:{HUB_ACCOUNT}:profile/rp-0123456789abcdef",
        BY_HUB | IN_REGION,
    ),
    "give a VPC a forwarding rule": Request(
        "route53resolver:AssociateResolverRule",
        f"arn:aws:route53resolver:{REGION}:{HUB_ACCOUNT}:resolver-rule/rslvr-rr-0123456789abcdef",
        BY_HUB | IN_REGION,
    ),
    "tag a zone": Request("route53:ChangeTagsForResource", ZONE, BY_HUB),
    "write a health check": Request("route53:UpdateHealthCheck", "arn:aws:route53:::healthcheck/x", BY_HUB),
    "act outside the Organization": replace(NEEDED["act elsewhere"], context={"aws:resourceorgid": OTHER_ORGANIZATION}),
    "act by another role": replace(NEEDED["act elsewhere"], resource=f"arn:aws:iam::{PROVIDER_ACCOUNT}:role/admin"),
    "read another Organization": replace(
        NEEDED["read membership"], resource=NEEDED["read membership"].resource.replace(ORGANIZATION, OTHER_ORGANIZATION)
    ),
    "read another configuration": replace(NEEDED["poll policy"], resource=CONFIGURATION.format("Other")),
    "publish in another's name": replace(NEEDED["publish"], context={"events:source": ["aws.route53"]}),
    "publish elsewhere": replace(NEEDED["publish"], resource=BUS.replace("drawbridge", "default")),
    "leave work for another function": replace(
        NEEDED["look again later"], resource=QUEUE.replace("sync-dns", "accept-connections")
    ),
    "take from another function's queue": Request(
        "sqs:ReceiveMessage", QUEUE.replace("sync-dns", "accept-connections")
    ),
    "write another function's log": Request(
        "logs:PutLogEvents",
        f"arn:aws:logs:{REGION}:{HUB_ACCOUNT}:log-group:/aws/lambda/drawbridge-accept-connections:log-stream:x",
    ),
}


def may(request: Request, template: Template = HUB, parameters: dict[str, str] = DNS_PARAMETERS) -> bool:
    return allowed(permissions(Rendering(template, HUB_PARAMETERS | parameters), "SyncRole"), request)


def statement(sid: str) -> str:
    """The path of the statement with this Sid."""
    for number, item in enumerate(at(HUB, ROLE)):
        if item.get("Sid") == sid:
            return f"{ROLE}/{number}"
        if "Fn::If" in item and item["Fn::If"][1]["Sid"] == sid:
            return f"{ROLE}/{number}/Fn::If/1"
    raise LookupError(sid)


@pytest.mark.parametrize("need", NEEDED)
@pytest.mark.parametrize("parameters", [{}, DNS_PARAMETERS], ids=["let do nothing", "let do all"])
def test_sync_dns_may_whatever_it_is_let_do(need, parameters):
    assert may(NEEDED[need], parameters=parameters)


@pytest.mark.parametrize(
    ("parameters", "writes"),
    [
        ({}, set()),
        ({"VerifyDomains": "yes"}, {"verify"}),
        (CONSUMERS, set()),
        (CONSUMERS | {"PrivateNames": "tagged"}, OF_NAMES),
        (CONSUMERS | {"PrivateNames": "every"}, OF_NAMES),
        (DNS, {"write records"}),
        (DNS | {"WriteZones": "yes"}, {"write records", *OF_ZONES}),
        (CONSUMERS | DNS | {"WriteZones": "yes"}, {"write records", "associate a VPC", *OF_ZONES}),
        (CONSUMERS | DNS, {"write records"}),
        (DNS | {"WriteProfiles": "yes"}, {"write records", *OF_CONTENTS}),
        (CONSUMERS | DNS | {"WriteProfiles": "yes"}, {"write records", *OF_CONTENTS, *OF_PROFILES}),
        (DNS_PARAMETERS, set(WRITES)),
        # The hub account is not the one that is named.
        ({"ConsumerAccounts": CONSUMER_ACCOUNT, "PrivateNames": "every"}, {"look at the VPC of a zone"}),
        ({"DnsAccounts": PROVIDER_ACCOUNT, "WriteZones": "yes"}, {"look at the VPC of a zone"}),
        (
            {"DnsAccounts": PROVIDER_ACCOUNT, "WriteZones": "yes", **CONSUMERS},
            {"associate a VPC", "look at the VPC of a zone"},
        ),
        ({"DnsAccounts": PROVIDER_ACCOUNT, "WriteProfiles": "yes"}, set()),
        ({"DnsAccounts": PROVIDER_ACCOUNT, "WriteProfiles": "yes", **CONSUMERS}, OF_PROFILES),
    ],
)
def test_sync_dns_writes_what_it_was_let_write(parameters, writes):
    assert {write for write in WRITES if may(WRITES[write], parameters=parameters)} == writes


@pytest.mark.parametrize("step", REFUSED)
def test_sync_dns_may_not(step):
    assert not may(REFUSED[step])


def test_with_every_service_and_endpoint_selected_the_tags_are_not_asked_for():
    every = DNS_PARAMETERS | {"ServiceSelection": "every", "PrivateNames": "every"}
    assert may(REFUSED["verify for a service that did not opt in"], parameters=every)
    assert may(REFUSED["switch a name on at an untagged endpoint"], parameters=every)


@pytest.mark.parametrize("spelt", ["VPCEndpoint", "VpcEndpoint"])
def test_an_endpoint_goes_into_a_profile_however_aws_spells_its_type(spelt):
    for write in OF_CONTENTS:
        assert may(replace(WRITES[write], context=IN_PROFILE | {HELD: spelt}))


def test_several_regions_are_each_allowed():
    both = DNS_PARAMETERS | {"ProviderRegions": f"{REGION},{OTHER_REGION}"}
    assert may(WRITES["associate a VPC"], parameters=both)
    assert may(REFUSED["associate a VPC of another Region"], parameters=both)


def test_every_action_of_sync_dns_has_a_request_that_proves_it():
    proven = {request.action for request in (NEEDED | WRITES).values()}
    assert proven == granted(Rendering(HUB, HUB_PARAMETERS | DNS_PARAMETERS), "SyncRole")


SERVICES = "arn:aws:ec2:*:*:vpc-endpoint-service/*"


@pytest.mark.parametrize(
    ("step", "template"),
    [
        (
            "list connections",
            altered(HUB, f"{statement('ReadServicesEndpointsAndVpcs')}/Action", "ec2:Describe*"),
        ),
        ("list endpoints in another Region", without(HUB, f"{statement('ReadServicesEndpointsAndVpcs')}/Condition")),
        (
            "read the settings of a VPC of another account",
            altered(HUB, f"{statement('ReadVpcSettings')}/Resource", "*"),
        ),
        (
            "verify for a service that did not opt in",
            altered(HUB, f"{statement('StartVerification')}/Condition/StringEquals", {"aws:RequestedRegion": REGION}),
        ),
        ("verify in another Region", without(HUB, f"{statement('StartVerification')}/Condition")),
        ("verify in another account", altered(HUB, f"{statement('StartVerification')}/Resource", SERVICES)),
        ("accept", altered(HUB, f"{statement('StartVerification')}/Action", "ec2:*")),
        (
            "switch a name on at an untagged endpoint",
            altered(HUB, f"{statement('EnableNames')}/Condition/StringEquals", {"aws:RequestedRegion": REGION}),
        ),
        ("switch a name on in another Region", without(HUB, f"{statement('EnableNames')}/Condition")),
        ("switch a name on in another account", altered(HUB, f"{statement('EnableNames')}/Resource", "*")),
        ("change the subnets of an endpoint", altered(HUB, f"{statement('EnableNames')}/Resource", "*")),
        ("delete an endpoint", altered(HUB, f"{statement('EnableNames')}/Action", "ec2:*VpcEndpoint*")),
        (
            "write a record of another type",
            without(HUB, f"{statement('WriteRecords')}/Condition/ForAllValues:StringEquals"),
        ),
        ("write records of no type", without(HUB, f"{statement('WriteRecords')}/Condition/Null")),
        ("make a public zone", without(HUB, f"{statement('MakeZones')}/Condition/Null")),
        (
            "make a zone in another Region",
            without(HUB, f"{statement('MakeZones')}/Condition/ForAllValues:StringLike"),
        ),
        (
            "let a VPC of another Region in",
            without(HUB, f"{statement('LetVpcsIntoZones')}/Condition/ForAllValues:StringLike"),
        ),
        (
            "associate a VPC of another Region",
            without(HUB, f"{statement('AssociateVpcs')}/Condition/ForAllValues:StringLike"),
        ),
        (
            "disassociate a VPC of another Region",
            without(HUB, f"{statement('LetVpcsIntoZones')}/Condition/ForAllValues:StringLike"),
        ),
        (
            "put a firewall rule group into a Profile",
            without(HUB, f"{statement('FillProfiles')}/Condition/StringEqualsIgnoreCase"),
        ),
        (
            "put what has no type into a Profile",
            without(HUB, f"{statement('FillProfiles')}/Condition/StringEqualsIgnoreCase"),
        ),
        (
            "put a zone into a Profile in another Region",
            without(HUB, f"{statement('FillProfiles')}/Condition/StringEquals/aws:RequestedRegion"),
        ),
        (
            "give a VPC of another Region a Profile",
            without(HUB, f"{statement('GiveVpcsProfiles')}/Condition/StringEquals/aws:RequestedRegion"),
        ),
        ("read a Profile in another Region", without(HUB, f"{statement('ReadProfilesAndForwarding')}/Condition")),
        (
            "make a Profile",
            altered(HUB, f"{statement('GiveVpcsProfiles')}/Action", "route53profiles:*"),
        ),
        (
            "give a VPC a forwarding rule",
            altered(HUB, f"{statement('ReadProfilesAndForwarding')}/Action", "route53resolver:*"),
        ),
        ("tag a zone", altered(HUB, f"{statement('DeleteZones')}/Action", "route53:*")),
        ("act outside the Organization", without(HUB, f"{statement('ActInOtherAccounts')}/Condition")),
        ("act by another role", altered(HUB, f"{statement('ActInOtherAccounts')}/Resource", "*")),
        ("read another Organization", altered(HUB, f"{statement('ReadMembership')}/Resource", "*")),
        ("read another configuration", altered(HUB, f"{statement('ReadConfiguration')}/Resource", "*")),
        ("publish in another's name", without(HUB, f"{statement('PublishDecisions')}/Condition")),
        ("publish elsewhere", altered(HUB, f"{statement('PublishDecisions')}/Resource", "*")),
        ("leave work for another function", altered(HUB, f"{statement('LookAgainLater')}/Resource", "*")),
        ("take from another function's queue", altered(HUB, f"{statement('ConsumeQueue')}/Resource", "*")),
        ("write another function's log", altered(HUB, f"{statement('WriteLog')}/Resource", "*")),
    ],
)
def test_sync_dns_without_its_limit_could(step, template):
    assert may(REFUSED[step], template)


@pytest.mark.parametrize(
    ("sid", "write"),
    [
        ("EnableNames", "switch a private name on"),
        ("WriteRecords", "write records"),
        ("MakeZones", "make a zone"),
        ("DeleteZones", "delete a zone"),
        ("LetVpcsIntoZones", "let a VPC in"),
        ("AssociateVpcs", "associate a VPC"),
        ("LetVpcsIntoZones", "disassociate a VPC"),
        ("FillProfiles", "put a zone into a Profile"),
        ("GiveVpcsProfiles", "give a VPC a Profile"),
    ],
)
def test_sync_dns_that_did_not_look_at_its_account_would_write_in_a_hub_that_is_not_listed(sid, write):
    others = DNS_PARAMETERS | {"ConsumerAccounts": CONSUMER_ACCOUNT, "DnsAccounts": PROVIDER_ACCOUNT}
    assert not may(WRITES[write], parameters=others)
    anywhere = without(HUB, f"{statement(sid)}/Condition/StringEquals/aws:PrincipalAccount")
    assert may(WRITES[write], anywhere, others)


def test_the_role_that_sync_dns_assumes_elsewhere_is_the_one_that_members_have():
    assert NEEDED["act elsewhere"].resource == MEMBER_ROLE
