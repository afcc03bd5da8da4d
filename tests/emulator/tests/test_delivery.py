"""What AWS delivers by itself, and what it lets vanish: buses, rules, topics, queues."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .running import HUB, RunningEmulator
from .sample_functions import create_function, create_role, eventually, log_lines

Client = Callable[..., Any]
MEMBER = "444444444444"
REGION = "eu-west-1"
EVENTS = "events.amazonaws.com"
SNS = "sns.amazonaws.com"


def arn(service: str, resource: str, account: str = HUB, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def queue_for(client: Client, name: str, service: str = EVENTS, condition: Any = None, **where: str) -> str:
    """A queue into which a service may send; returns its URL."""
    account, region = where.get("account", HUB), where.get("region", REGION)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": arn("sqs", name, account, region),
    }
    policy = {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    attributes = {"Policy": json.dumps(policy)}
    return client("sqs", **where).create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def received(client: Client, url: str, **where: str) -> list[dict[str, Any]]:
    """The bodies of all messages of a queue, as JSON."""
    answer = client("sqs", **where).receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def rule(client: Client, name: str, target: dict[str, Any] | str, bus: str = "default", **where: str) -> None:
    """A rule that sends events of source `drawbridge` to one target."""
    events = client("events", **where)
    events.put_rule(Name=name, EventBusName=bus, EventPattern='{"source": ["drawbridge"]}')
    target = {"Arn": target} if isinstance(target, str) else target
    answer = events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "target"} | target])
    assert answer["FailedEntryCount"] == 0


def put(client: Client, bus: str | None = None, **where: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "Source": "drawbridge",
        "DetailType": "Decision",
        "Detail": '{"id": "vpce-1", "tags": ["a"]}',
        "Resources": ["arn:aws:ec2:eu-west-1:444444444444:vpc-endpoint/vpce-1"],
        "Time": datetime(2026, 11, 2, 9, 15, 30, tzinfo=UTC),
    }
    return client("events", **where).put_events(Entries=[entry | ({"EventBusName": bus} if bus else {})])


def dropped(emulator: RunningEmulator) -> list[dict[str, Any]]:
    return emulator.control("GET", "dropped")["dropped"]


# Rules and queues.


def test_event_reaches_the_queue_whole(client: Client) -> None:
    url = queue_for(client, "work")
    rule(client, "calls", arn("sqs", "work"))
    answer = put(client)
    assert received(client, url) == [
        {
            "version": "0",
            "id": answer["Entries"][0]["EventId"],
            "detail-type": "Decision",
            "source": "drawbridge",
            "account": HUB,
            "time": "2026-11-02T09:15:30Z",
            "region": REGION,
            "resources": ["arn:aws:ec2:eu-west-1:444444444444:vpc-endpoint/vpce-1"],
            "detail": {"id": "vpce-1", "tags": ["a"]},
        }
    ]


def test_event_vanishes_when_the_queue_has_no_policy(client: Client, emulator: RunningEmulator) -> None:
    url = client("sqs").create_queue(QueueName="work")["QueueUrl"]
    rule(client, "calls", arn("sqs", "work"))
    assert put(client)["FailedEntryCount"] == 0
    assert received(client, url) == []
    [drop] = dropped(emulator)
    assert drop["reason"].startswith("NO_PERMISSIONS: sqs:SendMessage")
    assert (drop["source"], drop["target"]) == (arn("events", "rule/calls"), arn("sqs", "work"))


def test_event_vanishes_when_the_queue_policy_names_another_rule(client: Client, emulator: RunningEmulator) -> None:
    url = queue_for(client, "work", condition={"ArnEquals": {"aws:SourceArn": arn("events", "rule/other")}})
    rule(client, "calls", arn("sqs", "work"))
    put(client)
    assert received(client, url) == []
    assert len(dropped(emulator)) == 1


def test_undeliverable_event_goes_to_the_dead_letter_queue_of_the_target(
    client: Client, emulator: RunningEmulator
) -> None:
    queue_for(client, "letters")
    rule(client, "calls", {"Arn": arn("sqs", "absent"), "DeadLetterConfig": {"Arn": arn("sqs", "letters")}})
    put(client)
    url = client("sqs").get_queue_url(QueueName="letters")["QueueUrl"]
    [message] = client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    values = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert json.loads(message["Body"])["detail"]["id"] == "vpce-1"
    assert values["ERROR_CODE"] == "NO_RESOURCE"
    assert values["RULE_ARN"] == arn("events", "rule/calls")
    assert values["TARGET_ARN"] == arn("sqs", "absent")
    assert "sent to" in dropped(emulator)[0]["reason"]


@pytest.mark.parametrize("allowed", [True, False], ids=["key lets EventBridge in", "key doesn't"])
def test_key_of_an_encrypted_queue_has_to_let_eventbridge_in(client: Client, allowed: bool) -> None:
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}, "Action": "kms:*", "Resource": "*"}
    ]
    if allowed:
        actions = ["kms:GenerateDataKey", "kms:Decrypt"]
        statements.append({"Effect": "Allow", "Principal": {"Service": EVENTS}, "Action": actions, "Resource": "*"})
    key = client("kms").create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    url = queue_for(client, "work")
    key_id = key["KeyMetadata"]["KeyId"]
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key_id})
    rule(client, "calls", arn("sqs", "work"))
    put(client)
    assert len(received(client, url)) == (1 if allowed else 0)


def test_key_managed_by_aws_lets_no_service_in(client: Client, emulator: RunningEmulator) -> None:
    url = queue_for(client, "work")
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "alias/aws/sqs"})
    rule(client, "calls", arn("sqs", "work"))
    put(client)
    assert "alias/aws/sqs" in dropped(emulator)[0]["reason"]


def test_queue_keeps_its_policy_when_another_attribute_is_set(client: Client) -> None:
    url = queue_for(client, "work")
    client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    assert "Policy" in client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_dead_letter_queue_decides_whose_letters_it_takes(client: Client) -> None:
    allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [arn("sqs", "friend")]}
    client("sqs").create_queue(QueueName="letters", Attributes={"RedriveAllowPolicy": json.dumps(allowed)})
    redrive = json.dumps({"deadLetterTargetArn": arn("sqs", "letters"), "maxReceiveCount": 5})
    client("sqs").create_queue(QueueName="friend", Attributes={"RedrivePolicy": redrive})
    with pytest.raises(ClientError, match="not allowed to use"):
        client("sqs").create_queue(QueueName="other", Attributes={"RedrivePolicy": redrive})


def test_disabled_rule_takes_nothing(client: Client) -> None:
    url = queue_for(client, "work")
    rule(client, "calls", arn("sqs", "work"))
    client("events").disable_rule(Name="calls")
    put(client)
    assert received(client, url) == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"Input": '{"constant": 1}'}, {"constant": 1}),
        ({"InputPath": "$.detail"}, {"id": "vpce-1", "tags": ["a"]}),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"id": "$.detail.id", "tags": "$.detail.tags", "type": "$.detail-type"},
                    "InputTemplate": '{"id": <id>, "text": "<id> is a <type>", "tags": <tags>, "rule": <aws.events.rule-name>}',
                }
            },
            {"id": "vpce-1", "text": "vpce-1 is a Decision", "tags": ["a"], "rule": "calls"},
        ),
    ],
    ids=["constant", "path", "transformer"],
)
def test_target_gets_what_its_input_asks_for(client: Client, target: dict[str, Any], expected: Any) -> None:
    url = queue_for(client, "work")
    rule(client, "calls", {"Arn": arn("sqs", "work")} | target)
    put(client)
    assert received(client, url) == [expected]


def test_target_that_cannot_be_delivered_to_is_refused(client: Client) -> None:
    client("events").put_rule(Name="calls", EventPattern='{"source": ["drawbridge"]}')
    target = {"Id": "x", "Arn": arn("kinesis", "stream/s")}
    with pytest.raises(ClientError, match="can't deliver to"):
        client("events").put_targets(Rule="calls", Targets=[target])


def test_events_go_to_functions_log_groups_and_topics(client: Client) -> None:
    function = create_function(client, "taker", "def handle(event, headers): print(event['id'], flush=True)")
    client("lambda").add_permission(
        FunctionName="taker", StatementId="s", Action="lambda:InvokeFunction", Principal=EVENTS
    )
    client("logs").create_log_group(logGroupName="/aws/events/all")
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    statement = {"Effect": "Allow", "Principal": {"Service": EVENTS}, "Action": actions, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("logs").put_resource_policy(policyName="p", policyDocument=policy)
    topic = client("sns").create_topic(Name="topic")["TopicArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": EVENTS}, "Action": "sns:Publish", "Resource": topic}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    url = queue_for(client, "subscriber", SNS)
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("sqs", "subscriber"))
    for number, target in enumerate((function, arn("logs", "log-group:/aws/events/all"), topic)):
        rule(client, f"rule-{number}", target)
    event_id = put(client)["Entries"][0]["EventId"]
    eventually(lambda: event_id in log_lines(client, "/aws/lambda/taker"))
    assert json.loads(log_lines(client, "/aws/events/all")[0])["id"] == event_id
    assert json.loads(received(client, url)[0]["Message"])["id"] == event_id


def test_function_without_permission_is_not_invoked(client: Client, emulator: RunningEmulator) -> None:
    rule(client, "calls", create_function(client, "taker", "def handle(event, headers): return 1"))
    put(client)
    assert dropped(emulator)[0]["reason"].startswith("NO_PERMISSIONS: lambda:InvokeFunction")


# PutEvents.


def test_put_events_answers_each_entry_by_itself(client: Client) -> None:
    good = {"Source": "drawbridge", "DetailType": "x", "Detail": "{}"}
    entries = [good, good | {"Source": "aws.ec2"}, good | {"Detail": "no json"}, good | {"Detail": "[]"}]
    answer = client("events").put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 3
    codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
    assert codes == [None, "NotAuthorizedForSourceException", "MalformedDetail", "MalformedDetail"]


def test_event_for_a_bus_that_does_not_exist_is_accepted_and_lost(client: Client, emulator: RunningEmulator) -> None:
    assert put(client, "nowhere")["FailedEntryCount"] == 0
    assert dropped(emulator)[0]["reason"] == "the event bus does not exist"


def test_pattern_is_tested_as_rules_match(client: Client) -> None:
    event = {
        "id": "1",
        "account": HUB,
        "source": "a",
        "time": "x",
        "region": REGION,
        "resources": [],
        "detail-type": "b",
    }
    test = client("events").test_event_pattern
    assert test(EventPattern='{"source": ["a"]}', Event=json.dumps(event))["Result"] is True
    assert test(EventPattern='{"source": ["b"]}', Event=json.dumps(event))["Result"] is False
    with pytest.raises(ClientError) as error:
        client("events").put_rule(Name="r", EventPattern='{"source": [{"begins": "a"}]}')
    assert error.value.response["Error"]["Code"] == "InvalidEventPatternException"


# Bus to bus.


def bus_with_queue(client: Client, bus: str = "hub", policy: Any = None) -> str:
    """A bus of the hub whose events all go to queue `work`; returns the queue's URL."""
    client("events").create_event_bus(Name=bus)
    if policy is not None:
        client("events").put_permission(EventBusName=bus, Policy=json.dumps(policy))
    url = queue_for(client, "work")
    rule(client, "all", arn("sqs", "work"), bus)
    return url


