"""The function accept-connections can do what it has to do in the hub account, and nothing else."""

from dataclasses import replace

import pytest

from infra.delivery import permissions
from infra.permission import Request, actions, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    EVERYTHING,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MANAGEMENT_ACCOUNT,
    MANAGING,
    MEMBER_PARAMETERS,
    ORGANIZATION,
    OTHER_ORGANIZATION,
    OTHER_REGION,
    PROVIDER_ACCOUNT,
    REGION,
    Rendering,
)
from infra.template import Template, altered, at, read, without

HUB, MEMBER = read("hub.yaml"), read("member.yaml")
ROLE = "Resources/FunctionRole/Properties/Policies/0/PolicyDocument/Statement"


# What Lambda calls with a function's role: polling the queue, writing the log.
OF_THE_RUNTIME = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
}
# Services whose resources are in members, too.
ELSEWHERE = (
    "ec2",
    "elasticloadbalancing",
    "route53",
    "route53profiles",
    "route53resolver",
    "servicediscovery",
    "cloudwatch",
    "cloudtrail",
    "tag",
)


def granted(rendering: Rendering, role: str) -> set[str]:
    """Actions that a role has for the code's sake."""
    return actions(permissions(rendering, role)) - OF_THE_RUNTIME


def elsewhere(actions_: set[str]) -> set[str]:
    """Those that are about resources of any account."""
    return {action for action in actions_ if action.split(":")[0] in ELSEWHERE}


def test_the_member_role_has_the_actions_on_services_that_the_functions_have_in_the_hub():
    for parameters in ({}, MANAGING):
        hub = Rendering(HUB, HUB_PARAMETERS | parameters)
        in_the_hub = granted(hub, "FunctionRole") | granted(hub, "WatchRole")
        member = Rendering(MEMBER, MEMBER_PARAMETERS | parameters, account=PROVIDER_ACCOUNT)
        statements = permissions(member, "MemberRole")
        of_others = [
            found
            for found in statements
            if any(
                name in str(found.get("Condition")) for name in ("tag-resources", "publish-alarms", "sync-cloud-map")
            )
        ]
        assert actions(found for found in statements if found not in of_others) == elsewhere(in_the_hub)


def unlike(template: Template = MEMBER) -> set[str]:
    """Actions that only one of both has: the functions in the hub, or the member role of an account with all parts."""
    hub = Rendering(HUB, EVERYTHING["hub.yaml"])
    roles = ("FunctionRole", "WatchRole", "SyncRole", "TagsRole", "AlarmsRole", "CloudMapRole")
    in_the_hub = set().union(*(granted(hub, role) for role in roles))
    member = Rendering(template, EVERYTHING["member.yaml"], account=PROVIDER_ACCOUNT)
    return granted(member, "MemberRole") ^ elsewhere(in_the_hub)


def test_the_member_role_of_an_account_with_all_parts_has_all_actions_that_the_functions_have_in_the_hub():
    assert unlike() == set()


# The requests the function makes. Condition keys are those that the Service Authorization Reference gives the action.
def service_arn(account: str = HUB_ACCOUNT, region: str = REGION) -> str:
    return f"arn:aws:ec2:{region}:{account}:vpc-endpoint-service/vpce-svc-0a1b2c3d4e5f60718"


def connection_arn(account: str = HUB_ACCOUNT) -> str:
    return f"arn:aws:ec2:{REGION}:{account}:vpc-endpoint-connection/vpce-con-0a1b2c3d4e5f60718"


def member_arn(management: str = MANAGEMENT_ACCOUNT, organization: str = ORGANIZATION) -> str:
    return f"arn:aws:organizations::{management}:account/{organization}/{CONSUMER_ACCOUNT}"


