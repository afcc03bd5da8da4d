"""Connection notifications and their delivery to SNS."""

from __future__ import annotations

import json
from typing import Any

from .parties import Party, error_of
from .queues import Queue

EVENTS = ["Connect", "Accept", "Reject", "Delete"]


def make_topic(party: Party, queue: Queue | None = None, **condition: Any) -> str:
    """A topic that PrivateLink may publish to, with a subscribed queue."""
    sns = party.client("sns")
    arn = sns.create_topic(Name="connections")["TopicArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "vpce.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": arn,
        "Condition": condition or {"StringEquals": {"aws:SourceAccount": party.account}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))
    if queue is not None:
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue.arn)
    return arn


def told(queue: Queue, number: int) -> list[dict[str, Any]]:
    """The SNS envelopes that arrived."""
    return [json.loads(body) for body in queue.read(number)]


def test_each_event_of_a_connection_is_told(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    queue = Queue(provider, "told")
    provider.ec2.create_vpc_endpoint_connection_notification(
        ServiceId=service["ServiceId"],
        ConnectionNotificationArn=make_topic(provider, queue),
        ConnectionEvents=EVENTS,
    )
    provider.emulator.control("POST", "settings", {"notification_forms": ["json"]})
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    request = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [endpoint_id]}
    provider.ec2.accept_vpc_endpoint_connections(**request)
    provider.ec2.reject_vpc_endpoint_connections(**request)
    consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    bodies = [json.loads(envelope["Message"]) for envelope in told(queue, 4)]
    assert {body["eventName"] for body in bodies} == set(EVENTS)
    assert {body["vpcEndpointId"] for body in bodies} == {endpoint_id}
    assert {body["vpcEndpointOwner"] for body in bodies} == {consumer.account}


