"""SNS topics: notifications in queues and functions, and subscriptions across accounts and Regions."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from .deliveries import MEMBER, SNS, Client, arn, dropped, queue_for, received
from .running import HUB, RunningEmulator
from .sample_functions import create_function, eventually, log_lines


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
