"""The function publish-alarms can read what it watches in the hub account and write its own alarms and dashboards, nothing else."""

from dataclasses import replace

import pytest

from infra.delivery import permissions
from infra.permission import Request, allowed
from infra.rendering import (
    ALARM_PARAMETERS,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    OTHER_ORGANIZATION,
    PROVIDER_ACCOUNT,
    REGION,
    Rendering,
)
from infra.template import Template, altered, at, read, without
from infra.test_function_role import BUS, CONFIGURATION, IN_REGION, MANAGED, MEMBER_ROLE, granted, member_arn
from infra.test_function_role import NEEDED as NEEDED_TO_DECIDE
from infra.test_sync_role import WRITES as WRITES_OF_NAMES
from infra.test_tags_role import WRITES as WRITES_OF_TAGS
from infra.test_tags_role import elsewhere

HUB = read("hub.yaml")
ROLE = "Resources/AlarmsRole/Properties/Policies/0/PolicyDocument/Statement"
QUEUE = f"arn:aws:sqs:{REGION}:{HUB_ACCOUNT}:drawbridge-publish-alarms"
KEYS, MARK = "aws:tagkeys", "aws:requesttag/drawbridge:owner"
MARKED = {MARK: "drawbridge"}
OUR_KEYS = {KEYS: ["drawbridge:owner"]}
NAME = "drawbridge/drawbridge/222222222222/endpoint/vpce-0f1e2d3c4b5a69788/packets-dropped"


def alarm_arn(name: str = NAME, account: str = HUB_ACCOUNT) -> str:
    return f"arn:aws:cloudwatch:{REGION}:{account}:alarm:{name}"


def dashboard_arn(name: str = "drawbridge-drawbridge-eu-west-1-x", account: str = HUB_ACCOUNT) -> str:
    return f"arn:aws:cloudwatch::{account}:dashboard/{name}"


NEEDED = {
    "list endpoints": Request("ec2:DescribeVpcEndpoints", context=IN_REGION),
    "list services": NEEDED_TO_DECIDE["list services"],
    "list connections": NEEDED_TO_DECIDE["list connections"],
    "list target groups": Request("elasticloadbalancing:DescribeTargetGroups", context=IN_REGION),
    # CloudWatch asks for leave on every alarm, or it leaves out composite ones.
    "list alarms": Request("cloudwatch:DescribeAlarms", context=IN_REGION),
    "list metrics": Request("cloudwatch:ListMetrics", context=IN_REGION),
    "read tags of an alarm": Request("cloudwatch:ListTagsForResource", alarm_arn(), IN_REGION),
    "list dashboards": Request("cloudwatch:ListDashboards"),
    "read a dashboard": Request("cloudwatch:GetDashboard", dashboard_arn()),
    "read membership": NEEDED_TO_DECIDE["read membership"],
    "list members": NEEDED_TO_DECIDE["list members"],
    "act elsewhere": NEEDED_TO_DECIDE["act elsewhere"],
    "start configuration": NEEDED_TO_DECIDE["start configuration"],
    "poll configuration": NEEDED_TO_DECIDE["poll configuration"],
    "start policy": NEEDED_TO_DECIDE["start policy"],
    "poll policy": NEEDED_TO_DECIDE["poll policy"],
    "publish": Request(
        "events:PutEvents", BUS, {"events:source": ["drawbridge"], "events:detail-type": "Alarm Removal Withheld"}
    ),
    "look again": Request("sqs:SendMessage", QUEUE),
}
WRITES = {
    "put an alarm": Request("cloudwatch:PutMetricAlarm", alarm_arn(), IN_REGION | MARKED | OUR_KEYS),
    # CloudWatch asks for leave to put one of any name.
    "put a composite alarm": Request("cloudwatch:PutCompositeAlarm", "*", IN_REGION | MARKED | OUR_KEYS),
    "mark an alarm": Request("cloudwatch:TagResource", alarm_arn(), IN_REGION | MARKED | OUR_KEYS),
    "delete an alarm": Request("cloudwatch:DeleteAlarms", alarm_arn(), IN_REGION),
    "put a dashboard": Request("cloudwatch:PutDashboard", dashboard_arn()),
    "delete a dashboard": Request("cloudwatch:DeleteDashboards", dashboard_arn()),
}
OF_ALARMS = {write: WRITES[write] for write in ("put an alarm", "mark an alarm", "delete an alarm")}
OF_DASHBOARDS = {write: WRITES[write] for write in ("put a dashboard", "delete a dashboard")}
MAKING = ("put an alarm", "put a composite alarm")
FOREIGN_NAMES = (
    "cpu",
    "drawbridge-accept-connections-errors",
    "drawbridge-health",
    "team/drawbridge/x",
    "Drawbridge/x",
)


def lacking(request: Request, key: str) -> Request:
    return replace(request, context={name: value for name, value in request.context.items() if name != key})