def test_message_has_another_form_each_time(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    queue = Queue(provider, "told")
    provider.ec2.create_vpc_endpoint_connection_notification(
        ServiceId=service["ServiceId"],
        ConnectionNotificationArn=make_topic(provider, queue),
        ConnectionEvents=["Connect"],
    )
    endpoints = [consumer.connect(service)["VpcEndpointId"] for _ in range(3)]
    messages = [envelope["Message"] for envelope in told(queue, 3)]
    assert any(message.startswith("{") and endpoints[0] in message for message in messages)
    assert any(message.startswith("VPC endpoint") and endpoints[1] in message for message in messages)
    service_only = json.dumps({"event": "Connect", "service": service["ServiceName"]})
    assert service_only in messages


def test_only_chosen_events_are_told(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    queue = Queue(provider, "told")
    provider.ec2.create_vpc_endpoint_connection_notification(
        ServiceId=service["ServiceId"],
        ConnectionNotificationArn=make_topic(provider, queue),
        ConnectionEvents=["Delete"],
    )
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    assert len(told(queue, 1)) == 1


def test_consumer_hears_of_its_own_endpoint(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    mine, other = consumer.connect(service)["VpcEndpointId"], consumer.connect(service)["VpcEndpointId"]
    queue = Queue(consumer, "told")
    consumer.ec2.create_vpc_endpoint_connection_notification(
        VpcEndpointId=mine,
        ConnectionNotificationArn=make_topic(consumer, queue),
        ConnectionEvents=["Accept"],
    )
    provider.ec2.accept_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[other, mine])
    (envelope,) = told(queue, 1)
    assert mine in envelope["Message"]


def test_topic_policy_that_does_not_allow_it_drops_the_message(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    queue = Queue(provider, "told")
    topic = make_topic(provider, queue, StringEquals={"aws:SourceAccount": "222222222222"})
    provider.ec2.create_vpc_endpoint_connection_notification(
        ServiceId=service["ServiceId"], ConnectionNotificationArn=topic, ConnectionEvents=["Connect"]
    )
    consumer.connect(service)
    (dropped,) = provider.emulator.control("GET", "dropped")["dropped"]
    assert dropped["target"] == topic
    assert dropped["source"].endswith(f":vpc-endpoint-service/{service['ServiceId']}")
    assert dropped["reason"].startswith("NO_PERMISSIONS: sns:Publish")
    assert told(queue, 0) == []


def test_topic_policy_may_name_the_service_as_source(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    queue = Queue(provider, "told")
    source = f"arn:aws:ec2:eu-west-1:{provider.account}:vpc-endpoint-service/*"
    topic = make_topic(provider, queue, ArnLike={"aws:SourceArn": source})
    provider.ec2.create_vpc_endpoint_connection_notification(
        ServiceId=service["ServiceId"], ConnectionNotificationArn=topic, ConnectionEvents=["Connect"]
    )
    consumer.connect(service)
    assert len(told(queue, 1)) == 1


def test_topic_that_is_gone_or_encrypted_with_a_closed_key_drops_the_message(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    topic = make_topic(provider)
    provider.ec2.create_vpc_endpoint_connection_notification(
        ServiceId=service["ServiceId"], ConnectionNotificationArn=topic, ConnectionEvents=["Connect"]
    )
    key = provider.client("kms").create_key()["KeyMetadata"]["KeyId"]
    sns = provider.client("sns")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)
    consumer.connect(service)
    sns.delete_topic(TopicArn=topic)
    consumer.connect(service)
    reasons = [dropped["reason"] for dropped in provider.emulator.control("GET", "dropped")["dropped"]]
    assert reasons[0].startswith("NO_PERMISSIONS: kms:GenerateDataKey")
    assert reasons[1].startswith("NO_RESOURCE")


def test_notifications_are_described_modified_and_deleted(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    topic = make_topic(provider)
    create = provider.ec2.create_vpc_endpoint_connection_notification
    made = create(
        ServiceId=service["ServiceId"],
        ConnectionNotificationArn=topic,
        ConnectionEvents=["Connect"],
        ClientToken="once",
    )["ConnectionNotification"]
    assert made["ConnectionNotificationId"].startswith("vpce-nfn-")
    assert made["ConnectionNotificationState"] == "Enabled"
    again = create(
        ServiceId=service["ServiceId"],
        ConnectionNotificationArn=topic,
        ConnectionEvents=["Connect"],
        ClientToken="once",
    )["ConnectionNotification"]
    assert again == made

    describe = provider.ec2.describe_vpc_endpoint_connection_notifications
    by_service = [{"Name": "service-id", "Values": [service["ServiceId"]]}]
    assert describe(Filters=by_service)["ConnectionNotificationSet"] == [made]
    assert consumer.ec2.describe_vpc_endpoint_connection_notifications()["ConnectionNotificationSet"] == []

    identifier = made["ConnectionNotificationId"]
    provider.ec2.modify_vpc_endpoint_connection_notification(
        ConnectionNotificationId=identifier, ConnectionEvents=["Accept", "Reject"]
    )
    (changed,) = describe(ConnectionNotificationId=identifier)["ConnectionNotificationSet"]
    assert changed["ConnectionEvents"] == ["Accept", "Reject"]

    delete = provider.ec2.delete_vpc_endpoint_connection_notifications
    assert delete(ConnectionNotificationIds=[identifier])["Unsuccessful"] == []
    assert describe()["ConnectionNotificationSet"] == []
    assert len(delete(ConnectionNotificationIds=[identifier])["Unsuccessful"]) == 1


def test_notification_that_makes_no_sense_is_refused(provider: Party) -> None:
    service_id = provider.make_service()["ServiceId"]
    create = provider.ec2.create_vpc_endpoint_connection_notification
    topic = "arn:aws:sns:eu-west-1:333333333333:connections"
    good = {"ServiceId": service_id, "ConnectionNotificationArn": topic, "ConnectionEvents": ["Connect"]}
    assert error_of(create, **{**good, "ConnectionEvents": ["Touch"]}) == "InvalidParameter"
    assert error_of(create, **{**good, "ConnectionNotificationArn": "orders"}) == "InvalidParameter"
    assert error_of(create, **{**good, "VpcEndpointId": "vpce-0123456789abcdef0"}) == "InvalidParameter"
    missing = {**good, "ServiceId": "vpce-svc-0123456789abcdef0"}
    assert error_of(create, **missing) == "InvalidVpcEndpointServiceId.NotFound"
