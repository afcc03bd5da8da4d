"""A stack of the management account: the delegation policy, and the way of Organizations' events to the hub."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .deliveries import arn
from .organization import MANAGEMENT, MEMBER, Organization
from .parties import Party, error_of
from .queues import Queue
from .running import HUB
from .stack_templates import StackOf

Client = Callable[..., Any]
HOME = "us-east-1"
DELEGATION = """
Resources:
  Delegation:
    Type: AWS::Organizations::ResourcePolicy
    Properties:
      Content:
        Version: 2012-10-17
        Statement:
          - Sid: HubReadsAccounts
            Effect: Allow
            Principal: {AWS: "arn:aws:iam::222222222222:root"}
            Action: %s
            Resource: "*"
      Tags: [{Key: owner, Value: %s}]
Outputs:
  Id: {Value: !Ref Delegation}
  Arn: {Value: !GetAtt Delegation.Arn}
"""
FORWARDER = """
Parameters: {HubBusArn: {Type: String}}
Resources:
  Undelivered:
    Type: AWS::SQS::Queue
    Properties: {QueueName: undelivered, SqsManagedSseEnabled: true, MessageRetentionPeriod: 1209600}
  UndeliveredPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Undelivered]
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Undelivered.Arn
            Condition: {ArnEquals: {aws:SourceArn: !GetAtt Rule.Arn}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "drawbridge-forwarder-${AWS::Region}"
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sts:AssumeRole
            Condition: {StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}}
      Policies:
        - PolicyName: forward
          PolicyDocument:
            Version: 2012-10-17
            Statement: [{Effect: Allow, Action: events:PutEvents, Resource: !Ref HubBusArn}]
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Name: forward
      EventPattern:
        source: [aws.organizations]
        detail-type: [AWS API Call via CloudTrail, AWS Service Event via CloudTrail]
        detail: {eventName: [MoveAccount, CloseAccountResult], errorCode: [{exists: false}]}
      Targets:
        - Id: hub
          Arn: !Ref HubBusArn
          RoleArn: !GetAtt Role.Arn
          DeadLetterConfig: {Arn: !GetAtt Undelivered.Arn}
"""


def open_bus(client: Client, organization: Organization) -> Queue:
    """The hub's bus, open to the Organization, with a queue that listens."""
    hub = Party(organization.emulator, HUB)
    events = client("events")
    bus = events.create_event_bus(Name="drawbridge")["EventBusArn"]
    statement = {
        "Sid": "Organization",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": bus,
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization.id}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    events.put_permission(EventBusName="drawbridge", Policy=policy)
    queue = Queue(hub, "hub")
    events.put_rule(Name="hub", EventBusName="drawbridge", EventPattern='{"source": ["aws.organizations"]}')
    events.put_targets(Rule="hub", EventBusName="drawbridge", Targets=[{"Id": "queue", "Arn": queue.arn}])
    return queue


def test_delegation_policy_is_put_changed_and_taken_away(client: Client, organization: Organization) -> None:
    hub = organization.client(HUB)
    stack = StackOf(client, account=MANAGEMENT, region=HOME)
    assert stack.create(DELEGATION % ("organizations:DescribeAccount", "first")) == "CREATE_COMPLETE", stack.reasons()
    described = organization.api.describe_resource_policy()["ResourcePolicy"]["ResourcePolicySummary"]
    assert stack.outputs() == {"Id": described["Id"], "Arn": described["Arn"]}
    assert hub.describe_account(AccountId=MEMBER)["Account"]["Id"] == MEMBER
    assert error_of(hub.list_accounts) == "AccessDeniedException"
    changed = DELEGATION % ("[organizations:DescribeAccount, organizations:ListAccounts]", "second")
    assert stack.update(changed) == "UPDATE_COMPLETE", stack.reasons()
    assert hub.list_accounts()["Accounts"]
    tags = organization.api.list_tags_for_resource(ResourceId=described["Id"])["Tags"]
    assert {"Key": "owner", "Value": "second"} in tags
    assert stack.delete() == "DELETE_COMPLETE"
    assert error_of(hub.list_accounts) == "AccessDeniedException"


def test_existing_delegation_policy_is_not_taken_over(client: Client, organization: Organization) -> None:
    organization.delegate("organizations:DescribeAccount")
    stack = StackOf(client, account=MANAGEMENT, region=HOME)
    assert stack.create(DELEGATION % ("organizations:ListAccounts", "first")) == "ROLLBACK_COMPLETE"
    assert "There is already a ResourcePolicy in the Organization!" in stack.reasons()
    content = organization.api.describe_resource_policy()["ResourcePolicy"]["Content"]
    assert "organizations:DescribeAccount" in content


def test_only_the_management_account_puts_a_delegation_policy(client: Client, organization: Organization) -> None:
    stack = StackOf(client, account=HUB, region=HOME)
    assert stack.create(DELEGATION % ("organizations:ListAccounts", "first")) == "ROLLBACK_COMPLETE"
    assert "AccessDeniedException" in stack.reasons()


def test_forwarder_of_the_management_account_delivers_to_the_hub(client: Client, organization: Organization) -> None:
    queue = open_bus(client, organization)
    stack = StackOf(client, account=MANAGEMENT, region=HOME)
    parameters = {"HubBusArn": arn("events", "event-bus/drawbridge")}
    capabilities = {"Capabilities": ["CAPABILITY_NAMED_IAM"]}
    assert stack.create(FORWARDER, Parameters=parameters, **capabilities) == "CREATE_COMPLETE", stack.reasons()
    organization.move(MEMBER, organization.add_unit("workloads"))
    organization.api.close_account(AccountId=MEMBER)
    events = {event["detail"]["eventName"]: event for event in map(json.loads, queue.read(2))}
    assert set(events) == {"MoveAccount", "CloseAccountResult"}
    assert {(event["account"], event["region"]) for event in events.values()} == {(MANAGEMENT, HOME)}
    assert organization.emulator.control("GET", "dropped")["dropped"] == []


def test_what_the_hub_does_not_take_goes_to_the_dead_letters_of_the_management_account(
    client: Client, organization: Organization
) -> None:
    open_bus(client, organization)
    client("events").remove_permission(EventBusName="drawbridge", StatementId="Organization")
    stack = StackOf(client, account=MANAGEMENT, region=HOME)
    parameters = {"HubBusArn": arn("events", "event-bus/drawbridge")}
    stack.create(FORWARDER, Parameters=parameters, Capabilities=["CAPABILITY_NAMED_IAM"])
    organization.move(MEMBER, organization.add_unit("workloads"))
    sqs = client("sqs", account=MANAGEMENT, region=HOME)
    url = sqs.get_queue_url(QueueName="undelivered")["QueueUrl"]
    (letter,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert json.loads(letter["Body"])["detail"]["eventName"] == "MoveAccount"
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
