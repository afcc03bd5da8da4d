"""An alarm: its configuration by the names of the API, its state, and when either changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

METRIC = "MetricAlarm"
COMPOSITE = "CompositeAlarm"
STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
# The actions of each state.
ACTIONS = {"OK": "OKActions", "ALARM": "AlarmActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


@dataclass(frozen=True)
class State:
    """What an alarm says, why, and since when; a composite alarm also says by what its actions are held back."""

    value: str = "INSUFFICIENT_DATA"
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str | None = None
    since: datetime = field(default_factory=lambda: datetime.now(UTC))  # of the last update
    transitioned: datetime = field(default_factory=lambda: datetime.now(UTC))  # of the last other value
    suppressed_by: str | None = None
    suppressed_reason: str | None = None


@dataclass
class Alarm:
    """A metric or composite alarm of an account and Region."""

    account: str
    region: str
    name: str
    kind: str
    configuration: dict[str, Any]
    configured: datetime = field(default_factory=lambda: datetime.now(UTC))
    state: State = field(default_factory=State)
    evaluation_state: str | None = None
    children: tuple[str, ...] = ()  # names, of a composite alarm
    suppressor: str | None = None

    @property
    def arn(self) -> str:
        """Its ARN."""
        return arn_of(self.account, self.region, self.name)

    @property
    def actions_enabled(self) -> bool:
        """Whether its actions are taken."""
        return self.configuration.get("ActionsEnabled", True)

    def actions(self) -> list[str]:
        """The actions of its present state."""
        return self.configuration.get(ACTIONS[self.state.value]) or []

    def describe(self) -> dict[str, Any]:
        """The alarm as DescribeAlarms has it."""
        shown = {
            "ActionsEnabled": True,
            "OKActions": [],
            "AlarmActions": [],
            "InsufficientDataActions": [],
            **({"Dimensions": []} if self.kind == METRIC else {}),
            **self.configuration,
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": self.configured,
            "StateValue": self.state.value,
            "StateReason": self.state.reason,
            "StateReasonData": self.state.reason_data,
            "StateUpdatedTimestamp": self.state.since,
            "StateTransitionedTimestamp": self.state.transitioned,
            "EvaluationState": self.evaluation_state,
            "ActionsSuppressedBy": self.state.suppressed_by,
            "ActionsSuppressedReason": self.state.suppressed_reason,
        }
        return {name: value for name, value in shown.items() if value is not None}


def arn_of(account: str, region: str, name: str) -> str:
    """The ARN of an alarm."""
    return f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"
