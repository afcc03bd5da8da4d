"""What tag-resources may do by the member role: what the account's part is, in a session of its own name only."""

import json
from dataclasses import replace

import pytest

from infra.delivery import permissions, trust
from infra.permission import Request, actions, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    MEMBER_DNS_PARAMETERS,
    MEMBER_PARAMETERS,
    PROVIDER_ACCOUNT,
    TAG_PARAMETERS,
    Rendering,
)
from infra.template import Template, altered, at, read, without
from infra.test_function_role import connection_arn, service_arn
from infra.test_member_names import WRITES as WRITES_OF_NAMES
from infra.test_sync_role import ZONE, endpoint_arn
from infra.test_tags_role import (
    ENABLED,
    FOREIGN_KEYS,
    KEYS,
    MADE_BY_US,
    OPTED_IN,
    OUR_KEYS,
    OWNER,
    alarm_arn,
    balancing_arn,
    ec2_arn,
    lacking,
    with_keys,
)
from infra.test_trust import WRITES as WRITES_OF_DECISIONS

MEMBER = read("member.yaml")
POLICIES = "Resources/MemberRole/Properties/Policies"
USER = "aws:userid"
TAGGING = {USER: "AROAEXAMPLEEXAMPLEEXA:tag-resources"}
OTHERS = [
    {USER: f"AROAEXAMPLEEXAMPLEEXA:{name}"}
    for name in ("accept-connections", "watch-organization", "sync-dns", "untag-resources")
]
PARTS = ("ProviderRole", "ConsumerRole", "DnsRole")
HERE = CONSUMER_ACCOUNT

# By the part that an account has; what stands under none is there for each.
READS = {
    "ProviderRole": {
        "list services": Request("ec2:DescribeVpcEndpointServiceConfigurations", context=TAGGING),
        "list connections": Request("ec2:DescribeVpcEndpointConnections", context=TAGGING),
        "list listeners": Request("elasticloadbalancing:DescribeListeners", context=TAGGING),
        "list target groups": Request("elasticloadbalancing:DescribeTargetGroups", context=TAGGING),
        "read tags of load balancers": Request("elasticloadbalancing:DescribeTags", context=TAGGING),
    },
    "ConsumerRole": {
        "list endpoints": Request("ec2:DescribeVpcEndpoints", context=TAGGING),
        "list network interfaces": Request("ec2:DescribeNetworkInterfaces", context=TAGGING),
    },
    "DnsRole": {"list zones": Request("route53:ListHostedZones", context=TAGGING)},
}
READS_OF_ALL = {
    "read tags": Request("tag:GetResources", context=TAGGING),
    "look up who made it": Request("cloudtrail:LookupEvents", context=TAGGING),
}
# Where services or endpoints are.
OF_OWN = {
    "tag a name of Cloud Map": Request("servicediscovery:TagResource", context=TAGGING | OUR_KEYS),
    "tag an alarm": Request("cloudwatch:TagResource", alarm_arn(HERE), TAGGING | OUR_KEYS | MADE_BY_US),
}
WRITES = {
    "ProviderRole": {
        **OF_OWN,
        "tag a service": Request("ec2:CreateTags", service_arn(HERE), TAGGING | OUR_KEYS | OPTED_IN),
        "tag a connection": Request("ec2:CreateTags", connection_arn(HERE), TAGGING | OUR_KEYS),
        **{
            f"tag a {kind}": Request("elasticloadbalancing:AddTags", balancing_arn(kind, HERE), TAGGING | OUR_KEYS)
            for kind in (
                "loadbalancer/net/x",
                "loadbalancer/gwy/x",
                "listener/net/x/y",
                "listener/gwy/x/y",
                "targetgroup/x",
            )
        },
    },
    "ConsumerRole": {
        **OF_OWN,
        "tag an endpoint": Request("ec2:CreateTags", endpoint_arn(HERE), TAGGING | OUR_KEYS),
        "tag its network interface": Request("ec2:CreateTags", ec2_arn("network-interface", HERE), TAGGING | OUR_KEYS),
    },
    "DnsRole": {"tag a zone": Request("route53:ChangeTagsForResource", ZONE, TAGGING)},
}
WRITES_OF_ALL = {"ask the Tagging API": Request("tag:TagResources", context=TAGGING)}
ALL_READS = READS_OF_ALL | {name: request for requests in READS.values() for name, request in requests.items()}
ALL_WRITES = WRITES_OF_ALL | {name: request for requests in WRITES.values() for name, request in requests.items()}
WITH_KEYS = {write: request for write, request in ALL_WRITES.items() if KEYS in request.context}
# Any function looks at services and connections.
READ_BY_ALL = {"list services", "list connections"}


