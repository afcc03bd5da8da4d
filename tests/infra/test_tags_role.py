"""The function tag-resources can read what it tags in the hub account and write the tags it was let write, and nothing else."""

from dataclasses import replace

import pytest

from infra.delivery import permissions
from infra.permission import Request, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MANAGEMENT_ACCOUNT,
    ORGANIZATION,
    OTHER_ORGANIZATION,
    OTHER_REGION,
    PROVIDER_ACCOUNT,
    REGION,
    TAG_PARAMETERS,
    Rendering,
)
from infra.template import Template, altered, at, read, without
from infra.test_function_role import (
    BUS,
    CONFIGURATION,
    IN_REGION,
    MANAGED,
    MEMBER_ROLE,
    connection_arn,
    granted,
    member_arn,
    service_arn,
)
from infra.test_function_role import NEEDED as NEEDED_TO_DECIDE
from infra.test_management import OF_TAGS, unit_arn
from infra.test_sync_role import WRITES as WRITES_OF_NAMES
from infra.test_sync_role import ZONE, endpoint_arn

HUB = read("hub.yaml")
ROLE = "Resources/TagsRole/Properties/Policies/0/PolicyDocument/Statement"
QUEUE = f"arn:aws:sqs:{REGION}:{HUB_ACCOUNT}:drawbridge-tag-resources"
CONSUMERS = {"ConsumerAccounts": f"{HUB_ACCOUNT},{CONSUMER_ACCOUNT}"}
DNS = {"DnsAccounts": f"{HUB_ACCOUNT},{PROVIDER_ACCOUNT}"}
LET = CONSUMERS | DNS | TAG_PARAMETERS

KEYS = "aws:tagkeys"
# Those of the stack, and the one that lists which of them are ours.
OUR_KEYS = {KEYS: ["creator", "cost-centre", "drawbridge:tags"]}
ENABLED, OWNER = "aws:resourcetag/drawbridge:enabled", "aws:resourcetag/drawbridge:owner"
OPTED_IN, MADE_BY_US = {ENABLED: "true"}, {OWNER: "drawbridge"}
BY_HUB = {"aws:principalaccount": HUB_ACCOUNT}
IN_ANOTHER_REGION = {"aws:requestedregion": "ap-southeast-2"}
# Route 53 has its tags and its records there.
OF_ZONES = {"aws:requestedregion": OTHER_REGION}


def ec2_arn(kind: str, account: str = HUB_ACCOUNT) -> str:
    return f"arn:aws:ec2:{REGION}:{account}:{kind}/id-0a1b2c3d4e5f60718"


def balancing_arn(kind: str, account: str = HUB_ACCOUNT) -> str:
    return f"arn:aws:elasticloadbalancing:{REGION}:{account}:{kind}/0123456789abcdef"


def alarm_arn(account: str = HUB_ACCOUNT) -> str:
    return f"arn:aws:cloudwatch:{REGION}:{account}:alarm:drawbridge-of-something"


NEEDED = {
    "list endpoints": Request("ec2:DescribeVpcEndpoints", context=IN_REGION),
    "list network interfaces": Request("ec2:DescribeNetworkInterfaces", context=IN_REGION),
    "list services": NEEDED_TO_DECIDE["list services"],
    "list connections": NEEDED_TO_DECIDE["list connections"],
    "list listeners": Request("elasticloadbalancing:DescribeListeners", context=IN_REGION),
    "list target groups": Request("elasticloadbalancing:DescribeTargetGroups", context=IN_REGION),
    "read tags of load balancers": Request("elasticloadbalancing:DescribeTags", context=IN_REGION),
    "list zones": Request("route53:ListHostedZones"),
    "read tags": Request("tag:GetResources", context=IN_REGION),
    "read tags of zones": Request("tag:GetResources", context=OF_ZONES),
    "look up who made it": Request("cloudtrail:LookupEvents", context=IN_REGION),
    "look up who made a zone": Request("cloudtrail:LookupEvents", context=OF_ZONES),
    "read membership": NEEDED_TO_DECIDE["read membership"],
    "read tags of a member": NEEDED_TO_DECIDE["read tags of a member"],
    "list members": NEEDED_TO_DECIDE["list members"],
    "read the tag policy of a member": Request("organizations:DescribeEffectivePolicy", member_arn(), OF_TAGS),
    "read a unit": Request("organizations:DescribeOrganizationalUnit", unit_arn()),
    "act elsewhere": NEEDED_TO_DECIDE["act elsewhere"],
    "start configuration": NEEDED_TO_DECIDE["start configuration"],
    "poll configuration": NEEDED_TO_DECIDE["poll configuration"],
    "start policy": NEEDED_TO_DECIDE["start policy"],
    "poll policy": NEEDED_TO_DECIDE["poll policy"],
}

