"""The Guard rules of infra/guard hold, and each can fail."""

import pytest

from infra.template import Template, altered, at, read, without
from infra.validation import by_cloudformation_validate, guard_rules

HUB, MEMBER, MANAGEMENT = read("hub.yaml"), read("member.yaml"), read("management.yaml")


def path_of(template: Template, statements: str, sid: str) -> str:
    """The path of a statement that depends on a parameter."""
    sids = [item.get("Sid") or item["Fn::If"][1]["Sid"] for item in at(template, statements)]
    return f"{statements}/{sids.index(sid)}/Fn::If/1"


FUNCTION_POLICY = "Resources/FunctionRole/Properties/Policies/0/PolicyDocument/Statement"
OPTIONAL = next(number for number, item in enumerate(at(HUB, FUNCTION_POLICY)) if "Fn::If" in item)
OPTION = f"{FUNCTION_POLICY}/{OPTIONAL}/Fn::If"
MARKING = f"{FUNCTION_POLICY}/{OPTIONAL + 1}"
SYNC_POLICY = "Resources/SyncRole/Properties/Policies/0/PolicyDocument/Statement"
MAKING = next(number for number, item in enumerate(at(HUB, SYNC_POLICY)) if "MakeZones" in str(item))
MAKES_ZONES = f"{SYNC_POLICY}/{MAKING}/Fn::If/1"
FILLING = next(number for number, item in enumerate(at(HUB, SYNC_POLICY)) if "FillProfiles" in str(item))
FILLS = f"{SYNC_POLICY}/{FILLING}/Fn::If/1"
HELD = "Condition/StringEqualsIgnoreCase/route53profiles:ResourceTypes"
TAGS_POLICY = "Resources/TagsRole/Properties/Policies/0/PolicyDocument/Statement"
TAGS_ENDPOINTS, TAGS_BY_API, TAGS_CLOUD_MAP, TAGS_ALARMS = (
    path_of(HUB, TAGS_POLICY, sid) for sid in ("TagEndpoints", "TagByTaggingApi", "TagCloudMap", "TagAlarms")
)
KEYS = "Condition/ForAllValues:StringEquals"
MEMBER_POLICIES = "Resources/MemberRole/Properties/Policies"
ALARMS_POLICY = "Resources/AlarmsRole/Properties/Policies/0/PolicyDocument/Statement"
PUTS_ALARMS, PUTS_COMPOSITES, MARKS_ALARMS, DELETES_ALARMS = (
    path_of(HUB, ALARMS_POLICY, sid) for sid in ("PutAlarms", "PutCompositeAlarms", "MarkAlarms", "DeleteAlarms")
)
MEMBER_ALARMS = "Resources/AlarmsPolicy/Properties"
OF_MEMBERS_ALARMS = f"{MEMBER_ALARMS}/PolicyDocument/Statement"
MEMBER_PUTS_ALARMS, MEMBER_MARKS_ALARMS = (
    path_of(MEMBER, OF_MEMBERS_ALARMS, sid) for sid in ("PutAlarms", "MarkAlarms")
)
CLOUD_MAP_POLICY = "Resources/CloudMapRole/Properties/Policies/0/PolicyDocument/Statement"
OF_MEMBERS_CLOUD_MAP = "Resources/CloudMapPolicy/Properties/PolicyDocument/Statement"
MAKES_SERVICES, MAKES_NAMESPACES, DELETES_SERVICES, WRITES_TARGETS = (
    path_of(HUB, CLOUD_MAP_POLICY, sid)
    for sid in ("MakeMarkedServices", "MakeMarkedNamespaces", "DeleteMarkedServices", "RegisterTargets")
)
MEMBER_MAKES_DNS, MEMBER_DELETES_SERVICES, MEMBER_WRITES_TARGETS = (
    path_of(MEMBER, OF_MEMBERS_CLOUD_MAP, sid)
    for sid in ("MakeMarkedDnsNamespaces", "DeleteMarkedServices", "RegisterTargets")
)
SINK_CONDITION = "Resources/Sink/Properties/Policy/Statement/0/Condition"
PROVIDER, DNS = (f"{MEMBER_POLICIES}/{number}/Fn::If/1/PolicyDocument/Statement" for number in (0, 2))
OF_MEMBERS_TAGS = f"{MEMBER_POLICIES}/3/PolicyDocument/Statement"
MEMBER_OPTION = next(number for number, item in enumerate(at(MEMBER, PROVIDER)) if "Fn::If" in item)
MEMBER_FILLING = next(number for number, item in enumerate(at(MEMBER, DNS)) if "FillProfiles" in str(item))
OF_MEMBER = f"{PROVIDER}/{MEMBER_OPTION}/Fn::If"
DELEGATION = "Resources/DelegationPolicy/Properties/Content/Statement"
SWEEP_TRUST = "Resources/SweepRole/Properties/AssumeRolePolicyDocument/Statement/0"
QUEUE_POLICY = "Resources/QueuePolicy/Properties/PolicyDocument/Statement"
TOPIC_POLICY = "Resources/TopicPolicy/Properties/PolicyDocument/Statement/0"
BUS_CONDITION = "Resources/BusPolicy/Properties/Statement/Condition"
MEMBER_CONDITION = "Resources/MemberRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition"