# Each is one step beyond a request above.
REFUSED = {
    **{
        f"{write} named {name}": replace(request, resource=alarm_arn(name))
        for write, request in OF_ALARMS.items()
        for name in FOREIGN_NAMES
    },
    **{
        f"{write} of another account": replace(request, resource=alarm_arn(account=PROVIDER_ACCOUNT))
        for write, request in OF_ALARMS.items()
    },
    **{
        f"{write} in another Region": elsewhere(request)
        for write, request in (NEEDED | WRITES).items()
        if IN_REGION.items() <= request.context.items()
    },
    **{f"{write} without the mark": lacking(WRITES[write], MARK) for write in MAKING},
    "mark an alarm without a key": lacking(WRITES["mark an alarm"], KEYS),
    "mark an alarm with a key of others": replace(
        WRITES["mark an alarm"], context={**IN_REGION, KEYS: ["drawbridge:owner", "cost-centre"]}
    ),
    "take a mark away": replace(WRITES["mark an alarm"], action="cloudwatch:UntagResource"),
    **{
        f"{write} named {name}": replace(request, resource=dashboard_arn(name))
        for write, request in OF_DASHBOARDS.items()
        for name in ("team", "team-drawbridge-x", "drawbridge")
    },
    **{
        f"{write} of another account": replace(request, resource=dashboard_arn(account=PROVIDER_ACCOUNT))
        for write, request in OF_DASHBOARDS.items()
    },
    "read a dashboard of others": replace(NEEDED["read a dashboard"], resource=dashboard_arn("team")),
    "read tags of an alarm of others": replace(NEEDED["read tags of an alarm"], resource=alarm_arn("cpu")),
    **{
        f"{action} on its alarm": Request(f"cloudwatch:{action}", alarm_arn(), IN_REGION)
        for action in ("SetAlarmState", "DisableAlarmActions", "EnableAlarmActions")
    },
    "publish a metric": Request(
        "cloudwatch:PutMetricData", context={**IN_REGION, "cloudwatch:namespace": "Drawbridge"}
    ),
    **{need: NEEDED_TO_DECIDE[need] for need in ("accept", "reject", "list allowed principals")},
    **MANAGED,
    **{write: request for write, request in WRITES_OF_NAMES.items() if write != "look at the VPC of a zone"},
    **{write: request for write, request in WRITES_OF_TAGS.items()},
    "change a load balancer": Request(
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
        f"arn:aws:elasticloadbalancing:{REGION}:{HUB_ACCOUNT}:loadbalancer/net/x/0123456789abcdef",
        IN_REGION,
    ),
    "read another Organization": replace(
        NEEDED["read membership"], resource=member_arn(organization=OTHER_ORGANIZATION)
    ),
    "act outside the Organization": replace(NEEDED["act elsewhere"], context={"aws:resourceorgid": OTHER_ORGANIZATION}),
    "act by another role": replace(NEEDED["act elsewhere"], resource=f"arn:aws:iam::{PROVIDER_ACCOUNT}:role/admin"),
    "read another configuration": replace(NEEDED["poll policy"], resource=CONFIGURATION.format("Other")),
    # Dashboards show the names of accounts, and nothing of their tags.
    "read tags of a member": NEEDED_TO_DECIDE["read tags of a member"],
    "publish in another's name": replace(NEEDED["publish"], context={"events:source": ["aws.cloudwatch"]}),
    "publish elsewhere": replace(NEEDED["publish"], resource=BUS.replace("drawbridge", "default")),
    "notify somebody": Request("sns:Publish", f"arn:aws:sns:{REGION}:{HUB_ACCOUNT}:drawbridge-critical"),
    "send to another function's queue": Request("sqs:SendMessage", QUEUE.replace("publish-alarms", "sync-dns")),
    "take from another function's queue": Request("sqs:ReceiveMessage", QUEUE.replace("publish-alarms", "sync-dns")),
    "write another function's log": Request(
        "logs:PutLogEvents",
        f"arn:aws:logs:{REGION}:{HUB_ACCOUNT}:log-group:/aws/lambda/drawbridge-sync-dns:log-stream:x",
    ),
}


def may(request: Request, template: Template = HUB, parameters: dict[str, str] = ALARM_PARAMETERS) -> bool:
    return allowed(permissions(Rendering(template, HUB_PARAMETERS | parameters), "AlarmsRole"), request)


def statement(sid: str) -> str:
    """The path of the statement with this Sid."""
    for number, item in enumerate(at(HUB, ROLE)):
        if item.get("Sid") == sid:
            return f"{ROLE}/{number}"
        if "Fn::If" in item and item["Fn::If"][1]["Sid"] == sid:
            return f"{ROLE}/{number}/Fn::If/1"
    raise LookupError(sid)


@pytest.mark.parametrize("need", NEEDED)
@pytest.mark.parametrize("parameters", [{}, ALARM_PARAMETERS], ids=["let do nothing", "let do all"])
def test_publish_alarms_may_read_whatever_it_is_let_write(need, parameters):
    assert may(NEEDED[need], parameters=parameters)


