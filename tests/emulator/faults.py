"""Faults on order: an API call fails, is slow, or takes effect and fails nevertheless.

Control API: `POST faults` (below), `GET faults`, `DELETE faults`, `DELETE faults/<id>`. A fault is an object of

    service, operation          which calls, by botocore's names (required); `*` stands for any
    account, region, role       only the calls of these (optional)
    count                       how many calls it hits; -1 = until cleared (default 1)
    share                       the part of those calls that it hits, above 0, at most 1 (default 1: each)
    seed                        what the draw of that part begins with (default 0): the same seed, the same draw
    delay_ms                    wait so long first (default 0); alone, the call then goes on as usual
    hold                        true: wait until the fault is cleared; alone, the call then goes on as usual
    code, message, http_status  answer this error
    after                       true: the call takes effect first, then fails
    disconnect                  true: close the connection instead of answering an error
    unsuccessful                ids that Accept/RejectVpcEndpointConnections, DeleteVpcEndpoints or
                                DeleteVpcEndpointServiceConfigurations reports as unsuccessful items with `code`, and
                                ARNs that Tag/UntagResources of the tagging API does
"""

from __future__ import annotations

import itertools
import random
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
    "TagResources",
    "UntagResources",
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
    share: float = 1.0
    seed: int = 0
    delay_ms: int = 0
    hold: bool = False
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
            and self.service in ("*", call.service)
            and self.operation in ("*", call.operation)
            and self.account in (None, call.account)
            and self.region in (None, call.region)
            and self.role in (None, call.caller.role_name)
        )

    def check(self) -> None:
        """Refuse an order that would do nothing, or that can't be carried out."""
        if not (self.code or self.delay_ms or self.hold or self.disconnect):
            raise ControlError("a fault needs a code, delay_ms, hold or disconnect")
        if not 0 < self.share <= 1:
            raise ControlError("share is above 0 and at most 1")
        if self.unsuccessful and (self.operation not in TAKES_ITEMS or not self.code):
            raise ControlError(f"unsuccessful needs a code and an operation of {sorted(TAKES_ITEMS)}")
        if self.after and not (self.code or self.disconnect):
            raise ControlError("after needs a code or disconnect")


class Order:
    """A fault in force: its draw, and the calls that it holds."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.cleared = threading.Event()
        self._draw = random.Random(fault.seed)

    def hits(self, call: ApiCall) -> bool:
        """Whether it hits this call, which then counts."""
        if not self.fault.matches(call) or self._draw.random() >= self.fault.share:
            return False
        self.fault.hits += 1
        self.fault.count -= 1 if self.fault.count > 0 else 0
        return True


class Faults:
    """The ordered faults; the first that hits a call is the only one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._orders: list[Order] = []

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
            self._orders.append(Order(fault))
        return asdict(fault)

    def list(self, _: ControlRequest) -> dict[str, Any]:
        """All orders, with what is left of them and how often they hit."""
        with self._lock:
            return {"faults": [asdict(order.fault) for order in self._orders]}

    def clear(self, identifier: str | None = None) -> None:
        """Cancel one order, or all."""
        with self._lock:
            gone = [order for order in self._orders if identifier in (None, order.fault.id)]
            if identifier and not gone:
                raise ControlError(f"there is no {identifier}", 404)
            self._orders = [order for order in self._orders if order not in gone]
        for order in gone:
            order.cleared.set()

    def apply(self, call: ApiCall, proceed: Proceed) -> Response:
        """Carry the call on, or let it fail as ordered."""
        order = self._next(call)
        if order is None:
            return proceed(call)
        fault = order.fault
        time.sleep(fault.delay_ms / 1000)
        if fault.hold:
            order.cleared.wait()
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

    def _next(self, call: ApiCall) -> Order | None:
        with self._lock:
            return next((order for order in self._orders if order.hits(call)), None)


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
