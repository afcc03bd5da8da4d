"""The function sync-cloud-map can read what it keeps in step in the hub account, and write it where it was let, nothing else."""

from dataclasses import replace

import pytest

from infra.delivery import permissions
from infra.permission import Request, allowed
from infra.rendering import CLOUD_MAP_PARAMETERS, HUB_ACCOUNT, HUB_PARAMETERS, PROVIDER_ACCOUNT, REGION, Rendering
from infra.template import Template, altered, at, read, without
from infra.test_function_role import BUS, IN_REGION, granted, service_arn
from infra.test_function_role import NEEDED as NEEDED_TO_DECIDE
from infra.test_tags_role import elsewhere

HUB = read("hub.yaml")
ROLE = "Resources/CloudMapRole/Properties/Policies/0/PolicyDocument/Statement"
QUEUE = f"arn:aws:sqs:{REGION}:{HUB_ACCOUNT}:drawbridge-sync-cloud-map"
KEYS, MARK, MARKED = (
    "aws:tagkeys",
    {"aws:requesttag/drawbridge:owner": "drawbridge"},
    "aws:resourcetag/drawbridge:owner",
)
FOLLOWS = "aws:resourcetag/drawbridge:cloud-map"
OUR_KEYS = {KEYS: ["drawbridge:owner"]}


def discovery_arn(kind: str = "service", account: str = HUB_ACCOUNT) -> str:
    return f"arn:aws:servicediscovery:{REGION}:{account}:{kind}/x-0123456789abcdef"


def group_arn(account: str = HUB_ACCOUNT) -> str:
    return f"arn:aws:elasticloadbalancing:{REGION}:{account}:targetgroup/orders/73e2d6bc24d8a067"


def reading(*actions: str) -> dict[str, Request]:
    return {f"call {action}": Request(action, context=IN_REGION) for action in actions}


NEEDED = {
    **reading(
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcEndpointServiceConfigurations",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "tag:GetResources",
        "ec2:DescribeVpcs",
        "servicediscovery:ListNamespaces",
        "servicediscovery:ListServices",
        "servicediscovery:ListInstances",
        "servicediscovery:ListOperations",
        "servicediscovery:GetInstancesHealthStatus",
        "servicediscovery:GetOperation",
    ),
    # Route 53 is of no Region.
    "call route53:ListHostedZonesByName": Request("route53:ListHostedZonesByName"),
    "read a service": Request("servicediscovery:GetService", discovery_arn(), IN_REGION),
    "read a service that is shared": Request(
        "servicediscovery:GetService", discovery_arn(account=PROVIDER_ACCOUNT), IN_REGION
    ),
    **{
        need: NEEDED_TO_DECIDE[need]
        for need in ("act elsewhere", "start configuration", "poll configuration", "start policy", "poll policy")
    },
    "publish": Request(
        "events:PutEvents", BUS, {"events:source": ["drawbridge"], "events:detail-type": "Deregistration Withheld"}
    ),
    "look again": Request("sqs:SendMessage", QUEUE),
}
OF_CLOUD_MAP = {
    "register": Request("servicediscovery:RegisterInstance", discovery_arn(), IN_REGION),
    "register in a shared service": Request(
        "servicediscovery:RegisterInstance", discovery_arn(account=PROVIDER_ACCOUNT), IN_REGION
    ),
    "deregister": Request("servicediscovery:DeregisterInstance", discovery_arn(), IN_REGION),
    "make a service": Request("servicediscovery:CreateService", discovery_arn(), IN_REGION | MARK | OUR_KEYS),
    "make a namespace": Request("servicediscovery:CreateHttpNamespace", context=IN_REGION | MARK | OUR_KEYS),
    "mark a service": Request("servicediscovery:TagResource", discovery_arn(), IN_REGION | MARK | OUR_KEYS),
    "delete a service": Request("servicediscovery:DeleteService", discovery_arn(), IN_REGION | {MARKED: "drawbridge"}),
    "delete a namespace": Request(
        "servicediscovery:DeleteNamespace", discovery_arn("namespace"), IN_REGION | {MARKED: "drawbridge"}
    ),
}
ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
OF_ZONES = {
    "make a DNS namespace": Request("servicediscovery:CreatePrivateDnsNamespace", context=IN_REGION | MARK | OUR_KEYS),
    "make a private zone": Request(
        "route53:CreateHostedZone", context={"route53:vpcs": "VPCId=vpc-1,VPCRegion=eu-west-1"}
    ),
    **{f"{name} of a zone": Request(f"route53:{name}", ZONE) for name in ("GetHostedZone", "ChangeResourceRecordSets")},
    "delete a zone": Request("route53:DeleteHostedZone", ZONE),
}
OF_TARGETS = {
    "register a target": Request(
        "elasticloadbalancing:RegisterTargets", group_arn(), IN_REGION | {FOLLOWS: discovery_arn()}
    ),
    "deregister a target": Request(
        "elasticloadbalancing:DeregisterTargets", group_arn(), IN_REGION | {FOLLOWS: discovery_arn()}
    ),
    "mark a group": Request(
        "elasticloadbalancing:AddTags", group_arn(), IN_REGION | OUR_KEYS | MARK | {FOLLOWS: discovery_arn()}
    ),
    "take up zones": Request(
        "ec2:ModifyVpcEndpointServiceConfiguration",
        service_arn(),
        IN_REGION | {"aws:resourcetag/drawbridge:enabled": "true"},
    ),
}
WRITES = OF_CLOUD_MAP | OF_ZONES | OF_TARGETS


