"""Deliveries that AWS would have let vanish: no permission, no such target. Control API: `GET dropped`, `DELETE dropped`.

Whoever delivers on AWS's behalf (connection notifications here, EventBridge and SNS in `delivery`) writes down what it
had to drop, and why: on AWS the only trace is a metric, in a test it would be a riddle.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator


class DroppedDeliveries:
    """The dropped deliveries in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._dropped: list[dict[str, Any]] = []

    def record(self, source: str, target: str, reason: str, message: Any) -> None:
        """Write down that `message` of `source` (ARN or service) did not reach `target` (ARN)."""
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "source": source,
            "target": target,
            "reason": reason,
            "message": message,
        }
        with self._lock:
            self._dropped.append(entry)

    def list(self) -> list[dict[str, Any]]:
        """All of them."""
        with self._lock:
            return [*self._dropped]

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._dropped.clear()


def install(_hooks: Hooks, app: Emulator) -> None:
    """Show `app.dropped`, to which the deliverers write."""
    app.on_reset(app.dropped.clear)
    app.control("GET", "dropped", lambda _: {"dropped": app.dropped.list()})
    app.control("DELETE", "dropped", lambda _: app.dropped.clear())
