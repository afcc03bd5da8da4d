"""Changes that AWS carries out some time after the call: states that pass, records that spread."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .settings import Settings


class LateChanges:
    """Changes in the order in which they are due; the setting says how late they are, in milliseconds.

    Nothing runs in the background: whoever reads state calls `settle` first.
    """

    def __init__(self, settings: Settings, delay: str = "state_delay_ms") -> None:
        self._settings = settings
        self._delay = delay
        self._lock = threading.RLock()
        self._numbers = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []

    def clear(self) -> None:
        """Forget what has yet to happen."""
        with self._lock:
            self._due.clear()

    def later(self, change: Callable[[], None]) -> None:
        """Carry out `change` after the delay; it becomes visible to the next call."""
        due = time.monotonic() + self._settings[self._delay] / 1000
        with self._lock:
            heapq.heappush(self._due, (due, next(self._numbers), change))

    def settle(self) -> None:
        """Carry out the changes that are due."""
        with self._lock:
            while self._due and self._due[0][0] <= time.monotonic():
                heapq.heappop(self._due)[2]()

    def finish(self) -> None:
        """Carry out all changes now, due or not."""
        with self._lock:
            while self._due:
                heapq.heappop(self._due)[2]()
