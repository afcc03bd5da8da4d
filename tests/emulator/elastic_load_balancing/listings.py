"""DescribeListeners and DescribeTargetGroups, in pages (API Reference 2015-12-01: PageSize of 1 to 400, Marker).

What AWS puts on a page when it isn't asked for a size isn't documented: setting `load_balancing_page`. A load balancer
without target groups has an empty listing of them here; AWS doesn't document that either.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.parsers import create_parser
from moto.core.utils import get_service_model
from moto.elbv2.models import elbv2_backends
from werkzeug.wrappers import Response

from ..api_call import ApiCall, AwsError
from .tags import NOT_FOUND, SERVICE

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

LARGEST_PAGE = 400
SECURE = ("HTTPS", "TLS")


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer the operations."""
    app.settings.define(
        "load_balancing_page",
        LARGEST_PAGE,
        lambda value: isinstance(value, int) and 1 <= value <= LARGEST_PAGE,
        "listeners or target groups on a page at the most, whatever PageSize asks for",
    )

    def paged(operation: Callable[[ApiCall], list[dict[str, Any]]], member: str, key: str) -> None:
        def answer(call: ApiCall) -> dict[str, Any]:
            found = sorted(operation(call), key=lambda item: item[key])
            shown, marker = _page(call, found, key, app.settings["load_balancing_page"])
            return {member: shown} | ({"NextMarker": marker} if marker else {})

        hooks.operation(SERVICE, f"Describe{member}", answer)

    paged(listeners, "Listeners", "ListenerArn")
    paged(target_groups, "TargetGroups", "TargetGroupArn")


def listeners(call: ApiCall) -> list[dict[str, Any]]:
    """What moto lists; each listener that is named must be there."""
    found = _of_moto(call).get("Listeners") or []
    missing = set(call.parameter("ListenerArns", [])) - {listener["ListenerArn"] for listener in found}
    if missing and not call.parameter("LoadBalancerArn"):
        raise AwsError(*NOT_FOUND["listener"])
    return [_with_what_it_has(listener) for listener in found]


def _with_what_it_has(listener: dict[str, Any]) -> dict[str, Any]:
    """moto gives all listeners a security policy, and those of Gateway Load Balancers an empty protocol."""
    secure = listener.get("Protocol") in SECURE
    return {name: value for name, value in listener.items() if value != "" and (secure or name != "SslPolicy")}


def target_groups(call: ApiCall) -> list[dict[str, Any]]:
    """What moto lists; it doesn't find a load balancer that has none."""
    arn = call.parameter("LoadBalancerArn")
    backend = elbv2_backends[call.account][call.region]
    groups = backend.target_groups.values()
    if arn in backend.load_balancers and not any(arn in group.load_balancer_arns for group in groups):
        return []
    return _of_moto(call).get("TargetGroups") or []


def _of_moto(call: ApiCall) -> dict[str, Any]:
    """moto's answer to the same request, or its refusal."""
    response: Response = call.forward()
    operation = get_service_model(SERVICE).operation_model(call.operation)
    answer = {"headers": dict(response.headers), "body": response.get_data(), "status_code": response.status_code}
    parsed = create_parser("query").parse(answer, operation.output_shape)
    if response.status_code >= 400:
        error = parsed["Error"]
        raise AwsError(error["Code"], error.get("Message", ""))
    return parsed


def _page(
    call: ApiCall, items: list[dict[str, Any]], key: str, largest: int
) -> tuple[list[dict[str, Any]], str | None]:
    size = call.parameter("PageSize", largest)
    if not 1 <= size <= LARGEST_PAGE:
        raise AwsError("ValidationError", f"PageSize must be between 1 and {LARGEST_PAGE}")
    size = min(size, largest)
    after = _read_marker(call.parameter("Marker"))
    rest = [item for item in items if item[key] > after]
    if len(rest) <= size:
        return rest, None
    return rest[:size], base64.urlsafe_b64encode(rest[size - 1][key].encode()).decode()


def _read_marker(marker: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(marker or "").decode()
    except ValueError:
        raise AwsError("ValidationError", f"The marker '{marker}' is invalid") from None