def of_organization(organization: str, bus: str = "hub") -> dict[str, Any]:
    condition = {
        "StringEquals": {"aws:PrincipalOrgID": organization},
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/forwarder"},
    }
    statement = {
        "Sid": "Organization",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": arn("events", f"event-bus/{bus}"),
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def organization_with(client: Client, *accounts: str) -> str:
    """An Organization of account 111111111111 that the accounts have joined; returns its id."""
    organizations = client("organizations", account="111111111111")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    for account in accounts:
        handshake = organizations.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": account})
        client("organizations", account=account).accept_handshake(HandshakeId=handshake["Handshake"]["Id"])
    return organization


def forward(client: Client, bus: str, role: str | None, **where: str) -> None:
    target = {"Arn": bus} | ({"RoleArn": role} if role else {})
    rule(client, "forward", target, **where)


def forwarder(client: Client, bus: str, account: str = MEMBER) -> str:
    return create_role(client("iam", account=account), "forwarder", EVENTS, ("events:PutEvents", bus))


def test_event_keeps_what_it_is_on_the_way_to_another_accounts_bus(client: Client) -> None:
    statement = {
        "Sid": "Member",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{MEMBER}:root"},
        "Action": "events:PutEvents",
        "Resource": arn("events", "event-bus/hub"),
    }
    url = bus_with_queue(client, policy={"Version": "2012-10-17", "Statement": [statement]})
    hub = arn("events", "event-bus/hub")
    where = {"account": MEMBER, "region": "us-east-1"}
    forward(client, hub, forwarder(client, hub), **where)
    event_id = put(client, **where)["Entries"][0]["EventId"]
    [event] = received(client, url)
    assert event["id"] == event_id
    assert (event["account"], event["region"], event["time"]) == (MEMBER, "us-east-1", "2026-11-02T09:15:30Z")
    assert event["resources"] == ["arn:aws:ec2:eu-west-1:444444444444:vpc-endpoint/vpce-1"]


def test_bus_without_policy_takes_no_events_of_others(client: Client, emulator: RunningEmulator) -> None:
    url = bus_with_queue(client)
    hub = arn("events", "event-bus/hub")
    forward(client, hub, forwarder(client, hub), account=MEMBER)
    put(client, account=MEMBER)
    assert received(client, url) == []
    assert dropped(emulator)[0]["reason"].startswith("NO_PERMISSIONS: events:PutEvents")


def test_forwarding_to_another_account_needs_a_role(client: Client, emulator: RunningEmulator) -> None:
    bus_with_queue(client)
    forward(client, arn("events", "event-bus/hub"), None, account=MEMBER)
    put(client, account=MEMBER)
    assert "needs a RoleArn" in dropped(emulator)[0]["reason"]


def test_forwarding_role_needs_the_permission(client: Client, emulator: RunningEmulator) -> None:
    bus_with_queue(client)
    role = create_role(
        client("iam", account=MEMBER), "forwarder", EVENTS, ("events:PutEvents", "arn:aws:events:::other")
    )
    forward(client, arn("events", "event-bus/hub"), role, account=MEMBER)
    put(client, account=MEMBER)
    assert f"role {role}" in dropped(emulator)[0]["reason"]


def test_forwarding_role_has_to_trust_eventbridge(client: Client, emulator: RunningEmulator) -> None:
    bus_with_queue(client)
    role = create_role(client("iam", account=MEMBER), "forwarder", SNS, ("events:PutEvents", "*"))
    forward(client, arn("events", "event-bus/hub"), role, account=MEMBER)
    put(client, account=MEMBER)
    assert "may not assume the role" in dropped(emulator)[0]["reason"]


def test_bus_policy_of_an_organization_lets_members_in_and_strangers_not(
    client: Client, emulator: RunningEmulator
) -> None:
    stranger = "999999999999"
    url = bus_with_queue(client, policy=of_organization(organization_with(client, HUB, MEMBER)))
    hub = arn("events", "event-bus/hub")
    for account in (MEMBER, stranger):
        forward(client, hub, forwarder(client, hub, account), account=account)
        put(client, account=account)
    assert [event["account"] for event in received(client, url)] == [MEMBER]
    assert [drop["source"] for drop in dropped(emulator)] == [arn("events", "rule/forward", stranger)]


def test_event_that_came_from_another_bus_is_not_forwarded_to_a_third(
    client: Client, emulator: RunningEmulator
) -> None:
    for bus in ("second", "third"):
        client("events").create_event_bus(Name=bus)
    url = queue_for(client, "work")
    rule(client, "to-second", arn("events", "event-bus/second"))
    rule(client, "to-third", arn("events", "event-bus/third"), "second")
    rule(client, "to-queue", arn("sqs", "work"), "third")
    put(client)
    assert received(client, url) == []
    assert dropped(emulator)[0]["reason"].startswith("THIRD_ACCOUNT_HOP_DETECTED")
    put(client, "second")
    assert len(received(client, url)) == 1


def test_put_events_to_another_accounts_bus_needs_its_policy(client: Client) -> None:
    bus_with_queue(client)
    hub = arn("events", "event-bus/hub")
    with pytest.raises(ClientError) as error:
        put(client, hub, account=MEMBER)
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"
    client("events").put_permission(EventBusName="hub", StatementId="m", Action="events:PutEvents", Principal=MEMBER)
    assert put(client, hub, account=MEMBER)["FailedEntryCount"] == 0


def test_bus_policy_is_shown_as_it_was_put(client: Client) -> None:
    client("events").create_event_bus(Name="hub")
    policy = of_organization("o-a1b2c3d4e5")
    client("events").put_permission(EventBusName="hub", Policy=json.dumps(policy))
    shown = json.loads(client("events").describe_event_bus(Name="hub")["Policy"])
    assert shown["Statement"] == policy["Statement"]
    client("events").remove_permission(EventBusName="hub", StatementId="Organization")
    assert "Policy" not in client("events").describe_event_bus(Name="hub")


def test_archive_replays_events_with_the_name_of_the_replay(client: Client) -> None:
    url = bus_with_queue(client)
    hub = arn("events", "event-bus/hub")
    archive = client("events").create_archive(ArchiveName="all", EventSourceArn=hub)["ArchiveArn"]
    put(client, "hub")
    assert len(received(client, url)) == 1
    client("events").start_replay(
        ReplayName="again",
        EventSourceArn=archive,
        EventStartTime=datetime(2026, 11, 2, 9, tzinfo=UTC),
        EventEndTime=datetime(2026, 11, 2, 10, tzinfo=UTC),
        Destination={"Arn": hub},
    )
    [replayed] = received(client, url)
    assert replayed["replay-name"] == "again"
    assert replayed["time"] == "2026-11-02T09:15:30Z"


# Topics.


def test_notification_reaches_the_queue_in_its_envelope(client: Client) -> None:
    url = queue_for(client, "work", SNS)
    topic = client("sns").create_topic(Name="topic")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("sqs", "work"))
    message_id = client("sns").publish(TopicArn=topic, Message="hello", Subject="greeting")["MessageId"]
    [envelope] = received(client, url)
    assert envelope["Signature"] and envelope["SigningCertURL"].startswith("https://sns.eu-west-1.")
    shown = {name: envelope[name] for name in ("Type", "MessageId", "TopicArn", "Subject", "Message")}
    assert shown == {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": topic,
        "Subject": "greeting",
        "Message": "hello",
    }


