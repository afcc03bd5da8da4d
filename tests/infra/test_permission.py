"""The policy evaluator answers as IAM's documentation says."""

import pytest
from emulator.policy_documents import AccessRequest, Principal, judge

from infra.permission import Request, allowed


def statement(**parts):
    return {"Sid": "S", "Effect": "Allow", "Action": "ec2:AcceptVpcEndpointConnections", "Resource": "*", **parts}


ACCEPT = "ec2:AcceptVpcEndpointConnections"


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("ec2:AcceptVpcEndpointConnections", ACCEPT, True),
        ("EC2:acceptvpcendpointconnections", ACCEPT, True),
        ("ec2:*Connections", ACCEPT, True),
        ("ec2:Accept", ACCEPT, False),
        ("elasticloadbalancing:*", ACCEPT, False),
    ],
)
def test_actions_take_wildcards_and_ignore_case(pattern, action, expected):
    assert allowed([statement(Action=pattern)], Request(action)) is expected


CONDITIONS = [
    ("StringEquals", "a", {"k": "a"}, True),
    ("StringEquals", ["b", "a"], {"k": "a"}, True),
    ("StringEquals", "a", {"k": "A"}, False),
    ("StringEquals", "a*", {"k": "ab"}, False),
    ("StringEquals", "a", {}, False),
    ("StringLike", "a*", {"k": "ab"}, True),
    ("StringLike", "a*", {}, False),
    ("ArnLike", "arn:aws:iam::*:role/x-*", {"k": "arn:aws:iam::222222222222:role/x-y"}, True),
    ("ArnLike", "arn:aws:iam::*:role/x-*", {"k": "arn:aws:iam::222222222222:user/x-y"}, False),
    ("ArnLike", "arn:aws:*", {"k": "arn:aws:iam::222222222222:user/x"}, False),
    ("ArnEquals", "arn:aws:sns:eu-west-1:222222222222:t", {"k": "arn:aws:sns:eu-west-1:222222222222:t"}, True),
    ("ForAllValues:StringLike", "drawbridge:*", {"k": ["drawbridge:a", "drawbridge:b"]}, True),
    ("ForAllValues:StringLike", "drawbridge:*", {"k": ["drawbridge:a", "other"]}, False),
    ("ForAllValues:StringLike", "drawbridge:*", {}, True),
    ("ForAllValues:StringEquals", ["a", "b"], {"k": "a"}, True),
    ("ForAnyValue:StringEquals", ["a", "b"], {"k": ["c", "b"]}, True),
    ("ForAnyValue:StringEquals", ["a", "b"], {"k": ["c", "d"]}, False),
    ("ForAnyValue:StringEquals", ["a", "b"], {}, False),
    ("ForAnyValue:StringLike", "drawbridge:*", {"k": ["drawbridge:a", "other"]}, True),
    ("ForAllValues:StringNotEquals", ["a", "b"], {"k": ["c", "d"]}, True),
    ("ForAllValues:StringNotEquals", ["a", "b"], {"k": ["c", "b"]}, False),
    ("StringEqualsIfExists", "a", {"k": "a"}, True),
    ("StringEqualsIfExists", "a", {"k": "b"}, False),
    ("StringEqualsIfExists", "a", {}, True),
    ("StringNotEquals", ["a", "b"], {"k": "c"}, True),
    ("StringNotEquals", ["a", "b"], {"k": "b"}, False),
    ("StringNotEquals", "a", {}, True),
    ("StringNotLike", "a*", {"k": "ab"}, False),
    ("StringEqualsIgnoreCase", "HostedZone", {"k": "hostedzone"}, True),
    ("ArnNotLike", "arn:aws:iam::*:role/x-*", {"k": "arn:aws:iam::222222222222:role/y"}, True),
    ("ArnLikeIfExists", "arn:aws:iam::*:role/x-*", {}, True),
    ("Bool", "true", {"k": "true"}, True),
    ("Bool", True, {"k": "true"}, True),
    ("Bool", "true", {"k": "false"}, False),
    ("BoolIfExists", "true", {}, True),
    ("IpAddress", "10.0.0.0/8", {"k": "10.1.2.3"}, True),
    ("NotIpAddress", "10.0.0.0/8", {"k": "10.1.2.3"}, False),
    ("NumericLessThanEquals", "10", {"k": "9"}, True),
    ("NumericLessThanEquals", "10", {"k": "11"}, False),
    ("Null", "false", {"k": "a"}, True),
    ("Null", True, {}, True),
    ("Null", "false", {}, False),
    ("Null", "true", {}, True),
]


@pytest.mark.parametrize(("operator", "wanted", "context", "expected"), CONDITIONS)
def test_conditions_compare_as_their_operator_says(operator, wanted, context, expected):
    assert allowed([statement(Condition={operator: {"K": wanted}})], Request(ACCEPT, context=context)) is expected


