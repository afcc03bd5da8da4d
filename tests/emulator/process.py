"""Ending with the parent process (Linux): PR_SET_PDEATHSIG."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(ending: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send `ending` to this process when the thread that started it ends; see prctl(2).

    Also fit for the `preexec_fn` of a child process: then the child ends with the emulator.
    """
    if not sys.platform.startswith("linux"):
        raise RuntimeError("the emulator ends with its parent by prctl(2), which only Linux has")
    parent = os.getppid()
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(ending), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # the parent ended before the request took effect
        os.kill(os.getpid(), ending)
