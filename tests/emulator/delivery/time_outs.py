"""Visibility time-outs that end when they are told to.

Control API: `POST queues/<name>/time-out` makes the messages that somebody has received visible again, in all queues of
that name, as if their time-out were over; whoever received them may still be at work. Answers how many they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.sqs.models import Queue, sqs_backends

from ..control_api import ControlError, ControlRequest

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(_hooks: Hooks, app: Emulator) -> None:
    """End time-outs on demand."""
    app.control("POST", "queues/<name>/time-out", _time_out)


def _time_out(request: ControlRequest) -> dict[str, Any]:
    name = request.path["name"]
    queues = [backend.queues[name] for _, _, backend in [*sqs_backends.iter_backends()] if name in backend.queues]
    if not queues:
        raise ControlError(f"there is no queue {name}", 404)
    return {"messages": sum(_end_time_outs(queue) for queue in queues)}


def _end_time_outs(queue: Queue) -> int:
    with queue._messages_lock:
        received = [message for message in queue._messages if not message.visible]
        for message in received:
            message.visible_at = 0.0
    return len(received)