def test_raw_delivery_leaves_the_envelope_out(client: Client) -> None:
    url = queue_for(client, "work", SNS)
    topic = client("sns").create_topic(Name="topic")["TopicArn"]
    client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn("sqs", "work"), Attributes={"RawMessageDelivery": "true"}
    )
    client("sns").publish(TopicArn=topic, Message='{"raw": true}')
    assert received(client, url) == [{"raw": True}]


def test_notification_goes_to_the_subscriptions_dead_letters_when_the_queue_forbids_it(
    client: Client, emulator: RunningEmulator
) -> None:
    client("sqs").create_queue(QueueName="work")
    letters = queue_for(client, "letters", SNS)
    topic = client("sns").create_topic(Name="topic")["TopicArn"]
    client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn("sqs", "work"),
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn("sqs", "letters")})},
    )
    client("sns").publish(TopicArn=topic, Message='{"lost": true}')
    assert received(client, letters) == [{"lost": True}]
    assert dropped(emulator)[0]["reason"].startswith("NO_PERMISSIONS: sqs:SendMessage")


def test_queue_owner_subscribes_to_another_accounts_topic_by_its_policy(client: Client) -> None:
    topic = client("sns", account=MEMBER).create_topic(Name="topic")["TopicArn"]
    url = queue_for(client, "work", SNS, {"ArnEquals": {"aws:SourceArn": topic}})
    with pytest.raises(ClientError, match="not authorized to perform: SNS:Subscribe"):
        client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("sqs", "work"))
    statement = {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "sns:Subscribe", "Resource": topic}
    client("sns", account=MEMBER).set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("sqs", "work"))
    client("sns", account=MEMBER).publish(TopicArn=topic, Message="across")
    assert received(client, url)[0]["Message"] == "across"


