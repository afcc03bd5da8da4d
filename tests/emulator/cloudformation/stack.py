"""A stack: its template and parameters, its resources as they are, and its history."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .parameters import Parameter
from .template import Template


@dataclass
class Resource:
    """A resource that was made; `properties` are the resolved ones it was last made with."""

    logical_id: str
    type: str
    physical_id: str
    properties: dict[str, Any]
    attributes: dict[str, Any]
    ref: str
    status: str = ""
    reason: str | None = None
    changed_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def describe(self, stack: Stack) -> dict[str, Any]:
        """As DescribeStackResources shows it."""
        shown = {
            "StackId": stack.id,
            "StackName": stack.name,
            "LogicalResourceId": self.logical_id,
            "PhysicalResourceId": self.physical_id,
            "ResourceType": self.type,
            "Timestamp": self.changed_at,
            "LastUpdatedTimestamp": self.changed_at,
            "ResourceStatus": self.status,
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
        return shown | ({"ResourceStatusReason": self.reason} if self.reason else {})


@dataclass
class Definition:
    """What a stack was asked to be."""

    template: Template
    parameters: dict[str, Parameter]
    tags: dict[str, str]
    capabilities: list[str] = field(default_factory=list)


@dataclass
class Stack:
    """A stack in an account and Region."""

    account: str
    region: str
    name: str
    definition: Definition | None = None
    role_arn: str | None = None
    id: str = ""
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    events: list[dict[str, Any]] = field(default_factory=list)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    protected: bool = False
    rolls_back: bool = True
    change_set_id: str | None = None
    notification_arns: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.id:
            self.id = f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.name}/{uuid.uuid4()}"

    @property
    def in_progress(self) -> bool:
        """Whether something is being done to the stack."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    def set_status(self, status: str, reason: str | None = None) -> None:
        """Change the status of the stack, and write it down."""
        self.status, self.reason = status, reason
        self.record(self.name, self.id, "AWS::CloudFormation::Stack", status, reason)

    def record(
        self, logical_id: str, physical_id: str, kind: str, status: str, reason: str | None, properties: str = ""
    ) -> None:
        """Write an event down."""
        event: dict[str, Any] = {
            "StackId": self.id,
            "EventId": str(uuid.uuid4()),
            "StackName": self.name,
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "Timestamp": datetime.now(UTC),
            "ResourceStatus": status,
        }
        if reason:
            event["ResourceStatusReason"] = reason
        if properties:
            event["ResourceProperties"] = properties
        self.events.append(event)

    def describe(self) -> dict[str, Any]:
        """As DescribeStacks shows it."""
        definition = self.definition
        shown: dict[str, Any] = {
            "StackId": self.id,
            "StackName": self.name,
            "CreationTime": self.created_at,
            "StackStatus": self.status,
            "DisableRollback": not self.rolls_back,
            "NotificationARNs": self.notification_arns,
            "EnableTerminationProtection": self.protected,
            "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
            "Tags": [],
        }
        if definition is not None:
            parameters = definition.parameters
            shown["Parameters"] = [parameter.describe(name) for name, parameter in parameters.items()]
            shown["Tags"] = [{"Key": key, "Value": value} for key, value in definition.tags.items()]
            shown["Capabilities"] = definition.capabilities
            if definition.template.sections.get("Description"):
                shown["Description"] = definition.template.sections["Description"]
        optional = {
            "StackStatusReason": self.reason,
            "LastUpdatedTime": self.updated_at,
            "DeletionTime": self.deleted_at,
            "RoleARN": self.role_arn,
            "ChangeSetId": self.change_set_id,
            "Outputs": self.outputs or None,
        }
        return shown | {name: value for name, value in optional.items() if value is not None}

    def summarize(self) -> dict[str, Any]:
        """As ListStacks shows it."""
        names = (
            "StackId",
            "StackName",
            "CreationTime",
            "LastUpdatedTime",
            "DeletionTime",
            "StackStatus",
            "StackStatusReason",
        )
        shown = self.describe()
        summary = {name: shown[name] for name in (*names, "DriftInformation") if name in shown}
        return summary | ({"TemplateDescription": shown["Description"]} if "Description" in shown else {})