def lacking(request: Request, *keys: str) -> Request:
    return replace(request, context={name: value for name, value in request.context.items() if name not in keys})


# Each is one step beyond a request above.
REFUSED = {
    **{
        f"{name} in another Region": elsewhere(request)
        for name, request in (NEEDED | WRITES).items()
        if IN_REGION.items() <= request.context.items()
    },
    **{
        f"{name} without the mark": lacking(WRITES[name], *MARK)
        for name in ("make a service", "make a namespace", "make a DNS namespace")
    },
    **{f"{name} of others": lacking(WRITES[name], MARKED) for name in ("delete a service", "delete a namespace")},
    **{
        f"{name} in another account": replace(WRITES[name], resource=discovery_arn(account=PROVIDER_ACCOUNT))
        for name in ("make a service", "delete a service")
    },
    **{
        f"{name} that follows nothing": lacking(WRITES[name], FOLLOWS)
        for name in ("register a target", "deregister a target", "mark a group")
    },
    **{
        f"{name} of another account": replace(WRITES[name], resource=group_arn(PROVIDER_ACCOUNT))
        for name in ("register a target", "deregister a target", "mark a group")
    },
    "mark a group with a key of others": replace(
        WRITES["mark a group"], context=WRITES["mark a group"].context | {KEYS: ["drawbridge:cloud-map"]}
    ),
    "mark a group without a key": lacking(WRITES["mark a group"], KEYS),
    "mark a service with a key of others": replace(
        WRITES["mark a service"], context=IN_REGION | {KEYS: ["drawbridge:owner", "cost-centre"]}
    ),
    "mark a service without a key": lacking(WRITES["mark a service"], KEYS),
    "take up zones of a service that isn't opted in": lacking(
        WRITES["take up zones"], "aws:resourcetag/drawbridge:enabled"
    ),
    "make a public zone": lacking(WRITES["make a private zone"], "route53:vpcs"),
    "take a mark away": Request("servicediscovery:UntagResource", discovery_arn(), IN_REGION | OUR_KEYS),
    "say how an instance is": Request("servicediscovery:UpdateInstanceCustomHealthStatus", discovery_arn(), IN_REGION),
    "change a load balancer": Request(
        "elasticloadbalancing:SetSubnets",
        f"arn:aws:elasticloadbalancing:{REGION}:{HUB_ACCOUNT}:loadbalancer/net/x/0123456789abcdef",
        IN_REGION,
    ),
    **{need: NEEDED_TO_DECIDE[need] for need in ("accept", "reject", "list allowed principals", "read membership")},
    "act outside the Organization": replace(NEEDED["act elsewhere"], context={"aws:resourceorgid": "o-z9y8x7w6v5"}),
    "publish in another's name": replace(NEEDED["publish"], context={"events:source": ["aws.ecs"]}),
    "send to another function's queue": Request("sqs:SendMessage", QUEUE.replace("sync-cloud-map", "sync-dns")),
    "take from another function's queue": Request("sqs:ReceiveMessage", QUEUE.replace("sync-cloud-map", "sync-dns")),
}


def may(request: Request, template: Template = HUB, parameters: dict[str, str] = CLOUD_MAP_PARAMETERS) -> bool:
    return allowed(permissions(Rendering(template, HUB_PARAMETERS | parameters), "CloudMapRole"), request)


def statement(sid: str) -> str:
    """The path of a statement, whether it depends on a parameter or not."""
    for number, item in enumerate(at(HUB, ROLE)):
        if item.get("Sid") == sid:
            return f"{ROLE}/{number}"
        if "Fn::If" in item and item["Fn::If"][1]["Sid"] == sid:
            return f"{ROLE}/{number}/Fn::If/1"
    raise LookupError(sid)


@pytest.mark.parametrize("need", NEEDED)
@pytest.mark.parametrize("parameters", [{}, CLOUD_MAP_PARAMETERS], ids=["let do nothing", "let do all"])
def test_sync_cloud_map_may_read_whatever_it_is_let_write(need, parameters):
    assert may(NEEDED[need], parameters=parameters)


