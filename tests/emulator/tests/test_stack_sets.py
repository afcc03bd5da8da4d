"""Stack sets: a template in every account of the units, also in one that joins later."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .organization import MANAGEMENT, MEMBER, Organization
from .running import HUB, RunningEmulator
from .sample_functions import eventually
from .stack_templates import StackOf

LATER = "555555555555"
SUSPENDED = "666666666666"
TEMPLATE = """
Parameters:
  Kept: { Type: String, Default: "yes" }
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: { QueueName: !Sub "queue-${Kept}" }
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "guarded-${AWS::Region}"
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: events.amazonaws.com }, Action: "sts:AssumeRole" }]
"""
REGIONS = ["eu-west-1", "us-east-1"]


class Sets:
    """The stack set `members` of the management account."""

    def __init__(self, emulator: RunningEmulator, organization: Organization) -> None:
        self.emulator, self.organization = emulator, organization
        self.api = emulator.client("cloudformation", account=MANAGEMENT)
        self.unit = organization.add_unit("workloads")
        self.below = organization.add_unit("below", self.unit)
        organization.move(MEMBER, self.unit)
        organization.move(HUB, self.below)
        self.api.activate_organizations_access()

    def create(self, retain: bool = False, **settings: Any) -> None:
        """Make it, without instances."""
        automatic = {"Enabled": True, "RetainStacksOnAccountRemoval": retain}
        self.api.create_stack_set(
            StackSetName="members",
            TemplateBody=TEMPLATE,
            PermissionModel="SERVICE_MANAGED",
            AutoDeployment=automatic,
            Capabilities=["CAPABILITY_NAMED_IAM"],
            **settings,
        )

    def deploy(self, **settings: Any) -> str:
        """Bring it to the accounts of the unit; how that ended."""
        targets = {"OrganizationalUnitIds": [self.unit]}
        return self.end(
            self.api.create_stack_instances(
                StackSetName="members", DeploymentTargets=targets, Regions=REGIONS, **settings
            )
        )

    def end(self, started: dict[str, Any]) -> str:
        """Wait for an operation's end."""

        def ended() -> str | None:
            named = {"StackSetName": "members", "OperationId": started["OperationId"]}
            status = self.api.describe_stack_set_operation(**named)["StackSetOperation"]["Status"]
            return None if status in ("RUNNING", "QUEUED") else status

        return eventually(ended)

    def results(self, started: dict[str, Any]) -> dict[tuple[str, str], str]:
        """How each instance fared."""
        found = self.api.list_stack_set_operation_results(StackSetName="members", OperationId=started["OperationId"])[
            "Summaries"
        ]
        return {(one["Account"], one["Region"]): one["Status"] for one in found}

    def instances(self) -> dict[tuple[str, str], str]:
        """The detailed status of each instance."""
        found = self.api.list_stack_instances(StackSetName="members")["Summaries"]
        return {(one["Account"], one["Region"]): one["StackInstanceStatus"]["DetailedStatus"] for one in found}

    def queues(self, account: str, region: str = "eu-west-1") -> list[str]:
        """What the stack made in an account."""
        sqs = self.emulator.client("sqs", account=account, region=region)
        return [url.rpartition("/")[2] for url in sqs.list_queues().get("QueueUrls", [])]

    def forbid(self, action: str, target: str, resource: str = "*") -> None:
        """Attach a service control policy."""
        root = self.organization.api.list_roots()["Roots"][0]
        if not root["PolicyTypes"]:
            self.organization.api.enable_policy_type(RootId=root["Id"], PolicyType="SERVICE_CONTROL_POLICY")
        statement = {"Sid": "Never", "Effect": "Deny", "Action": action, "Resource": resource}
        made = self.organization.api.create_policy(
            Name=f"never-{target}",
            Description="",
            Type="SERVICE_CONTROL_POLICY",
            Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        self.organization.api.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=target)


@pytest.fixture
def sets(emulator: RunningEmulator, organization: Organization) -> Sets:
    return Sets(emulator, organization)


def test_it_reaches_the_accounts_of_a_unit_and_of_those_below_in_each_region(sets: Sets) -> None:
    sets.create()
    assert sets.deploy() == "SUCCEEDED"
    assert sets.instances() == {(account, region): "SUCCEEDED" for account in (HUB, MEMBER) for region in REGIONS}
    assert sets.queues(MEMBER, "us-east-1") == sets.queues(HUB) == ["queue-yes"]
    assert sets.queues(MANAGEMENT) == []


