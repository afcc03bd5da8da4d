"""A stack set: its definition, where it is to be, its instances, and the operations on it."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..template import Template

# An account and a Region.
Place = tuple[str, str]
# An organizational unit (or the root) and a Region.
Target = tuple[str, str]


@dataclass
class Instance:
    """The stack set in one account and Region."""

    account: str
    region: str
    unit: str
    overrides: dict[str, str] = field(default_factory=dict)
    stack_id: str = ""
    status: str = "OUTDATED"
    detail: str = "PENDING"
    reason: str = ""
    operation: str = ""

    def describe(self, stack_set: StackSet) -> dict[str, Any]:
        """As DescribeStackInstance shows it."""
        shown = {
            "StackSetId": stack_set.id,
            "Account": self.account,
            "Region": self.region,
            "OrganizationalUnitId": self.unit,
            "Status": self.status,
            "StackInstanceStatus": {"DetailedStatus": self.detail},
            "DriftStatus": "NOT_CHECKED",
            "LastOperationId": self.operation,
        }
        optional = {"StackId": self.stack_id, "StatusReason": self.reason}
        return shown | {name: value for name, value in optional.items() if value}


@dataclass
class Operation:
    """What is done to some instances."""

    action: str
    preferences: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "QUEUED"
    reason: str = ""
    # By account and Region: status, reason, unit.
    results: dict[Place, tuple[str, str, str]] = field(default_factory=dict)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None

    def summarize(self) -> dict[str, Any]:
        """As ListStackSetOperations shows it."""
        shown = {
            "OperationId": self.id,
            "Action": self.action,
            "Status": self.status,
            "CreationTimestamp": self.created_at,
            "OperationPreferences": self.preferences,
            "StatusDetails": {"FailedStackInstancesCount": self.failures},
        }
        optional = {"EndTimestamp": self.ended_at, "StatusReason": self.reason or None}
        return shown | {name: value for name, value in optional.items() if value is not None}

    @property
    def failures(self) -> int:
        """How many instances failed."""
        return sum(status == "FAILED" for status, _, _ in self.results.values())

    def end(self, status: str, reason: str = "") -> None:
        """It is over."""
        self.status, self.reason, self.ended_at = status, reason, datetime.now(UTC)


@dataclass
class StackSet:
    """A service-managed stack set of a management account."""

    account: str
    region: str
    name: str
    template: Template
    parameters: dict[str, str]
    settings: dict[str, Any]
    id: str = ""
    targets: dict[Target, dict[str, str]] = field(default_factory=dict)
    instances: dict[Place, Instance] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    # One operation at a time.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.id = self.id or f"{self.name}:{uuid.uuid4()}"

    @property
    def automatic(self) -> bool:
        """Whether accounts that join get it."""
        return bool(self.settings["AutoDeployment"].get("Enabled"))

    @property
    def retains(self) -> bool:
        """Whether an account that goes keeps its stack."""
        return bool(self.settings["AutoDeployment"].get("RetainStacksOnAccountRemoval"))

    @property
    def running(self) -> bool:
        """Whether an operation is under way."""
        return any(operation.ended_at is None for operation in self.operations)

    def summarize(self) -> dict[str, Any]:
        """As ListStackSets shows it."""
        return {
            "StackSetName": self.name,
            "StackSetId": self.id,
            "Description": self.settings.get("Description", ""),
            "Status": "ACTIVE",
            "AutoDeployment": self.settings["AutoDeployment"],
            "PermissionModel": "SERVICE_MANAGED",
            "DriftStatus": "NOT_CHECKED",
            "ManagedExecution": self.settings.get("ManagedExecution") or {"Active": False},
        }

    def describe(self) -> dict[str, Any]:
        """As DescribeStackSet shows it."""
        shown = self.summarize()
        del shown["DriftStatus"]
        return shown | {
            "TemplateBody": self.template.body,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()],
            "Capabilities": self.settings["Capabilities"],
            "Tags": self.settings["Tags"],
            "StackSetARN": f"arn:aws:cloudformation:{self.region}:{self.account}:stackset/{self.id}",
            "OrganizationalUnitIds": sorted({unit for unit, _ in self.targets}),
            "Regions": sorted({region for _, region in self.targets}),
        }
