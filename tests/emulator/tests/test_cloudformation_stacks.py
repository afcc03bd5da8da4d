"""The life of a stack: creation, update, replacement, roll-back, deletion, change sets, exports."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .running import HUB, RunningEmulator
from .sample_functions import create_role, eventually, invoke, package
from .stack_templates import StackOf

Client = Callable[..., Any]

QUEUE = """
Parameters: {Visibility: {Type: Number, Default: 30}}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: !Ref Visibility}
Outputs:
  Url: {Value: !Ref Queue}
  Arn: {Value: !GetAtt Queue.Arn}
"""
NAMED = "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: %s, VisibilityTimeout: %d}}}"
# The second queue can't be made: its dead letters don't exist.
BROKEN = """
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: first, VisibilityTimeout: 60}}
  Broken:
    Type: AWS::SQS::Queue
    DependsOn: Queue
    Properties:
      RedrivePolicy: {deadLetterTargetArn: "arn:aws:sqs:eu-west-1:222222222222:nowhere", maxReceiveCount: 5}
"""


def attribute(client: Client, url: str, name: str) -> str:
    return client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"][name]


def queues(client: Client) -> list[str]:
    return client("sqs").list_queues().get("QueueUrls", [])


def test_stack_is_created_with_its_outputs(client: Client, stack: StackOf) -> None:
    assert stack.create(QUEUE, Parameters={"Visibility": "60"}) == "CREATE_COMPLETE"
    outputs = stack.outputs()
    assert attribute(client, outputs["Url"], "QueueArn") == outputs["Arn"]
    assert attribute(client, outputs["Url"], "VisibilityTimeout") == "60"
    assert outputs["Url"].rsplit("/", 1)[1].startswith("tried-Queue-")
    assert stack.resource("Queue") == outputs["Url"]


def test_stack_is_updated_in_place(client: Client, stack: StackOf) -> None:
    stack.create(QUEUE)
    before = stack.outputs()
    assert stack.update(QUEUE, Parameters={"Visibility": "90"}) == "UPDATE_COMPLETE"
    assert stack.outputs() == before
    assert attribute(client, before["Url"], "VisibilityTimeout") == "90"


def test_property_that_is_no_longer_named_goes_back_to_its_default(client: Client, stack: StackOf) -> None:
    stack.create("Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 90}}}")
    stack.update("Resources: {Queue: {Type: AWS::SQS::Queue}}")
    assert attribute(client, stack.resource("Queue"), "VisibilityTimeout") == "30"


def test_renamed_resource_is_replaced_and_the_old_one_deleted(client: Client, stack: StackOf) -> None:
    stack.create(NAMED % ("old", 30))
    assert stack.update(NAMED % ("new", 30)) == "UPDATE_COMPLETE"
    assert [url.rsplit("/", 1)[1] for url in queues(client)] == ["new"]


def test_removed_resource_is_deleted_unless_it_is_retained(client: Client, stack: StackOf) -> None:
    keep = "Keep: {Type: AWS::SQS::Queue, DeletionPolicy: Retain, Properties: {QueueName: keep}}"
    go = "Go: {Type: AWS::SQS::Queue, Properties: {QueueName: go}}"
    stack.create(f"Resources: {{{keep}, {go}, Stay: {{Type: AWS::SQS::Queue, Properties: {{QueueName: stay}}}}}}")
    stack.update("Resources: {Stay: {Type: AWS::SQS::Queue, Properties: {QueueName: stay}}}")
    assert sorted(url.rsplit("/", 1)[1] for url in queues(client)) == ["keep", "stay"]
    assert stack.resources() == {"Stay"}


def test_custom_named_resource_that_would_have_to_be_replaced_fails_the_update(client: Client, stack: StackOf) -> None:
    template = (
        "Resources: {Bus: {Type: AWS::Events::EventBus, Properties: {Name: hub}}, Rule: {Type: AWS::Events::Rule, "
    )
    template += "Properties: {Name: r, EventBusName: %s, EventPattern: {source: [x]}}, DependsOn: Bus}}"
    stack.create(template % "default")
    assert stack.update(template % "hub") == "UPDATE_ROLLBACK_COMPLETE"
    assert "custom-named resource requires replacing. Rename r" in stack.reasons()


def test_failed_creation_is_rolled_back_with_the_reason(client: Client, stack: StackOf) -> None:
    assert stack.create(BROKEN) == "ROLLBACK_COMPLETE"
    assert queues(client) == []
    assert "Could not find DLQ" in stack.reasons()
    assert "The following resource(s) failed to create: [Broken]" in stack.reasons()
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        stack.update(QUEUE)


def test_failed_creation_is_left_when_rolling_back_is_disabled(client: Client, stack: StackOf) -> None:
    assert stack.create(BROKEN, DisableRollback=True) == "CREATE_FAILED"
    assert len(queues(client)) == 1


def test_failed_update_is_rolled_back_to_what_was(client: Client, stack: StackOf) -> None:
    stack.create(NAMED % ("first", 30))
    assert stack.update(BROKEN) == "UPDATE_ROLLBACK_COMPLETE"
    assert len(queues(client)) == 1
    assert attribute(client, stack.resource("Queue"), "VisibilityTimeout") == "30"
    assert stack.update(NAMED % ("first", 45)) == "UPDATE_COMPLETE"


def test_failed_update_brings_a_replaced_resource_back(client: Client, stack: StackOf) -> None:
    stack.create(NAMED % ("before", 30))
    stack.update(BROKEN)
    assert [url.rsplit("/", 1)[1] for url in queues(client)] == ["before"]
    assert stack.resource("Queue").endswith("/before")


def test_stack_is_deleted_with_its_resources(client: Client, stack: StackOf) -> None:
    stack.create(QUEUE)
    identifier = stack.describe()["StackId"]
    assert stack.delete() == "DELETE_COMPLETE"
    assert queues(client) == []
    with pytest.raises(ClientError, match="does not exist"):
        stack.describe()
    assert stack.describe(identifier)["StackStatus"] == "DELETE_COMPLETE"
    assert stack.create(QUEUE) == "CREATE_COMPLETE"


def test_resource_that_cannot_be_deleted_fails_the_deletion_and_keeps_what_it_needs(
    client: Client, stack: StackOf
) -> None:
    stack.create(
        """
