"""The simulator decides by all kinds of policies together as IAM's documentation says."""

from dataclasses import replace

import pytest

from infra.authorization import Decision, Principal, Question, Resource, decide

HERE, THERE = "222222222222", "333333333333"
ROLE = f"arn:aws:iam::{HERE}:role/app"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/app/session"
QUEUE = f"arn:aws:sqs:eu-west-1:{HERE}:queue"
SEND = "sqs:SendMessage"

ALL = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
NOTHING: list = []
SENDS = [{"Effect": "Allow", "Action": SEND, "Resource": "*"}]
READS = [{"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*"}]
REFUSES = [{"Effect": "Deny", "Action": SEND, "Resource": "*"}]


def to(principal: object, **parts: object) -> list:
    """A resource's policy that lets this principal send."""
    return [{"Effect": "Allow", "Principal": principal, "Action": SEND, "Resource": QUEUE, **parts}]


OF_ROLE, OF_SESSION, OF_ACCOUNT = ({"AWS": name} for name in (ROLE, SESSION, f"arn:aws:iam::{HERE}:root"))
WHO = Principal(account=HERE, role=ROLE, policies=SENDS)
MUTE = replace(WHO, policies=NOTHING)
OWN, FOREIGN = Resource(QUEUE, account=HERE), Resource(QUEUE, account=THERE)


def asked(who: Principal, on: Resource = OWN, policy: list | None = None, **context: str) -> Decision:
    """What becomes of sending to a queue, which may have a policy."""
    return decide(Question(who, SEND, replace(on, policy=policy), context))


DECISIONS = [
    # By its own policies alone.
    (asked(WHO), Decision.ALLOWED),
    (asked(MUTE), Decision.IDENTITY),
    (asked(replace(WHO, policies=[*SENDS, *REFUSES])), Decision.DENIED),
    # Within the account the resource's policy is enough, if it names the caller; and it may refuse.
    (asked(MUTE, OWN, to(OF_ROLE)), Decision.ALLOWED),
    (asked(MUTE, OWN, to(OF_SESSION)), Decision.ALLOWED),
    (asked(MUTE, OWN, to("*")), Decision.ALLOWED),
    (asked(MUTE, OWN, to(OF_ACCOUNT)), Decision.IDENTITY),
    (asked(WHO, OWN, to(OF_ACCOUNT)), Decision.ALLOWED),
    (asked(WHO, OWN, to("*", Effect="Deny")), Decision.DENIED),
    (asked(WHO, OWN, to({"Service": "sns.amazonaws.com"})), Decision.ALLOWED),
    # Across accounts both have to allow.
    (asked(WHO, FOREIGN), Decision.RESOURCE),
    (asked(WHO, FOREIGN, to(OF_ROLE)), Decision.ALLOWED),
    (asked(WHO, FOREIGN, to(OF_ACCOUNT)), Decision.ALLOWED),
    (asked(MUTE, FOREIGN, to(OF_ROLE)), Decision.IDENTITY),
    (asked(MUTE, FOREIGN, to("*")), Decision.IDENTITY),
    (asked(WHO, FOREIGN, to({"AWS": THERE})), Decision.RESOURCE),
    # A boundary limits, and grants nothing.
    (asked(replace(WHO, boundary=ALL)), Decision.ALLOWED),
    (asked(replace(WHO, boundary=READS)), Decision.BOUNDARY),
    (asked(replace(MUTE, boundary=ALL)), Decision.IDENTITY),
    (asked(replace(WHO, boundary=[*ALL, *REFUSES])), Decision.DENIED),
    (asked(replace(MUTE, boundary=READS), OWN, to(OF_ROLE)), Decision.BOUNDARY),
    (asked(replace(MUTE, boundary=READS), OWN, to("*")), Decision.BOUNDARY),
    (asked(replace(MUTE, boundary=READS), OWN, to(OF_SESSION)), Decision.ALLOWED),
    (asked(replace(WHO, boundary=READS), FOREIGN, to(OF_SESSION)), Decision.BOUNDARY),
    # So do the policies of a session.
    (asked(replace(WHO, session_policies=SENDS)), Decision.ALLOWED),
    (asked(replace(WHO, session_policies=READS)), Decision.SESSION),
    (asked(replace(MUTE, session_policies=ALL)), Decision.IDENTITY),
    (asked(replace(MUTE, session_policies=READS), OWN, to(OF_ROLE)), Decision.SESSION),
    (asked(replace(MUTE, session_policies=READS), OWN, to(OF_SESSION)), Decision.ALLOWED),
    # Every level of the Organization has to allow, whatever the resource says.
    (asked(replace(WHO, scps=[ALL, ALL])), Decision.ALLOWED),
    (asked(replace(WHO, scps=[ALL, READS])), Decision.SCP),
    (asked(replace(WHO, scps=[READS, ALL]), OWN, to(OF_SESSION)), Decision.SCP),
    (asked(replace(WHO, scps=[ALL, [*ALL, *REFUSES]])), Decision.DENIED),
    (asked(replace(MUTE, scps=[ALL])), Decision.IDENTITY),
    # Services have nothing but the resource's policy.
    (asked(Principal(service="sns.amazonaws.com"), OWN, to({"Service": "sns.amazonaws.com"})), Decision.ALLOWED),
    (asked(Principal(service="sns.amazonaws.com"), OWN, to({"Service": "events.amazonaws.com"})), Decision.RESOURCE),
    (asked(Principal(service="sns.amazonaws.com"), OWN), Decision.RESOURCE),
    # Roles and keys are reached by their own policy only.
    (asked(WHO, replace(OWN, policy_decides=True)), Decision.RESOURCE),
    (asked(WHO, replace(OWN, policy_decides=True), to(OF_ACCOUNT)), Decision.ALLOWED),
    (asked(MUTE, replace(OWN, policy_decides=True), to(OF_ACCOUNT)), Decision.IDENTITY),
    (asked(MUTE, replace(OWN, policy_decides=True), to(OF_ROLE)), Decision.ALLOWED),
]


@pytest.mark.parametrize(("decision", "expected"), DECISIONS)
def test_policies_decide_together(decision, expected):
    assert decision is expected


KEYS = {
    "aws:PrincipalArn": ROLE,
    "aws:PrincipalAccount": HERE,
    "aws:PrincipalOrgID": "o-a1b2c3d4e5",
    "aws:PrincipalIsAWSService": "false",
    "aws:userid": "AROAEXAMPLEEXAMPLEEXA:session",
    "aws:ResourceAccount": HERE,
    "aws:ResourceOrgID": "o-a1b2c3d4e5",
    "aws:SourceIp": "10.1.2.3",
}


@pytest.mark.parametrize("key", KEYS)
def test_a_condition_sees_who_asks_and_of_what(key):
    def decided(value: str) -> Decision:
        conditional = [SENDS[0] | {"Condition": {"StringEquals": {key: value}}}]
        who = replace(WHO, policies=conditional, organization="o-a1b2c3d4e5")
        return asked(who, replace(OWN, organization="o-a1b2c3d4e5"), None, **{"aws:sourceip": "10.1.2.3"})

    assert decided(KEYS[key]) is Decision.ALLOWED
    assert decided("another") is Decision.IDENTITY


def test_nobody_of_no_organization_is_taken_for_a_member():
    conditional = to("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
    assert asked(WHO, FOREIGN, conditional) is Decision.RESOURCE