@pytest.mark.parametrize(("operator", "wanted", "context", "expected"), CONDITIONS)
def test_the_emulator_compares_alike_or_does_not_let_pass_what_it_does_not_know(operator, wanted, context, expected):
    """It has an evaluation of its own: two that agree are seldom wrong together."""
    request = AccessRequest(Principal(account="222222222222"), ACCEPT, "*", context)
    judged = judge({"Statement": [statement(Condition={operator: {"K": wanted}})]}, request, with_principal=False)
    assert judged.allowed is expected or ("unknown condition operator" in judged.reason and not judged.allowed)


def test_all_conditions_of_a_statement_have_to_hold():
    both = statement(Condition={"StringEquals": {"a": "1", "b": "2"}, "StringLike": {"c": "3*"}})
    assert allowed([both], Request(ACCEPT, context={"a": "1", "b": "2", "c": "33"}))
    assert not allowed([both], Request(ACCEPT, context={"a": "1", "c": "33"}))
    assert not allowed([both], Request(ACCEPT, context={"a": "1", "b": "2"}))


def test_principals_are_services_accounts_or_anyone():
    service = statement(Principal={"Service": "sns.amazonaws.com"})
    account = statement(Principal={"AWS": "arn:aws:iam::222222222222:root"})
    assert allowed([service], Request(ACCEPT, service="sns.amazonaws.com"))
    assert not allowed([service], Request(ACCEPT, service="events.amazonaws.com"))
    assert not allowed([service], Request(ACCEPT, account="222222222222"))
    assert allowed([account], Request(ACCEPT, account="222222222222"))
    assert not allowed([account], Request(ACCEPT, account="333333333333"))
    assert allowed([statement(Principal="*")], Request(ACCEPT))


def test_what_is_denied_is_not_allowed_whatever_else_is_said():
    denied = statement(Effect="Deny", Condition={"StringNotEquals": {"sts:ExternalId": "x"}})
    assert allowed([statement(), denied], Request(ACCEPT, context={"sts:externalid": "x"}))
    for context in ({"sts:externalid": "y"}, {}):
        assert not allowed([denied, statement()], Request(ACCEPT, context=context))
    assert not allowed([denied], Request(ACCEPT, context={"sts:externalid": "x"}))


def test_what_is_excepted_is_not_named():
    excepting = {"Effect": "Allow", "NotAction": ["iam:*", "ec2:Accept*"], "NotResource": "arn:aws:ec2:*"}
    assert allowed([excepting], Request("s3:GetObject", "arn:aws:s3:::b/k"))
    assert not allowed([excepting], Request("iam:PassRole", "arn:aws:iam::222222222222:role/x"))
    assert not allowed([excepting], Request(ACCEPT, "arn:aws:s3:::b/k"))
    assert not allowed([excepting], Request("s3:GetObject", "arn:aws:ec2:eu-west-1:222222222222:vpc/vpc-1"))


def test_a_variable_stands_for_what_the_request_has_of_its_key():
    own = statement(Resource="arn:aws:s3:::logs-${aws:PrincipalAccount}/*")
    mine, others = "arn:aws:s3:::logs-222222222222/k", "arn:aws:s3:::logs-333333333333/k"
    by_me = {"aws:principalaccount": "222222222222"}
    assert allowed([own], Request(ACCEPT, mine, by_me))
    assert not allowed([own], Request(ACCEPT, others, by_me))
    assert not allowed([own], Request(ACCEPT, mine))
    same = statement(Condition={"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}})
    assert allowed([same], Request(ACCEPT, context={**by_me, "aws:resourceaccount": "222222222222"}))
    assert not allowed([same], Request(ACCEPT, context={**by_me, "aws:resourceaccount": "333333333333"}))
    assert not allowed([same], Request(ACCEPT, context={"aws:resourceaccount": "333333333333"}))


def test_a_role_and_a_session_are_named_by_their_arn():
    role = "arn:aws:iam::222222222222:role/x"
    assert allowed([statement(Principal={"AWS": [role]})], Request(ACCEPT, arns=frozenset({role})))
    assert not allowed([statement(Principal={"AWS": role})], Request(ACCEPT, account="222222222222"))
    assert allowed([statement(Principal={"AWS": "*"})], Request(ACCEPT, account="222222222222"))


@pytest.mark.parametrize(
    "unknown",
    [
        statement(Effect="Maybe"),
        statement(NotAction="ec2:*"),
        statement(NotResource="*"),
        {"Effect": "Allow", "Resource": "*"},
        statement(NotPrincipal="*"),
        statement(Principal={"Federated": "x"}),
        statement(Principal={"AWS": "arn:aws:iam::222222222222:role/*"}),
        statement(Resource="arn:aws:iam::${*}:role/x"),
        statement(Condition={"StringEquals": {"k": "${several}"}}),
        statement(Condition={"ForSomeValues:StringEquals": {"k": "a"}}),
        statement(Condition={"StringEquals": {"several": "a"}}),
    ],
)
def test_what_is_not_understood_is_refused(unknown):
    with pytest.raises(NotImplementedError):
        allowed([unknown], Request(ACCEPT, context={"k": "a", "several": ["a", "b"]}, account="222222222222"))


def test_an_unknown_operator_is_refused():
    with pytest.raises(KeyError):
        allowed([statement(Condition={"BinaryEquals": {"k": "QQ=="}})], Request(ACCEPT))