def test_publish_alarms_writes_when_it_was_let_alone():
    assert {write for write in WRITES if may(WRITES[write])} == set(WRITES)
    assert not any(may(request, parameters={}) for request in WRITES.values())
    assert not any(may(request, parameters={"WriteAlarms": "no"}) for request in WRITES.values())


@pytest.mark.parametrize("step", REFUSED)
def test_publish_alarms_may_not(step):
    assert not may(REFUSED[step])


def test_several_regions_are_each_allowed():
    both = ALARM_PARAMETERS | {"ProviderRegions": f"{REGION},ap-southeast-2"}
    for request in (NEEDED["list alarms"], WRITES["put an alarm"], WRITES["put a composite alarm"]):
        assert may(request, parameters=both)
        assert may(elsewhere(request), parameters=both)


def test_every_action_of_publish_alarms_has_a_request_that_proves_it():
    proven = {request.action for request in (NEEDED | WRITES).values()}
    assert proven == granted(Rendering(HUB, HUB_PARAMETERS | ALARM_PARAMETERS), "AlarmsRole")


@pytest.mark.parametrize(
    ("step", "template"),
    [
        *(
            (f"{write} in another Region", without(HUB, f"{statement(sid)}/Condition/StringEquals"))
            for write, sid in (
                ("list endpoints", "ReadEndpointsAndServices"),
                ("list alarms", "ReadAlarmsAndMetrics"),
                ("read tags of an alarm", "ReadTagsOfAlarms"),
                ("put an alarm", "PutAlarms"),
                ("put a composite alarm", "PutCompositeAlarms"),
                ("mark an alarm", "MarkAlarms"),
                ("delete an alarm", "DeleteAlarms"),
            )
        ),
        *(
            (f"{write} named cpu", altered(HUB, f"{statement(sid)}/Resource", "*"))
            for write, sid in (
                ("put an alarm", "PutAlarms"),
                ("mark an alarm", "MarkAlarms"),
                ("delete an alarm", "DeleteAlarms"),
            )
        ),
        (
            "put an alarm named drawbridge-health",
            altered(HUB, f"{statement('PutAlarms')}/Resource/Fn::Sub", "arn:aws:cloudwatch:*:*:alarm:drawbridge*"),
        ),
        ("put an alarm without the mark", without(HUB, f"{statement('PutAlarms')}/Condition/Null")),
        ("put a composite alarm without the mark", without(HUB, f"{statement('PutCompositeAlarms')}/Condition/Null")),
        ("mark an alarm without a key", without(HUB, f"{statement('MarkAlarms')}/Condition/Null")),
        (
            "mark an alarm with a key of others",
            without(HUB, f"{statement('MarkAlarms')}/Condition/ForAllValues:StringEquals"),
        ),
        ("take a mark away", altered(HUB, f"{statement('MarkAlarms')}/Action", "cloudwatch:*")),
        ("SetAlarmState on its alarm", altered(HUB, f"{statement('DeleteAlarms')}/Action", "cloudwatch:*")),
        ("put a dashboard named team", altered(HUB, f"{statement('WriteDashboards')}/Resource", "*")),
        ("delete a dashboard of another account", altered(HUB, f"{statement('WriteDashboards')}/Resource", "*")),
        ("read a dashboard of others", altered(HUB, f"{statement('ReadDashboards')}/Resource", "*")),
        ("read tags of an alarm of others", altered(HUB, f"{statement('ReadTagsOfAlarms')}/Resource", "*")),
        ("publish a metric", altered(HUB, f"{statement('ReadAlarmsAndMetrics')}/Action", "cloudwatch:*")),
        ("read another Organization", altered(HUB, f"{statement('ReadMembership')}/Resource", "*")),
        ("act outside the Organization", without(HUB, f"{statement('ActInOtherAccounts')}/Condition")),
        ("act by another role", altered(HUB, f"{statement('ActInOtherAccounts')}/Resource", "*")),
        ("read another configuration", altered(HUB, f"{statement('ReadConfiguration')}/Resource", "*")),
        (
            "read tags of a member",
            altered(HUB, f"{statement('ReadMembership')}/Action", "organizations:ListTagsForResource"),
        ),
        ("publish in another's name", without(HUB, f"{statement('PublishDecisions')}/Condition")),
        ("publish elsewhere", altered(HUB, f"{statement('PublishDecisions')}/Resource", "*")),
        ("send to another function's queue", altered(HUB, f"{statement('LookAgainLater')}/Resource", "*")),
        ("take from another function's queue", altered(HUB, f"{statement('ConsumeQueue')}/Resource", "*")),
        ("write another function's log", altered(HUB, f"{statement('WriteLog')}/Resource", "*")),
    ],
)
def test_publish_alarms_without_its_limit_could(step, template):
    assert may(REFUSED[step], template)


def test_the_role_that_publish_alarms_assumes_elsewhere_is_the_one_that_members_have():
    assert NEEDED["act elsewhere"].resource == MEMBER_ROLE
