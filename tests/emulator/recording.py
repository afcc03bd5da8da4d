"""What roles called, and what they were asked to be allowed, written to a file: `python -m emulator --record FILE`.

Tests compare it with the policies of the roles (infra/recorded_calls.py). A line of JSON for each thing that is new to
this process: several may append to one file, one after the other or at once. A reset forgets nothing of it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from .api_call import ApiCall
    from .hooks import Hooks
    from .server import Emulator, Proceed


class Recording:
    """The file, once there is one, and what stands in it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: Path | None = None
        self._written: set[str] = set()

    def begin(self, file: Path) -> None:
        """Write to this file from now on."""
        self._file = file

    def called(self, call: ApiCall, proceed: Proceed) -> Response:
        """Write down which operation of the SDK a session of a role called, by botocore's names."""
        caller = call.caller
        if caller.role_arn is not None:
            self._write(role=caller.role_arn, user=caller.principal_id, called=f"{call.service}:{call.operation}")
        return proceed(call)

    def asked(self, role_arn: str, context: Mapping[str, Any] | None, action: str, allowed: bool) -> None:
        """Write down which action was asked of the policies of a role, and what they said.

        Services ask in a role's name, too, and one call may ask for several actions.
        """
        user = (context or {}).get("aws:userid", "")
        self._write(role=role_arn, user=user, asked=action, allowed=allowed)

    def _write(self, *, role: str, user: str, **what: Any) -> None:
        if self._file is None:
            return
        line = json.dumps({"role": role, "session": user.partition(":")[2], **what}) + "\n"
        with self._lock:
            if line not in self._written:
                self._written.add(line)
                # A short line that is appended in one piece isn't mixed with those of other processes.
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(line)


# One for the process: roles are asked from everywhere.
RECORDING = Recording()


def install(_hooks: Hooks, app: Emulator) -> None:
    """Write down every call of a role's session."""
    app.around(RECORDING.called)