OF_ENDPOINTS = {
    "tag an endpoint": Request("ec2:CreateTags", endpoint_arn(), BY_HUB | IN_REGION | OUR_KEYS),
    "tag its network interface": Request("ec2:CreateTags", ec2_arn("network-interface"), BY_HUB | IN_REGION | OUR_KEYS),
}
BALANCING = {
    f"tag a {kind}": Request("elasticloadbalancing:AddTags", balancing_arn(kind), IN_REGION | OUR_KEYS)
    for kind in ("loadbalancer/net/x", "loadbalancer/gwy/x", "listener/net/x/y", "listener/gwy/x/y", "targetgroup/x")
}
WRITES = {
    **OF_ENDPOINTS,
    "tag a service": Request("ec2:CreateTags", service_arn(), IN_REGION | OUR_KEYS | OPTED_IN),
    "tag a connection": Request("ec2:CreateTags", connection_arn(), IN_REGION | OUR_KEYS),
    **BALANCING,
    "ask the Tagging API": Request("tag:TagResources", context=IN_REGION),
    "ask the Tagging API of zones": Request("tag:TagResources", context=OF_ZONES),
    "tag a zone": Request("route53:ChangeTagsForResource", ZONE, BY_HUB),
    "tag a name of Cloud Map": Request("servicediscovery:TagResource", context=IN_REGION | OUR_KEYS),
    "tag an alarm": Request("cloudwatch:TagResource", alarm_arn(), IN_REGION | OUR_KEYS | MADE_BY_US),
}
# Those for which IAM knows the keys; the rest say nothing of them.
WITH_KEYS = {write: request for write, request in WRITES.items() if KEYS in request.context}
IN_ONE_REGION = {write: request for write, request in WRITES.items() if "aws:requestedregion" in request.context}
FOREIGN_KEYS = {
    "a key of somebody else's": ["creator", "owner"],
    "a person's word": ["creator", "drawbridge:approval"],
    "what opts a service in": ["drawbridge:enabled"],
    "what exempts a resource": ["drawbridge:ignore"],
    "whose it is": ["drawbridge:owner"],
    "a key of AWS": ["creator", "aws:cloudformation:stack-name"],
    "a key of another case": ["Creator"],
    "a longer key": ["creator-of-old"],
}


def with_keys(request: Request, keys: list[str]) -> Request:
    return replace(request, context={**request.context, KEYS: keys})


def lacking(request: Request, key: str) -> Request:
    return replace(request, context={name: value for name, value in request.context.items() if name != key})


def elsewhere(request: Request) -> Request:
    return replace(request, context={**request.context, **IN_ANOTHER_REGION})