Resources:
  Application: {Type: AWS::AppConfig::Application, Properties: {Name: a}}
  Profile:
    Type: AWS::AppConfig::ConfigurationProfile
    Properties: {ApplicationId: !Ref Application, Name: p, LocationUri: hosted}
  Queue: {Type: AWS::SQS::Queue}
"""
    )
    client("appconfig").create_hosted_configuration_version(
        ApplicationId=stack.resource("Application"),
        ConfigurationProfileId=stack.resource("Profile"),
        Content=b"x",
        ContentType="text/plain",
    )
    assert stack.delete() == "DELETE_FAILED"
    assert stack.resources() == {"Application", "Profile"}
    assert "there are still hosted configuration versions" in stack.reasons()


def test_protected_stack_is_not_deleted(client: Client, stack: StackOf) -> None:
    stack.create(QUEUE, EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        stack.delete()
    stack.api.update_termination_protection(StackName="tried", EnableTerminationProtection=False)
    assert stack.delete() == "DELETE_COMPLETE"


def test_unknown_type_is_refused_by_name(client: Client, stack: StackOf) -> None:
    template = "Resources: {Queue: {Type: AWS::SQS::Queue}, Odd: {Type: AWS::Nowhere::Thing}}"
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::Nowhere::Thing\]"):
        stack.create(template)
    assert queues(client) == []


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("{VisibilityTimeOut: 30}", r"extraneous key \[VisibilityTimeOut\]"),
        ("{VisibilityTimeout: soon}", "VisibilityTimeout|invalid literal|Resource handler"),
        ("{RedrivePolicy: {maxReceiveCount: 5}}", "does not contain deadLetterTargetArn"),
    ],
)
def test_property_that_is_not_taken_fails_the_stack(
    client: Client, stack: StackOf, properties: str, message: str
) -> None:
    template = f"Resources: {{Queue: {{Type: AWS::SQS::Queue, Properties: {properties}}}}}"
    assert stack.create(template) == "ROLLBACK_COMPLETE"
    assert re.search(message, stack.reasons())


def test_nested_property_that_the_service_does_not_know_fails_the_stack(client: Client, stack: StackOf) -> None:
    template = """
Resources:
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [x]}
      Targets: [{Id: a, Arn: "arn:aws:sqs:eu-west-1:222222222222:q", DeadLetterQueue: x}]
