"""infra/scp-protect.json keeps people of the members off what Drawbridge has there, and nobody else."""

import json
import re

import pytest
from emulator.policy_documents import AccessRequest, judge_all

from infra.rendering import CONSUMER_ACCOUNT, HUB_ACCOUNT, MEMBER_DNS_PARAMETERS, MEMBER_PARAMETERS, Rendering
from infra.template import INFRA, REPOSITORY, read

TEXT = (INFRA / "scp-protect.json").read_text(encoding="utf-8")
PROTECTION = json.loads(TEXT)
# Attached to every target (Organizations: FullAWSAccess); a policy that only denies would let nothing through.
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
# Characters of a service control policy (Organizations quotas).
LIMIT = 5_120

PEOPLE = f"arn:aws:iam::{CONSUMER_ACCOUNT}:role/developer"
ADMINISTRATOR = f"arn:aws:iam::{CONSUMER_ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Administrator_1"
STACK_SETS = f"arn:aws:iam::{CONSUMER_ACCOUNT}:role/stacksets-exec-0a1b2c3d"
DEPLOYMENT = f"arn:aws:iam::{HUB_ACCOUNT}:role/drawbridge-deployment"
OURS = f"arn:aws:iam::{CONSUMER_ACCOUNT}:role/drawbridge-member"
RULE = f"arn:aws:events:eu-west-1:{CONSUMER_ACCOUNT}:rule/drawbridge-forward-calls"
STACK = f"arn:aws:cloudformation:eu-west-1:{CONSUMER_ACCOUNT}:stack/StackSet-drawbridge-member-0a1b/2c3d"
CONNECTION = f"arn:aws:ec2:eu-west-1:{CONSUMER_ACCOUNT}:vpc-endpoint-connection/vpce-con-1"


def permitted(who: str, action: str, resource: str, *keys: str, policy: dict = PROTECTION) -> bool:
    """Whether the policy leaves it to the caller's own permissions."""
    context = {"aws:PrincipalArn": who} | ({"aws:TagKeys": list(keys)} if keys else {})
    return judge_all([EVERYTHING, policy], AccessRequest(None, action, resource, context), with_principal=False).allowed


REFUSED = [
    ("iam:DeleteRole", OURS),
    ("iam:UpdateAssumeRolePolicy", OURS),
    ("iam:PutRolePolicy", OURS),
    ("iam:PassRole", OURS),
    ("iam:CreateRole", f"arn:aws:iam::{CONSUMER_ACCOUNT}:role/drawbridge-forwarder-eu-central-1"),
    ("iam:CreatePolicyVersion", f"arn:aws:iam::{CONSUMER_ACCOUNT}:policy/drawbridge-member-alarms"),
    ("events:DisableRule", RULE),
    ("events:RemoveTargets", RULE),
    ("cloudformation:DeleteStack", STACK),
    ("cloudformation:UpdateStack", STACK),
]


@pytest.mark.parametrize(("action", "resource"), REFUSED)
@pytest.mark.parametrize("who", [PEOPLE, ADMINISTRATOR])
def test_people_of_a_member_do_not_get_at_it(who, action, resource):
    assert not permitted(who, action, resource)


@pytest.mark.parametrize(("action", "resource"), REFUSED)
def test_the_deployment_does(action, resource):
    assert permitted(STACK_SETS, action, resource)
    assert permitted(DEPLOYMENT, action, resource)


def test_a_role_of_that_name_in_another_account_is_no_deployment():
    assert not permitted(DEPLOYMENT.replace(HUB_ACCOUNT, CONSUMER_ACCOUNT), "iam:DeleteRole", OURS)


@pytest.mark.parametrize("who", [PEOPLE, ADMINISTRATOR, STACK_SETS])
def test_nobody_makes_a_role_that_looks_like_the_one_of_stack_sets(who):
    """The real ones are made by a service-linked role, which no service control policy binds."""
    assert not permitted(who, "iam:CreateRole", STACK_SETS.replace("0a1b2c3d", "mine"))


@pytest.mark.parametrize(
    "key", ["drawbridge:owner", "drawbridge:decision", "drawbridge:accepted-at", "drawbridge:tags"]
)
@pytest.mark.parametrize("action", ["ec2:CreateTags", "ec2:DeleteTags"])
def test_the_record_is_written_by_drawbridge_alone(action, key):
    assert not permitted(PEOPLE, action, CONNECTION, "Name", key)
    assert permitted(OURS, action, CONNECTION, key)
    assert permitted(STACK_SETS, action, CONNECTION, key)


@pytest.mark.parametrize(
    "key",
    ["drawbridge:enabled", "drawbridge:approval", "drawbridge:drain", "drawbridge:ignore", "drawbridge:revoke-after"],
)
def test_the_word_of_people_stays_theirs(key):
    assert permitted(PEOPLE, "ec2:CreateTags", CONNECTION, key)


def test_what_is_not_drawbridges_is_left_alone():
    assert permitted(PEOPLE, "iam:DeleteRole", f"arn:aws:iam::{CONSUMER_ACCOUNT}:role/drawbridges-of-holland")
    assert permitted(PEOPLE, "events:PutRule", f"arn:aws:events:eu-west-1:{CONSUMER_ACCOUNT}:rule/nightly")
    assert permitted(PEOPLE, "ec2:CreateTags", CONNECTION, "Name")
    assert permitted(PEOPLE, "ec2:CreateVpcEndpoint", "*")


def test_all_that_a_member_has_of_a_name_is_protected():
    everything = MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS
    member = Rendering(read("member.yaml"), everything, account=CONSUMER_ACCOUNT)
    actions = {"AWS::IAM::Role": "iam:DeleteRole", "AWS::Events::Rule": "events:DeleteRule"}
    named = [(action, member.arn(name)) for kind, action in actions.items() for name in member.of_type(kind)]
    named += [("iam:DeletePolicy", member.reference(name)) for name in member.of_type("AWS::IAM::ManagedPolicy")]
    assert len(named) > 8
    assert [arn for action, arn in named if permitted(PEOPLE, action, arn)] == []


def test_the_record_is_all_that_the_code_calls_its_own():
    """What people may write, too, isn't locked: their word, and the grace, which they can prolong."""
    source = (REPOSITORY / "shared/src/model/tag.rs").read_text(encoding="utf-8")
    keys = set(re.findall(r'pub const \w+: &str = "(drawbridge:[a-z-]+)";', source))
    of_people = {"ignore", "approval", "drain", "revoke-after", "revoke-reason"}
    locked = set(PROTECTION["Statement"][-1]["Condition"]["ForAnyValue:StringEquals"]["aws:TagKeys"])
    assert locked == keys - {f"drawbridge:{key}" for key in of_people}


def test_the_policy_is_short_enough():
    assert len(TEXT) <= LIMIT


@pytest.mark.parametrize("sid", [statement["Sid"] for statement in PROTECTION["Statement"]])
def test_each_statement_is_explained_and_needed(sid):
    assert f"`{sid}`" in (INFRA / "README.md").read_text(encoding="utf-8")
    lacking = {"Statement": [one for one in PROTECTION["Statement"] if one["Sid"] != sid]}
    tried = [
        *((PEOPLE, action, resource) for action, resource in REFUSED),
        (STACK_SETS, "iam:CreateRole", STACK_SETS),
        (PEOPLE, "ec2:CreateTags", CONNECTION, "drawbridge:owner"),
    ]
    assert any(permitted(*request, policy=lacking) for request in tried)
