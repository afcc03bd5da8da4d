"""The Invoke operations of Lambda's API, and the control routes for functions."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import LambdaBackend, LambdaFunction

from ..api_call import ApiCall, AwsError
from ..control_api import ControlRequest
from ..permissions import account_of, request_of
from ..policy_documents import Principal, judge
from . import function as functions_of_moto
from .invocation import LARGEST_PAYLOAD, TooManyRequests

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator
    from .functions import Functions

LARGEST_EVENT = 1024 * 1024


def install(hooks: Hooks, app: Emulator, functions: Functions) -> None:
    """Answer by running functions."""
    hooks.operation("lambda", "Invoke", lambda call: _invoke(functions, call))
    hooks.operation("lambda", "InvokeAsync", lambda call: _invoke_later(functions, call))
    hooks.wrap(LambdaFunction, "_invoke_lambda", lambda _, record, event=None: _for_moto(functions, record, event))

    def delete_function(
        original: Any, backend: LambdaBackend, function_name: str, qualifier: str | None = None
    ) -> None:
        name = backend.get_function(function_name, qualifier).function_name
        original(backend, function_name, qualifier)
        functions.discard(backend.account_id, backend.region_name, name)

    hooks.wrap(LambdaBackend, "delete_function", delete_function)
    app.control("GET", "functions", lambda _: {"environments": functions.list()})
    app.control("POST", "functions/<name>/kill", lambda request: _kill(functions, request))


def find_function(call: ApiCall) -> LambdaFunction:
    """The function that a call names: by name, partial ARN or ARN, with a qualifier or without."""
    name = call.parameter("FunctionName")
    qualifier = call.parameter("Qualifier")
    parts = name.split(":")
    if parts[0] == "arn":
        arn = name
    elif len(parts) >= 3 and parts[1] == "function":
        arn = f"arn:aws:lambda:{call.region}:{name}"
    else:
        arn = f"arn:aws:lambda:{call.region}:{call.account}:function:{name}"
    if qualifier and arn.count(":") == 6:
        arn = f"{arn}:{qualifier}"
    record = functions_of_moto.find(arn)
    if account_of(arn) != call.account:
        _demand_permission(call, record, arn)
    return record


def _demand_permission(call: ApiCall, record: LambdaFunction, arn: str) -> None:
    principal = Principal(account=call.account, arns=call.caller.policy_arns)
    request = request_of(principal, "lambda:InvokeFunction", arn)
    if not judge(functions_of_moto.policy_of(record), request).allowed:
        raise AwsError(
            "AccessDeniedException",
            f"User: {call.caller.arn} is not authorized to perform: lambda:InvokeFunction on resource: {arn} because no "
            "resource-based policy allows the lambda:InvokeFunction action",
            403,
        )


def _payload(call: ApiCall, parameter: str, largest: int) -> bytes:
    payload = call.parameter(parameter) or b"{}"
    payload = payload.encode() if isinstance(payload, str) else bytes(payload)
    if len(payload) > largest:
        raise AwsError(
            "RequestTooLargeException", f"{len(payload)} byte payload is too large (limit {largest} bytes)", 413
        )
    try:
        json.loads(payload)
    except ValueError as error:
        raise AwsError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}", 400
        ) from error
    return payload


def _invoke(functions: Functions, call: ApiCall) -> Any:
    record = find_function(call)
    kind = call.parameter("InvocationType", "RequestResponse")
    payload = _payload(call, "Payload", LARGEST_EVENT if kind == "Event" else LARGEST_PAYLOAD)
    if kind == "DryRun":
        return call.write({"StatusCode": 204}, 204)
    if kind == "Event":
        functions.asynchronous.submit(record.function_arn, payload)
        return call.write({"StatusCode": 202}, 202)
    try:
        result = functions.invoke(record, payload, call.parameter("ClientContext"))
    except TooManyRequests as limit:
        error = AwsError("TooManyRequestsException", str(limit), 429)
        error.Reason = limit.reason  # type: ignore[attr-defined]
        raise error from limit
    answer = {"StatusCode": 200, "Payload": result.payload, "ExecutedVersion": str(record.version)}
    if result.failed:
        answer["FunctionError"] = "Unhandled"
    if call.parameter("LogType") == "Tail":
        answer["LogResult"] = base64.b64encode(result.log.encode()).decode()
    return answer


def _invoke_later(functions: Functions, call: ApiCall) -> Any:
    record = find_function(call)
    functions.asynchronous.submit(record.function_arn, _payload(call, "InvokeArgs", LARGEST_EVENT))
    return call.write({"Status": 202}, 202)


def _for_moto(functions: Functions, record: LambdaFunction, event: Any) -> tuple[str, bool, str]:
    """Invocations that moto makes itself (a log subscription, a bucket notification)."""
    result = functions.invoke(record, json.dumps(event if event is not None else {}).encode())
    return result.payload.decode(errors="replace"), result.failed, result.log


def _kill(functions: Functions, request: ControlRequest) -> dict[str, Any]:
    """Kill the busy environments of a function; `{"idle": true}` kills the idle ones as well."""
    body = request.fields("idle")
    return {"killed": functions.kill(request.path["name"], only_busy=not body.get("idle", False))}