# Templates with one defect each, by the rule that has to tell it.
DEFECTS: dict[str, list[Template]] = {
    "writing_actions_name_their_resources": [
        altered(HUB, f"{FUNCTION_POLICY}/2/Resource", "*"),
        altered(HUB, f"{MARKING}/Resource", ["arn:aws:ec2:*:*:vpc-endpoint-connection/*", "*"]),
        altered(HUB, f"{OPTION}/1/Resource", "*"),
        altered(HUB, f"{OPTION}/1/Resource", ["arn:aws:ec2:*:*:vpc-endpoint-service/*", "*"]),
        altered(HUB, f"{FUNCTION_POLICY}/0/Action", ["ec2:DescribeVpcEndpointConnections", "ec2:ModifyVpcEndpoint"]),
        altered(HUB, f"{MAKES_ZONES}/Action", ["route53:CreateHostedZone", "route53:DeleteHostedZone"]),
        altered(HUB, f"{MAKES_ZONES}/Action", "route53:DeleteHostedZone"),
        altered(
            HUB, f"{FILLS}/Action", ["route53profiles:AssociateResourceToProfile", "route53profiles:DeleteProfile"]
        ),
        altered(HUB, f"{FILLS}/Action", "route53profiles:CreateProfile"),
        altered(HUB, f"{TAGS_BY_API}/Action", "tag:UntagResources"),
        altered(HUB, f"{TAGS_BY_API}/Action", ["tag:TagResources", "resource-groups:DeleteGroup"]),
        altered(HUB, f"{TAGS_CLOUD_MAP}/Action", "servicediscovery:DeleteService"),
        altered(HUB, f"{TAGS_ALARMS}/Resource", "*"),
        altered(HUB, f"{PUTS_ALARMS}/Resource", "*"),
        altered(HUB, f"{DELETES_ALARMS}/Resource", "*"),
        altered(HUB, f"{PUTS_COMPOSITES}/Action", ["cloudwatch:PutCompositeAlarm", "cloudwatch:DeleteAlarms"]),
        altered(MEMBER, f"{MEMBER_PUTS_ALARMS}/Resource", "*"),
        altered(MEMBER, f"{OF_MEMBERS_ALARMS}/1/Resource", "*"),
        altered(MEMBER, f"{PROVIDER}/2/Resource", "*"),
        altered(MEMBER, f"{OF_MEMBERS_TAGS}/3/Fn::If/1/Resource", "*"),
        altered(MEMBER, f"{OF_MEMBER}/1/Resource", "*"),
    ],
    "actions_are_spelled_out": [
        altered(HUB, f"{FUNCTION_POLICY}/2/Action", ["ec2:*VpcEndpointConnections"]),
        altered(HUB, f"{MARKING}/Action", "ec2:*"),
        altered(HUB, f"{OPTION}/1/Action", ["ec2:Modify*"]),
        altered(HUB, f"{OPTION}/1/Effect", "Deny"),
        altered(HUB, f"{FUNCTION_POLICY}/2/Effect", "Deny"),
        altered(without(HUB, f"{MARKING}/Action"), f"{MARKING}/NotAction", "iam:PassRole"),
        altered(without(HUB, f"{MARKING}/Resource"), f"{MARKING}/NotResource", "arn:x"),
        altered(HUB, "Resources/FunctionRole/Properties/ManagedPolicyArns", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
        altered(MEMBER, f"{DNS}/0/Action", "route53:*"),
        altered(MEMBER, f"{OF_MEMBERS_ALARMS}/0/Action", "cloudwatch:*"),
        altered(MEMBER, f"{MEMBER_PUTS_ALARMS}/Action", "cloudwatch:Put*"),
        altered(MEMBER, f"{OF_MEMBER}/1/Action", "ec2:*"),
    ],
    "optional_statements_are_there_or_not": [
        altered(HUB, f"{OPTION}/2", {"Sid": "All", "Effect": "Allow", "Action": "ec2:*", "Resource": "*"}),
        altered(MEMBER, f"{OF_MEMBER}/2", {"Sid": "All", "Effect": "Allow", "Action": "ec2:*", "Resource": "*"}),
        altered(MEMBER, f"{MEMBER_POLICIES}/1/Fn::If/2", at(MEMBER, f"{MEMBER_POLICIES}/1/Fn::If/1")),
        altered(MEMBER, MEMBER_PUTS_ALARMS.removesuffix("1") + "2", at(MEMBER, MEMBER_PUTS_ALARMS)),
    ],
    "zones_are_made_private": [
        without(HUB, f"{MAKES_ZONES}/Condition/Null"),
        altered(HUB, f"{MAKES_ZONES}/Condition/Null/route53:VPCs", "true"),
        altered(HUB, f"{FUNCTION_POLICY}/0/Action", "route53:CreateHostedZone"),
        altered(MEMBER, f"{PROVIDER}/0/Action", ["route53:CreateHostedZone"]),
        altered(MEMBER, f"{OF_MEMBERS_ALARMS}/0/Action", ["route53:CreateHostedZone"]),
        altered(MEMBER, f"{MEMBER_PUTS_ALARMS}/Action", ["route53:CreateHostedZone"]),
        altered(MEMBER, f"{OF_MEMBER}/1/Action", ["ec2:CreateVpc", "route53:CreateHostedZone"]),
    ],
    "tags_are_named": [
        without(HUB, f"{MARKING}/{KEYS}"),
        without(HUB, f"{MARKING}/Condition/Null"),
        without(HUB, f"{TAGS_ENDPOINTS}/{KEYS}"),
        without(HUB, f"{TAGS_CLOUD_MAP}/{KEYS}"),
        altered(HUB, f"{TAGS_ALARMS}/Condition/Null/aws:TagKeys", "true"),
        altered(HUB, f"{FUNCTION_POLICY}/2/Action", ["elasticloadbalancing:AddTags"]),
        altered(MEMBER, f"{PROVIDER}/2/Action", "ec2:CreateTags"),
        without(MEMBER, f"{OF_MEMBERS_TAGS}/2/Fn::If/1/{KEYS}"),
        altered(MEMBER, f"{OF_MEMBER}/1/Action", ["ec2:CreateTags"]),
        altered(MEMBER, f"{OF_MEMBERS_ALARMS}/1/Action", ["cloudwatch:TagResource"]),
        without(MEMBER, f"{MEMBER_MARKS_ALARMS}/{KEYS}"),
    ],
    "alarms_are_marked": [
        without(HUB, f"{PUTS_ALARMS}/Condition/Null"),
        without(HUB, f"{PUTS_COMPOSITES}/Condition/Null"),
        altered(HUB, f"{PUTS_ALARMS}/Condition/Null", {"aws:RequestTag/drawbridge:owner": "true"}),
        altered(HUB, f"{FUNCTION_POLICY}/2/Action", ["cloudwatch:PutMetricAlarm"]),
        without(MEMBER, f"{MEMBER_PUTS_ALARMS}/Condition/Null"),
        altered(MEMBER, f"{OF_MEMBER}/1/Action", "cloudwatch:PutCompositeAlarm"),
        altered(MEMBER, f"{OF_MEMBERS_ALARMS}/1/Action", ["cloudwatch:PutMetricAlarm"]),
    ],
    "services_of_cloud_map_are_marked": [
        without(HUB, f"{MAKES_SERVICES}/Condition/Null"),
        without(HUB, f"{MAKES_NAMESPACES}/Condition/Null"),
        altered(HUB, f"{MAKES_SERVICES}/Condition/Null", {"aws:RequestTag/drawbridge:owner": "true"}),
        altered(HUB, f"{DELETES_SERVICES}/Condition/Null", {"aws:ResourceTag/cost-centre": "false"}),
        altered(HUB, f"{FUNCTION_POLICY}/2/Action", ["servicediscovery:CreatePublicDnsNamespace"]),
        altered(MEMBER, f"{OF_MEMBER}/1/Action", "servicediscovery:DeleteNamespace"),
        altered(MEMBER, f"{OF_MEMBERS_ALARMS}/1/Action", ["servicediscovery:CreateService"]),
        without(MEMBER, f"{MEMBER_MAKES_DNS}/Condition/Null"),
        without(MEMBER, f"{MEMBER_DELETES_SERVICES}/Condition/Null"),
    ],
    "targets_follow_by_a_tag": [
        without(HUB, f"{WRITES_TARGETS}/Condition/Null"),
        altered(HUB, f"{WRITES_TARGETS}/Condition/Null", {"aws:ResourceTag/drawbridge:cloud-map": "true"}),
        altered(HUB, f"{FUNCTION_POLICY}/2/Action", ["elasticloadbalancing:DeregisterTargets"]),
        altered(MEMBER, f"{OF_MEMBER}/1/Action", "elasticloadbalancing:RegisterTargets"),
        altered(MEMBER, f"{OF_MEMBERS_ALARMS}/1/Action", ["elasticloadbalancing:RegisterTargets"]),
        without(MEMBER, f"{MEMBER_WRITES_TARGETS}/Condition/Null"),
    ],
    "sinks_are_for_metrics_of_the_organization": [
        without(HUB, f"{SINK_CONDITION}/StringEquals"),
        without(HUB, f"{SINK_CONDITION}/ForAllValues:StringEquals"),
        without(HUB, f"{SINK_CONDITION}/Null"),
        altered(
            HUB,
            f"{SINK_CONDITION}/ForAllValues:StringEquals/oam:ResourceTypes",
            ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup"],
        ),
    ],
    "links_are_for_metrics": [
        altered(MEMBER, "Resources/Link/Properties/ResourceTypes", ["AWS::CloudWatch::Metric", "AWS::XRay::Trace"]),
    ],
    "tags_stay": [
        altered(HUB, f"{MARKING}/Action", ["ec2:CreateTags", "ec2:DeleteTags"]),
        altered(HUB, f"{TAGS_ALARMS}/Action", "cloudwatch:UntagResource"),
        altered(MEMBER, f"{PROVIDER}/0/Action", ["elasticloadbalancing:RemoveTags"]),
        altered(MEMBER, f"{OF_MEMBER}/1/Action", "ec2:DeleteTags"),
        altered(MEMBER, f"{OF_MEMBERS_ALARMS}/1/Action", ["cloudwatch:UntagResource"]),
        altered(MEMBER, f"{MEMBER_MARKS_ALARMS}/Action", "cloudwatch:UntagResource"),
    ],
    "profiles_hold_names_only": [
        without(HUB, f"{FILLS}/{HELD}"),
        altered(HUB, f"{FILLS}/{HELD}", ["HostedZone", "FirewallRuleGroup"]),
        altered(HUB, f"{FUNCTION_POLICY}/0/Action", "route53profiles:DisassociateResourceFromProfile"),
        without(MEMBER, f"{DNS}/{MEMBER_FILLING}/Fn::If/1/{HELD}"),
        altered(MEMBER, f"{PROVIDER}/0/Action", ["route53profiles:AssociateResourceToProfile"]),
    ],
    "delegation_reads_only": [
        altered(MANAGEMENT, f"{DELEGATION}/1/Action", "organizations:MoveAccount"),
        altered(MANAGEMENT, f"{DELEGATION}/0/Action", ["organizations:DescribeAccount", "organizations:*"]),
        altered(MANAGEMENT, f"{DELEGATION}/0/Principal", "*"),
        altered(MANAGEMENT, f"{DELEGATION}/0/Principal/AWS", "*"),
        altered(MANAGEMENT, f"{DELEGATION}/0/Principal/AWS/Fn::Sub", "arn:aws:iam::*:root"),
        altered(MANAGEMENT, f"{DELEGATION}/0/Effect", "Deny"),
    ],
    "permissions_stand_with_their_role": [
        without(MEMBER, f"{MEMBER_ALARMS}/Roles"),
        altered(MEMBER, f"{MEMBER_ALARMS}/Roles", ["somebody"]),
        altered(MEMBER, f"{MEMBER_ALARMS}/Roles", [{"Ref": "MemberRole"}, "somebody"]),
        altered(MEMBER, f"{MEMBER_ALARMS}/Users", ["somebody"]),
        altered(MEMBER, f"{MEMBER_ALARMS}/Groups", ["somebody"]),
        altered(
            HUB,
            "Resources/More",
            {
                "Type": "AWS::IAM::RolePolicy",
                "Properties": {
                    "RoleName": {"Ref": "FunctionRole"},
                    "PolicyName": "more",
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "ec2:*", "Resource": "*"}],
                    },
                },
            },
        ),
    ],
    "statements_have_a_sid": [
        without(HUB, f"{FUNCTION_POLICY}/5/Sid"),
        without(HUB, f"{OPTION}/1/Sid"),
        without(MEMBER, f"{PROVIDER}/0/Sid"),
        without(MEMBER, f"{OF_MEMBER}/1/Sid"),
        without(MEMBER, f"{OF_MEMBERS_ALARMS}/0/Sid"),
        without(MEMBER, f"{MEMBER_PUTS_ALARMS}/Sid"),
        without(MANAGEMENT, f"{DELEGATION}/0/Sid"),
        without(HUB, f"{SWEEP_TRUST}/Sid"),
        without(HUB, f"{QUEUE_POLICY}/1/Sid"),
        without(HUB, f"{TOPIC_POLICY}/Sid"),
    ],
    "services_act_for_us_only": [
        without(HUB, f"{SWEEP_TRUST}/Condition/ArnEquals"),
        without(HUB, f"{QUEUE_POLICY}/0/Condition/ArnEquals"),
        without(HUB, f"{QUEUE_POLICY}/1/Condition"),
        without(HUB, f"{TOPIC_POLICY}/Condition/ArnLike"),
        without(HUB, f"{TOPIC_POLICY}/Condition/StringEquals"),
        without(MEMBER, "Resources/ForwarderRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition/ArnLike"),
        without(
            MANAGEMENT, "Resources/ForwarderRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition/ArnEquals"
        ),
    ],
    "strangers_cannot_put_events": [
        without(HUB, f"{BUS_CONDITION}/StringEquals"),
        without(HUB, f"{BUS_CONDITION}/ArnLike"),
        without(HUB, BUS_CONDITION),
    ],
    "roles_of_other_accounts_are_named": [
        without(MEMBER, f"{MEMBER_CONDITION}/ArnLike"),
        without(MEMBER, f"{MEMBER_CONDITION}/StringEquals"),
        without(MEMBER, f"{MEMBER_CONDITION.replace('Statement/0', 'Statement/1')}/ArnLike"),
        without(MEMBER, f"{MEMBER_CONDITION.replace('Statement/0', 'Statement/2')}/ArnLike"),
        without(MEMBER, f"{MEMBER_CONDITION.replace('Statement/0', 'Statement/3')}/ArnLike"),
        without(MEMBER, f"{MEMBER_CONDITION.replace('Statement/0', 'Statement/4')}/ArnLike"),
        without(MEMBER, f"{MEMBER_CONDITION.replace('Statement/0', 'Statement/5')}/ArnLike"),
    ],
    "roles_are_recognised": [
        altered(HUB, "Resources/SweepRole/Properties/RoleName", {"Fn::Sub": "sweep-${AWS::Region}"}),
        altered(MEMBER, "Resources/MemberRole/Properties/RoleName", "member"),
        without(HUB, "Resources/SweepRole/Properties/RoleName"),
        without(HUB, "Resources/FunctionRole/Properties/PermissionsBoundary"),
    ],
    "queues_redrive_or_keep": [
        without(HUB, "Resources/Queue/Properties/RedrivePolicy"),
        altered(HUB, "Resources/Queue/Properties/RedrivePolicy/maxReceiveCount", 1),
        without(HUB, "Resources/Queue/Properties/RedrivePolicy/deadLetterTargetArn"),
        altered(HUB, "Resources/UndeliveredEvents/Properties/MessageRetentionPeriod", 3600),
    ],
    "queues_are_encrypted": [
        without(HUB, "Resources/Queue/Properties/SqsManagedSseEnabled"),
        altered(MEMBER, "Resources/UndeliveredEvents/Properties/SqsManagedSseEnabled", False),
    ],
    "queues_have_policies": [
        without(HUB, "Resources/UndeliveredNotificationsPolicy"),
        altered(HUB, "Resources/QueuePolicy/Properties/Queues", [{"Ref": "DeadLetters"}]),
        without(MEMBER, "Resources/UndeliveredEventsPolicy"),
    ],
    "functions_have_a_dead_letter_path": [
        without(HUB, "Resources/Mapping"),
        altered(HUB, "Resources/Second", at(HUB, "Resources/Function")),
    ],
    "batches_fail_in_part": [
        without(HUB, "Resources/Mapping/Properties/FunctionResponseTypes"),
        altered(HUB, "Resources/Mapping/Properties/FunctionResponseTypes", ["Other"]),
    ],
    "targets_have_dead_letters": [
        without(HUB, "Resources/Requests/Properties/Targets/0/DeadLetterConfig"),
        without(MEMBER, "Resources/ForwardCalls/Properties/Targets/0/DeadLetterConfig"),
        without(HUB, "Resources/Sweep/Properties/Target/DeadLetterConfig"),
        without(HUB, "Resources/Subscription/Properties/RedrivePolicy"),
    ],
    "logs_have_a_retention": [without(HUB, "Resources/LogGroup/Properties/RetentionInDays")],
    "functions_log_to_our_groups": [
        without(HUB, "Resources/Function/Properties/LoggingConfig"),
        altered(HUB, "Resources/Function/Properties/LoggingConfig/LogFormat", "Text"),
    ],
    "alarms_speak": [
        without(HUB, "Resources/ErrorsAlarm/Properties/AlarmActions"),
        without(HUB, "Resources/AlarmsErrorsAlarm/Properties/OKActions"),
        without(HUB, "Resources/ErrorsAlarm/Properties/AlarmDescription"),
        without(HUB, "Resources/ErrorsAlarm/Properties/TreatMissingData"),
        without(HUB, "Resources/RequestsHeldAlarm/Properties/TreatMissingData"),
    ],
    "alarms_name_their_runbook": [
        altered(HUB, "Resources/ErrorsAlarm/Properties/AlarmDescription", "The function crashed."),
        altered(HUB, "Resources/ErrorsAlarm/Properties/AlarmDescription/Fn::Sub/0", "It crashed. Runbook: ${Runbook}"),
        without(HUB, "Resources/HealthAlarm/Properties/AlarmDescription"),
    ],
}
CASES = [
    pytest.param(rule, template, id=f"{rule}-{n}")
    for rule, found in DEFECTS.items()
    for n, template in enumerate(found)
]


def broken(template: Template) -> set[str]:
    """Names of the Guard rules that the template breaks."""
    names = {"MemberRole": "member.yaml", "ForwardOrganization": "management.yaml", "Bus": "hub.yaml"}
    name = next(name for resource, name in names.items() if resource in template["Resources"])
    return {finding.rule for finding in by_cloudformation_validate(name, template)} & guard_rules()


@pytest.mark.parametrize("template", [HUB, MEMBER, MANAGEMENT], ids=["hub", "member", "management"])
def test_templates_keep_every_guard_rule(template):
    assert broken(template) == set()


@pytest.mark.parametrize(("rule", "template"), CASES)
def test_a_guard_rule_tells_its_defect(rule, template):
    assert rule in broken(template)


def test_every_guard_rule_has_a_defect_that_proves_it():
    assert set(DEFECTS) == guard_rules()
