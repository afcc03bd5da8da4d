"""Operations: how far they are, whose, and what tests order of them (GetOperation, ListOperations, control routes)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..control_api import ControlError, ControlRequest
from .call import Calls, invalid_input, page
from .registry import DELAY, Operation, OrderedFailure, Registry

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator, registry: Registry) -> None:
    """Answer the operations and the control routes."""
    app.settings.define(
        DELAY,
        300,
        lambda value: isinstance(value, int) and value >= 0,
        "how long an operation of Cloud Map is under way",
    )
    calls = Calls(hooks, registry)
    calls.add("GetOperation", get)
    calls.add("ListOperations", list_all)

    def end(_: ControlRequest) -> dict[str, Any]:
        return {"ended": registry.end()}

    def age(request: ControlRequest) -> None:
        seconds = request.fields("seconds").get("seconds")
        if not isinstance(seconds, int) or seconds < 0:
            raise ControlError("age needs seconds, from 0 on")
        registry.age(timedelta(seconds=seconds))

    def order(request: ControlRequest) -> dict[str, Any]:
        registry.failures.append(_failure(request))
        return {"failures": [vars(failure) for failure in registry.failures]}

    app.control("POST", "cloud-map/operations/end", end)
    app.control("POST", "cloud-map/operations/age", age)
    app.control("POST", "cloud-map/failures", order)


def _failure(request: ControlRequest) -> OrderedFailure:
    body = request.fields("service", "instance", "error_code", "times")
    times = body.get("times", 1)
    if not body.get("error_code") or not isinstance(times, int) or times < 1:
        raise ControlError("a failure needs an error_code, and times from 1 on")
    return OrderedFailure(body["error_code"], body.get("service"), body.get("instance"), times)


def get(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """GetOperation: of the caller's operations; one in a shared namespace needs OwnerAccount."""
    operation = registry.operations.get(call.parameter("OperationId"))
    asked = (call.account, call.region, call.parameter("OwnerAccount", call.account))
    if operation is None or (operation.account, operation.region, operation.owner) != asked:
        raise AwsError("OperationNotFound", f"Operation with Id {call.parameter('OperationId')} not found.")
    return {"Operation": _describe(operation)}


def _describe(operation: Operation) -> dict[str, Any]:
    shown = {
        "Id": operation.id,
        "OwnerAccount": operation.owner,
        "Type": operation.type,
        "Status": operation.status,
        "CreateDate": operation.created,
        "UpdateDate": operation.updated,
        "Targets": operation.targets,
    }
    if operation.error is not None:
        shown["ErrorCode"], shown["ErrorMessage"] = operation.error
    return shown


def list_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """ListOperations: the caller's."""
    mine = [o for o in registry.operations.values() if (o.account, o.region) == (call.account, call.region)]
    for wanted in call.parameter("Filters", []):
        mine = [operation for operation in mine if _matches(operation, wanted)]
    shown, token = page(call, mine, lambda operation: operation.id)
    return {"Operations": [{"Id": o.id, "Status": o.status} for o in shown], **token}


def _matches(operation: Operation, wanted: dict[str, Any]) -> bool:
    name, values = wanted["Name"], wanted["Values"]
    condition = wanted.get("Condition") or "EQ"
    if name == "UPDATE_DATE":
        if condition != "BETWEEN" or len(values) != 2:
            raise invalid_input("The filter UPDATE_DATE has the condition BETWEEN and two dates.")
        return _moment(values[0]) <= operation.updated <= _moment(values[1])
    if condition not in ("EQ", "IN") or (condition == "EQ" and len(values) != 1):
        raise invalid_input(f"The filter {name} has the condition EQ with one value, or IN.")
    service = operation.service
    value = {
        "NAMESPACE_ID": operation.namespace.id,
        "SERVICE_ID": service.id if service else None,
        "STATUS": operation.status,
        "TYPE": operation.type,
    }[name]
    return value in values


def _moment(text: str) -> datetime:
    """A date as the API has it: seconds since 1970."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        raise invalid_input(f"'{text}' isn't a date in Unix format.") from None