def test_topic_owner_has_to_wait_for_the_queue_owners_confirmation(client: Client) -> None:
    topic = client("sns", account=MEMBER).create_topic(Name="topic")["TopicArn"]
    url = queue_for(client, "work", SNS)
    answer = client("sns", account=MEMBER).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("sqs", "work"))
    assert answer["SubscriptionArn"] == "pending confirmation"
    client("sns", account=MEMBER).publish(TopicArn=topic, Message="too early")
    [request] = received(client, url)
    assert request["Type"] == "SubscriptionConfirmation"
    client("sns").confirm_subscription(TopicArn=topic, Token=request["Token"])
    client("sns", account=MEMBER).publish(TopicArn=topic, Message="now")
    assert [envelope["Message"] for envelope in received(client, url)] == ["now"]


def test_topic_reaches_a_queue_in_another_region(client: Client) -> None:
    topic = client("sns", region="us-east-1").create_topic(Name="topic")["TopicArn"]
    url = queue_for(client, "work", SNS)
    client("sns", region="us-east-1").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("sqs", "work"))
    client("sns", region="us-east-1").publish(TopicArn=topic, Message="far")
    assert received(client, url)[0]["Message"] == "far"


def test_subscribed_function_is_invoked_with_the_notification(client: Client) -> None:
    topic = client("sns").create_topic(Name="topic")["TopicArn"]
    function = create_function(
        client, "taker", "def handle(event, headers): print(event['Records'][0]['Sns']['Message'], flush=True)"
    )
    client("lambda").add_permission(
        FunctionName="taker", StatementId="s", Action="lambda:InvokeFunction", Principal=SNS, SourceArn=topic
    )
    client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    client("sns").publish(TopicArn=topic, Message="wake up")
    eventually(lambda: "wake up" in log_lines(client, "/aws/lambda/taker"))
