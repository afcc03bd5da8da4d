"""Change sets: what a new definition would change, foretold, kept, and carried out on demand.

AWS CloudFormation User Guide, "Update CloudFormation stacks using change sets".
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .resources import find_type
from .resources.base import changed_properties
from .scope import Plan
from .stack import Definition, Stack

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


@dataclass
class ChangeSet:
    """A change set of a stack."""

    name: str
    kind: str
    stack: Stack
    definition: Definition
    changes: list[dict[str, Any]]
    role_arn: str | None
    description: str | None = None
    id: str = ""
    status: str = "CREATE_COMPLETE"
    reason: str | None = None
    execution_status: str = "AVAILABLE"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        if not self.id:
            stack = self.stack
            self.id = f"arn:aws:cloudformation:{stack.region}:{stack.account}:changeSet/{self.name}/{uuid.uuid4()}"

    def fail(self, reason: str) -> None:
        """The change set can't be carried out."""
        self.status, self.reason, self.execution_status = "FAILED", reason, "UNAVAILABLE"

    def summarize(self) -> dict[str, Any]:
        """As ListChangeSets shows it."""
        shown = {
            "StackId": self.stack.id,
            "StackName": self.stack.name,
            "ChangeSetId": self.id,
            "ChangeSetName": self.name,
            "ExecutionStatus": self.execution_status,
            "Status": self.status,
            "CreationTime": self.created_at,
        }
        optional = {"StatusReason": self.reason, "Description": self.description}
        return shown | {name: value for name, value in optional.items() if value}

    def describe(self) -> dict[str, Any]:
        """As DescribeChangeSet shows it."""
        definition = self.definition
        return self.summarize() | {
            "Parameters": [parameter.describe(name) for name, parameter in definition.parameters.items()],
            "Capabilities": definition.capabilities,
            "Tags": [{"Key": key, "Value": value} for key, value in definition.tags.items()],
            "Changes": self.changes,
            "NotificationARNs": self.stack.notification_arns,
        }


def foretell(stack: Stack, definition: Definition, plan: Plan) -> list[dict[str, Any]]:
    """The changes that a definition would bring; `plan` has to be a foretelling one."""
    changes = []
    for logical_id in plan.order:
        change = _change(stack, definition, plan, logical_id)
        if change is not None:
            changes.append({"Type": "Resource", "ResourceChange": change})
    for logical_id, resource in stack.resources.items():
        if logical_id not in plan.active:
            change = {
                "Action": "Remove",
                "LogicalResourceId": logical_id,
                "PhysicalResourceId": resource.physical_id,
                "ResourceType": resource.type,
                "Scope": [],
                "Details": [],
            }
            changes.append({"Type": "Resource", "ResourceChange": change})
    return changes


def _change(stack: Stack, definition: Definition, plan: Plan, logical_id: str) -> dict[str, Any] | None:
    kind_name = plan.active[logical_id]["Type"]
    kind, resource = find_type(kind_name), stack.resources.get(logical_id)
    shown: dict[str, Any] = {"LogicalResourceId": logical_id, "ResourceType": kind_name, "Scope": [], "Details": []}
    if resource is None or kind is None:
        return shown | {"Action": "Add"}
    properties = plan.properties(logical_id)
    changed = changed_properties(resource.properties, properties)
    before = stack.definition
    retagged = before is not None and before.tags != definition.tags and "Tags" in getattr(kind, "properties", ())
    if not changed and not retagged:
        return None
    replaced = kind.replaces(resource.properties, properties)
    if replaced:
        # Whatever refers to it can't be foretold.
        plan.scope.unknown.add(logical_id)
    details = [
        {
            "Target": {
                "Attribute": "Properties",
                "Name": name,
                "RequiresRecreation": "Always"
                if replaced and (kind.replaced_by is None or name in kind.replaced_by)
                else "Never",
            },
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for name in sorted(changed)
    ]
    return shown | {
        "Action": "Modify",
        "PhysicalResourceId": resource.physical_id,
        "Replacement": "True" if replaced else "False",
        "Scope": (["Properties"] if changed else []) + (["Tags"] if retagged else []),
        "Details": details,
    }


def changes_anything(stack: Stack, definition: Definition, plan: Plan, changes: list[dict[str, Any]]) -> bool:
    """Whether a definition differs from what the stack is: resources, outputs, tags or metadata."""
    before = stack.definition
    if before is None or changes or before.tags != definition.tags:
        return True
    old = {name: resource.get("Metadata") for name, resource in before.template.resources.items()}
    new = {name: resource.get("Metadata") for name, resource in definition.template.resources.items()}
    return old != new or stack.outputs != plan.outputs()
