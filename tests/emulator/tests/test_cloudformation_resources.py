"""Every resource type but those that carry messages: what Ref and Fn::GetAtt are, what is really made, changed, and gone again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.cloudformation.resources.base import TYPES

from .running import HUB
from .sample_functions import package
from .stack_templates import StackOf

Client = Callable[..., Any]
NAMED = ["CAPABILITY_NAMED_IAM"]
ARN = f"arn:aws:%s:eu-west-1:{HUB}:%s"


def arn(service: str, resource: str) -> str:
    return ARN % (service, resource)


def test_function_with_mapping_permission_and_invoke_config(client: Client, stack: StackOf) -> None:
    client("s3").create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("s3").put_object(Bucket="code", Key="zip", Body=package("def handle(event, headers): return 1"))
    template = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
      ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: code, S3Key: zip}
      Runtime: provided.al2023
      Handler: bootstrap
      Role: !GetAtt Role.Arn
      Timeout: "20"
      ReservedConcurrentExecutions: %s
      LoggingConfig: {LogFormat: JSON, LogGroup: !Ref Log}
  Log: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: "30"}}
  Queue: {Type: AWS::SQS::Queue}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Function
      EventSourceArn: !GetAtt Queue.Arn
      BatchSize: %s
      MaximumBatchingWindowInSeconds: 1
      FunctionResponseTypes: [ReportBatchItemFailures]
      ScalingConfig: {MaximumConcurrency: 2}
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Function, Action: lambda:InvokeFunction, Principal: %s}
  Invoke:
    Type: AWS::Lambda::EventInvokeConfig
    Properties: {FunctionName: !Ref Function, Qualifier: $LATEST, MaximumRetryAttempts: 0}
Outputs:
  Name: {Value: !Ref Function}
  Arn: {Value: !GetAtt Function.Arn}
  Mapping: {Value: !Ref Mapping}
  MappingArn: {Value: !GetAtt Mapping.EventSourceMappingArn}
"""
    api = client("lambda")
    stack.create(template % (5, 10, "sns.amazonaws.com"), Capabilities=NAMED)
    outputs = stack.outputs()
    assert outputs["Arn"] == arn("lambda", f"function:{outputs['Name']}")
    assert outputs["MappingArn"] == arn("lambda", f"event-source-mapping:{outputs['Mapping']}")
    configuration = api.get_function_configuration(FunctionName=outputs["Name"])
    assert (configuration["Timeout"], configuration["LoggingConfig"]["LogGroup"]) == (20, stack.resource("Log"))
    assert stack.update(template % (6, 50, "events.amazonaws.com"), Capabilities=NAMED) == "UPDATE_COMPLETE"
    assert stack.outputs() == outputs
    assert api.get_function_concurrency(FunctionName=outputs["Name"])["ReservedConcurrentExecutions"] == 6
    assert api.get_event_source_mapping(UUID=outputs["Mapping"])["BatchSize"] == 50
    [statement] = json.loads(api.get_policy(FunctionName=outputs["Name"])["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert api.get_function_event_invoke_config(FunctionName=outputs["Name"])["MaximumRetryAttempts"] == 0
    assert stack.delete() == "DELETE_COMPLETE"
    assert api.list_functions()["Functions"] == api.list_event_source_mappings()["EventSourceMappings"] == []
    assert client("logs").describe_log_groups()["logGroups"] == client("iam").list_roles()["Roles"] == []


def test_role_with_its_policies(client: Client, stack: StackOf) -> None:
    template = """
Resources:
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: boundary
      PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: %s, Resource: "*"}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: worker
      PermissionsBoundary: !Ref Boundary
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: {Effect: Allow, Principal: {Service: %s}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: %s
          PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: sqs:*, Resource: "*"}}
  More:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: more
      Roles: [!Ref Role]
      PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: sns:*, Resource: "*"}}
Outputs:
  Name: {Value: !Ref Role}
  Arn: {Value: !GetAtt Role.Arn}
  Boundary: {Value: !Ref Boundary}
"""
    iam = client("iam")
    stack.create(template % ("sqs:*", "lambda.amazonaws.com", "first"), Capabilities=NAMED)
    assert stack.outputs() == {
        "Name": "worker",
        "Arn": f"arn:aws:iam::{HUB}:role/worker",
        "Boundary": f"arn:aws:iam::{HUB}:policy/boundary",
    }
    assert stack.update(template % ("sns:*", "events.amazonaws.com", "second"), Capabilities=NAMED) == "UPDATE_COMPLETE"
    assert sorted(iam.list_role_policies(RoleName="worker")["PolicyNames"]) == ["more", "second"]
    trust = iam.get_role(RoleName="worker")["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"]["Principal"] == {"Service": "events.amazonaws.com"}
    policy = iam.get_policy(PolicyArn=stack.outputs()["Boundary"])["Policy"]
    version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert version["Document"]["Statement"]["Action"] == "sns:*"
    assert stack.delete() == "DELETE_COMPLETE"
    assert iam.list_roles()["Roles"] == iam.list_policies(Scope="Local")["Policies"] == []


def test_logs_and_alarms(client: Client, stack: StackOf) -> None:
    template = """
Parameters: {Threshold: {Type: Number}}
Resources:
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: g, RetentionInDays: %s}}
  Filter:
    Type: AWS::Logs::MetricFilter
    Properties:
      LogGroupName: !Ref Group
      FilterPattern: ERROR
      MetricTransformations: [{MetricName: Errors, MetricNamespace: N, MetricValue: "1"}]
  Query: {Type: AWS::Logs::QueryDefinition, Properties: {Name: n, QueryString: %s, LogGroupNames: [!Ref Group]}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: a
      Namespace: N
      MetricName: Errors
      Dimensions: [{Name: d, Value: v}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: !Ref Threshold
      ComparisonOperator: GreaterThanThreshold
  Dashboard:
    Type: AWS::CloudWatch::Dashboard
    Properties: {DashboardName: d, DashboardBody: '{"widgets": []}'}
Outputs:
  Group: {Value: !GetAtt Group.Arn}
  Alarm: {Value: !GetAtt Alarm.Arn}
  Name: {Value: !Ref Alarm}
"""
    logs, cloudwatch = client("logs"), client("cloudwatch")
    stack.create(template % (30, "fields @message"), Parameters={"Threshold": "1"})
    assert stack.outputs() == {
        "Group": arn("logs", "log-group:g:*"),
        "Alarm": arn("cloudwatch", "alarm:a"),
        "Name": "a",
    }
    assert stack.update(template % (90, "stats count(*)"), Parameters={"Threshold": "5"}) == "UPDATE_COMPLETE"
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 90
    assert logs.describe_query_definitions()["queryDefinitions"][0]["queryString"] == "stats count(*)"
    [alarm] = cloudwatch.describe_alarms()["MetricAlarms"]
    assert (alarm["Threshold"], alarm["StateValue"]) == (5.0, "INSUFFICIENT_DATA")
    assert stack.delete() == "DELETE_COMPLETE"
    assert logs.describe_log_groups()["logGroups"] == logs.describe_query_definitions()["queryDefinitions"] == []
    assert cloudwatch.describe_alarms()["MetricAlarms"] == cloudwatch.list_dashboards()["DashboardEntries"] == []


def test_existing_resources_are_not_taken_over(client: Client) -> None:
    templates = {
        "queue": "AWS::SQS::Queue, Properties: {QueueName: taken}",
        "topic": "AWS::SNS::Topic, Properties: {TopicName: taken}",
        "bus": "AWS::Events::EventBus, Properties: {Name: taken}",
        "rule": "AWS::Events::Rule, Properties: {Name: taken, ScheduleExpression: rate(1 hour)}",
        "group": "AWS::Logs::LogGroup, Properties: {LogGroupName: taken}",
        "alarm": "AWS::CloudWatch::Alarm, Properties: {AlarmName: taken, ComparisonOperator: GreaterThanThreshold, "
        "EvaluationPeriods: 1, Namespace: N, MetricName: M, Statistic: Sum, Period: 60, Threshold: 1}",
    }
    for kind, description in templates.items():
        template = f"Resources: {{Thing: {{Type: {description}}}}}"
        assert StackOf(client, f"first-{kind}").create(template) == "CREATE_COMPLETE"
        second = StackOf(client, f"second-{kind}")
        assert second.create(template) == "ROLLBACK_COMPLETE", kind
        assert "exist" in second.reasons(), kind


def test_appconfig_from_application_to_deployment(client: Client, stack: StackOf) -> None:
    template = """
Resources:
  Application: {Type: AWS::AppConfig::Application, Properties: {Name: app, Tags: [{Key: k, Value: v}]}}
  Environment: {Type: AWS::AppConfig::Environment, Properties: {ApplicationId: !Ref Application, Name: env}}
  Profile:
    Type: AWS::AppConfig::ConfigurationProfile
    Properties:
      ApplicationId: !Ref Application
      Name: profile
      LocationUri: hosted
      Validators: [{Type: JSON_SCHEMA, Content: '{"type": "object"}'}]
  Version:
    Type: AWS::AppConfig::HostedConfigurationVersion
    Properties:
      ApplicationId: !Ref Application
      ConfigurationProfileId: !Ref Profile
      ContentType: application/json
      Content: '%s'
  Strategy:
    Type: AWS::AppConfig::DeploymentStrategy
    Properties: {Name: s, DeploymentDurationInMinutes: 0, GrowthFactor: 100, ReplicateTo: NONE}
  Deployment:
    Type: AWS::AppConfig::Deployment
    Properties:
      ApplicationId: !Ref Application
      EnvironmentId: !Ref Environment
      ConfigurationProfileId: !Ref Profile
      ConfigurationVersion: !Ref Version
      DeploymentStrategyId: !Ref Strategy
Outputs:
  Version: {Value: !Ref Version}
  Deployment: {Value: !Ref Deployment}
"""

    def served() -> bytes:
        data = client("appconfigdata")
        names = ("Application", "Environment", "ConfigurationProfile")
        identifiers = dict(zip((f"{name}Identifier" for name in names), ("app", "env", "profile"), strict=True))
        token = data.start_configuration_session(**identifiers)["InitialConfigurationToken"]
        return data.get_latest_configuration(ConfigurationToken=token)["Configuration"].read()

    stack.create(template % '{"a": 1}')
    assert (stack.outputs(), served()) == ({"Version": "1", "Deployment": "1"}, b'{"a": 1}')
    assert stack.update(template % '{"a": 2}') == "UPDATE_COMPLETE"
    assert (stack.outputs(), served()) == ({"Version": "2", "Deployment": "2"}, b'{"a": 2}')
    assert stack.update(template % "[]") == "UPDATE_ROLLBACK_COMPLETE"
    assert "Error validating configuration" in stack.reasons()
    assert served() == b'{"a": 2}'
    assert stack.delete() == "DELETE_COMPLETE"
    assert client("appconfig").list_applications()["Items"] == []


def test_schedule_and_its_group(client: Client, stack: StackOf) -> None:
    template = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: scheduler.amazonaws.com}, Action: sts:AssumeRole}
  Group: {Type: AWS::Scheduler::ScheduleGroup, Properties: {Name: group}}
  Queue: {Type: AWS::SQS::Queue}
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: s
      GroupName: !Ref Group
      ScheduleExpression: %s
      FlexibleTimeWindow: {Mode: "OFF"}
      Target: {Arn: !GetAtt Queue.Arn, RoleArn: !GetAtt Role.Arn, RetryPolicy: {MaximumRetryAttempts: "3"}}
