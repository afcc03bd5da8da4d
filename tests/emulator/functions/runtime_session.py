"""The conversation with one `bootstrap` process: what it asked for, what it was given, what it answered."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .invocation import Invocation, Result
from .runtime_api import RuntimeServer


class RuntimeSession:
    """The state behind a process's Runtime API; `lost` tells that the process is gone."""

    def __init__(self, lost: Callable[[], bool]) -> None:
        self._lost = lost
        self._changed = threading.Condition()
        self._polls = 0
        self._offered: Invocation | None = None
        self._at_hand: Invocation | None = None
        self._closed = False
        self.result: Result | None = None
        self.init_error: Result | None = None
        self._server = RuntimeServer(self)

    @property
    def address(self) -> str:
        """Host and port for AWS_LAMBDA_RUNTIME_API."""
        return self._server.address

    @property
    def polled(self) -> bool:
        """Whether the process waits for work."""
        return self._polls > 0 and self._offered is None and self._at_hand is None

    @property
    def at_work(self) -> bool:
        """Whether the process has an invocation at hand."""
        return self._at_hand is not None

    def wait(self, done: Callable[[], bool], seconds: float) -> None:
        """Wait until `done`, or the process is gone, or time is over."""
        with self._changed:
            self._changed.wait_for(lambda: done() or self._closed or self._lost(), max(seconds, 0))

    def notice(self) -> None:
        """Look again: the process has ended."""
        with self._changed:
            self._changed.notify_all()

    def offer(self, invocation: Invocation) -> None:
        """Give the process its next invocation."""
        with self._changed:
            self.result, self._offered = None, invocation
            self._changed.notify_all()

    def close(self) -> None:
        """End the conversation."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.close()

    # What the process asks (the Runtime protocol).

    def next_invocation(self) -> Invocation | None:
        """Block until there is work; only the latest poll gets it, as an older one's connection is dead."""
        with self._changed:
            self._polls += 1
            poll = self._polls
            self._at_hand = None
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._offered is not None or self._closed or poll != self._polls)
            if self._closed or poll != self._polls:
                return None
            self._at_hand, self._offered = self._offered, None
            return self._at_hand

    def succeeded(self, request_id: str, payload: bytes) -> bool:
        """Take a response."""
        return self._take(Result(request_id, payload))

    def failed(self, request_id: str, error_type: str, payload: bytes) -> bool:
        """Take an error."""
        return self._take(Result(request_id, payload, error_type))

    def init_failed(self, error_type: str, payload: bytes) -> None:
        """Take an error of the initialization."""
        with self._changed:
            self.init_error = Result("", payload, error_type)
            self._changed.notify_all()

    def _take(self, result: Result) -> bool:
        with self._changed:
            if self._at_hand is None or self._at_hand.request_id != result.request_id or self.result is not None:
                return False
            self.result = result
            self._changed.notify_all()
            return True
