"""Resource types that carry messages, queues, topics and buses: what is really made, changed, and gone again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .running import HUB
from .stack_templates import StackOf

Client = Callable[..., Any]
ARN = f"arn:aws:%s:eu-west-1:{HUB}:%s"


def arn(service: str, resource: str) -> str:
    return ARN % (service, resource)


def test_queue_policy_is_put_and_taken_away(client: Client, stack: StackOf) -> None:
    queue = "Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}"
    policy = """
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: 2012-10-17
        Statement: {Effect: Allow, Principal: "*", Action: %s, Resource: !GetAtt Queue.Arn}
"""
    template = f"Resources:\n  {queue}{policy}"

    def shown() -> str | None:
        attributes = client("sqs").get_queue_attributes(QueueUrl=stack.resource("Queue"), AttributeNames=["All"])
        return attributes["Attributes"].get("Policy")

    stack.create(template % "sqs:SendMessage")
    assert json.loads(shown() or "")["Statement"]["Resource"] == arn("sqs", "q")
    stack.update(template % "sqs:ReceiveMessage")
    assert "sqs:ReceiveMessage" in (shown() or "")
    stack.update(f"Resources:\n  {queue}\n")
    assert shown() is None


def test_topic_policy_and_subscription(client: Client, stack: StackOf) -> None:
    template = """
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: t, DisplayName: %s}}
  Policy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Version: 2012-10-17
        Statement: {Effect: Allow, Principal: {Service: vpce.amazonaws.com}, Action: sns:Publish, Resource: !Ref Topic}
  Queue: {Type: AWS::SQS::Queue}
  Subscription:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Topic
      Protocol: sqs
      Endpoint: !GetAtt Queue.Arn
      RawMessageDelivery: %s
      FilterPolicy: {kind: [a]}
Outputs:
  Topic: {Value: !Ref Topic}
  Name: {Value: !GetAtt Topic.TopicName}
  Subscription: {Value: !Ref Subscription}
"""
    stack.create(template % ("one", "false"))
    outputs = stack.outputs()
    assert (outputs["Topic"], outputs["Name"]) == (arn("sns", "t"), "t")
    shown = client("sns").get_topic_attributes(TopicArn=outputs["Topic"])["Attributes"]
    assert "vpce.amazonaws.com" in shown["Policy"]
    stack.update(template % ("two", "true"))
    assert client("sns").get_topic_attributes(TopicArn=outputs["Topic"])["Attributes"]["DisplayName"] == "two"
    shown = client("sns").get_subscription_attributes(SubscriptionArn=outputs["Subscription"])["Attributes"]
    assert (shown["RawMessageDelivery"], json.loads(shown["FilterPolicy"])) == ("true", {"kind": ["a"]})
    stack.delete()
    assert client("sns").list_topics()["Topics"] == client("sns").list_subscriptions()["Subscriptions"] == []


def test_subscription_lives_in_the_region_of_its_topic(client: Client, stack: StackOf) -> None:
    topic = client("sns", region="us-east-1").create_topic(Name="far")["TopicArn"]
    template = f"""
Resources:
  Queue: {{Type: AWS::SQS::Queue}}
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: {{TopicArn: "{topic}", Region: us-east-1, Protocol: sqs, Endpoint: !GetAtt Queue.Arn}}
"""
    assert stack.create(template) == "CREATE_COMPLETE"
    subscriptions = client("sns", region="us-east-1").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [subscription["Protocol"] for subscription in subscriptions] == ["sqs"]
    stack.delete()
    assert client("sns", region="us-east-1").list_subscriptions()["Subscriptions"] == []


def test_bus_with_policy_rule_and_archive(client: Client, stack: StackOf) -> None:
    template = """
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: hub, Description: %s}}
  Policy:
    Type: AWS::Events::EventBusPolicy
    Properties:
      EventBusName: !Ref Bus
      StatementId: Organization
      Statement:
        Effect: Allow
        Principal: "*"
        Action: events:PutEvents
        Resource: !GetAtt Bus.Arn
        Condition: {StringEquals: {aws:PrincipalOrgID: %s}}
  Account:
    Type: AWS::Events::EventBusPolicy
    Properties: {EventBusName: !Ref Bus, StatementId: Account, Action: events:PutEvents, Principal: "333333333333"}
  Queue: {Type: AWS::SQS::Queue}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [x]}
      Targets: [{Id: %s, Arn: !GetAtt Queue.Arn}]
  Default: {Type: AWS::Events::Rule, Properties: {Name: default-rule, ScheduleExpression: rate(1 hour)}}
  Archive: {Type: AWS::Events::Archive, Properties: {SourceArn: !GetAtt Bus.Arn, RetentionDays: 7}}
Outputs:
  Bus: {Value: !Ref Bus}
  BusArn: {Value: !GetAtt Bus.Arn}
  Rule: {Value: !Ref Rule}
  RuleArn: {Value: !GetAtt Rule.Arn}
  Default: {Value: !Ref Default}
  Archive: {Value: !GetAtt Archive.Arn}
"""
    events = client("events")
    stack.create(template % ("first", "o-1111111111", "a"))
    outputs, name = stack.outputs(), stack.resource("Rule")
    assert (outputs["Bus"], outputs["BusArn"]) == ("hub", arn("events", "event-bus/hub"))
    assert (outputs["Rule"], outputs["Default"]) == (f"hub|{name}", "default-rule")
    assert outputs["RuleArn"] == arn("events", f"rule/hub/{name}")
    assert outputs["Archive"].startswith(arn("events", "archive/tried-Archive-"))
    assert stack.update(template % ("second", "o-2222222222", "b")) == "UPDATE_COMPLETE"
    shown = events.describe_event_bus(Name="hub")
    statements = {statement["Sid"]: statement for statement in json.loads(shown["Policy"])["Statement"]}
    assert shown["Description"] == "second"
    assert statements["Organization"]["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": "o-2222222222"}
    assert statements["Account"]["Principal"] == {"AWS": "arn:aws:iam::333333333333:root"}
    targets = events.list_targets_by_rule(Rule=name, EventBusName="hub")["Targets"]
    assert [target["Id"] for target in targets] == ["b"]
    assert stack.delete() == "DELETE_COMPLETE"
    assert [bus["Name"] for bus in events.list_event_buses()["EventBuses"]] == ["default"]
    assert events.list_rules()["Rules"] == events.list_archives()["Archives"] == []
