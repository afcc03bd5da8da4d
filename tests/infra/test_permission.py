"""The policy evaluator answers as IAM's documentation says."""

import pytest

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


@pytest.mark.parametrize(
    ("operator", "wanted", "context", "expected"),
    [
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
        ("Null", "false", {"k": "a"}, True),
        ("Null", "false", {}, False),
        ("Null", "true", {}, True),
    ],
)
def test_conditions_compare_as_their_operator_says(operator, wanted, context, expected):
    assert allowed([statement(Condition={operator: {"K": wanted}})], Request(ACCEPT, context=context)) is expected


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


@pytest.mark.parametrize(
    "unknown",
    [
        statement(Effect="Maybe"),
        {"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"},
        statement(Principal={"Federated": "x"}),
        statement(Principal={"AWS": "arn:aws:iam::222222222222:role/x"}),
    ],
)
def test_what_is_not_understood_is_refused(unknown):
    with pytest.raises(NotImplementedError):
        allowed([unknown], Request(ACCEPT, account="222222222222"))


def test_an_unknown_operator_is_refused():
    with pytest.raises(KeyError):
        allowed([statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})], Request(ACCEPT))
