"""An outage: the port refuses everybody for a while, and with it may go the machines that Lambda runs on.

Control API: `POST outage {"milliseconds": …, "workers": …}` answers when it is over. Connections that are open break, so
that a call may have taken effect and its answer is lost. With `workers` the processes of all functions are killed, and
the pollers of queues begin anew: what they had received comes back when its visibility time-out is over.
What AWS keeps durably stays: queues with their messages, connections, configuration, logs, alarms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .control_api import ControlError, ControlRequest

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator

LONGEST_MILLISECONDS = 60_000


def install(_hooks: Hooks, app: Emulator) -> None:
    """Have outages on demand."""

    def happen(request: ControlRequest) -> dict[str, Any]:
        body = request.fields("milliseconds", "workers")
        milliseconds = body.get("milliseconds", 0)
        if not isinstance(milliseconds, int) or not 0 <= milliseconds <= LONGEST_MILLISECONDS:
            raise ControlError(f"milliseconds are 0 to {LONGEST_MILLISECONDS}")
        killed: list[int] = []
        if body.get("workers"):
            app.event_source_mappings.begin_anew()
            killed = app.functions.lose_processes()
        return {"connections_broken": app.front_door.pause(milliseconds / 1000), "killed": killed}

    app.control("POST", "outage", happen)
