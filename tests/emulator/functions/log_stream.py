"""A log stream of an environment: what its process prints, between the lines that Lambda writes itself.

AWS Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs" and "Configuring advanced logging controls".
"""

from __future__ import annotations

import array
import fcntl
import json
import select
import termios
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Any

from moto.logs.models import logs_backends

from ..permissions import role_allows

LONGEST_TAIL = 4096
DRAIN_SECONDS = 2.0


class LogStream:
    """Writes to `group` as the function's role may; `refuse` is told once if it may not."""

    def __init__(
        self,
        account: str,
        region: str,
        group: str,
        version: str,
        role: str,
        as_json: bool,
        refuse: Callable[[str], None],
    ) -> None:
        self.group = group
        self.name = f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"
        self._backend = logs_backends[account][region]
        self._as_json = as_json
        self._lock = threading.Lock()
        self._tail: list[str] = []
        self._permitted = self._create(f"arn:aws:logs:{region}:{account}:log-group:{group}", role, refuse)

    def _create(self, arn: str, role: str, refuse: Callable[[str], None]) -> bool:
        """Make the stream (and the group, if need be) by the role's permissions: without them there is no log."""
        needed = [(f"logs:{action}", f"{arn}:log-stream:{self.name}") for action in ("CreateLogStream", "PutLogEvents")]
        if self.group not in self._backend.groups:
            needed.insert(0, ("logs:CreateLogGroup", arn))
        for action, resource in needed:
            judgement = role_allows(role, action, resource)
            if not judgement.allowed:
                refuse(f"{action}: {judgement.reason}")
                return False
        self._backend.ensure_log_group(self.group)
        self._backend.create_log_stream(self.group, self.name)
        return True

    def write(self, line: str) -> None:
        """Write one line."""
        with self._lock:
            self._tail.append(line)
            del self._tail[:-500]
            if self._permitted and self.group in self._backend.groups:
                self._backend.ensure_log_stream(self.group, self.name)
                event = {"timestamp": int(time.time() * 1000), "message": line}
                self._backend.put_log_events(self.group, self.name, [event])

    def platform(self, kind: str, text: str, record: dict[str, Any]) -> None:
        """Write a line of Lambda's own: `text`, or the record when the function logs as JSON."""
        if self._as_json:
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            self.write(json.dumps({"time": now, "type": f"platform.{kind}", "record": record}))
        else:
            self.write(text)

    def start_tail(self) -> None:
        """Begin the tail of an invocation."""
        with self._lock:
            self._tail.clear()

    def tail(self) -> str:
        """The last 4 KB since then (LogResult of Invoke)."""
        with self._lock:
            return "".join(f"{line}\n" for line in self._tail)[-LONGEST_TAIL:]


class OutputReader:
    """Copies the lines of a process to its log stream."""

    def __init__(self, output: IO[bytes], stream: LogStream) -> None:
        self._output = output
        self._stream = stream
        self._idle = threading.Event()
        self._idle.set()
        self._thread = threading.Thread(target=self._copy, name="function-output", daemon=True)
        self._thread.start()

    def drain(self) -> None:
        """Wait until all that the process has printed so far is in the log."""
        end = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < end and self._thread.is_alive():
            if self._pending() == 0 and self._idle.wait(0.01):
                return
            time.sleep(0.001)

    def join(self) -> None:
        """Wait for the end of the output."""
        self._thread.join(DRAIN_SECONDS)

    def _pending(self) -> int:
        count = array.array("i", [0])
        try:
            fcntl.ioctl(self._output.fileno(), termios.FIONREAD, count)
        except (OSError, ValueError):
            return 0
        return count[0]

    def _copy(self) -> None:
        rest = b""
        while True:
            self._idle.set()
            self._wait_for_output()
            self._idle.clear()
            data = self._output.read(65536)
            if not data:
                break
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._stream.write(line.decode(errors="replace").rstrip("\r"))
        if rest:
            self._stream.write(rest.decode(errors="replace"))
        self._output.close()
        self._idle.set()

    def _wait_for_output(self) -> None:
        poller = select.poll()
        poller.register(self._output.fileno(), select.POLLIN | select.POLLHUP)
        poller.poll()