@pytest.mark.parametrize(
    ("parameters", "written"),
    [
        ({}, {}),
        ({"WriteCloudMap": "api"}, OF_CLOUD_MAP),
        ({"WriteCloudMap": "dns"}, OF_CLOUD_MAP | OF_ZONES),
        ({"WriteTargets": "yes"}, OF_TARGETS),
        (CLOUD_MAP_PARAMETERS, WRITES),
    ],
)
def test_sync_cloud_map_writes_what_it_was_let_write(parameters, written):
    assert {name for name, request in WRITES.items() if may(request, parameters=parameters)} == set(written)


@pytest.mark.parametrize("step", REFUSED)
def test_sync_cloud_map_may_not(step):
    assert not may(REFUSED[step])


def test_every_service_can_take_up_zones_when_every_one_is_looked_after():
    request = REFUSED["take up zones of a service that isn't opted in"]
    assert may(request, parameters=CLOUD_MAP_PARAMETERS | {"ServiceSelection": "every"})


def test_every_action_of_sync_cloud_map_has_a_request_that_proves_it():
    proven = {request.action for request in (NEEDED | WRITES).values()}
    assert proven == granted(Rendering(HUB, HUB_PARAMETERS | CLOUD_MAP_PARAMETERS), "CloudMapRole")


@pytest.mark.parametrize(
    ("step", "template"),
    [
        *(
            (f"{name} in another Region", without(HUB, f"{statement(sid)}/Condition/StringEquals"))
            for name, sid in (
                ("call ec2:DescribeVpcEndpoints", "ReadEndpointsAndTargets"),
                ("call servicediscovery:ListServices", "ReadCloudMap"),
                ("read a service", "ReadServicesOfCloudMap"),
                ("register", "RegisterInstances"),
                ("make a service", "MakeMarkedServices"),
                ("make a namespace", "MakeMarkedNamespaces"),
                ("make a DNS namespace", "MakeMarkedDnsNamespaces"),
                ("mark a service", "MarkServices"),
                ("delete a service", "DeleteMarkedServices"),
                ("register a target", "RegisterTargets"),
                ("mark a group", "MarkTargetGroups"),
                ("take up zones", "TakeUpZones"),
            )
        ),
        ("make a service without the mark", without(HUB, f"{statement('MakeMarkedServices')}/Condition/Null")),
        ("make a namespace without the mark", without(HUB, f"{statement('MakeMarkedNamespaces')}/Condition/Null")),
        (
            "make a DNS namespace without the mark",
            without(HUB, f"{statement('MakeMarkedDnsNamespaces')}/Condition/Null"),
        ),
        ("delete a service of others", without(HUB, f"{statement('DeleteMarkedServices')}/Condition/Null")),
        ("delete a service in another account", altered(HUB, f"{statement('DeleteMarkedServices')}/Resource", "*")),
        ("make a service in another account", altered(HUB, f"{statement('MakeMarkedServices')}/Resource", "*")),
        ("register a target that follows nothing", without(HUB, f"{statement('RegisterTargets')}/Condition/Null")),
        ("register a target of another account", altered(HUB, f"{statement('RegisterTargets')}/Resource", "*")),
        ("mark a group of another account", altered(HUB, f"{statement('MarkTargetGroups')}/Resource", "*")),
        (
            "mark a group that follows nothing",
            altered(HUB, f"{statement('MarkTargetGroups')}/Condition/Null", {"aws:TagKeys": "false"}),
        ),
        (
            "mark a group with a key of others",
            without(HUB, f"{statement('MarkTargetGroups')}/Condition/ForAllValues:StringEquals"),
        ),
        (
            "mark a service with a key of others",
            without(HUB, f"{statement('MarkServices')}/Condition/ForAllValues:StringEquals"),
        ),
        ("mark a service without a key", without(HUB, f"{statement('MarkServices')}/Condition/Null")),
        ("take a mark away", altered(HUB, f"{statement('MarkServices')}/Action", "servicediscovery:*")),
        (
            "take up zones of a service that isn't opted in",
            altered(HUB, f"{statement('TakeUpZones')}/Condition/StringEquals", {"aws:RequestedRegion": REGION}),
        ),
        ("make a public zone", without(HUB, f"{statement('MakeZonesOfCloudMap')}/Condition")),
        ("send to another function's queue", altered(HUB, f"{statement('LookAgainLater')}/Resource", "*")),
        ("publish in another's name", without(HUB, f"{statement('PublishDecisions')}/Condition")),
        ("act outside the Organization", without(HUB, f"{statement('ActInOtherAccounts')}/Condition")),
    ],
)
def test_sync_cloud_map_without_its_limit_could(step, template):
    assert may(REFUSED[step], template)