TELL = Request("events:PutEvents", BUS, {"events:source": ["drawbridge"], "events:detail-type": "Connection Accepted"})
# Each is one step beyond a request above.
REFUSED = {
    **{need: NEEDED_TO_DECIDE[need] for need in ("accept", "reject", "list allowed principals")},
    **MANAGED,
    **{write: request for write, request in WRITES_OF_NAMES.items() if write != "look at the VPC of a zone"},
    **{
        f"{need} in another Region": elsewhere(NEEDED[need])
        for need in NEEDED
        if NEEDED[need].context.keys() == IN_REGION.keys()
    },
    **{f"{write} in another Region": elsewhere(request) for write, request in IN_ONE_REGION.items()},
    **{f"{write} without a key": lacking(request, KEYS) for write, request in WITH_KEYS.items()},
    **{
        f"{write} with {what}": with_keys(request, keys)
        for write, request in WITH_KEYS.items()
        for what, keys in FOREIGN_KEYS.items()
    },
    "mark a connection with a decision": NEEDED_TO_DECIDE["mark"],
    "tag a service that did not opt in": lacking(WRITES["tag a service"], ENABLED),
    "tag an alarm of others": lacking(WRITES["tag an alarm"], OWNER),
    "tag an endpoint of another account": replace(WRITES["tag an endpoint"], resource=endpoint_arn(CONSUMER_ACCOUNT)),
    "tag a service of another account": replace(WRITES["tag a service"], resource=service_arn(PROVIDER_ACCOUNT)),
    "tag a load balancer of another account": replace(
        WRITES["tag a loadbalancer/net/x"], resource=balancing_arn("loadbalancer/net/x", PROVIDER_ACCOUNT)
    ),
    "tag an alarm of another account": replace(WRITES["tag an alarm"], resource=alarm_arn(PROVIDER_ACCOUNT)),
    **{
        f"tag a {kind}": replace(request, resource=ec2_arn(kind))
        for kind in ("instance", "vpc", "subnet", "security-group", "vpc-endpoint-service-permission")
        for request in [replace(WRITES["tag an endpoint"], context={**BY_HUB, **IN_REGION, **OUR_KEYS, **OPTED_IN})]
    },
    "tag an application load balancer": replace(
        WRITES["tag a loadbalancer/net/x"], resource=balancing_arn("loadbalancer/app/x")
    ),
    "tag a listener's rule": replace(
        WRITES["tag a listener/net/x/y"], resource=balancing_arn("listener-rule/net/x/y/z")
    ),
    "tag a health check": replace(WRITES["tag a zone"], resource="arn:aws:route53:::healthcheck/x"),
    "tag an insight rule": replace(WRITES["tag an alarm"], resource=alarm_arn().replace("alarm:", "insight-rule/")),
    **{
        f"{action} a tag": Request(action, "*", {**IN_REGION, **OUR_KEYS, **BY_HUB})
        for action in ("ec2:DeleteTags", "tag:UntagResources", "elasticloadbalancing:RemoveTags")
    },
    "take a tag from an alarm": replace(WRITES["tag an alarm"], action="cloudwatch:UntagResource"),
    "read another policy of a member": replace(
        NEEDED["read the tag policy of a member"], context={"organizations:policytype": "BACKUP_POLICY"}
    ),
    "read a policy of no type": replace(NEEDED["read the tag policy of a member"], context={}),
    "read a unit of another Organization": replace(NEEDED["read a unit"], resource=unit_arn(OTHER_ORGANIZATION)),
    "read another Organization": replace(
        NEEDED["read membership"], resource=member_arn(organization=OTHER_ORGANIZATION)
    ),
    "read tags of the root": replace(
        NEEDED["read tags of a member"],
        resource=f"arn:aws:organizations::{MANAGEMENT_ACCOUNT}:root/{ORGANIZATION}/r-ab12",
    ),
    "read events from a trail's bucket": Request("s3:GetObject", "arn:aws:s3:::trail/AWSLogs/x"),
    "act outside the Organization": replace(NEEDED["act elsewhere"], context={"aws:resourceorgid": OTHER_ORGANIZATION}),
    "act by another role": replace(NEEDED["act elsewhere"], resource=f"arn:aws:iam::{PROVIDER_ACCOUNT}:role/admin"),
    "read another configuration": replace(NEEDED["poll policy"], resource=CONFIGURATION.format("Other")),
    # It has nothing to tell, and is not to tell of what it didn't decide.
    "publish": TELL,
    "publish in another's name": replace(TELL, context={"events:source": ["aws.tag"]}),
    "publish elsewhere": replace(TELL, resource=BUS.replace("drawbridge", "default")),
    "send to its own queue": Request("sqs:SendMessage", QUEUE),
    "take from another function's queue": Request("sqs:ReceiveMessage", QUEUE.replace("tag-resources", "sync-dns")),
    "write another function's log": Request(
        "logs:PutLogEvents",
        f"arn:aws:logs:{REGION}:{HUB_ACCOUNT}:log-group:/aws/lambda/drawbridge-accept-connections:log-stream:x",
    ),
}


def may(request: Request, template: Template = HUB, parameters: dict[str, str] = LET) -> bool:
    return allowed(permissions(Rendering(template, HUB_PARAMETERS | parameters), "TagsRole"), request)


def statement(sid: str) -> str:
    """The path of the statement with this Sid."""
    for number, item in enumerate(at(HUB, ROLE)):
        if item.get("Sid") == sid:
            return f"{ROLE}/{number}"
        if "Fn::If" in item and item["Fn::If"][1]["Sid"] == sid:
            return f"{ROLE}/{number}/Fn::If/1"
    raise LookupError(sid)


