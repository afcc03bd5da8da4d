"""What `Ref` and `Fn::GetAtt` give for the resource types of our templates.

Source: "Return values" on each type's page of the CloudFormation template reference. Ids that AWS would draw are made
of the logical id, so that two of them never look alike.
"""

from typing import Any

ARN = {
    "AWS::Events::EventBus": "arn:aws:events:{region}:{account}:event-bus/{Name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{QueueName}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{TopicName}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{RoleName}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{FunctionName}",
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{AlarmName}",
    "AWS::CloudWatch::CompositeAlarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{AlarmName}",
    "AWS::Events::Archive": "arn:aws:events:{region}:{account}:archive/{ArchiveName}",
    "AWS::Oam::Sink": "arn:aws:oam:{region}:{account}:sink/{id}",
    # With the log streams in the group.
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{LogGroupName}:*",
}

REF = {
    "AWS::Events::EventBus": "{Name}",
    "AWS::SQS::Queue": "https://sqs.{region}.amazonaws.com/{account}/{QueueName}",
    "AWS::SNS::Topic": ARN["AWS::SNS::Topic"],
    "AWS::IAM::Role": "{RoleName}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy/{ManagedPolicyName}",
    "AWS::Lambda::Function": "{FunctionName}",
    "AWS::Lambda::EventSourceMapping": "mapping-{id}",
    "AWS::Logs::LogGroup": "{LogGroupName}",
    "AWS::CloudWatch::Alarm": "{AlarmName}",
    "AWS::CloudWatch::CompositeAlarm": "{AlarmName}",
    "AWS::CloudWatch::Dashboard": "{DashboardName}",
    "AWS::AppConfig::Application": "application-{id}",
    "AWS::AppConfig::Environment": "environment-{id}",
    "AWS::AppConfig::ConfigurationProfile": "profile-{id}",
    "AWS::AppConfig::HostedConfigurationVersion": "1",
    "AWS::AppConfig::DeploymentStrategy": "strategy-{id}",
    "AWS::Organizations::ResourcePolicy": "rp-{id}",
    "AWS::CloudFormation::StackSet": "{StackSetName}:{id}",
}

OTHER_ATTRIBUTES = {
    ("AWS::Events::EventBus", "Name"): "Name",
    ("AWS::SQS::Queue", "QueueName"): "QueueName",
}


def identifier(kind: str, logical_id: str, properties: dict[str, Any], account: str, region: str) -> str:
    """What `Ref` gives."""
    return REF[kind].format(account=account, region=region, id=logical_id, **properties)


def attribute(kind: str, wanted: str, logical_id: str, properties: dict[str, Any], account: str, region: str) -> str:
    """What `Fn::GetAtt` gives."""
    if (kind, wanted) in OTHER_ATTRIBUTES:
        return properties[OTHER_ATTRIBUTES[kind, wanted]]
    if wanted != "Arn":
        raise NotImplementedError(f"{kind} {wanted} ({logical_id})")
    if kind == "AWS::Events::Rule":
        # The name of the bus stands in the ARN, unless it is the default bus.
        bus = f"{properties['EventBusName']}/" if "EventBusName" in properties else ""
        return f"arn:aws:events:{region}:{account}:rule/{bus}{properties['Name']}"
    return ARN[kind].format(account=account, region=region, id=logical_id, **properties)