def test_an_account_that_joins_gets_its_stack_and_one_that_leaves_loses_it(sets: Sets) -> None:
    sets.create()
    sets.deploy()
    sets.organization.invite(LATER)
    assert sets.queues(LATER) == []
    sets.organization.move(LATER, sets.unit)
    eventually(lambda: sets.instances().get((LATER, "us-east-1")) == "SUCCEEDED")
    assert sets.queues(LATER) == ["queue-yes"]
    sets.organization.move(LATER, sets.organization.root)
    eventually(lambda: (LATER, "us-east-1") not in sets.instances())
    assert sets.queues(LATER) == []
    sets.organization.client(MEMBER).leave_organization()
    eventually(lambda: (MEMBER, "eu-west-1") not in sets.instances())
    eventually(lambda: sets.queues(MEMBER) == [])
    assert sets.queues(HUB) == ["queue-yes"]


def test_an_account_that_leaves_keeps_its_stack_when_that_was_asked_for(sets: Sets) -> None:
    sets.create(retain=True)
    sets.deploy()
    sets.organization.client(MEMBER).leave_organization()
    eventually(lambda: (MEMBER, "eu-west-1") not in sets.instances())
    assert sets.queues(MEMBER) == ["queue-yes"]


def test_a_move_between_units_that_are_both_meant_changes_nothing(sets: Sets) -> None:
    sets.create()
    sets.deploy()
    before = sets.api.list_stack_instances(StackSetName="members", StackInstanceAccount=MEMBER)["Summaries"]
    sets.organization.move(MEMBER, sets.below)
    after = sets.api.list_stack_instances(StackSetName="members", StackInstanceAccount=MEMBER)["Summaries"]
    assert [one["StackId"] for one in after] == [one["StackId"] for one in before]


def test_an_update_comes_to_all_of_them(sets: Sets) -> None:
    sets.create()
    sets.deploy()
    given = [{"ParameterKey": "Kept", "ParameterValue": "no"}]
    capabilities = ["CAPABILITY_NAMED_IAM"]
    started = sets.api.update_stack_set(
        StackSetName="members", UsePreviousTemplate=True, Parameters=given, Capabilities=capabilities
    )
    assert sets.end(started) == "SUCCEEDED"
    assert sets.queues(MEMBER) == sets.queues(HUB, "us-east-1") == ["queue-no"]


def test_instances_go_before_their_set(sets: Sets) -> None:
    sets.create()
    sets.deploy()
    with pytest.raises(ClientError, match="StackSetNotEmpty"):
        sets.api.delete_stack_set(StackSetName="members")
    targets = {"OrganizationalUnitIds": [sets.unit]}
    started = sets.api.delete_stack_instances(
        StackSetName="members", DeploymentTargets=targets, Regions=REGIONS, RetainStacks=False
    )
    assert sets.end(started) == "SUCCEEDED"
    assert sets.queues(MEMBER) == sets.queues(HUB) == []
    sets.api.delete_stack_set(StackSetName="members")
    assert sets.api.list_stack_sets()["Summaries"] == []


def test_what_a_service_control_policy_denies_fails_in_that_account_alone(sets: Sets) -> None:
    sets.forbid("iam:CreateRole", MEMBER)
    sets.create()
    # One of two accounts may fail.
    preferences = {"FailureTolerancePercentage": 50, "MaxConcurrentPercentage": 100}
    assert sets.deploy(OperationPreferences=preferences) == "SUCCEEDED"
    assert sets.instances()[MEMBER, "eu-west-1"] == "FAILED"
    assert sets.instances()[HUB, "eu-west-1"] == "SUCCEEDED"
    [failed, _] = sets.api.list_stack_instances(
        StackSetName="members", Filters=[{"Name": "DETAILED_STATUS", "Values": "FAILED"}]
    )["Summaries"]
    assert "service control policy" in failed["StatusReason"]
    assert sets.queues(MEMBER) == []