@pytest.mark.parametrize("need", NEEDED)
@pytest.mark.parametrize("parameters", [{}, LET], ids=["let do nothing", "let do all"])
def test_tag_resources_may_read_whatever_it_is_let_write(need, parameters):
    assert may(NEEDED[need], parameters=parameters)


@pytest.mark.parametrize(
    ("parameters", "writes"),
    [
        ({}, set()),
        (CONSUMERS, set()),
        ({"TagKeys": TAG_PARAMETERS["TagKeys"]} | CONSUMERS, set()),
        (LET, set(WRITES)),
        (TAG_PARAMETERS, set(WRITES) - {"tag a zone", *OF_ENDPOINTS}),
        # The hub account is not the one that is named.
        (LET | {"ConsumerAccounts": CONSUMER_ACCOUNT}, set(WRITES) - set(OF_ENDPOINTS)),
        (LET | {"DnsAccounts": PROVIDER_ACCOUNT}, set(WRITES) - {"tag a zone"}),
        # Keys that are not of the stack.
        (LET | {"TagKeys": "creator"}, set(WRITES) - set(WITH_KEYS)),
    ],
)
def test_tag_resources_writes_what_it_was_let_write(parameters, writes):
    assert {write for write in WRITES if may(WRITES[write], parameters=parameters)} == writes


@pytest.mark.parametrize("write", WITH_KEYS)
@pytest.mark.parametrize("keys", [["creator"], ["drawbridge:tags"], ["cost-centre", "drawbridge:tags"]])
def test_tag_resources_writes_some_of_its_keys_alone(write, keys):
    assert may(with_keys(WITH_KEYS[write], keys))


@pytest.mark.parametrize("step", REFUSED)
def test_tag_resources_may_not(step):
    assert not may(REFUSED[step])


def test_with_every_service_selected_the_tag_of_a_service_is_not_asked_for():
    assert may(REFUSED["tag a service that did not opt in"], parameters=LET | {"ServiceSelection": "every"})


def test_a_key_with_a_space_stays_one_key():
    spaced = LET | {"TagKeys": "Cost Center, creator"}
    assert may(with_keys(WRITES["tag a connection"], ["Cost Center", "creator"]), parameters=spaced)
    assert not may(with_keys(WRITES["tag a connection"], ["Cost"]), parameters=spaced)


def test_several_regions_are_each_allowed():
    both = LET | {"ProviderRegions": f"{REGION},{IN_ANOTHER_REGION['aws:requestedregion']}"}
    for request in (NEEDED["list endpoints"], NEEDED["read tags"], WRITES["tag a connection"]):
        assert may(request, parameters=both)
        assert may(elsewhere(request), parameters=both)


def test_every_action_of_tag_resources_has_a_request_that_proves_it():
    proven = {request.action for request in (NEEDED | WRITES).values()}
    assert proven == granted(Rendering(HUB, HUB_PARAMETERS | LET), "TagsRole")


KEYED = ("TagEndpoints", "TagServices", "TagBehindServices", "TagCloudMap", "TagAlarms")


@pytest.mark.parametrize("sid", KEYED)
def test_a_statement_without_its_keys_would_let_any_tag_be_written(sid):
    def opened(part: str) -> set[str]:
        template = without(HUB, f"{statement(sid)}/Condition/{part}")
        statements = permissions(Rendering(template, HUB_PARAMETERS | LET), "TagsRole")
        return {step for step, request in REFUSED.items() if allowed(statements, request)}

    foreign = opened("ForAllValues:StringEquals")
    assert {what for what in FOREIGN_KEYS if any(step.endswith(f" with {what}") for step in foreign)} == set(
        FOREIGN_KEYS
    )
    assert any(step.endswith(" without a key") for step in opened("Null"))