IN_REGION = {"aws:requestedregion": REGION}
ENABLED = {**IN_REGION, "aws:resourcetag/drawbridge:enabled": "true"}
OUR_KEYS = [
    f"drawbridge:{key}"
    for key in ("owner", "decision", "reason", "policy", "decided-at", "membership", "revoke-after", "revoke-reason")
]
MARK = {**IN_REGION, "aws:tagkeys": OUR_KEYS}
MEMBER_ROLE = f"arn:aws:iam::{PROVIDER_ACCOUNT}:role/drawbridge-member"
CONFIGURATION = (
    f"arn:aws:appconfig:{REGION}:{HUB_ACCOUNT}:application/application-Application"
    "/environment/environment-Environment/configuration/profile-{}"
)
BUS = f"arn:aws:events:{REGION}:{HUB_ACCOUNT}:event-bus/drawbridge"

NEEDED = {
    "list services": Request("ec2:DescribeVpcEndpointServiceConfigurations", context=IN_REGION),
    "list allowed principals": Request("ec2:DescribeVpcEndpointServicePermissions", service_arn(), IN_REGION),
    "list connections": Request("ec2:DescribeVpcEndpointConnections", context=IN_REGION),
    "list notifications": Request("ec2:DescribeVpcEndpointConnectionNotifications", context=IN_REGION),
    "be notified": Request("ec2:CreateVpcEndpointConnectionNotification", service_arn(), ENABLED),
    "accept": Request("ec2:AcceptVpcEndpointConnections", service_arn(), ENABLED),
    "reject": Request("ec2:RejectVpcEndpointConnections", service_arn(), ENABLED),
    "mark": Request("ec2:CreateTags", connection_arn(), MARK),
    "read membership": Request("organizations:DescribeAccount", member_arn()),
    "read tags of a member": Request("organizations:ListTagsForResource", member_arn()),
    "list members": Request("organizations:ListAccounts"),
    "act elsewhere": Request("sts:AssumeRole", MEMBER_ROLE, {"aws:resourceorgid": ORGANIZATION}),
    "start configuration": Request("appconfig:StartConfigurationSession", CONFIGURATION.format("ConfigurationProfile")),
    "poll configuration": Request("appconfig:GetLatestConfiguration", CONFIGURATION.format("ConfigurationProfile")),
    "start policy": Request("appconfig:StartConfigurationSession", CONFIGURATION.format("PolicyProfile")),
    "poll policy": Request("appconfig:GetLatestConfiguration", CONFIGURATION.format("PolicyProfile")),
    "publish": Request(
        "events:PutEvents", BUS, {"events:source": ["drawbridge"], "events:detail-type": "Connection Accepted"}
    ),
}

# What it may do beside with ManagePrincipals.
MANAGED = {
    "change allowed principals": Request("ec2:ModifyVpcEndpointServicePermissions", service_arn(), ENABLED),
    "require acceptance": Request("ec2:ModifyVpcEndpointServiceConfiguration", service_arn(), ENABLED),
}

