"""What a template means: its form, parameters, rules, functions, conditions and order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from emulator.api_call import AwsError
from emulator.cloudformation.dependencies import check_references, in_order
from emulator.cloudformation.functions import NO_VALUE, Resolver
from emulator.cloudformation.parameters import resolve
from emulator.cloudformation.rules import check
from emulator.cloudformation.template import Template, load

NOTHING = "Resources: {Nothing: {Type: 'AWS::CloudFormation::WaitConditionHandle'}}\n"


class Scope:
    """A scope with one resource `Queue`, whose Ref is `queue-url` and whose Arn is `queue-arn`."""

    def __init__(
        self, parameters: Mapping[str, Any] | None = None, conditions: Mapping[str, Any] | None = None
    ) -> None:
        self.parameters: Mapping[str, Any] = {
            "AWS::NoValue": NO_VALUE,
            "AWS::Region": "eu-west-1",
            "Name": "drawbridge",
            "List": ["a", "b"],
            "Flag": "yes",
        } | dict(parameters or {})
        self.mappings: Mapping[str, Any] = {"Regions": {"eu-west-1": {"zones": ["x", "y"]}}}
        self.conditions: Mapping[str, Any] = {
            "Holds": {"Fn::Equals": [{"Ref": "Flag"}, "yes"]},
            "Fails": {"Fn::Not": [{"Condition": "Holds"}]},
            **(conditions or {}),
        }

    def resource_ref(self, logical_id: str) -> Any:
        return {"Queue": "queue-url"}[logical_id]

    def resource_attribute(self, logical_id: str, name: str) -> Any:
        return {("Queue", "Arn"): "queue-arn", ("Queue", "Outputs.X"): "dotted"}[logical_id, name]

    def imported(self, name: str) -> str:
        return f"imported {name}"

    def dynamic(self, service: str, reference: str) -> str:
        return f"{service} {reference}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Name", "drawbridge"),
        ("!Ref Queue", "queue-url"),
        ("!Ref List", ["a", "b"]),
        ("!GetAtt Queue.Arn", "queue-arn"),
        ("!GetAtt [Queue, Arn]", "queue-arn"),
        ("!GetAtt Queue.Outputs.X", "dotted"),
        ("Fn::GetAtt: [Queue, Arn]", "queue-arn"),
        ("!Sub '${Name}/${Queue.Arn}/${Queue}/${!Literal}'", "drawbridge/queue-arn/queue-url/${Literal}"),
        ("!Sub ['${Own} in ${AWS::Region}', {Own: !Ref Name}]", "drawbridge in eu-west-1"),
        ("!Join ['-', [a, !Ref Name, 1, true]]", "a-drawbridge-1-true"),
        ("!Join ['\", \"', !Ref List]", 'a", "b'),
        ("!Split [',', 'a,b']", ["a", "b"]),
        ("!Select [1, !Ref List]", "b"),
        ("!Select ['0', !Split ['|', 'x|y']]", "x"),
        ("!If [Holds, then, else]", "then"),
        ("!If [Fails, then, else]", "else"),
        ("{kept: 1, gone: !If [Holds, !Ref 'AWS::NoValue', x]}", {"kept": 1}),
        ("[1, !Ref 'AWS::NoValue', 2]", [1, 2]),
        ("!FindInMap [Regions, !Ref 'AWS::Region', zones]", ["x", "y"]),
        ("!GetAZs ''", ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ("!Base64 abc", "YWJj"),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("!ImportValue exported", "imported exported"),
        ("'{{resolve:ssm:/a/b}}'", "ssm /a/b"),
        ("{Version: 2012-10-17, Condition: {StringEquals: {a: b}}}", {"Version": "2012-10-17", "Condition": {"StringEquals": {"a": "b"}}}),
    ],
)  # fmt: skip
def test_function_has_its_meaning(text: str, expected: Any) -> None:
    template = load(f"Metadata:\n  Value:\n    {text}\n{NOTHING}")
    assert Resolver(Scope()).resolve(template.sections["Metadata"]["Value"]) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("!If [Unknown, a, b]", "unresolved condition dependency Unknown"),
        ("!Select [5, !Ref List]", "nonexistent value at index 5"),
        ("!FindInMap [Regions, us-east-1, zones]", "Unable to get mapping"),
        ("!Sub 'x${List}'", "can't be part of a text"),
        ("{'Fn::Length': [1]}", "Fn::Length is unknown"),
    ],
)
def test_function_without_meaning_is_refused(text: str, message: str) -> None:
    value = load(f"Metadata: {{Value: {text}}}\n{NOTHING}").sections["Metadata"]["Value"]
    with pytest.raises(AwsError, match=message):
        Resolver(Scope()).resolve(value)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Fn::And": [{"Condition": "Holds"}, {"Condition": "Fails"}]}, False),
        ({"Fn::Or": [{"Condition": "Holds"}, {"Condition": "Fails"}]}, True),
        ({"Fn::Equals": [True, "true"]}, True),
        ({"Fn::Equals": [1, "1"]}, True),
        ({"Fn::Equals": ["", {"Ref": "Name"}]}, False),
    ],
)
def test_condition_holds_or_not(condition: dict[str, Any], expected: bool) -> None:
    assert Resolver(Scope(conditions={"Tried": condition})).condition("Tried") is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Resources: {}", "At least one Resources member"),
        ("just text", "unsupported structure"),
        ("Resources: [", "not well-formed"),
        (NOTHING + "Resourcess: {}", r"Invalid template property or properties \[Resourcess\]"),
        (NOTHING + "AWSTemplateFormatVersion: 2020-01-01", "Unsupported AWSTemplateFormatVersion"),
        (NOTHING + "Transform: AWS::Serverless-2016-10-31", "no transforms"),
        ("Resources: {A-B: {Type: x}}", "non alphanumeric"),
        ("Resources: {A: {Properties: {}}}", "must contain a Type member"),
        ("Resources: {A: {Type: x, DependOn: B}}", "property 'DependOn'"),
        ("Resources: {A: {Type: x, DeletionPolicy: Keep}}", "Unrecognized DeletionPolicy"),
        ("Resources: {A: {Type: x}, A: {Type: y}}", "duplicate keys"),
        ("Resources: {A: {Type: x, Properties: {B: !Nonsense c}}}", "unknown or unsupported function !Nonsense"),
    ],
)
def test_malformed_template_is_refused(text: str, message: str) -> None:
    with pytest.raises(AwsError, match=message):
        load(text)


def with_parameter(declaration: str) -> Template:
    return load(f"Parameters: {{P: {{{declaration}}}}}\n{NOTHING}")


def given(value: str) -> list[dict[str, Any]]:
    return [{"ParameterKey": "P", "ParameterValue": value}]


@pytest.mark.parametrize(
    ("declaration", "value", "expected"),
    [
        ("Type: String", "x", "x"),
        ("Type: String, Default: d", None, "d"),
        ("Type: Number, Default: 5", None, "5"),
        ("Type: CommaDelimitedList", "a, b,c", ["a", "b", "c"]),
        ("Type: List<Number>", "1,2", ["1", "2"]),
        ("Type: String, AllowedValues: [a, b]", "b", "b"),
        ("Type: Number, AllowedValues: [30, 60]", "60", "60"),
        ("Type: String, AllowedPattern: '^o-[a-z]+$'", "o-abc", "o-abc"),
        ("Type: CommaDelimitedList, AllowedPattern: '[0-9]{2}'", "12,34", ["12", "34"]),
        ("Type: AWS::EC2::VPC::Id", "vpc-1", "vpc-1"),
        ("Type: 'AWS::SSM::Parameter::Value<String>'", "/path", "looked up /path"),
    ],
)
def test_parameter_that_obeys_its_declaration_is_taken(declaration: str, value: str | None, expected: Any) -> None:
    request = given(value) if value is not None else []
    parameters = resolve(with_parameter(declaration), request, {}, lambda name: f"looked up {name}")
    assert parameters["P"].value == expected


@pytest.mark.parametrize(
    ("declaration", "value", "message"),
    [
        ("Type: String", None, r"Parameters: \[P\] must have values"),
        ("Type: String, AllowedValues: [a, b]", "c", "must be one of AllowedValues"),
        ("Type: String, AllowedPattern: 'o-[a-z]+', ConstraintDescription: must be an id", "x", "'P' must be an id"),
        ("Type: String, AllowedPattern: 'a'", "aa", "must match pattern a"),
        ("Type: CommaDelimitedList, AllowedPattern: '[0-9]{2}'", "12,x", "must match pattern"),
        ("Type: String, MinLength: 3", "ab", "must contain at least 3 characters"),
        ("Type: String, MaxLength: '1'", "ab", "must contain at most 1 characters"),
        ("Type: Number", "x", "must be a number"),
        ("Type: Number, MinValue: 5", "4", "not less than 5"),
        ("Type: Number, MaxValue: 5", "6", "not greater than 5"),
        ("Type: Strange", "x", "Unrecognized parameter type"),
    ],
)
def test_parameter_that_breaks_its_declaration_is_refused(declaration: str, value: str | None, message: str) -> None:
    with pytest.raises(AwsError, match=message):
        resolve(with_parameter(declaration), given(value) if value is not None else [], {}, str)


def test_parameter_that_is_not_declared_is_refused() -> None:
    request = [*given("x"), {"ParameterKey": "Q", "ParameterValue": "y"}]
    with pytest.raises(AwsError, match=r"Parameters: \[Q\] do not exist in the template"):
        resolve(with_parameter("Type: String"), request, {}, str)


def test_previous_value_is_used_when_asked_for() -> None:
    template = with_parameter("Type: String, Default: d")
    before = resolve(template, given("old"), {}, str)
    request = [{"ParameterKey": "P", "UsePreviousValue": True}]
    assert resolve(template, request, before, str)["P"].value == "old"
    assert resolve(template, [], before, str)["P"].value == "d"
    with pytest.raises(AwsError, match="Cannot specify usePreviousValue"):
        resolve(template, request, {}, str)


def test_secret_parameter_is_not_shown() -> None:
    parameters = resolve(with_parameter("Type: String, NoEcho: true"), given("secret"), {}, str)
    assert parameters["P"].describe("P") == {"ParameterKey": "P", "ParameterValue": "****"}


RULES = """
Parameters: {Mode: {Type: String}, Kind: {Type: String}, Vpcs: {Type: "List<AWS::EC2::VPC::Id>"}}
Rules:
  Tried:
    RuleCondition: !And [!Equals [!Ref Mode, enforce], !Not [!Equals [!Ref Kind, safe]]]
    Assertions:
      - Assert: !Contains [[small, medium], !Ref Kind]
        AssertDescription: wrong kind
      - Assert: !EachMemberIn [!RefAll "AWS::EC2::VPC::Id", [vpc-1, vpc-2]]
        AssertDescription: wrong VPC
