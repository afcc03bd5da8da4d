"""The function watch-organization can look and ask, and nothing else; in a provider's account it can look."""

from dataclasses import replace

import pytest

from infra.delivery import permissions
from infra.permission import Request, allowed
from infra.rendering import (
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
from infra.test_function_role import BUS, CONFIGURATION, MANAGED, MEMBER_ROLE, granted
from infra.test_function_role import NEEDED as NEEDED_TO_DECIDE

HUB = read("hub.yaml")
ROLE = "Resources/WatchRole/Properties/Policies/0/PolicyDocument/Statement"

NEEDED = {
    "find connections": NEEDED_TO_DECIDE["list connections"],
    "look elsewhere": Request("sts:AssumeRole", MEMBER_ROLE, {"aws:resourceorgid": ORGANIZATION}),
    "start configuration": NEEDED_TO_DECIDE["start configuration"],
    "poll configuration": NEEDED_TO_DECIDE["poll configuration"],
    "start policy": NEEDED_TO_DECIDE["start policy"],
    "poll policy": NEEDED_TO_DECIDE["poll policy"],
    "ask for a review": Request(
        "events:PutEvents", BUS, {"events:source": ["drawbridge"], "events:detail-type": "Review Requested"}
    ),
    "ask for a sweep": Request(
        "events:PutEvents", BUS, {"events:source": ["drawbridge"], "events:detail-type": "Sweep Requested"}
    ),
}
DECIDING = ("list services", "list allowed principals", "accept", "reject", "mark", "read membership", "list members")
REFUSED = {
    **{need: NEEDED_TO_DECIDE[need] for need in DECIDING},
    **MANAGED,
    "tell of a decision": NEEDED_TO_DECIDE["publish"],
    "ask in another's name": replace(
        NEEDED["ask for a review"],
        context={"events:source": ["aws.ec2"], "events:detail-type": "Review Requested"},
    ),
    "ask elsewhere": replace(NEEDED["ask for a review"], resource=BUS.replace("drawbridge", "default")),
    "find connections in another Region": replace(
        NEEDED["find connections"], context={"aws:requestedregion": OTHER_REGION}
    ),
    "look outside the Organization": replace(
        NEEDED["look elsewhere"], context={"aws:resourceorgid": OTHER_ORGANIZATION}
    ),
    "look by another role": replace(NEEDED["look elsewhere"], resource=f"arn:aws:iam::{PROVIDER_ACCOUNT}:role/admin"),
    "read another configuration": replace(NEEDED["poll policy"], resource=CONFIGURATION.format("Other")),
    "take from the other function's queue": Request(
        "sqs:ReceiveMessage", f"arn:aws:sqs:{REGION}:{HUB_ACCOUNT}:drawbridge-accept-connections"
    ),
    "write the other function's log": Request(
        "logs:PutLogEvents",
        f"arn:aws:logs:{REGION}:{HUB_ACCOUNT}:log-group:/aws/lambda/drawbridge-accept-connections:log-stream:x",
    ),
}


def watcher_may(request: Request, template: Template = HUB) -> bool:
    rendering = Rendering(template, HUB_PARAMETERS | {"ManagePrincipals": "yes"})
    return allowed(permissions(rendering, "WatchRole"), request)


def statement(sid: str) -> str:
    """The path of the statement with this Sid."""
    return f"{ROLE}/{next(number for number, item in enumerate(at(HUB, ROLE)) if item['Sid'] == sid)}"


@pytest.mark.parametrize("need", NEEDED)
def test_the_watcher_may(need):
    assert watcher_may(NEEDED[need])


@pytest.mark.parametrize("step", REFUSED)
def test_the_watcher_may_not(step):
    assert not watcher_may(REFUSED[step])


def test_every_action_of_the_watcher_has_a_request_that_proves_it():
    proven = {request.action for request in NEEDED.values()}
    assert proven == granted(Rendering(HUB, HUB_PARAMETERS), "WatchRole")


@pytest.mark.parametrize(
    ("step", "template"),
    [
        ("accept", altered(HUB, f"{statement('FindConnections')}/Action", "ec2:*")),
        ("find connections in another Region", without(HUB, f"{statement('FindConnections')}/Condition")),
        ("look outside the Organization", without(HUB, f"{statement('LookIntoProviderAccounts')}/Condition")),
        ("look by another role", altered(HUB, f"{statement('LookIntoProviderAccounts')}/Resource", "*")),
        ("tell of a decision", without(HUB, f"{statement('AskForReviews')}/Condition/StringEquals")),
        ("ask in another's name", without(HUB, f"{statement('AskForReviews')}/Condition/ForAllValues:StringEquals")),
        ("ask elsewhere", altered(HUB, f"{statement('AskForReviews')}/Resource", "*")),
        ("read another configuration", altered(HUB, f"{statement('ReadConfiguration')}/Resource", "*")),
        ("take from the other function's queue", altered(HUB, f"{statement('ConsumeQueue')}/Resource", "*")),
        ("write the other function's log", altered(HUB, f"{statement('WriteLog')}/Resource", "*")),
    ],
)
def test_a_watcher_without_its_limit_could(step, template):
    assert watcher_may(REFUSED[step], template)