@pytest.mark.parametrize(
    ("step", "template"),
    [
        ("list endpoints in another Region", without(HUB, f"{statement('ReadEndpointsAndServices')}/Condition")),
        ("read tags in another Region", without(HUB, f"{statement('ReadTagsAndRecords')}/Condition")),
        ("list allowed principals", altered(HUB, f"{statement('ReadEndpointsAndServices')}/Action", "ec2:*")),
        (
            "tag an endpoint in another Region",
            without(HUB, f"{statement('TagEndpoints')}/Condition/StringEquals/aws:RequestedRegion"),
        ),
        ("tag an endpoint of another account", altered(HUB, f"{statement('TagEndpoints')}/Resource", "*")),
        ("tag a instance", altered(HUB, f"{statement('TagEndpoints')}/Resource", "*")),
        ("tag a vpc-endpoint-service-permission", altered(HUB, f"{statement('TagServices')}/Resource", "*")),
        (
            "tag a service that did not opt in",
            altered(HUB, f"{statement('TagServices')}/Condition/StringEquals", {"aws:RequestedRegion": REGION}),
        ),
        ("tag a service of another account", altered(HUB, f"{statement('TagServices')}/Resource", "*")),
        (
            "tag a loadbalancer/net/x in another Region",
            without(HUB, f"{statement('TagBehindServices')}/Condition/StringEquals"),
        ),
        (
            "tag a load balancer of another account",
            altered(HUB, f"{statement('TagBehindServices')}/Resource", "*"),
        ),
        ("tag an application load balancer", altered(HUB, f"{statement('TagBehindServices')}/Resource", "*")),
        ("tag a listener's rule", altered(HUB, f"{statement('TagBehindServices')}/Resource", "*")),
        ("ask the Tagging API in another Region", without(HUB, f"{statement('TagByTaggingApi')}/Condition")),
        ("tag:UntagResources a tag", altered(HUB, f"{statement('TagByTaggingApi')}/Action", "tag:*")),
        ("tag a health check", altered(HUB, f"{statement('TagZones')}/Resource", "*")),
        (
            "tag a name of Cloud Map in another Region",
            without(HUB, f"{statement('TagCloudMap')}/Condition/StringEquals"),
        ),
        ("tag an alarm in another Region", without(HUB, f"{statement('TagAlarms')}/Condition/StringEquals")),
        (
            "tag an alarm of others",
            altered(HUB, f"{statement('TagAlarms')}/Condition/Null", {"aws:TagKeys": "false"}),
        ),
        ("tag an insight rule", altered(HUB, f"{statement('TagAlarms')}/Resource", "*")),
        ("take a tag from an alarm", altered(HUB, f"{statement('TagAlarms')}/Action", "cloudwatch:*")),
        ("read another policy of a member", without(HUB, f"{statement('ReadTagPolicies')}/Condition")),
        ("read a policy of no type", without(HUB, f"{statement('ReadTagPolicies')}/Condition")),
        ("read a unit of another Organization", altered(HUB, f"{statement('ReadUnits')}/Resource", "*")),
        ("read another Organization", altered(HUB, f"{statement('ReadMembership')}/Resource", "*")),
        ("read tags of the root", altered(HUB, f"{statement('ReadMembership')}/Resource", "*")),
        ("act outside the Organization", without(HUB, f"{statement('ActInOtherAccounts')}/Condition")),
        ("act by another role", altered(HUB, f"{statement('ActInOtherAccounts')}/Resource", "*")),
        ("read another configuration", altered(HUB, f"{statement('ReadConfiguration')}/Resource", "*")),
        ("publish", altered(HUB, f"{statement('ListMembers')}/Action", "events:PutEvents")),
        ("take from another function's queue", altered(HUB, f"{statement('ConsumeQueue')}/Resource", "*")),
        ("write another function's log", altered(HUB, f"{statement('WriteLog')}/Resource", "*")),
    ],
)
def test_tag_resources_without_its_limit_could(step, template):
    assert may(REFUSED[step], template)


@pytest.mark.parametrize(("sid", "write"), [("TagEndpoints", "tag an endpoint"), ("TagZones", "tag a zone")])
def test_tag_resources_that_did_not_look_at_its_account_would_write_in_a_hub_that_is_not_listed(sid, write):
    others = LET | {"ConsumerAccounts": CONSUMER_ACCOUNT, "DnsAccounts": PROVIDER_ACCOUNT}
    assert not may(WRITES[write], parameters=others)
    anywhere = without(HUB, f"{statement(sid)}/Condition/StringEquals/aws:PrincipalAccount")
    assert may(WRITES[write], anywhere, others)


def test_the_role_that_tag_resources_assumes_elsewhere_is_the_one_that_members_have():
    assert NEEDED["act elsewhere"].resource == MEMBER_ROLE
