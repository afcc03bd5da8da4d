"""The log of all API calls: call counts and "who called what" are read from it.

Control API: `GET calls` (filters: service, operation, account, region, role, error, after=<seq>), `DELETE calls`.
"""

from __future__ import annotations

import itertools
import json
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from . import wire
from .api_call import ApiCall
from .control_api import ControlRequest

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator, Proceed

LARGEST_PARAMETERS = 32_768  # characters of JSON: code packages and templates would fill the memory
FILTERS = ("service", "operation", "account", "region", "role", "error")


class CallLog:
    """The calls in the order in which they came in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._calls: list[dict[str, Any]] = []

    def clear(self) -> None:
        """Forget the calls; numbering goes on, so that `after` stays meaningful."""
        with self._lock:
            self._calls.clear()

    def record(self, call: ApiCall, proceed: Proceed) -> Response:
        """Carry the call on and write it down, with the error it ended in."""
        entry = {
            "time": call.time.isoformat(timespec="milliseconds"),
            "service": call.service,
            "operation": call.operation,
            "account": call.account,
            "region": call.region,
            "role": call.caller.role_name,
            "error": None,
            "parameters": _small(call.parameters),
            "request_id": call.request_id,
        }
        with self._lock:
            entry = {"seq": next(self._numbers), **entry}
            self._calls.append(entry)
        response = proceed(call)
        error = wire.read_error(response)
        entry["error"] = error[0] if error else None
        return response

    def select(self, request: ControlRequest) -> dict[str, Any]:
        """Calls that match the query's filters."""
        after = int(request.query.get("after", 0))
        wanted = {name: request.query[name] for name in FILTERS if name in request.query}
        with self._lock:
            calls = list(self._calls)
        matching = [
            entry
            for entry in calls
            if entry["seq"] > after and all((entry[name] or "") == value for name, value in wanted.items())
        ]
        return {"calls": matching}


def _small(parameters: dict[str, Any]) -> Any:
    text = json.dumps(parameters, default=_plain)
    return json.loads(text) if len(text) <= LARGEST_PARAMETERS else {"omitted": f"{len(text)} characters"}


def _plain(value: Any) -> str:
    return f"<{len(value)} bytes>" if isinstance(value, bytes | bytearray) else str(value)


def install(_hooks: Hooks, app: Emulator) -> None:
    """Log every call."""
    log = CallLog()
    app.around(log.record)
    app.on_reset(log.clear)
    app.control("GET", "calls", log.select)
    app.control("DELETE", "calls", lambda _: log.clear())
