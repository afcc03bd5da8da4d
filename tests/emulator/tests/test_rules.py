"""Rules: what their targets get, and what vanishes on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .deliveries import EVENTS, REGION, SNS, Client, arn, dropped, put, queue_for, received, rule
from .running import HUB, RunningEmulator
from .sample_functions import create_function, eventually, log_lines


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
