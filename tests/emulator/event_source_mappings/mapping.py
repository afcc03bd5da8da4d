"""An event source mapping of a queue: its settings, and what Lambda checks about them.

AWS Lambda API Reference, "CreateEventSourceMapping"; Developer Guide, "Using Lambda with Amazon SQS".
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.sqs.models import Queue

from ..api_call import AwsError
from ..delivery.queues import find_queue
from ..event_patterns import InvalidPattern, parse
from ..permissions import access, role_principal

BATCH_SIZE = 10
LARGEST_BATCH = 10_000
LARGEST_BATCH_WITHOUT_WINDOW = 10
LARGEST_FIFO_BATCH = 10
LONGEST_WINDOW = 300
MOST_FILTERS = 5
NEEDED_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
SETTINGS = (
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "FunctionResponseTypes",
    "ScalingConfig",
    "FilterCriteria",
)
# Settings of AWS that this emulator doesn't have, and those that AWS has for streams only.
NOT_THERE = ("ProvisionedPollerConfig", "KMSKeyArn", "MetricsConfig", "LoggingConfig")
OF_STREAMS = (
    "StartingPosition",
    "StartingPositionTimestamp",
    "ParallelizationFactor",
    "DestinationConfig",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "TumblingWindowInSeconds",
    "Topics",
    "Queues",
    "SourceAccessConfigurations",
    "SelfManagedEventSource",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
)


@dataclass
class Mapping:
    """A mapping; `settings` has AWS's names."""

    account: str
    region: str
    queue_arn: str
    function_arn: str
    enabled: bool = True
    settings: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    changed_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def arn(self) -> str:
        """The ARN of the mapping."""
        return f"arn:aws:lambda:{self.region}:{self.account}:event-source-mapping:{self.id}"

    @property
    def batch_size(self) -> int:
        """How many messages an invocation gets at most."""
        return int(self.settings.get("BatchSize", BATCH_SIZE))

    @property
    def window(self) -> int:
        """For how many seconds messages are gathered."""
        return int(self.settings.get("MaximumBatchingWindowInSeconds", 0))

    @property
    def reports_failures(self) -> bool:
        """Whether the function's answer names the messages that failed."""
        return "ReportBatchItemFailures" in (self.settings.get("FunctionResponseTypes") or [])

    @property
    def maximum_concurrency(self) -> int | None:
        """How many batches are at work at most."""
        return (self.settings.get("ScalingConfig") or {}).get("MaximumConcurrency")

    @property
    def filters(self) -> list[dict[str, Any]]:
        """The event patterns of which a message has to match one, if there are any."""
        criteria = (self.settings.get("FilterCriteria") or {}).get("Filters") or []
        return [parse(criterion["Pattern"]) for criterion in criteria]

    def describe(self, state: str | None = None) -> dict[str, Any]:
        """The configuration that the API shows."""
        shown = {
            "UUID": self.id,
            "BatchSize": self.batch_size,
            "MaximumBatchingWindowInSeconds": self.window,
            "EventSourceArn": self.queue_arn,
            "FunctionArn": self.function_arn,
            "LastModified": self.changed_at,
            "State": state or ("Enabled" if self.enabled else "Disabled"),
            "StateTransitionReason": "USER_INITIATED",
            "FunctionResponseTypes": self.settings.get("FunctionResponseTypes") or [],
            "EventSourceMappingArn": self.arn,
        }
        optional = ("ScalingConfig", "FilterCriteria")
        return shown | {name: self.settings[name] for name in optional if self.settings.get(name)}


def invalid(message: str) -> AwsError:
    """The error that Lambda answers to settings it doesn't take."""
    return AwsError("InvalidParameterValueException", message, 400)


def check_parameters(parameters: dict[str, Any]) -> None:
    """Refuse parameters that don't belong to a queue's mapping."""
    for name in NOT_THERE:
        if parameters.get(name):
            raise AwsError("NotImplemented", f"the emulator has no {name} of event source mappings", 501)
    for name in OF_STREAMS:
        if parameters.get(name):
            raise invalid(f"Unsupported parameter for SQS event sources: {name}")


def check(mapping: Mapping, function: LambdaFunction) -> None:
    """Refuse what Lambda refuses: the queue, its visibility timeout, the settings, and the role's permissions."""
    queue = _demand_queue(mapping)
    _check_settings(mapping, queue)
    visibility = int(queue.visibility_timeout)  # type: ignore[attr-defined]
    if visibility < int(function.timeout):
        raise invalid(
            f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {function.timeout} seconds"
        )
    for action in NEEDED_ACTIONS:
        judgement = access(role_principal(function.role), action, queue.queue_arn, queue.policy)
        if not judgement.allowed:
            call = action.split(":")[1]
            message = f"The function execution role does not have permissions to call {call} on SQS"
            raise invalid(f"{message} ({judgement.reason})")


def _demand_queue(mapping: Mapping) -> Queue:
    parts = mapping.queue_arn.split(":")
    if len(parts) != 6 or parts[2] != "sqs":
        raise AwsError("NotImplemented", f"the emulator has no event source mappings of {mapping.queue_arn}", 501)
    if parts[3] != mapping.region:
        raise invalid(f"The queue {mapping.queue_arn} must be in the Region of the function, {mapping.region}.")
    queue = find_queue(mapping.queue_arn)
    if queue is None:
        raise invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        )
    return queue


def _check_settings(mapping: Mapping, queue: Queue) -> None:
    largest = LARGEST_FIFO_BATCH if queue.fifo_queue else LARGEST_BATCH
    if not 1 <= mapping.batch_size <= largest:
        raise invalid(f"Batch size must be between 1 and {largest} for this queue.")
    if not 0 <= mapping.window <= LONGEST_WINDOW:
        raise invalid(f"Maximum batch window in seconds must be between 0 and {LONGEST_WINDOW}.")
    if mapping.batch_size > LARGEST_BATCH_WITHOUT_WINDOW and mapping.window == 0:
        raise invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
    if queue.fifo_queue and mapping.window:
        raise invalid("Batching window is not supported for FIFO queues.")
    concurrency = mapping.maximum_concurrency
    if concurrency is not None and not 2 <= concurrency <= 1000:
        raise invalid("MaximumConcurrency must be between 2 and 1000.")
    kinds = mapping.settings.get("FunctionResponseTypes") or []
    if set(kinds) - {"ReportBatchItemFailures"}:
        raise invalid(f"Unknown FunctionResponseTypes: {json.dumps(kinds)}")
    try:
        filters = mapping.filters
    except InvalidPattern as error:
        raise invalid(f"Invalid filter pattern definition. ({error})") from error
    if len(filters) > MOST_FILTERS:
        raise invalid(f"A mapping has at most {MOST_FILTERS} filters.")