"""
    assert stack.create(template) == "ROLLBACK_COMPLETE"
    assert "DeadLetterQueue" in stack.reasons()


def test_missing_attribute_is_refused(client: Client, stack: StackOf) -> None:
    template = "Resources: {Queue: {Type: AWS::SQS::Queue}}\nOutputs: {O: {Value: !GetAtt Queue.Url}}"
    assert stack.create(template) == "ROLLBACK_COMPLETE"
    assert "does not support attribute type Url" in stack.reasons()


def test_conditions_and_rules_decide_before_anything_is_made(client: Client, stack: StackOf) -> None:
    template = """
Parameters: {Wanted: {Type: String, AllowedValues: ["yes", "no"]}, Reason: {Type: String, Default: ""}}
Rules:
  Reasoned:
    RuleCondition: !Equals [!Ref Wanted, "yes"]
    Assertions: [{Assert: !Not [!Equals [!Ref Reason, ""]], AssertDescription: say why}]
Conditions: {IsWanted: !Equals [!Ref Wanted, "yes"]}
Resources:
  Nothing: {Type: AWS::CloudFormation::WaitConditionHandle}
  Queue: {Type: AWS::SQS::Queue, Condition: IsWanted}
Outputs:
  Url: {Condition: IsWanted, Value: !Ref Queue}
"""
    with pytest.raises(ClientError, match="say why"):
        stack.create(template, Parameters={"Wanted": "yes"})
    with pytest.raises(ClientError, match="must be one of AllowedValues"):
        stack.create(template, Parameters={"Wanted": "maybe"})
    stack.create(template, Parameters={"Wanted": "no"})
    assert (stack.resources(), stack.outputs()) == ({"Nothing"}, {})
    stack.update(template, Parameters={"Wanted": "yes", "Reason": "because"})
    assert stack.resources() == {"Nothing", "Queue"}
    stack.update(template, Parameters={"Wanted": "no"})
    assert (stack.resources(), queues(client)) == ({"Nothing"}, [])


@pytest.mark.parametrize(("name", "needed"), [("", "CAPABILITY_IAM"), ("RoleName: r, ", "CAPABILITY_NAMED_IAM")])
def test_roles_need_the_callers_consent(client: Client, stack: StackOf, name: str, needed: str) -> None:
    trust = "{Version: 2012-10-17, Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}}"
    template = f"Resources: {{Role: {{Type: AWS::IAM::Role, Properties: {{{name}AssumeRolePolicyDocument: {trust}}}}}}}"
    with pytest.raises(ClientError, match=rf"Requires capabilities : \[{needed}\]"):
        stack.create(template)
    assert stack.create(template, Capabilities=[needed]) == "CREATE_COMPLETE"


def test_tags_of_the_stack_go_to_its_resources(client: Client, stack: StackOf) -> None:
    template = "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {Tags: [{Key: own, Value: x}]}}}"
    stack.create(template, Tags=[{"Key": "team", "Value": "network"}])
    tags = client("sqs").list_queue_tags
    assert tags(QueueUrl=stack.resource("Queue"))["Tags"] == {"own": "x", "team": "network"}
    stack.update(template, Tags=[{"Key": "team", "Value": "platform"}])
    assert tags(QueueUrl=stack.resource("Queue"))["Tags"] == {"own": "x", "team": "platform"}


def test_calls_are_made_as_the_caller_or_as_the_role_of_the_stack(client: Client, emulator: RunningEmulator) -> None:
    StackOf(client, "by-caller").create(QUEUE)
    role = create_role(client("iam"), "deployer", "cloudformation.amazonaws.com", ("*", "*"))
    StackOf(client, "by-role").create(QUEUE, RoleARN=role)
    calls = emulator.calls(operation="CreateQueue")
    assert [call["role"] for call in calls] == [None, "deployer"]
    assert {call["account"] for call in calls} == {HUB}


def test_function_gets_its_new_code_by_an_update_of_the_stack(client: Client, stack: StackOf) -> None:
    template = """
