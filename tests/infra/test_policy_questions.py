"""The policies of the templates answer as they should, together with those that an Organization puts beside them."""

from dataclasses import replace

import pytest

from infra.authorization import Decision, Question, decide
from infra.parties import AS_THEY_ARE, EVERY_ACTION, Stacks, but, role
from infra.policy_questions import ALLOWED, DENIED, HERE, IDENTITY, OPTED_IN, questions
from infra.rendering import OTHER_REGION, REGION
from infra.template import Template, altered, at, read, without

HUB, MEMBER, MANAGEMENT = read("hub.yaml"), read("member.yaml"), read("management.yaml")
QUESTIONS = questions()
BY_TEXT = {text: question for text, question, _ in QUESTIONS}


@pytest.mark.parametrize(("text", "question", "answer"), QUESTIONS, ids=[text for text, _, _ in QUESTIONS])
def test_the_policies_answer(text, question, answer):
    assert decide(question) is answer


def test_no_question_is_asked_twice():
    assert len(BY_TEXT) == len(QUESTIONS)


# Templates with one defect each, and what they would allow then.
def statement(template: Template, path: str, sid: str) -> str:
    """The path of a statement, also of one that depends on a parameter."""
    found = at(template, path)
    number = next(
        n for n, item in enumerate(found) if sid in (item.get("Sid"), item.get("Fn::If", [0, {}])[1].get("Sid"))
    )
    return f"{path}/{number}" + ("/Fn::If/1" if "Fn::If" in found[number] else "")


def of_hub(role_: str, sid: str) -> str:
    """The path of a statement of a role of the hub."""
    return statement(HUB, f"Resources/{role_}/Properties/Policies/0/PolicyDocument/Statement", sid)


def of_trust(number: int) -> str:
    """The path of a statement of the member role's trust."""
    return f"Resources/MemberRole/Properties/AssumeRolePolicyDocument/Statement/{number}"


