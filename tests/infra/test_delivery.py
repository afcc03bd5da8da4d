"""Messages arrive, and those that can't are kept."""

import pytest

from infra.delivery import complaints
from infra.permission import Request, allowed
from infra.rendering import (
    CONSUMER_ACCOUNT,
    HUB_ACCOUNT,
    HUB_PARAMETERS,
    MANAGEMENT_ACCOUNT,
    MANAGEMENT_PARAMETERS,
    MEMBER_DNS_PARAMETERS,
    MEMBER_PARAMETERS,
    ORGANIZATIONS_REGION,
    OTHER_REGION,
    PROVIDER_ACCOUNT,
    REGION,
    STRANGER_ACCOUNT,
    Rendering,
)
from infra.template import altered, read, without
from infra.test_function_role import statement

HUB, MEMBER, MANAGEMENT = read("hub.yaml"), read("member.yaml"), read("management.yaml")


def hub(template=HUB) -> Rendering:
    return Rendering(template, HUB_PARAMETERS)


def test_every_message_is_let_through_and_every_failure_is_kept_in_the_hub():
    assert complaints(hub()) == []


@pytest.mark.parametrize("region", [REGION, OTHER_REGION])
@pytest.mark.parametrize("parameters", [{}, MEMBER_DNS_PARAMETERS], ids=["no names", "names"])
def test_every_message_is_let_through_and_every_failure_is_kept_in_a_member(region, parameters):
    member = Rendering(MEMBER, MEMBER_PARAMETERS | parameters, account=CONSUMER_ACCOUNT, region=region)
    assert complaints(member) == []


def management(template=MANAGEMENT, account: str = MANAGEMENT_ACCOUNT) -> Rendering:
    return Rendering(template, MANAGEMENT_PARAMETERS, account=account, region=ORGANIZATIONS_REGION)


@pytest.mark.parametrize("account", [MANAGEMENT_ACCOUNT, HUB_ACCOUNT])
def test_every_message_is_let_through_and_every_failure_is_kept_in_the_management_account(account):
    assert complaints(management(account=account)) == []


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            altered(MANAGEMENT, "Resources/ForwardOrganization/Properties/Name", "drawbridge-forward-all"),
            "events.amazonaws.com may not take the role",
        ),
        (without(MANAGEMENT, "Resources/UndeliveredEventsPolicy"), "rule ForwardOrganization: dead letters"),
    ],
)
def test_an_event_of_the_organization_that_would_be_lost_is_told(template, expected):
    assert any(expected in complaint for complaint in complaints(management(template)))


LEFT_BY = "Resources/UndeliveredEventsPolicy/Properties/PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn"


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        (2, "ForwardDnsCalls"),
        (3, "ForwardDnsTagChanges"),
        (4, "ForwardZoneCalls"),
        (5, "ForwardMembershipChanges"),
        (6, "ForwardBalancerCalls"),
    ],
)
def test_an_event_of_a_member_s_own_that_would_be_lost_is_told(number, rule):
    template = without(MEMBER, f"{LEFT_BY}/{number}")
    forgotten = Rendering(template, MEMBER_PARAMETERS | MEMBER_DNS_PARAMETERS, CONSUMER_ACCOUNT, ORGANIZATIONS_REGION)
    assert any(f"rule {rule}: dead letters" in complaint for complaint in complaints(forgotten))


