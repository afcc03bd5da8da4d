"""Each kind of check that `make infra-check` consists of finds the defect that is put into a copy of a template for it.

One for each template that a kind looks at. The files of the kinds have more: one for each rule, limit and part of a pattern.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from infra.authorization import decide
from infra.delivery import attached_policies, own_policies
from infra.parties import AS_THEY_ARE
from infra.policy_questions import questions
from infra.rendering import EVERYTHING, PLACES, Rendering
from infra.template import Template, altered, read, without
from infra.test_code_agreement import ROLES as FUNCTIONS
from infra.test_code_agreement import disagreement
from infra.test_event_samples import disagreeing, hub, management, member
from infra.test_function_role import unlike
from infra.test_guard_rules import broken
from infra.validation import by_cfn_lint, by_cloudformation_validate, by_parliament, guard_rules

HUB, MEMBER, MANAGEMENT = TEMPLATES = ("hub.yaml", "member.yaml", "management.yaml")


def validate(name: str, template: Template) -> list[Any]:
    """What AWS's validator finds, our Guard rules left out."""
    return [found for found in by_cloudformation_validate(name, template) if found.rule not in guard_rules()]


def lint(_: str, template: Template) -> list[Any]:
    """What cfn-lint finds."""
    return by_cfn_lint(template)


def guard(_: str, template: Template) -> set[str]:
    """The Guard rules that are broken."""
    return broken(template)


def parliament(name: str, template: Template) -> list[Any]:
    """What parliament finds in the policies of any role."""
    rendering = Rendering(template, EVERYTHING[name], *PLACES[name])
    roles = rendering.of_type("AWS::IAM::Role")
    documents = [found for role in roles for of in (own_policies, attached_policies) for found in of(rendering, role)]
    return [finding for document in documents for finding in by_parliament(document)]


def patterns(name: str, template: Template) -> set[str]:
    """The events that are not forwarded as functions are woken by them."""
    stacks = {"hub_": hub(), "member_": member(), "management_": management()}
    changed = {HUB: hub, MEMBER: member, MANAGEMENT: management}[name](template)
    return disagreeing(**stacks | {name.replace(".yaml", "_"): changed})


def drift(name: str, template: Template) -> list[str]:
    """Actions that a role has and the code doesn't need, or the other way round."""
    if name == MEMBER:
        return sorted(unlike(template))
    return [found for function in FUNCTIONS for found in disagreement(function, template)]


def simulator(name: str, template: Template) -> list[str]:
    """The questions that are answered otherwise than they should be."""
    stacks = replace(AS_THEY_ARE, **{name.removesuffix(".yaml"): template})
    return [text for text, question, answer in questions(stacks) if decide(question) is not answer]


Check = Callable[[str, Template], Any]
FORWARDED = "Resources/{}/Properties/EventPattern/source"
POLICY = "Resources/{}/Properties/Policies/0/PolicyDocument/Statement/0/Action"
OF_MEMBER = "Resources/MemberRole/Properties/Policies/0/Fn::If/1/PolicyDocument/Statement"
TRUST = "Resources/MemberRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition/ArnLike"
# What is taken away (None) or put in, by check and template.
DEFECTS: dict[tuple[Check, str], tuple[str, Any]] = {
    (validate, HUB): ("Resources/Queue/Properties/VisibilityTimeOut", 400),
    (validate, MEMBER): ("Resources/MemberRole/Properties/MaxSessionDurations", 3600),
    (validate, MANAGEMENT): ("Resources/ForwardOrganization/Properties/Stat", "ENABLED"),
    (lint, HUB): ("Resources/ErrorsAlarm/Properties/ComparisonOperator", "MoreThan"),
    (lint, MEMBER): ("Resources/MemberRole/Properties/MaxSessionDuration", "long"),
    (lint, MANAGEMENT): ("Resources/ForwardOrganization/Properties/State", "ON"),
    (guard, HUB): ("Resources/Queue/Properties/RedrivePolicy", None),
    (guard, MEMBER): (TRUST, None),
    (guard, MANAGEMENT): ("Resources/DelegationPolicy/Properties/Content/Statement/0/Principal", "*"),
    (parliament, HUB): (POLICY.format("FunctionRole"), ["ec2:DescribeVpcEndpointConections"]),
    (parliament, MEMBER): (f"{OF_MEMBER}/1/Resource", "arn:aws:ec2:*:*:vpc-endpoint/*"),
    (parliament, MANAGEMENT): (POLICY.format("ForwarderRole"), "events:PutEvent"),
    (patterns, HUB): (FORWARDED.format("ForwardZoneCalls"), ["aws.route53"]),
    (patterns, MEMBER): (FORWARDED.format("ForwardCalls"), ["my.ec2"]),
    (patterns, MANAGEMENT): (FORWARDED.format("ForwardOrganization"), ["my.organizations"]),
    (drift, HUB): (POLICY.format("WatchRole"), ["ec2:DescribeVpcEndpointConnections", "ec2:DescribeVpcs"]),
    (drift, MEMBER): (f"{OF_MEMBER}/1/Action", ["ec2:DescribeVpcEndpointServicePermissions", "ec2:DescribeRegions"]),
    (simulator, HUB): ("Resources/BusPolicy/Properties/Statement/Condition/StringEquals", None),
    (simulator, MEMBER): (TRUST, None),
    (simulator, MANAGEMENT): (
        "Resources/DelegationPolicy/Properties/Content/Statement/0/Action",
        ["organizations:DescribeAccount", "organizations:MoveAccount"],
    ),
}


def named(value: Any) -> str:
    """What a case is called."""
    return value if isinstance(value, str) else value.__name__


@pytest.mark.parametrize(("check", "name"), DEFECTS, ids=named)
def test_a_check_finds_its_defect(check, name):
    path, value = DEFECTS[check, name]
    template = read(name)
    assert check(name, without(template, path) if value is None else altered(template, path, value))


# The others are asked of the templates as they are, where they are at home.
@pytest.mark.parametrize(("check", "name"), [case for case in DEFECTS if case[0] in (parliament, simulator)], ids=named)
def test_a_check_finds_nothing_in_a_template_as_it_is(check, name):
    assert not check(name, read(name))


def test_every_kind_has_a_defect_in_every_template_that_it_looks_at():
    kinds = (validate, lint, guard, parliament, patterns, drift, simulator)
    # The management account has none of the functions' roles.
    assert set(DEFECTS) == {(kind, name) for kind in kinds for name in TEMPLATES} - {(drift, MANAGEMENT)}
