"""The function can do what it has to do, and nothing else: in the hub account, and in a provider's by the member role."""

from dataclasses import dataclass, replace

import botocore.session
import pytest

from infra.delivery import permissions
from infra.permission import Request, actions, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATION,
    OTHER_ORGANIZATION,
    OTHER_REGION,
    PROVIDER_ACCOUNT,
    REGION,
    Rendering,
)
from infra.template import Template, altered, read, without

HUB, MEMBER = read("hub.yaml"), read("member.yaml")
ROLE = "Resources/FunctionRole/Properties/Policies/0/PolicyDocument/Statement"


@dataclass(frozen=True)
class Operation:
    """An SDK operation of the function, and the IAM action that allows it."""

    service: str
    name: str
    action: str


# What the code calls through the SDK.
IN_A_PROVIDER_ACCOUNT = [
    Operation("ec2", "DescribeVpcEndpointServiceConfigurations", "ec2:DescribeVpcEndpointServiceConfigurations"),
    Operation("ec2", "DescribeVpcEndpointConnections", "ec2:DescribeVpcEndpointConnections"),
    Operation("ec2", "AcceptVpcEndpointConnections", "ec2:AcceptVpcEndpointConnections"),
    Operation("ec2", "RejectVpcEndpointConnections", "ec2:RejectVpcEndpointConnections"),
    Operation("ec2", "CreateTags", "ec2:CreateTags"),
]
IN_THE_HUB_ACCOUNT = [
    *IN_A_PROVIDER_ACCOUNT,
    Operation("organizations", "DescribeAccount", "organizations:DescribeAccount"),
    Operation("sts", "AssumeRole", "sts:AssumeRole"),
    Operation("appconfigdata", "StartConfigurationSession", "appconfig:StartConfigurationSession"),
    Operation("appconfigdata", "GetLatestConfiguration", "appconfig:GetLatestConfiguration"),
    Operation("events", "PutEvents", "events:PutEvents"),
]
# What Lambda calls with the function's role: polling the queue, writing the log.
OF_THE_RUNTIME = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
}


def missing_or_unused(template: Template = HUB) -> list[str]:
    """Actions of the function's role that the code doesn't need, and needed ones that the role lacks."""
    granted = actions(permissions(Rendering(template, HUB_PARAMETERS), "FunctionRole"))
    needed = {operation.action for operation in IN_THE_HUB_ACCOUNT} | OF_THE_RUNTIME
    return sorted(f"unused {action}" for action in granted - needed) + sorted(
        f"missing {action}" for action in needed - granted
    )


def test_the_function_role_has_every_action_the_code_needs_and_no_other():
    assert missing_or_unused() == []


def test_the_member_role_has_every_action_the_code_needs_there_and_no_other():
    granted = actions(permissions(Rendering(MEMBER, MEMBER_PARAMETERS, account=PROVIDER_ACCOUNT), "MemberRole"))
    assert granted == {operation.action for operation in IN_A_PROVIDER_ACCOUNT}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (without(HUB, f"{ROLE}/3"), ["missing organizations:DescribeAccount"]),
        (altered(HUB, f"{ROLE}/2/Action", ["ec2:CreateTags", "ec2:DeleteTags"]), ["unused ec2:DeleteTags"]),
    ],
)
def test_a_role_that_allows_too_little_or_too_much_is_told(template, expected):
    assert missing_or_unused(template) == expected


@pytest.mark.parametrize("operation", IN_THE_HUB_ACCOUNT, ids=lambda operation: operation.name)
def test_an_operation_exists_in_the_service_model(operation):
    model = botocore.session.get_session().get_service_model(operation.service)
    assert operation.name in model.operation_names


# The requests the function makes. Condition keys are those that the Service Authorization Reference gives the action.
def service_arn(account: str = HUB_ACCOUNT, region: str = REGION) -> str:
    return f"arn:aws:ec2:{region}:{account}:vpc-endpoint-service/vpce-svc-0a1b2c3d4e5f60718"


def connection_arn(account: str = HUB_ACCOUNT) -> str:
    return f"arn:aws:ec2:{REGION}:{account}:vpc-endpoint-connection/vpce-con-0a1b2c3d4e5f60718"


IN_REGION = {"aws:requestedregion": REGION}
ENABLED = {**IN_REGION, "aws:resourcetag/drawbridge:enabled": "true"}
MARK = {**IN_REGION, "aws:tagkeys": ["drawbridge:owner", "drawbridge:decision"]}
MEMBER_ROLE = f"arn:aws:iam::{PROVIDER_ACCOUNT}:role/drawbridge-member"
CONFIGURATION = (
    f"arn:aws:appconfig:{REGION}:{HUB_ACCOUNT}:application/application-Application"
    "/environment/environment-Environment/configuration/profile-{}"
)
BUS = f"arn:aws:events:{REGION}:{HUB_ACCOUNT}:event-bus/drawbridge"

