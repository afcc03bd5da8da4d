"""Judging policy documents as IAM does."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.policy_documents import AccessRequest, Principal, judge

QUEUE = "arn:aws:sqs:eu-west-1:222222222222:queue"
RULE = "arn:aws:events:eu-west-1:222222222222:rule/hub/calls"
ROLE = "arn:aws:iam::444444444444:role/forwarder"
SERVICE = Principal(service="events.amazonaws.com")
MEMBER = Principal(account="444444444444", arns=frozenset([ROLE]))
CONTEXT = {
    "aws:SourceArn": RULE,
    "aws:SourceAccount": "222222222222",
    "aws:TagKeys": ["one", "two"],
    "aws:PrincipalArn": ROLE,
}


def request(principal: Principal = SERVICE) -> AccessRequest:
    return AccessRequest(principal, "sqs:SendMessage", QUEUE, CONTEXT)


def statement(**changes: Any) -> dict[str, Any]:
    whole = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE} | changes
    return {"Statement": [{name: value for name, value in whole.items() if value is not None}]}


@pytest.mark.parametrize(
    ("principal", "named"),
    [
        (SERVICE, "*"),
        (SERVICE, {"AWS": "*"}),
        (SERVICE, {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}),
        (MEMBER, {"AWS": "444444444444"}),
        (MEMBER, {"AWS": "arn:aws:iam::444444444444:root"}),
        (MEMBER, {"AWS": ROLE}),
    ],
)
def test_principal_that_is_named_is_allowed(principal: Principal, named: Any) -> None:
    assert judge(statement(Principal=named), request(principal)).allowed


@pytest.mark.parametrize(
    ("principal", "named"),
    [
        (SERVICE, {"Service": "sns.amazonaws.com"}),
        (SERVICE, {"AWS": "222222222222"}),
        (MEMBER, {"AWS": "arn:aws:iam::555555555555:root"}),
        (MEMBER, {"Service": "events.amazonaws.com"}),
        (MEMBER, None),
    ],
)
def test_principal_that_is_not_named_is_not_allowed(principal: Principal, named: Any) -> None:
    assert not judge(statement(Principal=named), request(principal)).allowed


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnEquals": {"aws:SourceArn": RULE}},
        {"ArnLike": {"AWS:SourceArn": ["arn:aws:events:*:*:rule/other", "arn:aws:events:*:*:rule/hub/*"]}},
        {"StringEquals": {"aws:SourceAccount": ["111111111111", "222222222222"]}},
        {"StringNotEquals": {"aws:SourceAccount": "111111111111"}},
        {"StringNotEquals": {"aws:Absent": "x"}},
        {"StringEqualsIfExists": {"aws:Absent": "x"}},
        {"Null": {"aws:Absent": "true"}},
        {"Null": {"aws:TagKeys": "false"}},
        {"ForAllValues:StringLike": {"aws:TagKeys": ["o*", "t*"]}},
        {"ForAllValues:StringEquals": {"aws:Absent": "x"}},
        {"ForAnyValue:StringEquals": {"aws:TagKeys": "two"}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/forward*"}},
        {
            "StringEquals": {"aws:SourceAccount": "222222222222"},
            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"},
        },
    ],
    ids=str,
)
def test_condition_that_holds_allows(condition: dict[str, Any]) -> None:
    assert judge(statement(Condition=condition), request()).allowed


@pytest.mark.parametrize(
    "condition",
    [
        {"ArnEquals": {"aws:SourceArn": "arn:aws:events:eu-west-1:222222222222:rule/hub/other"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:*"}},
        {"StringEquals": {"aws:SourceAccount": "*"}},
        {"StringEquals": {"aws:Absent": "x"}},
        {"StringNotEquals": {"aws:SourceAccount": ["111111111111", "222222222222"]}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": "one"}},
        {"ForAnyValue:StringEquals": {"aws:TagKeys": "three"}},
        {"ForAnyValue:StringEquals": {"aws:Absent": "x"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringEquals": {"aws:SourceAccount": "222222222222", "aws:Absent": "x"}},
    ],
    ids=str,
)
def test_condition_that_does_not_hold_allows_nothing(condition: dict[str, Any]) -> None:
    assert not judge(statement(Condition=condition), request()).allowed


def test_deny_wins_over_allow() -> None:
    policy = {"Statement": [*statement()["Statement"], *statement(Effect="Deny", Sid="No")["Statement"]]}
    judgement = judge(policy, request())
    assert (judgement.allowed, judgement.denied, judgement.reason) == (False, True, "denied by statement No")


def test_unknown_operator_refuses_and_is_named() -> None:
    judgement = judge(statement(Condition={"StringSortOf": {"aws:SourceArn": RULE}}), request())
    assert not judgement.allowed
    assert "StringSortOf" in judgement.reason


@pytest.mark.parametrize("action", ["sqs:*", "SQS:Send*", "*", ["s3:GetObject", "sqs:SendMessage"]])
def test_action_matches_by_pattern_without_case(action: Any) -> None:
    assert judge(statement(Action=action), request()).allowed


def test_other_actions_and_resources_are_not_allowed() -> None:
    assert not judge(statement(Action="sqs:ReceiveMessage"), request()).allowed
    assert not judge(statement(Resource=f"{QUEUE}-dead-letters"), request()).allowed
    assert not judge(statement(Action=None, NotAction="sqs:*"), request()).allowed
    assert judge(statement(Action=None, NotAction="s3:*"), request()).allowed


def test_no_policy_allows_nothing() -> None:
    assert not judge(None, request()).allowed


def test_policy_variable_is_filled_from_the_request() -> None:
    condition = {"StringEquals": {"aws:SourceAccount": "${aws:SourceAccount}"}}
    assert judge(statement(Condition=condition), request()).allowed