def may(request: Request, template: Template = MEMBER, **parameters: str) -> bool:
    """Whether the role of a member allows it; with all parts and capabilities, unless other parameters are given."""
    chosen = {"ProviderRole": "no"} | parameters if parameters else MEMBER_DNS_PARAMETERS | TAG_PARAMETERS
    rendering = Rendering(template, MEMBER_PARAMETERS | chosen, account=HERE)
    return allowed(permissions(rendering, "MemberRole"), request)


@pytest.mark.parametrize("action", ALL_READS | ALL_WRITES)
def test_a_member_lets_tag_resources_in_its_own_session_only(action):
    request = (ALL_READS | ALL_WRITES)[action]
    assert may(request)
    # Others have leave of their own to list what it lists.
    others = [other for other in OTHERS if action not in ALL_READS or other == OTHERS[-1]]
    assert action in READ_BY_ALL or not any(may(replace(request, context=request.context | o)) for o in others)


@pytest.mark.parametrize("write", WRITES_OF_NAMES | WRITES_OF_DECISIONS)
def test_a_member_does_not_let_tag_resources_do_what_others_write(write):
    request = (WRITES_OF_NAMES | WRITES_OF_DECISIONS)[write]
    assert not may(replace(request, context=request.context | TAGGING))


@pytest.mark.parametrize("part", PARTS)
def test_an_account_is_read_for_the_part_that_it_has(part):
    read_ = {name for name, request in ALL_READS.items() if may(request, **{part: "yes"})}
    assert read_ == READS_OF_ALL.keys() | READS[part].keys()


@pytest.mark.parametrize("part", PARTS)
def test_an_account_is_tagged_for_the_part_that_it_has_and_when_it_was_asked_for(part):
    parameters = {part: "yes"} | TAG_PARAMETERS
    written = {name for name, request in ALL_WRITES.items() if may(request, **parameters)}
    assert written == WRITES_OF_ALL.keys() | WRITES[part].keys()
    assert not any(may(request, **parameters | {"WriteTags": "no"}) for request in ALL_WRITES.values())
    others = parameters | {"TagKeys": "unit"}
    assert not any(may(request, **others) for request in WITH_KEYS.values())


REFUSED = {
    **{f"{write} without a key": lacking(request, KEYS) for write, request in WITH_KEYS.items()},
    **{
        f"{write} with {what}": with_keys(request, keys)
        for write, request in WITH_KEYS.items()
        for what, keys in FOREIGN_KEYS.items()
    },
    "tag a service that did not opt in": lacking(ALL_WRITES["tag a service"], ENABLED),
    "tag an alarm of others": lacking(ALL_WRITES["tag an alarm"], OWNER),
    "tag an endpoint of another account": replace(ALL_WRITES["tag an endpoint"], resource=endpoint_arn(HUB_ACCOUNT)),
    "tag an instance": replace(ALL_WRITES["tag an endpoint"], resource=ec2_arn("instance", HERE)),
    "tag an application load balancer": replace(
        ALL_WRITES["tag a loadbalancer/net/x"], resource=balancing_arn("loadbalancer/app/x", HERE)
    ),
    "tag a health check": replace(ALL_WRITES["tag a zone"], resource="arn:aws:route53:::healthcheck/x"),
    "take a tag away": replace(ALL_WRITES["tag an endpoint"], action="ec2:DeleteTags"),
    "take a tag away by the Tagging API": replace(ALL_WRITES["ask the Tagging API"], action="tag:UntagResources"),
}


@pytest.mark.parametrize("step", REFUSED)
def test_a_member_does_not_let_tag_resources(step):
    assert not may(REFUSED[step])


