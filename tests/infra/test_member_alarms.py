"""What publish-alarms may do by the member role: what the account's part is, in a session of its own name only."""

from dataclasses import replace

import pytest

from infra.delivery import attached_policies, own_policies, permissions
from infra.permission import Request, actions, allowed
from infra.rendering import (
    ALARM_PARAMETERS,
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    MEMBER_DNS_PARAMETERS,
    MEMBER_PARAMETERS,
    TAG_PARAMETERS,
    Rendering,
)
from infra.template import Template, altered, at, read, without
from infra.test_alarms_role import FOREIGN_NAMES, KEYS, MARK, MARKED, OUR_KEYS, alarm_arn, dashboard_arn, lacking
from infra.test_member_names import WRITES as WRITES_OF_NAMES
from infra.test_member_tags import ALL_WRITES as WRITES_OF_TAGS
from infra.test_trust import WRITES as WRITES_OF_DECISIONS

MEMBER = read("member.yaml")
POLICY = "Resources/AlarmsPolicy/Properties/PolicyDocument/Statement"
USER = "aws:userid"
ALARMING = {USER: "AROAEXAMPLEEXAMPLEEXA:publish-alarms"}
OTHERS = [
    {USER: f"AROAEXAMPLEEXAMPLEEXA:{name}"}
    for name in ("accept-connections", "watch-organization", "sync-dns", "tag-resources", "republish-alarms")
]
HERE = CONSUMER_ACCOUNT

READS_OF_BOTH = {
    "list alarms": Request("cloudwatch:DescribeAlarms", context=ALARMING),
    "list metrics": Request("cloudwatch:ListMetrics", context=ALARMING),
    "list dashboards": Request("cloudwatch:ListDashboards", context=ALARMING),
    "read tags of an alarm": Request("cloudwatch:ListTagsForResource", alarm_arn(account=HERE), ALARMING),
    "read a dashboard": Request("cloudwatch:GetDashboard", dashboard_arn(account=HERE), ALARMING),
}
# By the part that an account has.
READS = {
    "ProviderRole": {
        "list services": Request("ec2:DescribeVpcEndpointServiceConfigurations", context=ALARMING),
        "list connections": Request("ec2:DescribeVpcEndpointConnections", context=ALARMING),
        "list target groups": Request("elasticloadbalancing:DescribeTargetGroups", context=ALARMING),
        **READS_OF_BOTH,
    },
    "ConsumerRole": {"list endpoints": Request("ec2:DescribeVpcEndpoints", context=ALARMING), **READS_OF_BOTH},
    "DnsRole": {},
}
WRITES = {
    "put an alarm": Request("cloudwatch:PutMetricAlarm", alarm_arn(account=HERE), ALARMING | MARKED | OUR_KEYS),
    "put a composite alarm": Request("cloudwatch:PutCompositeAlarm", "*", ALARMING | MARKED | OUR_KEYS),
    "mark an alarm": Request("cloudwatch:TagResource", alarm_arn(account=HERE), ALARMING | MARKED | OUR_KEYS),
    "delete an alarm": Request("cloudwatch:DeleteAlarms", alarm_arn(account=HERE), ALARMING),
    "put a dashboard": Request("cloudwatch:PutDashboard", dashboard_arn(account=HERE), ALARMING),
    "delete a dashboard": Request("cloudwatch:DeleteDashboards", dashboard_arn(account=HERE), ALARMING),
}
ALL_READS = READS["ProviderRole"] | READS["ConsumerRole"]
# Any function looks at services and connections.
READ_BY_ALL = {"list services", "list connections"}
# Other functions have leave of their own for what these name.
ALSO_OF_OTHERS = READ_BY_ALL | {"list target groups", "list endpoints"}