def test_more_failures_than_may_be_end_the_operation(sets: Sets) -> None:
    sets.forbid("iam:CreateRole", sets.unit)
    sets.create()
    targets = {"OrganizationalUnitIds": [sets.unit]}
    started = sets.api.create_stack_instances(StackSetName="members", DeploymentTargets=targets, Regions=REGIONS)
    assert sets.end(started) == "FAILED"
    assert sorted(sets.results(started).values()) == ["CANCELLED", "CANCELLED", "CANCELLED", "FAILED"]


def test_a_suspended_account_is_skipped(sets: Sets) -> None:
    sets.organization.invite(SUSPENDED)
    sets.organization.move(SUSPENDED, sets.unit)
    sets.emulator.control("POST", f"organization/accounts/{SUSPENDED}", {"state": "SUSPENDED"})
    sets.create()
    assert sets.deploy() == "SUCCEEDED"
    assert sets.instances()[SUSPENDED, "eu-west-1"] == "SKIPPED_SUSPENDED_ACCOUNT"


def test_refusals(sets: Sets) -> None:
    elsewhere = sets.emulator.client("cloudformation", account=MEMBER)
    with pytest.raises(ClientError, match="management account"):
        elsewhere.list_stack_sets()
    with pytest.raises(ClientError, match="StackSetNotFound"):
        sets.api.describe_stack_set(StackSetName="nobody")
    with pytest.raises(ClientError, match="do not exist in the template"):
        sets.create(Parameters=[{"ParameterKey": "None", "ParameterValue": "x"}])
    sets.create()
    with pytest.raises(ClientError, match="NameAlreadyExists"):
        sets.create()
    with pytest.raises(ClientError, match="not found"):
        sets.api.create_stack_instances(
            StackSetName="members", DeploymentTargets={"OrganizationalUnitIds": ["ou-ab12-00000000"]}, Regions=REGIONS
        )


def test_without_access_to_the_organization_there_are_none(
    emulator: RunningEmulator, organization: Organization
) -> None:
    api = emulator.client("cloudformation", account=MANAGEMENT)
    with pytest.raises(ClientError, match="enable organizations access"):
        api.create_stack_set(
            StackSetName="members",
            TemplateBody=TEMPLATE,
            PermissionModel="SERVICE_MANAGED",
            AutoDeployment={"Enabled": False},
        )


RESOURCE = """
Parameters:
  Units: {{ Type: CommaDelimitedList }}
  Regions: {{ Type: CommaDelimitedList, Default: "eu-west-1,us-east-1" }}
Resources:
  Members:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: members
      PermissionModel: SERVICE_MANAGED
      AutoDeployment: {{ Enabled: true, RetainStacksOnAccountRemoval: "false" }}
      Capabilities: [CAPABILITY_NAMED_IAM]
      ManagedExecution: {{ Active: true }}
      OperationPreferences: {{ FailureTolerancePercentage: 0, MaxConcurrentPercentage: 100 }}
      StackInstancesGroup:
        - DeploymentTargets: {{ OrganizationalUnitIds: !Ref Units }}
          Regions: !Ref Regions
      TemplateBody: {body}
"""


def test_a_stack_makes_changes_and_deletes_a_stack_set(sets: Sets) -> None:
    stack = StackOf(sets.emulator.client, account=MANAGEMENT)
    template = RESOURCE.format(body=json.dumps(TEMPLATE))
    assert stack.create(template, Parameters={"Units": sets.unit}) == "CREATE_COMPLETE"
    assert sets.queues(MEMBER, "us-east-1") == ["queue-yes"]
    fewer = {"Units": sets.below, "Regions": "eu-west-1"}
    assert stack.update(template, Parameters=fewer) == "UPDATE_COMPLETE"
    assert set(sets.instances()) == {(HUB, "eu-west-1")}
    assert sets.queues(MEMBER) == sets.queues(HUB, "us-east-1") == []
    assert stack.delete() == "DELETE_COMPLETE"
    assert sets.queues(HUB) == []


def test_a_stack_whose_stack_set_fails_leaves_nothing(sets: Sets) -> None:
    sets.forbid("sqs:*", MEMBER)
    stack = StackOf(sets.emulator.client, account=MANAGEMENT)
    status = stack.create(RESOURCE.format(body=json.dumps(TEMPLATE)), Parameters={"Units": sets.unit})
    assert status == "ROLLBACK_COMPLETE"
    assert "service control policy" in stack.reasons()
    assert sets.api.list_stack_sets()["Summaries"] == []
    assert sets.queues(HUB) == []