Outputs:
  Arn: {Value: !GetAtt Schedule.Arn}
  Name: {Value: !Ref Schedule}
"""
    stack.create(template % "rate(15 minutes)", Capabilities=NAMED)
    assert stack.outputs() == {"Arn": arn("scheduler", "schedule/group/s"), "Name": "s"}
    stack.update(template % "rate(30 minutes)", Capabilities=NAMED)
    shown = client("scheduler").get_schedule(Name="s", GroupName="group")
    assert (shown["ScheduleExpression"], shown["State"]) == ("rate(30 minutes)", "ENABLED")
    assert stack.delete() == "DELETE_COMPLETE"
    assert [group["Name"] for group in client("scheduler").list_schedule_groups()["ScheduleGroups"]] == ["default"]


def test_key_and_alias(client: Client, stack: StackOf) -> None:
    template = """
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      Description: %s
      EnableKeyRotation: true
      KeyPolicy:
        Version: 2012-10-17
        Statement: {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: kms:*, Resource: "*"}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/hub, TargetKeyId: !Ref Key}}
Outputs:
  Key: {Value: !Ref Key}
  Arn: {Value: !GetAtt Key.Arn}
  Alias: {Value: !Ref Alias}
"""
    kms = client("kms")
    stack.create(template % "one")
    outputs = stack.outputs()
    assert (outputs["Arn"], outputs["Alias"]) == (arn("kms", f"key/{outputs['Key']}"), "alias/hub")
    stack.update(template % "two")
    assert kms.describe_key(KeyId="alias/hub")["KeyMetadata"]["Description"] == "two"
    assert kms.get_key_rotation_status(KeyId=outputs["Key"])["KeyRotationEnabled"] is True
    assert stack.delete() == "DELETE_COMPLETE"
    assert kms.describe_key(KeyId=outputs["Key"])["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_endpoint_service_with_permissions_notification_and_endpoint(client: Client, stack: StackOf) -> None:
    network = """
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: eu-west-1a}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Type: network, Scheme: internal, Subnets: [!Ref Subnet]}
"""
    service = """
  Service:
    Type: AWS::EC2::VPCEndpointService
    Properties:
      AcceptanceRequired: %s
      NetworkLoadBalancerArns: [!Ref Balancer]
      Tags: [{Key: "drawbridge:enabled", Value: "true"}]
  Permissions:
    Type: AWS::EC2::VPCEndpointServicePermissions
    Properties: {ServiceId: !Ref Service, AllowedPrincipals: ["arn:aws:iam::%s:root"]}
  Topic: {Type: AWS::SNS::Topic}
  Notification:
    Type: AWS::EC2::VPCEndpointConnectionNotification
    Properties: {ServiceId: !Ref Service, ConnectionNotificationArn: !Ref Topic, ConnectionEvents: [%s]}