"""


@pytest.mark.parametrize(
    ("mode", "kind", "vpcs", "message"),
    [
        ("enforce", "small", "vpc-1,vpc-2", None),
        ("observe", "big", "vpc-9", None),
        ("enforce", "safe", "vpc-9", None),
        ("enforce", "big", "vpc-1", "wrong kind"),
        ("enforce", "small", "vpc-1,vpc-9", "wrong VPC"),
    ],
)
def test_rule_is_enforced_when_its_condition_holds(mode: str, kind: str, vpcs: str, message: str | None) -> None:
    template = load(RULES + NOTHING)
    values = {"Mode": mode, "Kind": kind, "Vpcs": vpcs}
    request = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
    parameters = resolve(template, request, {}, str)
    resolver = Resolver(Scope({name: parameter.value for name, parameter in parameters.items()}))
    if message is None:
        check(template, resolver, parameters)
    else:
        with pytest.raises(AwsError, match=message):
            check(template, resolver, parameters)


def ordered(text: str) -> list[str]:
    template = load(text)
    return in_order(template, template.resources, lambda _: True)


def test_resources_come_after_what_they_refer_to() -> None:
    text = """
Resources:
  A: {Type: x, Properties: {P: !Sub "${B.Arn}"}}
  B: {Type: x, Properties: {P: !If [Any, !Ref C, !Ref A]}}
  C: {Type: x, DependsOn: [D]}
  D: {Type: x, Properties: {P: !Join ["", [!GetAtt E.Arn]]}}
  E: {Type: x}
"""
    assert ordered(text) == ["E", "D", "C", "B", "A"]


def test_circle_of_resources_is_refused() -> None:
    with pytest.raises(AwsError, match=r"Circular dependency between resources: \[A, B\]"):
        ordered("Resources: {A: {Type: x, DependsOn: B}, B: {Type: x, Properties: {P: !Ref A}}}")


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("Resources: {A: {Type: x, Properties: {P: !Ref B}}}", "Resources"),
        ("Resources: {A: {Type: x, Properties: {P: !Sub '${B.Arn}'}}}", "Resources"),
        ("Resources: {A: {Type: x}}\nOutputs: {O: {Value: !GetAtt B.Arn}}", "Outputs"),
    ],
)
def test_reference_to_nothing_is_refused(text: str, section: str) -> None:
    template = load(text)
    with pytest.raises(AwsError, match=rf"Unresolved resource dependencies \[B\] in the {section} block"):
        check_references(template, template.resources, lambda _: True)
