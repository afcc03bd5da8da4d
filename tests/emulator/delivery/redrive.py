"""Dead letters on their way back: StartMessageMoveTask, which moto lacks. A task is complete when it has started.

Amazon SQS API Reference, "StartMessageMoveTask": without a destination each message goes back to the queue it came from;
it gets a new id and begins anew with its receive count.
"""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

from moto.sqs.models import Message, Queue, sqs_backends

from ..api_call import ApiCall, AwsError
from ..permissions import account_of
from .queues import delete, find_queue, receive

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

MOST_SHOWN = 10


class MessageMoveTasks:
    """The tasks, by the ARN of the dead-letter queue."""

    def __init__(self) -> None:
        self._tasks: dict[str, list[dict[str, Any]]] = {}

    def start(self, call: ApiCall) -> dict[str, Any]:
        """StartMessageMoveTask."""
        letters = _demand_dead_letter_queue(call)
        destination = call.parameter("DestinationArn")
        if destination and find_queue(destination) is None:
            raise AwsError("ResourceNotFoundException", f"The queue {destination} does not exist.", 404)
        moved = failed = 0
        while batch := receive(letters, MOST_SHOWN):
            for message in batch:
                if _move(letters, message, destination):
                    moved += 1
                else:
                    failed += 1
        now = int(time.time() * 1000)
        handle = {"taskId": f"{now}-{moved}", "sourceArn": letters.queue_arn}
        task = {
            "TaskHandle": base64.b64encode(json.dumps(handle).encode()).decode(),
            "Status": "FAILED" if failed else "COMPLETED",
            "SourceArn": letters.queue_arn,
            "ApproximateNumberOfMessagesMoved": moved,
            "ApproximateNumberOfMessagesToMove": moved + failed,
            "StartedTimestamp": now,
        }
        if destination:
            task["DestinationArn"] = destination
        if failed:
            task["FailureReason"] = "CouldNotDetermineMessageSource"
        self._tasks.setdefault(letters.queue_arn, []).insert(0, task)
        return {"TaskHandle": task["TaskHandle"]}

    def list(self, call: ApiCall) -> dict[str, Any]:
        """ListMessageMoveTasks, the newest first."""
        letters = _demand_dead_letter_queue(call)
        tasks = self._tasks.get(letters.queue_arn, [])
        shown = tasks[: min(call.parameter("MaxResults", 1), MOST_SHOWN)]
        return {"Results": [{name: value for name, value in task.items() if name != "TaskHandle"} for task in shown]}

    @staticmethod
    def cancel(_: ApiCall) -> dict[str, Any]:
        """CancelMessageMoveTask: there is never one under way."""
        raise AwsError("ResourceNotFoundException", "Task does not exist or is not in a running state.", 404)

    def reset(self) -> None:
        """Forget all tasks."""
        self._tasks.clear()


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer the operations."""
    tasks = MessageMoveTasks()
    hooks.operation("sqs", "StartMessageMoveTask", tasks.start)
    hooks.operation("sqs", "ListMessageMoveTasks", tasks.list)
    hooks.operation("sqs", "CancelMessageMoveTask", tasks.cancel)
    app.on_reset(tasks.reset)


def _demand_dead_letter_queue(call: ApiCall) -> Queue:
    arn = call.parameter("SourceArn")
    queue = find_queue(arn)
    if queue is None or account_of(arn) != call.account:
        raise AwsError(
            "ResourceNotFoundException",
            "The resource that you specified for the SourceArn parameter doesn't exist.",
            404,
        )
    backend = sqs_backends[queue.account_id][queue.region]
    if not backend.list_dead_letter_source_queues(queue.name):
        raise AwsError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.", 400)
    return queue


def _move(letters: Queue, message: Message, destination: str | None) -> bool:
    """Send a message on and delete it; False when nobody knows where it came from."""
    target = find_queue(destination or getattr(message, "dead_letter_source", ""))
    if target is None:
        return False
    backend = sqs_backends[target.account_id][target.region]
    backend.send_message(
        target.name, message.body, message_attributes=message.message_attributes, group_id=message.group_id
    )
    delete(letters, message)
    return True