QUEUE_STATEMENTS = "Resources/QueuePolicy/Properties/PolicyDocument/Statement"
DEFECTS = {
    "queue policy lacks the rules": (without(HUB, f"{QUEUE_STATEMENTS}/0"), "does not let events"),
    "queue policy lacks the topic": (without(HUB, f"{QUEUE_STATEMENTS}/1"), "does not let sns"),
    "queue policy names another topic": (
        altered(HUB, f"{QUEUE_STATEMENTS}/1/Condition/ArnEquals/aws:SourceArn", "arn:aws:sns:eu-west-1:222222222222:x"),
        "does not let sns",
    ),
    "queue policy forgets one rule": (
        altered(HUB, f"{QUEUE_STATEMENTS}/0/Condition/ArnEquals/aws:SourceArn", [{"Fn::GetAtt": ["Calls", "Arn"]}]),
        "rule Requests: ",
    ),
    "queue policy belongs to another queue": (
        altered(HUB, "Resources/QueuePolicy/Properties/Queues", [{"Ref": "DeadLetters"}]),
        "does not let",
    ),
    "dead letters of the topic are refused": (
        without(HUB, "Resources/UndeliveredNotificationsPolicy"),
        "subscription Subscription: dead letters",
    ),
    "dead letters of the rules are refused": (
        without(HUB, "Resources/UndeliveredEventsPolicy"),
        "rule Calls: dead letters",
    ),
    "rule has no dead letters": (
        without(HUB, "Resources/Calls/Properties/Targets/0/DeadLetterConfig"),
        "rule Calls: dead letters",
    ),
    "rule has a role for a queue": (
        altered(HUB, "Resources/Calls/Properties/Targets/0/RoleArn", {"Fn::GetAtt": ["ForwarderRole", "Arn"]}),
        "no target for a role",
    ),
    "forwarding has no role": (without(HUB, "Resources/ForwardCalls/Properties/Targets/0/RoleArn"), "no role"),
    "forwarder may not put events": (
        altered(HUB, "Resources/ForwarderRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource", "arn:x"),
        "the role may not put events",
    ),
    "forwarder trusts rules of another name": (
        altered(HUB, "Resources/ForwardCalls/Properties/Name", "forward-calls"),
        "events.amazonaws.com may not take the role",
    ),
    "sweep is put under another name": (
        altered(HUB, "Resources/Sweep/Properties/Target/EventBridgeParameters/DetailType", "Swept"),
        "schedule Sweep: the role may not put events",
    ),
    "sweep is in another group": (
        altered(HUB, "Resources/Sweep/Properties/GroupName", "other"),
        "scheduler.amazonaws.com may not take the role",
    ),
    "sweep may not leave dead letters": (
        without(HUB, "Resources/SweepRole/Properties/Policies/0/PolicyDocument/Statement/1"),
        "schedule Sweep: dead letters",
    ),
    "dead letters come from a queue of another name": (
        altered(HUB, "Resources/Queue/Properties/QueueName", "drawbridge-other"),
        "its dead letters are not let in",
    ),
    "dead letters die with their message": (
        altered(HUB, "Resources/DeadLetters/Properties/MessageRetentionPeriod", 345600),
        "not kept longer",
    ),
    "function may not delete messages": (
        altered(
            HUB,
            f"{statement('ConsumeQueue')}/Action",
            ["sqs:ReceiveMessage"],
        ),
        "may not sqs:DeleteMessage",
    ),
    "messages are visible too early": (
        altered(HUB, "Resources/Queue/Properties/VisibilityTimeout", 360),
        "become visible again",
    ),
    "batches have no window": (
        altered(HUB, "Resources/Mapping/Properties/MaximumBatchingWindowInSeconds", 0),
        "without a window",
    ),
    "function's role is for another service": (
        altered(
            HUB,
            "Resources/FunctionRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal/Service",
            "ec2.amazonaws.com",
        ),
        "Lambda may not take",
    ),
    "function logs elsewhere": (
        altered(HUB, "Resources/Function/Properties/LoggingConfig/LogGroup", "/elsewhere"),
        "no such log group",
    ),
    "queue of the watcher forgets one rule": (
        altered(
            HUB,
            "Resources/WatchQueuePolicy/Properties/PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn",
            [{"Fn::GetAtt": ["OrganizationChanges", "Arn"]}],
        ),
        "rule MembershipChanges: ",
    ),
    "dead letters of the watcher's rules are refused": (
        without(
            HUB,
            "Resources/UndeliveredEventsPolicy/Properties/PolicyDocument/Statement/0"
            "/Condition/ArnEquals/aws:SourceArn/3",
        ),
        "rule OrganizationChanges: dead letters",
    ),
    "watcher takes from the other queue": (
        altered(HUB, "Resources/WatchMapping/Properties/EventSourceArn", {"Fn::GetAtt": ["Queue", "Arn"]}),
        "mapping WatchMapping: the function's role may not",
    ),
    "queue of sync-dns forgets one rule": (
        without(
            HUB,
            "Resources/SyncQueuePolicy/Properties/PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn/2",
        ),
        "rule SyncZoneCalls: ",
    ),
    "dead letters of a rule of sync-dns are refused": (
        without(
            HUB,
            "Resources/UndeliveredEventsPolicy/Properties/PolicyDocument/Statement/0"
            "/Condition/ArnEquals/aws:SourceArn/8",
        ),
        "rule SyncRequests: dead letters",
    ),
    "names are forwarded by nobody": (
        without(HUB, "Resources/ForwardZoneCalls/Properties/Targets/0/RoleArn"),
        "rule ForwardZoneCalls: no role",
    ),
    "sync-dns takes from another queue": (
        altered(HUB, "Resources/SyncMapping/Properties/EventSourceArn", {"Fn::GetAtt": ["WatchQueue", "Arn"]}),
        "mapping SyncMapping: the function's role may not",
    ),
    "queue of tag-resources forgets a rule of another function": (
        without(
            HUB,
            "Resources/TagsQueuePolicy/Properties/PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn/3",
        ),
        "rule OrganizationChanges: ",
    ),
    "queue of tag-resources forgets a rule of its own": (
        without(
            HUB,
            "Resources/TagsQueuePolicy/Properties/PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn/1",
        ),
        "rule TagsTagChanges: ",
    ),
    "dead letters of a rule of tag-resources are refused": (
        without(
            HUB,
            "Resources/UndeliveredEventsPolicy/Properties/PolicyDocument/Statement/0"
            "/Condition/ArnEquals/aws:SourceArn/11",
        ),
        "rule TagsRequests: dead letters",
    ),
    "dead letters of tag-resources come from a queue of another name": (
        altered(HUB, "Resources/TagsQueue/Properties/QueueName", "drawbridge-tags"),
        "queue TagsQueue: its dead letters are not let in",
    ),
    "tag-resources takes from another queue": (
        altered(HUB, "Resources/TagsMapping/Properties/EventSourceArn", {"Fn::GetAtt": ["SyncQueue", "Arn"]}),
        "mapping TagsMapping: the function's role may not",
    ),
    "tag-resources logs elsewhere": (
        altered(HUB, "Resources/TagsFunction/Properties/LoggingConfig/LogGroup", {"Ref": "SyncLogGroup"}),
        "function TagsFunction: the role may not",
    ),
    "queue of publish-alarms forgets one rule": (
        without(
            HUB,
            "Resources/AlarmsQueuePolicy/Properties/PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn/1",
        ),
        "rule AlarmsBalancerCalls: ",
    ),
    "dead letters of a rule of publish-alarms are refused": (
        without(
            HUB,
            "Resources/UndeliveredEventsPolicy/Properties/PolicyDocument/Statement/0"
            "/Condition/ArnEquals/aws:SourceArn/20",
        ),
        "rule AlarmsBalancerCalls: dead letters",
    ),
    "dead letters of the forwarding of calls on load balancers are refused": (
        without(
            HUB,
            "Resources/UndeliveredEventsPolicy/Properties/PolicyDocument/Statement/0"
            "/Condition/ArnEquals/aws:SourceArn/17",
        ),
        "rule ForwardBalancerCalls: dead letters",
    ),
    "dead letters of publish-alarms come from a queue of another name": (
        altered(HUB, "Resources/AlarmsQueue/Properties/QueueName", "drawbridge-alarms"),
        "queue AlarmsQueue: its dead letters are not let in",
    ),
    "publish-alarms takes from another queue": (
        altered(HUB, "Resources/AlarmsMapping/Properties/EventSourceArn", {"Fn::GetAtt": ["SyncQueue", "Arn"]}),
        "mapping AlarmsMapping: the function's role may not",
    ),
    "publish-alarms logs elsewhere": (
        altered(HUB, "Resources/AlarmsFunction/Properties/LoggingConfig/LogGroup", {"Ref": "SyncLogGroup"}),
        "function AlarmsFunction: the role may not",
    ),
    "function may not write its log": (
        altered(
            HUB,
            f"{statement('WriteLog')}/Action",
            "logs:CreateLogStream",
        ),
        "may not logs:PutLogEvents",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_message_that_would_be_lost_is_told(defect):
    template, expected = DEFECTS[defect]
    assert any(expected in complaint for complaint in complaints(hub(template)))


def publishes(
    rendering: Rendering, account: str, region: str = REGION, kind: str = "vpc-endpoint-service", **more: str
):
    source = f"arn:aws:ec2:{region}:{account}:{kind}/vpce-svc-0a1b2c3d4e5f60718"
    context = {"aws:sourcearn": source, "aws:sourceaccount": account, **more}
    statements = rendering.properties("TopicPolicy")["PolicyDocument"]["Statement"]
    return allowed(
        statements,
        Request("sns:Publish", rendering.reference("Topic"), context, service="vpce.amazonaws.com"),
    )


@pytest.mark.parametrize("account", [HUB_ACCOUNT, PROVIDER_ACCOUNT])
def test_endpoint_services_of_every_provider_notify_the_topic(account):
    assert publishes(hub(), account)


def test_nobody_else_notifies_the_topic():
    assert not publishes(hub(), STRANGER_ACCOUNT)
    assert not publishes(hub(), PROVIDER_ACCOUNT, region=OTHER_REGION)
    assert not publishes(hub(), PROVIDER_ACCOUNT, kind="vpc-endpoint")


def test_a_topic_without_its_condition_would_be_open_to_strangers():
    open_topic = without(HUB, "Resources/TopicPolicy/Properties/PolicyDocument/Statement/0/Condition/StringEquals")
    assert publishes(hub(open_topic), STRANGER_ACCOUNT)


def test_a_notification_is_told_from_an_event_by_its_envelope():
    assert hub().properties("Subscription")["RawMessageDelivery"] is False