"""
    template = f"Resources:{network}{service}\nOutputs: {{Service: {{Value: !Ref Service}}}}"
    ec2 = client("ec2")
    assert stack.create(template % ("true", "444444444444", "Connect")) == "CREATE_COMPLETE", stack.reasons()
    identifier = stack.outputs()["Service"]
    assert stack.update(template % ("false", "555555555555", "Connect, Delete")) == "UPDATE_COMPLETE", stack.reasons()
    [shown] = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[identifier])["ServiceConfigurations"]
    assert (shown["AcceptanceRequired"], shown["Tags"]) == (False, [{"Key": "drawbridge:enabled", "Value": "true"}])
    allowed = ec2.describe_vpc_endpoint_service_permissions(ServiceId=identifier)["AllowedPrincipals"]
    assert [principal["Principal"] for principal in allowed] == ["arn:aws:iam::555555555555:root"]
    [notification] = ec2.describe_vpc_endpoint_connection_notifications()["ConnectionNotificationSet"]
    assert sorted(notification["ConnectionEvents"]) == ["Connect", "Delete"]
    assert "ignores properties it doesn't know" in stack.reasons()  # the network is made by moto's models
    assert stack.delete() == "DELETE_COMPLETE", stack.reasons()
    with pytest.raises(ClientError):
        ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[identifier])


def test_every_type_says_what_it_takes() -> None:
    for name, kind in TYPES.items():
        assert kind.name == name
        assert set(kind.required) <= set(kind.properties)
        assert kind.replaced_by is None or set(kind.replaced_by) <= set(kind.properties)
        assert kind.name_property is None or kind.name_property in kind.properties
