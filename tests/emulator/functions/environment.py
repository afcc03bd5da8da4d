"""An execution environment: one `bootstrap` process behind its Runtime API, with one invocation at a time.

AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle".
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from .function import Function
from .invocation import Invocation, Result, failure
from .log_stream import LogStream, OutputReader
from .process import BootstrapProcess, NotStartable
from .runtime_session import RuntimeSession

INIT_SECONDS = 10.0


class Environment:
    """`variables` are the function's own ones, its credentials and the address of this emulator."""

    def __init__(self, function: Function, folder: Path, variables: dict[str, str], stream: LogStream) -> None:
        self.function = function
        self.fingerprint = function.fingerprint
        self.invocations = 0
        self.used_at = time.monotonic()
        self.request_id: str | None = None
        self._folder = folder
        self._variables = variables
        self._stream = stream
        self._process: BootstrapProcess | None = None
        self._session: RuntimeSession | None = None
        self._reader: OutputReader | None = None
        self._init_seconds: float | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process id of `bootstrap`."""
        return self._process.pid if self._process else None

    @property
    def state(self) -> str:
        """`starting`, `busy` or `idle`."""
        if self._session is not None and self._session.at_work:
            return "busy"
        return "idle" if self.request_id is None else "starting"

    @property
    def alive(self) -> bool:
        """Whether the environment can take another invocation."""
        return not self._closed and (self._process is None or not self._process.ended)

    def invoke(self, invocation: Invocation) -> Result:
        """Run one invocation to its end; the environment may be used again if it is `alive` afterwards."""
        self.request_id = invocation.request_id
        self.invocations += 1
        try:
            if self._process is None:
                error = self._initialize(invocation)
                if error is not None:
                    self.close()
                    return Result(invocation.request_id, error.payload, error.error_type, self._stream.tail())
            return self._run(invocation)
        finally:
            self.request_id = None
            self.used_at = time.monotonic()

    def kill(self) -> None:
        """End the process now, whatever it does."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the environment."""
        self._closed = True
        self._end_process()

    def _end_process(self) -> None:
        # Killed before its connection closes: it must not see, and log, the end of its Runtime API.
        if self._process is not None:
            self._process.kill()
        if self._session is not None:
            self._session.close()
        if self._reader is not None:
            self._reader.join()

    def _initialize(self, invocation: Invocation) -> Result | None:
        """Start the process and wait for its first poll; after a failure once more, within the function's timeout."""
        self._stream.platform("initStart", "INIT_START Runtime Version: provided:al2023.emulator", {"phase": "init"})
        error: Result | None = None
        for seconds in (INIT_SECONDS, float(self.function.timeout)):
            began = time.monotonic()
            error = self._start(invocation, seconds)
            if error is None:
                self._init_seconds = time.monotonic() - began
                return None
            self._end_process()
            text = (
                f"INIT_REPORT Init Duration: {(time.monotonic() - began) * 1000:.2f} ms\tPhase: init\t"
                f"Status: error\tError Type: {error.error_type}"
            )
            self._stream.platform("initReport", text, {"status": "error", "errorType": error.error_type})
            if self._closed or error.error_type == "Runtime.InvalidEntrypoint":
                break
        return error

    def _start(self, invocation: Invocation, seconds: float) -> Result | None:
        """Start `bootstrap`; the error, if it doesn't get as far as asking for work."""
        self._process, self._reader = None, None
        session = self._session = RuntimeSession(lambda: self._process is not None and self._process.ended)
        variables = {
            "PATH": os.environ.get("PATH", os.defpath),
            **self._variables,
            "AWS_LAMBDA_RUNTIME_API": session.address,
            "AWS_LAMBDA_LOG_STREAM_NAME": self._stream.name,
            "LAMBDA_TASK_ROOT": str(self._folder),
            "LAMBDA_RUNTIME_DIR": str(self._folder),
        }
        try:
            process = self._process = BootstrapProcess(self._folder, variables)
        except NotStartable as error:
            return failure(invocation.request_id, "Runtime.InvalidEntrypoint", str(error))
        self._reader = OutputReader(process.output, self._stream)
        threading.Thread(target=_watch, args=(process, session), daemon=True).start()
        session.wait(lambda: session.polled or session.init_error is not None, seconds)
        if session.init_error is not None:
            return session.init_error
        if session.polled:
            return None
        if process.ended:
            return failure(invocation.request_id, "Runtime.ExitError", process.ending())
        return failure(invocation.request_id, "Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")

    def _run(self, invocation: Invocation) -> Result:
        assert self._process is not None and self._session is not None and self._reader is not None
        session, timeout = self._session, self.function.timeout
        began = time.monotonic()
        invocation.deadline = time.time() + timeout
        self._stream.start_tail()
        version = self.function.version
        text = f"START RequestId: {invocation.request_id} Version: {version}"
        self._stream.platform("start", text, {"requestId": invocation.request_id, "version": version})
        session.offer(invocation)
        session.wait(lambda: session.result is not None, timeout)
        result = session.result
        # After its answer, the environment is ready again when the runtime asks for more.
        if result is not None:
            session.wait(lambda: session.polled, timeout - (time.monotonic() - began))
        memory = self._process.most_memory_mb()
        if result is None:
            result = self._lost(invocation)
        if session.polled and not self._process.ended:
            self._reader.drain()
        else:
            self.close()
        self._report(invocation, result, time.monotonic() - began, memory)
        return Result(result.request_id, result.payload, result.error_type, self._stream.tail())

    def _lost(self, invocation: Invocation) -> Result:
        """The result of an invocation that its process didn't answer."""
        assert self._process is not None
        if self._process.ended:
            return failure(invocation.request_id, "Runtime.ExitError", self._process.ending())
        message = f"Task timed out after {self.function.timeout:.2f} seconds"
        self._process.kill()
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        self._stream.write(f"{now} {invocation.request_id} {message}")
        return failure(invocation.request_id, "Sandbox.Timedout", message)

    def _report(self, invocation: Invocation, result: Result, seconds: float, memory_mb: int) -> None:
        request_id, milliseconds = invocation.request_id, seconds * 1000
        init, self._init_seconds = self._init_seconds, None
        # Since August 2025 the initialization is billed too.
        billed = int(-(-(milliseconds + (init or 0) * 1000) // 1))
        metrics = {
            "durationMs": round(milliseconds, 3),
            "billedDurationMs": billed,
            "memorySizeMB": self.function.memory_mb,
            "maxMemoryUsedMB": memory_mb,
        }
        text = (
            f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\tBilled Duration: {billed} ms\t"
            f"Memory Size: {self.function.memory_mb} MB\tMax Memory Used: {memory_mb} MB\t"
        )
        if init is not None:
            text += f"Init Duration: {init * 1000:.2f} ms\t"
            metrics["initDurationMs"] = round(init * 1000, 3)
        status = {None: "success", "Sandbox.Timedout": "timeout"}.get(result.error_type, "error")
        if result.error_type in ("Runtime.ExitError", "Sandbox.Timedout"):
            text += f"Status: {status}\tError Type: {result.error_type}\t"
        self._stream.platform("end", f"END RequestId: {request_id}", {"requestId": request_id})
        record = {"requestId": request_id, "status": status, "metrics": metrics, "errorType": result.error_type}
        self._stream.platform("report", text, record)


def _watch(process: BootstrapProcess, session: RuntimeSession) -> None:
    process.wait()
    session.notice()
