"""A handler under measurement: its process, what it costs and what it answers.

Nothing keeps a handler alive when the benchmark is killed: its next request for work fails, and a runtime ends at that.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

from .runtime_api import RuntimeApi

PATIENCE_SECONDS = 120.0
LOG_LINES = 20
# What Lambda sets for every function of its kind.
LAMBDA_VARIABLES = {
    "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/benchmark",
    "AWS_LAMBDA_LOG_STREAM_NAME": "benchmark",
    "LANG": "en_US.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "TZ": ":UTC",
}

_libc = ctypes.CDLL(None, use_errno=True)
Taken = TypeVar("Taken")


class HandlerFailed(Exception):
    """The handler ended, fell silent, or answered an error."""


@dataclass(frozen=True)
class Handler:
    """What is measured: a command, and the variables it needs beside those of Lambda."""

    name: str
    command: tuple[str, ...]
    variables: dict[str, str]


@dataclass(frozen=True)
class Cost:
    """Milliseconds on the clock, and milliseconds of CPU of the handler's process."""

    wall_ms: float
    cpu_ms: float


class RunningHandler:
    """The process of a handler, from its start to its end; `start` is the cost until it first asked for work."""

    def __init__(self, handler: Handler, variables: dict[str, str]) -> None:
        self._handler = handler
        self._api = RuntimeApi()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the process)
        runtime = {"AWS_LAMBDA_RUNTIME_API": self._api.address}
        began = time.perf_counter_ns()
        self._process = subprocess.Popen(
            handler.command,
            env={**LAMBDA_VARIABLES, **variables, **handler.variables, **runtime},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            polled = self._take(self._api.polls, "asked for work")
        except BaseException:
            self.close()
            raise
        self.start = Cost((polled - began) / 1e6, self.cpu_ms())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def invoke(self, payload: Any) -> tuple[Any, Cost]:
        """What the handler answers, and its cost; CPU is counted until it asks for work again."""
        before = self.cpu_ms()
        self._api.send(payload)
        answer = self._take(self._api.answers, "answered")
        self._take(self._api.polls, "asked for more work")
        if answer.failed:
            raise HandlerFailed(f"{self._handler.name} answered an error: {answer.payload}\n{self.log()}")
        return answer.payload, Cost(answer.nanoseconds / 1e6, self.cpu_ms() - before)

    def cpu_ms(self) -> float:
        """CPU time of all threads the process ever had: clock_getcpuclockid(3), as /proc counts in steps of 10 ms."""
        clock = ctypes.c_int()
        error = _libc.clock_getcpuclockid(self._process.pid, ctypes.byref(clock))
        if error:
            raise OSError(error, f"the CPU clock of process {self._process.pid}: {os.strerror(error)}")
        return time.clock_gettime_ns(clock.value) / 1e6

    def peak_mib(self) -> float:
        """The most memory the process ever had in use (VmHWM of proc(5))."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024

    def log(self) -> str:
        """The last lines that the handler printed."""
        self._log.seek(0)
        return "\n".join(self._log.read().decode(errors="replace").splitlines()[-LOG_LINES:])

    def close(self) -> None:
        """End the process."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._api.close()
        self._log.close()

    def _take(self, queue: SimpleQueue[Taken], deed: str) -> Taken:
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            try:
                return queue.get(timeout=0.2)
            except Empty:
                status = self._process.poll()
                if status is not None:
                    raise HandlerFailed(
                        f"{self._handler.name} ended with {status} before it {deed}:\n{self.log()}"
                    ) from None
        raise HandlerFailed(f"{self._handler.name} has not {deed} for {PATIENCE_SECONDS:.0f} s:\n{self.log()}")
