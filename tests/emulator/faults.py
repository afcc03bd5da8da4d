"""Faults on order: an API call fails, is slow, or takes effect and fails nevertheless.

Control API: `POST faults` (below), `GET faults`, `DELETE faults`, `DELETE faults/<id>`. A fault is an object of

    service, operation          which calls, by botocore's names (required); `*` as operation means all of the service
    account, region, role       only the calls of these (optional)
    count                       how many calls it hits; -1 = until cleared (default 1)
    delay_ms                    wait so long first (default 0); alone, the call then goes on as usual
    code, message, http_status  answer this error
    after                       true: the call takes effect first, then fails
    disconnect                  true: close the connection instead of answering an error
    unsuccessful                ids that Accept/RejectVpcEndpointConnections, DeleteVpcEndpoints or
                                DeleteVpcEndpointServiceConfigurations reports as unsuccessful items with `code`
"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from .api_call import ApiCall, AwsError
from .control_api import ControlError, ControlRequest

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator, Proceed

# AWS answers these codes with a server's status (EC2: errors-overview; others: common errors).
SERVER_STATUS = {
    "InternalError": 500,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "RequestLimitExceeded": 503,
    "ServiceUnavailable": 503,
    "Unavailable": 503,
}
TAKES_ITEMS = {
    "AcceptVpcEndpointConnections",
    "RejectVpcEndpointConnections",
    "DeleteVpcEndpoints",
    "DeleteVpcEndpointServiceConfigurations",
}


@dataclass
class Fault:
    """One ordered fault."""

    service: str
    operation: str
    account: str | None = None
    region: str | None = None
    role: str | None = None
    count: int = 1
    delay_ms: int = 0
    code: str | None = None
    message: str | None = None
    http_status: int | None = None
    after: bool = False
    disconnect: bool = False
    unsuccessful: list[str] = field(default_factory=list)
    id: str = ""
    hits: int = 0

    def matches(self, call: ApiCall) -> bool:
        """Whether it hits this call."""
        return (
            self.count != 0
            and self.service == call.service
            and self.operation in ("*", call.operation)
            and self.account in (None, call.account)
            and self.region in (None, call.region)
            and self.role in (None, call.caller.role_name)
        )

    def check(self) -> None:
        """Refuse an order that would do nothing, or that can't be carried out."""
        if not (self.code or self.delay_ms or self.disconnect):
            raise ControlError("a fault needs a code, delay_ms or disconnect")
        if self.unsuccessful and (self.operation not in TAKES_ITEMS or not self.code):
            raise ControlError(f"unsuccessful needs a code and an operation of {sorted(TAKES_ITEMS)}")
        if self.after and not (self.code or self.disconnect):
            raise ControlError("after needs a code or disconnect")


class Faults:
    """The ordered faults; the first that matches a call hits it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._faults: list[Fault] = []

    def order(self, request: ControlRequest) -> dict[str, Any]:
        """Take an order."""
        allowed = [field.name for field in fields(Fault) if field.name not in ("id", "hits")]
        body = request.fields(*allowed)
        if not body.get("service") or not body.get("operation"):
            raise ControlError("a fault needs service and operation")
        fault = Fault(**body)
        fault.check()
        with self._lock:
            fault.id = f"fault-{next(self._numbers)}"
            self._faults.append(fault)
        return asdict(fault)

    def list(self, _: ControlRequest) -> dict[str, Any]:
        """All orders, with what is left of them and how often they hit."""
        with self._lock:
            return {"faults": [asdict(fault) for fault in self._faults]}

    def clear(self, identifier: str | None = None) -> None:
        """Cancel one order, or all."""
        with self._lock:
            kept = [fault for fault in self._faults if identifier not in (None, fault.id)]
            if identifier and len(kept) == len(self._faults):
                raise ControlError(f"there is no {identifier}", 404)
            self._faults = kept

    def apply(self, call: ApiCall, proceed: Proceed) -> Response:
        """Carry the call on, or let it fail as ordered."""
        fault = self._next(call)
        if fault is None:
            return proceed(call)
        time.sleep(fault.delay_ms / 1000)
        if fault.unsuccessful:
            call.failing_items = dict.fromkeys(fault.unsuccessful, (fault.code or "", fault.message or ""))
            return proceed(call)
        if fault.after or not (fault.code or fault.disconnect):
            response = proceed(call)
            if not fault.after:
                return response
        if fault.disconnect:
            return _disconnect(call)
        code = fault.code or "InternalError"
        status = fault.http_status or SERVER_STATUS.get(code, 400)
        return call.write(AwsError(code, fault.message or "This failure was ordered."), status)

    def _next(self, call: ApiCall) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self._faults if fault.matches(call)), None)
            if fault is not None:
                fault.hits += 1
                fault.count -= 1 if fault.count > 0 else 0
            return fault


def _disconnect(call: ApiCall) -> Response:
    connection: socket.socket = call.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def install(_hooks: Hooks, app: Emulator) -> None:
    """Let ordered faults hit the calls."""
    faults = Faults()
    app.around(faults.apply)
    app.on_reset(faults.clear)
    app.control("POST", "faults", faults.order)
    app.control("GET", "faults", faults.list)
    app.control("DELETE", "faults", lambda _: faults.clear())
    app.control("DELETE", "faults/<id>", lambda request: faults.clear(request.path["id"]))