def may(request: Request, template: Template = MEMBER, **parameters: str) -> bool:
    """Whether the role of a member allows it; with all parts and capabilities, unless other parameters are given."""
    everything = MEMBER_DNS_PARAMETERS | TAG_PARAMETERS | ALARM_PARAMETERS
    chosen = {"ProviderRole": "no"} | parameters if parameters else everything
    rendering = Rendering(template, MEMBER_PARAMETERS | chosen, account=HERE)
    return allowed(permissions(rendering, "MemberRole"), request)


@pytest.mark.parametrize("action", ALL_READS | WRITES)
def test_a_member_lets_publish_alarms_in_its_own_session_only(action):
    request = (ALL_READS | WRITES)[action]
    assert may(request)
    others = OTHERS[-1:] if action in ALSO_OF_OTHERS else OTHERS
    assert action in READ_BY_ALL or not any(may(replace(request, context=request.context | o)) for o in others)


@pytest.mark.parametrize("write", WRITES_OF_NAMES | WRITES_OF_DECISIONS | WRITES_OF_TAGS)
def test_a_member_does_not_let_publish_alarms_do_what_others_write(write):
    request = (WRITES_OF_NAMES | WRITES_OF_DECISIONS | WRITES_OF_TAGS)[write]
    assert not may(replace(request, context=request.context | ALARMING))


@pytest.mark.parametrize("part", READS)
def test_an_account_is_looked_at_for_alarms_of_the_part_that_it_has(part):
    # Before anybody lets it write, too: what it would do is observed first.
    for let in ("no", "yes"):
        parameters = {part: "yes", "WriteAlarms": let}
        assert {name for name, request in ALL_READS.items() if may(request, **parameters)} == READS[part].keys()


@pytest.mark.parametrize("part", READS)
def test_an_account_has_alarms_for_the_part_that_it_has_and_when_it_was_asked_for(part):
    written = {name for name, request in WRITES.items() if may(request, **{part: "yes"} | ALARM_PARAMETERS)}
    assert written == (set(WRITES) if READS[part] else set())
    assert not any(may(request, **{part: "yes"}) for request in WRITES.values())


REFUSED = {
    **{
        f"{write} named {name}": replace(WRITES[write], resource=alarm_arn(name, HERE))
        for write in ("put an alarm", "mark an alarm", "delete an alarm")
        for name in FOREIGN_NAMES
    },
    **{
        f"{write} of another account": replace(WRITES[write], resource=alarm_arn(account=HUB_ACCOUNT))
        for write in ("put an alarm", "mark an alarm", "delete an alarm")
    },
    **{
        f"{write} named {name}": replace(WRITES[write], resource=dashboard_arn(name, HERE))
        for write in ("put a dashboard", "delete a dashboard")
        for name in ("team", "team-drawbridge-x")
    },
    "put an alarm without the mark": lacking(WRITES["put an alarm"], MARK),
    "put a composite alarm without the mark": lacking(WRITES["put a composite alarm"], MARK),
    "mark an alarm without a key": lacking(WRITES["mark an alarm"], KEYS),
    "mark an alarm with a key of others": replace(
        WRITES["mark an alarm"], context={**ALARMING, KEYS: ["drawbridge:owner", "cost-centre"]}
    ),
    "take a mark away": replace(WRITES["mark an alarm"], action="cloudwatch:UntagResource"),
    "set an alarm's state": replace(WRITES["delete an alarm"], action="cloudwatch:SetAlarmState"),
    "read a dashboard of others": replace(READS_OF_BOTH["read a dashboard"], resource=dashboard_arn("team", HERE)),
    "read tags of an alarm of others": replace(READS_OF_BOTH["read tags of an alarm"], resource=alarm_arn("cpu", HERE)),
}


@pytest.mark.parametrize("step", REFUSED)
def test_a_member_does_not_let_publish_alarms(step):
    assert not may(REFUSED[step])