# Each is one step beyond a request above.
REFUSED = {
    "list services in another Region": replace(NEEDED["list services"], context={"aws:requestedregion": OTHER_REGION}),
    "list connections in another Region": replace(
        NEEDED["list connections"], context={"aws:requestedregion": OTHER_REGION}
    ),
    "list allowed principals in another account": replace(
        NEEDED["list allowed principals"], resource=service_arn(PROVIDER_ACCOUNT)
    ),
    "list allowed principals in another Region": replace(
        NEEDED["list allowed principals"], context={"aws:requestedregion": OTHER_REGION}
    ),
    "accept for a service that did not opt in": replace(NEEDED["accept"], context=IN_REGION),
    "accept for a service that opted out": replace(
        NEEDED["accept"], context={**IN_REGION, "aws:resourcetag/drawbridge:enabled": "false"}
    ),
    "accept in another Region": replace(NEEDED["accept"], context={**ENABLED, "aws:requestedregion": OTHER_REGION}),
    "accept in another account": replace(NEEDED["accept"], resource=service_arn(PROVIDER_ACCOUNT)),
    "accept on something else": replace(NEEDED["accept"], resource=connection_arn()),
    "reject for a service that did not opt in": replace(NEEDED["reject"], context=IN_REGION),
    "reject in another account": replace(NEEDED["reject"], resource=service_arn(PROVIDER_ACCOUNT)),
    "mark with another's key": replace(
        NEEDED["mark"], context={**IN_REGION, "aws:tagkeys": ["drawbridge:owner", "cost-center"]}
    ),
    "mark with nothing": replace(NEEDED["mark"], context=IN_REGION),
    "mark a service": replace(NEEDED["mark"], resource=service_arn()),
    "mark in another Region": replace(NEEDED["mark"], context={**MARK, "aws:requestedregion": OTHER_REGION}),
    "mark with a person's word": replace(
        NEEDED["mark"], context={**IN_REGION, "aws:tagkeys": ["drawbridge:owner", "drawbridge:approval"]}
    ),
    "read another Organization": replace(
        NEEDED["read membership"], resource=member_arn(organization=OTHER_ORGANIZATION)
    ),
    "read tags of a unit": replace(
        NEEDED["read tags of a member"],
        resource=f"arn:aws:organizations::{MANAGEMENT_ACCOUNT}:ou/{ORGANIZATION}/ou-ab12-11111111",
    ),
    "change allowed principals of a service that did not opt in": replace(
        MANAGED["change allowed principals"], context=IN_REGION
    ),
    "change allowed principals in another Region": replace(
        MANAGED["change allowed principals"], context={**ENABLED, "aws:requestedregion": OTHER_REGION}
    ),
    "require acceptance in another account": replace(
        MANAGED["require acceptance"], resource=service_arn(PROVIDER_ACCOUNT)
    ),
    "act outside the Organization": replace(NEEDED["act elsewhere"], context={"aws:resourceorgid": OTHER_ORGANIZATION}),
    "act by another role": replace(NEEDED["act elsewhere"], resource=f"arn:aws:iam::{PROVIDER_ACCOUNT}:role/admin"),
    "read another configuration": replace(NEEDED["poll policy"], resource=CONFIGURATION.format("Other")),
    "publish in another's name": replace(NEEDED["publish"], context={"events:source": ["drawbridge", "aws.ec2"]}),
    "publish elsewhere": replace(NEEDED["publish"], resource=BUS.replace("drawbridge", "default")),
    "take from another queue": Request("sqs:ReceiveMessage", f"arn:aws:sqs:{REGION}:{HUB_ACCOUNT}:other"),
    "send to its own queue": Request(
        "sqs:SendMessage", f"arn:aws:sqs:{REGION}:{HUB_ACCOUNT}:drawbridge-accept-connections"
    ),
    "write another log": Request(
        "logs:PutLogEvents", f"arn:aws:logs:{REGION}:{HUB_ACCOUNT}:log-group:/aws/lambda/other:log-stream:x"
    ),
}


def function_may(request: Request, template: Template = HUB, **parameters: str) -> bool:
    return allowed(permissions(Rendering(template, HUB_PARAMETERS | parameters), "FunctionRole"), request)


@pytest.mark.parametrize("need", NEEDED)
def test_the_function_may(need):
    assert function_may(NEEDED[need])


@pytest.mark.parametrize("need", MANAGED)
def test_the_function_may_when_it_manages_principals(need):
    assert function_may(MANAGED[need], **MANAGING)
    assert not function_may(MANAGED[need])


@pytest.mark.parametrize("step", REFUSED)
def test_the_function_may_not(step):
    assert not function_may(REFUSED[step], **MANAGING)


WITHIN_REGION = {"aws:RequestedRegion": REGION}


def test_every_action_of_the_role_has_a_request_that_proves_it():
    proven = {request.action for request in (NEEDED | MANAGED).values()}
    assert proven == granted(Rendering(HUB, HUB_PARAMETERS | MANAGING), "FunctionRole")


