"""The Guard rules of infra/guard hold, and each can fail."""

import pytest

from infra.template import Template, altered, at, read, without
from infra.validation import by_cloudformation_validate, guard_rules

HUB, MEMBER = read("hub.yaml"), read("member.yaml")
FUNCTION_POLICY = "Resources/FunctionRole/Properties/Policies/0/PolicyDocument/Statement"
SWEEP_TRUST = "Resources/SweepRole/Properties/AssumeRolePolicyDocument/Statement/0"
QUEUE_POLICY = "Resources/QueuePolicy/Properties/PolicyDocument/Statement"
TOPIC_POLICY = "Resources/TopicPolicy/Properties/PolicyDocument/Statement/0"
BUS_CONDITION = "Resources/BusPolicy/Properties/Statement/Condition"
MEMBER_CONDITION = "Resources/MemberRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition"

# Templates with one defect each, by the rule that has to tell it.
DEFECTS: dict[str, list[Template]] = {
    "writing_actions_name_their_resources": [
        altered(HUB, f"{FUNCTION_POLICY}/1/Resource", "*"),
        altered(HUB, f"{FUNCTION_POLICY}/2/Resource", ["arn:aws:ec2:*:*:vpc-endpoint-connection/*", "*"]),
        altered(HUB, f"{FUNCTION_POLICY}/0/Action", ["ec2:DescribeVpcEndpointConnections", "ec2:ModifyVpcEndpoint"]),
    ],
    "actions_are_spelled_out": [
        altered(HUB, f"{FUNCTION_POLICY}/1/Action", ["ec2:*VpcEndpointConnections"]),
        altered(HUB, f"{FUNCTION_POLICY}/2/Action", "ec2:*"),
        altered(HUB, f"{FUNCTION_POLICY}/1/Effect", "Deny"),
        altered(without(HUB, f"{FUNCTION_POLICY}/2/Action"), f"{FUNCTION_POLICY}/2/NotAction", "iam:PassRole"),
        altered(without(HUB, f"{FUNCTION_POLICY}/2/Resource"), f"{FUNCTION_POLICY}/2/NotResource", "arn:x"),
        altered(HUB, "Resources/FunctionRole/Properties/ManagedPolicyArns", ["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    ],
    "permissions_stand_with_their_role": [
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
    ],
    "strangers_cannot_put_events": [
        without(HUB, f"{BUS_CONDITION}/StringEquals"),
        without(HUB, f"{BUS_CONDITION}/ArnLike"),
        without(HUB, BUS_CONDITION),
    ],
    "roles_of_other_accounts_are_named": [
        without(MEMBER, f"{MEMBER_CONDITION}/ArnLike"),
        without(MEMBER, f"{MEMBER_CONDITION}/StringEquals"),
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
        without(HUB, "Resources/ErrorsAlarm/Properties/AlarmDescription"),
        without(HUB, "Resources/ErrorsAlarm/Properties/TreatMissingData"),
    ],
}
CASES = [
    pytest.param(rule, template, id=f"{rule}-{n}")
    for rule, found in DEFECTS.items()
    for n, template in enumerate(found)
]


def broken(template: Template) -> set[str]:
    """Names of the Guard rules that the template breaks."""
    name = "member.yaml" if "MemberRole" in template["Resources"] else "hub.yaml"
    return {finding.rule for finding in by_cloudformation_validate(name, template)} & guard_rules()


@pytest.mark.parametrize("template", [HUB, MEMBER], ids=["hub", "member"])
def test_templates_keep_every_guard_rule(template):
    assert broken(template) == set()


@pytest.mark.parametrize(("rule", "template"), CASES)
def test_a_guard_rule_tells_its_defect(rule, template):
    assert rule in broken(template)


def test_every_guard_rule_has_a_defect_that_proves_it():
    assert set(DEFECTS) == guard_rules()