ACCEPTS = of_hub("FunctionRole", "AnswerRequests")
MARKS = of_hub("FunctionRole", "MarkConnectionsWithDecision")
BUS = "Resources/BusPolicy/Properties/Statement/Condition"
QUEUE = "Resources/QueuePolicy/Properties/PolicyDocument/Statement/0/Condition"
TOPIC = "Resources/TopicPolicy/Properties/PolicyDocument/Statement/0/Condition"
DELEGATED = "Resources/DelegationPolicy/Properties/Content/Statement"
MADE_BY_CLOUD_MAP = of_hub("CloudMapRole", "DeleteMarkedServices")
OF_MEMBER = statement(
    MEMBER, "Resources/MemberRole/Properties/Policies/0/Fn::If/1/PolicyDocument/Statement", "AnswerRequests"
)
DEFECTS = {
    "accept at a service without the tag": without(HUB, f"{ACCEPTS}/Condition"),
    "accept in another Region": without(HUB, f"{ACCEPTS}/Condition/StringEquals/aws:RequestedRegion"),
    "mark it with no key": without(HUB, f"{MARKS}/Condition/Null"),
    "mark it with a person's word": without(HUB, f"{MARKS}/Condition/ForAllValues:StringEquals"),
    "take a role of another Organization": without(HUB, f"{of_hub('FunctionRole', 'ActInProviderAccounts')}/Condition"),
    "take another role that would let everybody in": altered(
        HUB, f"{of_hub('FunctionRole', 'ActInProviderAccounts')}/Resource", "*"
    ),
    "take it in the name of another function": without(
        MEMBER, f"{of_trust(0)}/Condition/StringEquals/sts:RoleSessionName"
    ),
    "take it as the hub's administrator": without(MEMBER, f"{of_trust(0)}/Condition/ArnLike"),
    "take it as a hub that left the Organization": without(
        MEMBER, f"{of_trust(0)}/Condition/StringEquals/aws:PrincipalOrgID"
    ),
    "take it by a role of our name in another account": altered(
        altered(MEMBER, f"{of_trust(0)}/Principal", "*"),
        f"{of_trust(0)}/Condition/ArnLike/aws:PrincipalArn",
        "arn:aws:iam::*:role/drawbridge-accept-connections-*",
    ),
    "take it without an external id": altered(MEMBER, f"{of_trust(6)}/Fn::If/1", {"Ref": "AWS::NoValue"}),
    "accept in a member as sync-dns": without(MEMBER, f"{OF_MEMBER}/Condition/StringLike"),
    "write mail exchangers": without(HUB, f"{of_hub('SyncRole', 'WriteRecords')}/Condition/ForAllValues:StringEquals"),
    "make a public zone": without(HUB, f"{of_hub('SyncRole', 'MakeZones')}/Condition/Null"),
    "tag it with a key that Drawbridge obeys": without(
        HUB, f"{of_hub('TagsRole', 'TagEndpoints')}/Condition/ForAllValues:StringEquals"
    ),
    "make an alarm without our mark": without(HUB, f"{of_hub('AlarmsRole', 'PutAlarms')}/Condition/Null"),
    "overwrite an alarm of others": altered(HUB, f"{of_hub('AlarmsRole', 'PutAlarms')}/Resource", "*"),
    "delete a service of others": without(HUB, f"{MADE_BY_CLOUD_MAP}/Condition/Null"),
    "read another profile": altered(HUB, f"{of_hub('SyncRole', 'ReadConfiguration')}/Resource", "*"),
    "put events as another role of a member": without(HUB, f"{BUS}/ArnLike"),
    "forward as another Organization": without(HUB, f"{BUS}/StringEquals"),
    "tell in the name of others": without(HUB, f"{of_hub('FunctionRole', 'PublishDecisions')}/Condition"),
    "tell of a decision by the schedule": without(HUB, f"{of_hub('SweepRole', 'AskForSweep')}/Condition/StringEquals"),
    "wake it by another rule": without(HUB, f"{QUEUE}/ArnEquals"),
    "notify for an account that is no provider": without(HUB, f"{TOPIC}/StringEquals"),
    "notify of something else": without(HUB, f"{TOPIC}/ArnLike"),
    "MoveAccount as the hub's administrator": altered(MANAGEMENT, f"{DELEGATED}/0/Action", "organizations:*"),
    "ask it from a member": altered(MANAGEMENT, f"{DELEGATED}/0/Principal", "*"),
    "link its logs as well": without(
        HUB, "Resources/Sink/Properties/Policy/Statement/0/Condition/ForAllValues:StringEquals"
    ),
}


def with_defect(template: Template) -> Stacks:
    """The templates, one of which is this."""
    kinds = {"Bus": "hub", "MemberRole": "member", "ForwardOrganization": "management"}
    return replace(AS_THEY_ARE, **{kinds[name]: template for name in kinds if name in template["Resources"]})


@pytest.mark.parametrize("text", DEFECTS)
def test_a_policy_without_its_limit_answers_otherwise(text):
    [(question, answer)] = [
        (found, answer) for name, found, answer in questions(with_defect(DEFECTS[text])) if name == text
    ]
    assert answer is not ALLOWED
    assert decide(question) is ALLOWED