def found_statements() -> dict[str, str]:
    """The paths of the statements for publish-alarms, by their Sid."""
    paths = [
        f"{POLICY}/{place}" + ("/Fn::If/1" if "Fn::If" in item else "") for place, item in enumerate(at(MEMBER, POLICY))
    ]
    return {at(MEMBER, path)["Sid"]: path for path in paths}


STATEMENTS = found_statements()


@pytest.mark.parametrize("sid", STATEMENTS)
def test_a_member_that_does_not_look_at_the_session_would_let_others_have_alarms(sid):
    path = STATEMENTS[sid]
    listed = at(MEMBER, f"{path}/Action")
    first = listed if isinstance(listed, str) else listed[-1]
    stranger = {USER: "AROAEXAMPLEEXAMPLEEXA:somebody"}
    requests = [
        replace(request, context=request.context | stranger)
        for request in (ALL_READS | WRITES).values()
        if request.action == first
    ]
    assert not any(may(request) for request in requests)
    assert any(may(request, without(MEMBER, f"{path}/Condition/StringLike")) for request in requests)


@pytest.mark.parametrize(
    ("step", "sid", "part"),
    [
        ("put an alarm without the mark", "PutAlarms", "Null"),
        ("put a composite alarm without the mark", "PutCompositeAlarms", "Null"),
        ("mark an alarm without a key", "MarkAlarms", "Null"),
        ("mark an alarm with a key of others", "MarkAlarms", "ForAllValues:StringEquals"),
    ],
)
def test_a_member_without_its_limit_would(step, sid, part):
    assert may(REFUSED[step], without(MEMBER, f"{STATEMENTS[sid]}/Condition/{part}"))


@pytest.mark.parametrize(
    ("step", "sid"),
    [
        ("put an alarm named cpu", "PutAlarms"),
        ("put an alarm of another account", "PutAlarms"),
        ("mark an alarm named cpu", "MarkAlarms"),
        ("delete an alarm named cpu", "WriteOwnAlarms"),
        ("delete a dashboard named team", "WriteOwnAlarms"),
        ("read a dashboard of others", "ReadOwnAlarms"),
        ("read tags of an alarm of others", "ReadOwnAlarms"),
    ],
)
def test_a_member_that_names_no_resource_would(step, sid):
    assert may(REFUSED[step], altered(MEMBER, f"{STATEMENTS[sid]}/Resource", "*"))


def test_whoever_may_write_only_if_let_reads_all_the_same():
    optional = {at(MEMBER, path)["Sid"] for path in STATEMENTS.values() if "Fn::If" in path}
    assert optional == {"ReadTargetGroups", "ReadEndpoints"} | {sid for sid in STATEMENTS if not sid.startswith("Read")}
    always_written = altered(MEMBER, "Conditions/WritesAlarms", {"Fn::Equals": ["yes", "yes"]})
    assert may(WRITES["put an alarm"], always_written, ConsumerRole="yes")


def test_statements_for_alarms_stand_apart_from_the_role_s_own_policies():
    everything = MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS | TAG_PARAMETERS | ALARM_PARAMETERS
    found = Rendering(MEMBER, everything, account=HERE)
    assert "publish-alarms" not in str(own_policies(found, "MemberRole"))
    apart = [policy for policy in attached_policies(found, "MemberRole") if "publish-alarms" in str(policy)]
    assert len(apart) == 1
    elsewhere = altered(MEMBER, "Resources/AlarmsPolicy/Properties/Roles", ["drawbridge-somebody"])
    assert not any(may(request, elsewhere) for request in WRITES.values())


def test_every_action_for_alarms_has_a_request_that_proves_it():
    everything = MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS | ALARM_PARAMETERS
    found = Rendering(MEMBER, everything, account=HERE)
    of_alarms = [item for item in permissions(found, "MemberRole") if "publish-alarms" in str(item.get("Condition"))]
    proven = {request.action for name, request in (ALL_READS | WRITES).items() if name not in READ_BY_ALL}
    assert actions(of_alarms) == proven