Parameters: {Key: {Type: String}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: worker
      Code: {S3Bucket: code, S3Key: !Ref Key}
      Runtime: provided.al2023
      Handler: bootstrap
      Role: !GetAtt Role.Arn
      Environment: {Variables: {COUNT: 1}}
"""
    client("s3").create_bucket(Bucket="code", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for name in ("old", "new"):
        code = f"def handle(event, headers): return ['{name}', os.environ['COUNT']]"
        client("s3").put_object(Bucket="code", Key=name, Body=package(code))
    stack.create(template, Parameters={"Key": "old"}, Capabilities=["CAPABILITY_IAM"])
    assert invoke(client, "worker")["payload"] == ["old", "1"]
    changed = template.replace("COUNT: 1", "COUNT: 2")
    assert stack.update(changed, Parameters={"Key": "new"}, Capabilities=["CAPABILITY_IAM"]) == "UPDATE_COMPLETE"
    assert invoke(client, "worker")["payload"] == ["new", "2"]


def test_template_that_was_not_packaged_is_refused(client: Client, stack: StackOf) -> None:
    template = "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: ../target/bootstrap.zip, Role: r}}}"
    stack.create(template)
    assert "aws cloudformation package" in stack.reasons()


# Change sets.


def change_set(
    stack: StackOf, template: str, kind: str = "UPDATE", name: str = "changes", **settings: Any
) -> dict[str, Any]:
    arguments = {"StackName": stack.name, "ChangeSetName": name, "ChangeSetType": kind}
    stack.api.create_change_set(TemplateBody=template, **arguments, **settings)
    return stack.api.describe_change_set(StackName=stack.name, ChangeSetName=name)


def changes(described: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    found = [change["ResourceChange"] for change in described["Changes"]]
    return {change["LogicalResourceId"]: (change["Action"], change.get("Replacement")) for change in found}


def test_change_set_creates_a_stack_when_it_is_executed(client: Client, stack: StackOf) -> None:
    described = change_set(stack, QUEUE, "CREATE")
    assert (described["Status"], described["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert changes(described) == {"Queue": ("Add", None)}
    assert stack.describe()["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert queues(client) == []
    stack.api.execute_change_set(StackName=stack.name, ChangeSetName="changes")
    assert stack.status() == "CREATE_COMPLETE"
    assert len(queues(client)) == 1


def test_change_set_foretells_what_an_update_does(client: Client, stack: StackOf) -> None:
    before = """
Resources:
  Changed: {Type: AWS::SQS::Queue, Properties: {QueueName: changed}}
  Renamed: {Type: AWS::SQS::Queue, Properties: {QueueName: renamed}}
  Removed: {Type: AWS::SQS::Queue}
  Same: {Type: AWS::SQS::Queue}
  Follower:
    Type: AWS::SQS::QueuePolicy
    Properties: {Queues: [!Ref Renamed], PolicyDocument: {Version: 2012-10-17, Statement: []}}
"""
    after = before.replace("QueueName: changed", "QueueName: changed, VisibilityTimeout: 60")
    after = after.replace("QueueName: renamed", "QueueName: other").replace("Removed", "Added")
    stack.create(before)
    described = change_set(stack, after)
    assert changes(described) == {
        "Changed": ("Modify", "False"),
        "Renamed": ("Modify", "True"),
        "Follower": ("Modify", "False"),
        "Added": ("Add", None),
        "Removed": ("Remove", None),
    }
    stack.api.execute_change_set(StackName=stack.name, ChangeSetName="changes")
    assert stack.status() == "UPDATE_COMPLETE"
    with pytest.raises(ClientError) as error:
        stack.api.execute_change_set(StackName=stack.name, ChangeSetName="changes")
    assert error.value.response["Error"]["Code"] in ("InvalidChangeSetStatus", "InvalidChangeSetStatusException")


def test_change_set_without_changes_fails(client: Client, stack: StackOf) -> None:
    stack.create(QUEUE)
    described = change_set(stack, QUEUE)
    assert described["Status"] == "FAILED"
    assert "didn't contain changes" in described["StatusReason"]
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stack.update(QUEUE)


# Exports.


def test_export_is_imported_and_can_not_be_deleted_meanwhile(client: Client) -> None:
    exporter, importer = StackOf(client, "exporter"), StackOf(client, "importer")
    exporter.create(f"{QUEUE.rstrip()}\n  Shared: {{Value: !GetAtt Queue.Arn, Export: {{Name: shared}}}}\n")
    arn = exporter.outputs()["Arn"]
    importer.create(
        "Resources: {T: {Type: AWS::SNS::Topic, Properties: {DisplayName: x}}}\nOutputs: {O: {Value: !ImportValue shared}}"
    )
    assert importer.outputs() == {"O": arn}
    assert exporter.api.list_imports(ExportName="shared")["Imports"] == ["importer"]
    with pytest.raises(ClientError, match="in use by importer"):
        exporter.delete()
    importer.delete()
    assert exporter.delete() == "DELETE_COMPLETE"


def test_import_of_nothing_is_refused(client: Client, stack: StackOf) -> None:
    with pytest.raises(ClientError, match="No export named absent found"):
        stack.create("Resources: {Q: {Type: AWS::SQS::Queue}}\nOutputs: {O: {Value: !ImportValue absent}}")


# The rest of the API.


def test_template_comes_from_a_bucket_and_is_shown_again(client: Client, stack: StackOf) -> None:
    client("s3").create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("s3").put_object(Bucket="templates", Key="a/queue.yaml", Body=QUEUE.encode())
    url = "https://s3.eu-west-1.amazonaws.com/templates/a/queue.yaml"
    stack.api.create_stack(StackName="tried", TemplateURL=url)
    assert stack.status() == "CREATE_COMPLETE"
    assert stack.api.get_template(StackName="tried")["TemplateBody"] == QUEUE
    summary = stack.api.get_template_summary(TemplateURL="https://templates.s3.eu-west-1.amazonaws.com/a/queue.yaml")
    assert summary["ResourceTypes"] == ["AWS::SQS::Queue"]
    assert summary["Parameters"][0]["DefaultValue"] == "30"


def test_what_the_emulator_does_not_have_is_refused(client: Client, stack: StackOf) -> None:
    with pytest.raises(ClientError, match="no cloudformation:DetectStackDrift"):
        stack.api.detect_stack_drift(StackName="s")


def test_accounts_and_regions_do_not_see_each_others_stacks(client: Client, stack: StackOf) -> None:
    stack.create(QUEUE)
    assert client("cloudformation", account="444444444444").describe_stacks()["Stacks"] == []
    assert client("cloudformation", region="us-east-1").describe_stacks()["Stacks"] == []
    other = StackOf(client, account="444444444444", region="us-east-1")
    assert other.create(QUEUE) == "CREATE_COMPLETE"
    assert json.dumps(other.outputs()).count("444444444444") == 2


# Trouble.


def test_throttled_call_is_repeated(client: Client, emulator: RunningEmulator, stack: StackOf) -> None:
    fault = {"service": "sqs", "operation": "CreateQueue", "code": "Throttling", "http_status": 400, "count": 2}
    emulator.control("POST", "faults", fault)
    assert stack.create(QUEUE) == "CREATE_COMPLETE"


def test_denied_call_fails_the_stack_with_the_services_words(
    client: Client, emulator: RunningEmulator, stack: StackOf
) -> None:
    fault = {"service": "sqs", "operation": "CreateQueue", "code": "AccessDenied", "http_status": 403, "message": "no"}
    emulator.control("POST", "faults", fault)
    assert stack.create(QUEUE) == "ROLLBACK_COMPLETE"
    assert '"no (Service: sqs, Status Code: 403, Error Code: AccessDenied)"' in stack.reasons()


def test_reset_stops_a_stack_that_is_under_way(client: Client, emulator: RunningEmulator, stack: StackOf) -> None:
    emulator.control("POST", "faults", {"service": "sqs", "operation": "CreateQueue", "delay_ms": 1000, "count": -1})
    resources = ", ".join(f"Q{number}: {{Type: AWS::SQS::Queue}}" for number in range(20))
    request = {"StackName": "tried", "TemplateBody": f"Resources: {{{resources}}}"}
    creation = threading.Thread(target=lambda: stack.api.create_stack(**request))
    creation.start()
    eventually(lambda: emulator.calls(operation="GetQueueUrl"))
    emulator.control("POST", "reset")
    creation.join(60)
    assert queues(client) == []
    assert stack.api.list_stacks()["StackSummaries"] == []


def test_template_too_large_for_a_request_comes_from_s3(client: Client) -> None:
    template = "Resources: {Queue: {Type: AWS::SQS::Queue}}\n" + "# a comment\n" * 5_000
    with pytest.raises(ClientError, match="less than or equal to 51200"):
        client("cloudformation").create_stack(StackName="large", TemplateBody=template)
    s3 = client("s3")
    s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="templates", Key="large.yaml", Body=template.encode())
    url = f"{s3.meta.endpoint_url}/templates/large.yaml"
    assert client("cloudformation").create_stack(StackName="large", TemplateURL=url)["StackId"]