def test_with_every_service_selected_the_tag_is_not_asked_for():
    every = {"ProviderRole": "yes", "ServiceSelection": "every"} | TAG_PARAMETERS
    assert may(REFUSED["tag a service that did not opt in"], **every)


def found_statements() -> dict[str, str]:
    """The paths of the statements for tag-resources, by their Sid."""
    paths = {}
    for number, policy in enumerate(at(MEMBER, POLICIES)):
        inner = f"{POLICIES}/{number}/Fn::If/1" if "Fn::If" in policy else f"{POLICIES}/{number}"
        for place, item in enumerate(at(MEMBER, f"{inner}/PolicyDocument/Statement")):
            path = f"{inner}/PolicyDocument/Statement/{place}" + ("/Fn::If/1" if "Fn::If" in item else "")
            if "tag-resources" in str(at(MEMBER, path).get("Condition")):
                paths[at(MEMBER, path)["Sid"]] = path
    return paths


STATEMENTS = found_statements()


@pytest.mark.parametrize("sid", STATEMENTS)
def test_a_member_that_does_not_look_at_the_session_would_let_others_tag(sid):
    path = STATEMENTS[sid]
    listed = at(MEMBER, f"{path}/Action")
    first = listed if isinstance(listed, str) else listed[-1]
    stranger = {USER: "AROAEXAMPLEEXAMPLEEXA:somebody"}
    # Several statements let ec2:CreateTags: that of these resources tells.
    requests = [
        replace(request, context=request.context | stranger)
        for request in (ALL_READS | ALL_WRITES).values()
        if request.action == first
    ]
    assert not any(may(request) for request in requests)
    assert any(may(request, without(MEMBER, f"{path}/Condition/StringLike")) for request in requests)


@pytest.mark.parametrize(
    ("step", "sid", "part"),
    [
        ("tag a service that did not opt in", "TagServices", "StringEquals"),
        *(
            (f"{write} {beyond}", sid, part)
            for write, sid in (
                ("tag a service", "TagServices"),
                ("tag a connection", "TagBehindServices"),
                ("tag an endpoint", "TagEndpoints"),
                ("tag a name of Cloud Map", "TagCloudMap"),
                ("tag an alarm", "TagAlarms"),
            )
            for beyond, part in (
                ("with a person's word", "ForAllValues:StringEquals"),
                ("without a key", "Null"),
            )
        ),
        ("tag an alarm of others", "TagAlarms", "Null"),
    ],
)
def test_a_member_without_its_limit_would(step, sid, part):
    assert may(REFUSED[step], without(MEMBER, f"{STATEMENTS[sid]}/Condition/{part}"))


@pytest.mark.parametrize(
    ("step", "sid"),
    [
        ("tag an endpoint of another account", "TagEndpoints"),
        ("tag an instance", "TagEndpoints"),
        ("tag an application load balancer", "TagBehindServices"),
        ("tag a health check", "TagZones"),
    ],
)
def test_a_member_that_names_no_resource_would(step, sid):
    assert may(REFUSED[step], altered(MEMBER, f"{STATEMENTS[sid]}/Resource", "*"))


def test_every_action_for_tags_has_a_request_that_proves_it():
    found = Rendering(MEMBER, MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS | TAG_PARAMETERS, account=HERE)
    of_tags = [item for item in permissions(found, "MemberRole") if "tag-resources" in str(item.get("Condition"))]
    proven = {request.action for name, request in (ALL_READS | ALL_WRITES).items() if name not in READ_BY_ALL}
    assert actions(of_tags) == proven


# Characters in a trust policy, by default (IAM quotas).
TRUST_LIMIT = 2048


def length_of_trust(external_id: str) -> int:
    rendering = Rendering(MEMBER, MEMBER_PARAMETERS | {"ExternalId": external_id}, account=PROVIDER_ACCOUNT)
    document = {"Version": "2012-10-17", "Statement": trust(rendering, "MemberRole")}
    # IAM doesn't count white space.
    return len(json.dumps(document, separators=(",", ":")))


def test_the_trust_in_all_functions_is_short_enough_for_iam_with_an_external_id_as_long_as_a_uuid():
    assert length_of_trust("x" * 36) <= TRUST_LIMIT < length_of_trust("x" * 400)