# What no role of ours may do, with everything let: destroy, overhear, or get more than it has.
ROLES = [
    *(
        role(AS_THEY_ARE.of_hub(), name)
        for name in ("FunctionRole", "WatchRole", "SyncRole", "TagsRole", "AlarmsRole", "CloudMapRole")
    ),
    *(role(AS_THEY_ARE.of_hub(), name) for name in ("ForwarderRole", "SweepRole")),
    *(
        role(AS_THEY_ARE.of_member(), "MemberRole", session)
        for session in ("accept-connections", "sync-dns", "tag-resources", "publish-alarms", "sync-cloud-map")
    ),
    role(AS_THEY_ARE.of_management(), "ForwarderRole"),
]
FORBIDDEN_CALLS = {
    "appconfig": "CreateHostedConfigurationVersion StartDeployment",
    "cloudformation": "UpdateStack",
    "cloudtrail": "StopLogging",
    "cloudwatch": "DisableAlarmActions SetAlarmState UntagResource",
    "ec2": "CreateVpcEndpoint DeleteTags DeleteVpcEndpointServiceConfigurations DeleteVpcEndpoints",
    "elasticloadbalancing": "DeleteLoadBalancer DeleteTargetGroup RemoveTags",
    "events": "DeleteArchive DeleteRule PutPermission PutRule PutTargets",
    "iam": "AttachRolePolicy CreateAccessKey PassRole PutRolePolicy UpdateAssumeRolePolicy",
    "kms": "CreateGrant Decrypt",
    "lambda": "InvokeFunction UpdateFunctionCode",
    "logs": "DeleteLogGroup PutRetentionPolicy",
    "organizations": "LeaveOrganization MoveAccount PutResourcePolicy TagResource",
    "ram": "AssociateResourceShare CreateResourceShare",
    "route53profiles": "CreateProfile DeleteProfile",
    "s3": "GetObject",
    "servicediscovery": "CreatePublicDnsNamespace UntagResource",
    "sns": "Publish",
    "sqs": "PurgeQueue",
    "sts": "SetSourceIdentity TagSession",
}
FORBIDDEN = [f"{service}:{name}" for service, names in FORBIDDEN_CALLS.items() for name in names.split()]


@pytest.mark.parametrize("who", ROLES, ids=[f"{who.role.partition('/')[2]} {who.session}" for who in ROLES])
def test_no_role_may(who):
    everything_asked = HERE | {"aws:tagkeys": ["drawbridge:owner"], "aws:requesttag/drawbridge:owner": "x"} | OPTED_IN
    may = {action for action in FORBIDDEN if decide(Question(who, action, context=everything_asked)) is ALLOWED}
    assert may == set()


def test_a_role_that_may_is_told():
    decrypts = [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]
    who = replace(ROLES[0], policies=[*ROLES[0].policies, *decrypts])
    assert {a for a in FORBIDDEN if decide(Question(who, a)) is ALLOWED} == {"kms:CreateGrant", "kms:Decrypt"}


# What an Organization puts beside our policies: they go on where it allows what we need, and give nothing where it doesn't.
ACCEPT = BY_TEXT["accept at a service that opted in"]
ONLY_REGION = [
    *EVERY_ACTION,
    {
        "Effect": "Deny",
        "NotAction": ["organizations:*", "route53:*", "sts:*"],
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": REGION}},
    },
]
NO_NETWORK = [{"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"}]
PERIMETER = [
    *EVERY_ACTION,
    {
        "Effect": "Deny",
        "Action": "sts:AssumeRole",
        "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}},
    },
]


def limited(question: Question = ACCEPT, **limits: object) -> Question:
    """The question of somebody with such limits."""
    return replace(question, who=replace(question.who, **limits))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (limited(scps=[EVERY_ACTION, ONLY_REGION]), ALLOWED),
        (limited(but(ACCEPT, {"aws:requestedregion": OTHER_REGION}), scps=[EVERY_ACTION, ONLY_REGION]), DENIED),
        (limited(scps=[EVERY_ACTION, NO_NETWORK]), Decision.SCP),
        (limited(scps=[NO_NETWORK, EVERY_ACTION]), Decision.SCP),
        (limited(boundary=EVERY_ACTION), ALLOWED),
        (limited(boundary=NO_NETWORK), Decision.BOUNDARY),
        (limited(session_policies=EVERY_ACTION), ALLOWED),
        (limited(session_policies=NO_NETWORK), Decision.SESSION),
        (limited(BY_TEXT["take the member role"], scps=[ONLY_REGION]), ALLOWED),
        (limited(BY_TEXT["take the member role"], scps=[PERIMETER]), ALLOWED),
        (limited(BY_TEXT["take a role of another Organization"], scps=[PERIMETER]), DENIED),
        (limited(BY_TEXT["take the member role"], boundary=NO_NETWORK), ALLOWED),
        (limited(BY_TEXT["accept at a service without the tag"], scps=[EVERY_ACTION], boundary=EVERY_ACTION), IDENTITY),
    ],
)
def test_an_organization_may_limit_what_our_roles_do(question, answer):
    assert decide(question) is answer