NEEDED = {
    "list services": Request("ec2:DescribeVpcEndpointServiceConfigurations", context=IN_REGION),
    "list connections": Request("ec2:DescribeVpcEndpointConnections", context=IN_REGION),
    "accept": Request("ec2:AcceptVpcEndpointConnections", service_arn(), ENABLED),
    "reject": Request("ec2:RejectVpcEndpointConnections", service_arn(), ENABLED),
    "mark": Request("ec2:CreateTags", connection_arn(), MARK),
    "read membership": Request(
        "organizations:DescribeAccount",
        f"arn:aws:organizations::111111111111:account/{ORGANIZATION}/{CONSUMER_ACCOUNT}",
    ),
    "act elsewhere": Request("sts:AssumeRole", MEMBER_ROLE, {"aws:resourceorgid": ORGANIZATION}),
    "start configuration": Request("appconfig:StartConfigurationSession", CONFIGURATION.format("ConfigurationProfile")),
    "poll configuration": Request("appconfig:GetLatestConfiguration", CONFIGURATION.format("ConfigurationProfile")),
    "start policy": Request("appconfig:StartConfigurationSession", CONFIGURATION.format("PolicyProfile")),
    "poll policy": Request("appconfig:GetLatestConfiguration", CONFIGURATION.format("PolicyProfile")),
    "publish": Request(
        "events:PutEvents", BUS, {"events:source": ["drawbridge"], "events:detail-type": "Connection Accepted"}
    ),
}

# Each is one step beyond a request above.
REFUSED = {
    "list services in another Region": replace(NEEDED["list services"], context={"aws:requestedregion": OTHER_REGION}),
    "list connections in another Region": replace(
        NEEDED["list connections"], context={"aws:requestedregion": OTHER_REGION}
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
    "read another Organization": replace(
        NEEDED["read membership"],
        resource=f"arn:aws:organizations::111111111111:account/{OTHER_ORGANIZATION}/{CONSUMER_ACCOUNT}",
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


@pytest.mark.parametrize("step", REFUSED)
def test_the_function_may_not(step):
    assert not function_may(REFUSED[step])


WITHIN_REGION = {"aws:RequestedRegion": REGION}


def test_every_needed_action_has_a_request_that_proves_it():
    assert {request.action for request in NEEDED.values()} == {operation.action for operation in IN_THE_HUB_ACCOUNT}


@pytest.mark.parametrize(
    ("step", "template"),
    [
        ("list services in another Region", without(HUB, f"{ROLE}/0/Condition")),
        ("accept for a service that did not opt in", altered(HUB, f"{ROLE}/1/Condition/StringEquals", WITHIN_REGION)),
        ("accept in another account", altered(HUB, f"{ROLE}/1/Resource", "arn:aws:ec2:*:*:vpc-endpoint-service/*")),
        ("accept on something else", altered(HUB, f"{ROLE}/1/Resource", "*")),
        ("mark with another's key", without(HUB, f"{ROLE}/2/Condition/ForAllValues:StringLike")),
        ("mark with nothing", without(HUB, f"{ROLE}/2/Condition/Null")),
        ("read another Organization", altered(HUB, f"{ROLE}/3/Resource", "*")),
        ("act outside the Organization", without(HUB, f"{ROLE}/4/Condition")),
        ("act by another role", altered(HUB, f"{ROLE}/4/Resource", "arn:aws:iam::*:role/*")),
        ("read another configuration", altered(HUB, f"{ROLE}/5/Resource", "*")),
        ("publish in another's name", without(HUB, f"{ROLE}/6/Condition")),
        ("take from another queue", altered(HUB, f"{ROLE}/7/Resource", "*")),
        ("write another log", altered(HUB, f"{ROLE}/8/Resource", "*")),
    ],
)
def test_a_role_without_its_limit_would_allow_it(step, template):
    assert function_may(REFUSED[step], template)


def test_with_every_service_selected_the_tag_is_not_asked_for():
    assert function_may(replace(NEEDED["accept"], context=IN_REGION), ServiceSelection="every")


@pytest.mark.parametrize("role", ["FunctionRole", "ForwarderRole", "SweepRole"])
def test_a_permissions_boundary_covers_every_role_of_the_hub(role):
    boundary = f"arn:aws:iam::{HUB_ACCOUNT}:policy/boundary"
    bounded = Rendering(HUB, HUB_PARAMETERS | {"PermissionsBoundaryArn": boundary})
    assert bounded.properties(role)["PermissionsBoundary"] == boundary
    assert "PermissionsBoundary" not in Rendering(HUB, HUB_PARAMETERS).properties(role)
