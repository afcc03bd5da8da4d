"""The process of an environment: `bootstrap`, started so that it can't outlive the emulator."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..process import PR_SET_PDEATHSIG

# Resolved here: between fork and exec a child of a threaded process should not load anything.
_prctl = ctypes.CDLL(None, use_errno=True).prctl

# The kernel signals a child when the thread that started it ends, so one thread that never ends starts them all.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bootstrap-starter")


class NotStartable(Exception):
    """There is no `bootstrap`, or the system can't start it."""


class BootstrapProcess:
    """A running `bootstrap`; what it prints is read from `output`."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        bootstrap = folder / "bootstrap"
        if not bootstrap.is_file():
            raise NotStartable("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
        try:
            self._process = _starter.submit(_start, bootstrap, folder, environment).result()
        except OSError as error:
            raise NotStartable(f"fork/exec /var/task/bootstrap: {(error.strerror or str(error)).lower()}") from error
        assert self._process.stdout is not None
        self.output = self._process.stdout
        self.pid = self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def wait(self) -> None:
        """Wait until the process is gone."""
        self._process.wait()

    def kill(self) -> None:
        """End the process and its children at once, as Lambda does: without a warning."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def ending(self) -> str:
        """How the process ended, in Lambda's words."""
        status = self._process.wait()
        if status == 0:
            return "Runtime exited without providing a reason"
        if status > 0:
            return f"Runtime exited with error: exit status {status}"
        name = {"SIGKILL": "killed", "SIGABRT": "aborted", "SIGSEGV": "segmentation fault", "SIGTERM": "terminated"}
        received = signal.Signals(-status).name
        return f"Runtime exited with error: signal: {name.get(received, received)}"

    def most_memory_mb(self) -> int:
        """The most memory the process ever had, in MB (VmHWM of proc(5)); 0 once it is gone."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0
        line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
        return -(-int(line.split()[1]) // 1024)


def _start(bootstrap: Path, folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(bootstrap)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        start_new_session=True,
        preexec_fn=_end_with_emulator,  # noqa: PLW1509  (one system call, resolved beforehand)
    )


def _end_with_emulator() -> None:
    _prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