def statement(sid: str) -> str:
    """The path of the statement with this Sid."""
    found = at(HUB, ROLE)
    return f"{ROLE}/{next(number for number, item in enumerate(found) if item.get('Sid') == sid)}"


OPTION = f"{ROLE}/{next(number for number, item in enumerate(at(HUB, ROLE)) if 'Fn::If' in item)}/Fn::If/1"


@pytest.mark.parametrize(
    ("step", "template"),
    [
        ("list services in another Region", without(HUB, f"{statement('ReadServices')}/Condition")),
        (
            "list allowed principals in another account",
            altered(HUB, f"{statement('ReadPrincipals')}/Resource", "*"),
        ),
        ("list allowed principals in another Region", without(HUB, f"{statement('ReadPrincipals')}/Condition")),
        (
            "accept for a service that did not opt in",
            altered(HUB, f"{statement('AnswerRequests')}/Condition/StringEquals", WITHIN_REGION),
        ),
        (
            "accept in another account",
            altered(HUB, f"{statement('AnswerRequests')}/Resource", "arn:aws:ec2:*:*:vpc-endpoint-service/*"),
        ),
        ("accept on something else", altered(HUB, f"{statement('AnswerRequests')}/Resource", "*")),
        (
            "change allowed principals of a service that did not opt in",
            altered(HUB, f"{OPTION}/Condition/StringEquals", WITHIN_REGION),
        ),
        ("change allowed principals in another Region", without(HUB, f"{OPTION}/Condition")),
        ("require acceptance in another account", altered(HUB, f"{OPTION}/Resource", "*")),
        (
            "mark with another's key",
            without(HUB, f"{statement('MarkConnectionsWithDecision')}/Condition/ForAllValues:StringEquals"),
        ),
        (
            "mark with a person's word",
            altered(
                HUB,
                f"{statement('MarkConnectionsWithDecision')}/Condition/ForAllValues:StringEquals/aws:TagKeys/6",
                "drawbridge:approval",
            ),
        ),
        ("mark with nothing", without(HUB, f"{statement('MarkConnectionsWithDecision')}/Condition/Null")),
        ("read another Organization", altered(HUB, f"{statement('ReadMembership')}/Resource", "*")),
        ("read tags of a unit", altered(HUB, f"{statement('ReadMembership')}/Resource", "*")),
        ("act outside the Organization", without(HUB, f"{statement('ActInProviderAccounts')}/Condition")),
        (
            "act by another role",
            altered(HUB, f"{statement('ActInProviderAccounts')}/Resource", "arn:aws:iam::*:role/*"),
        ),
        ("read another configuration", altered(HUB, f"{statement('ReadConfiguration')}/Resource", "*")),
        ("publish in another's name", without(HUB, f"{statement('PublishDecisions')}/Condition")),
        ("take from another queue", altered(HUB, f"{statement('ConsumeQueue')}/Resource", "*")),
        ("write another log", altered(HUB, f"{statement('WriteLog')}/Resource", "*")),
    ],
)
def test_a_role_without_its_limit_would_allow_it(step, template):
    assert function_may(REFUSED[step], template, **MANAGING)


def test_with_every_service_selected_the_tag_is_not_asked_for():
    assert function_may(replace(NEEDED["accept"], context=IN_REGION), ServiceSelection="every")


@pytest.mark.parametrize(
    "role",
    ["FunctionRole", "WatchRole", "SyncRole", "TagsRole", "AlarmsRole", "CloudMapRole", "ForwarderRole", "SweepRole"],
)
def test_a_permissions_boundary_covers_every_role_of_the_hub(role):
    boundary = f"arn:aws:iam::{HUB_ACCOUNT}:policy/boundary"
    bounded = Rendering(HUB, HUB_PARAMETERS | {"PermissionsBoundaryArn": boundary})
    assert bounded.properties(role)["PermissionsBoundary"] == boundary
    assert "PermissionsBoundary" not in Rendering(HUB, HUB_PARAMETERS).properties(role)
