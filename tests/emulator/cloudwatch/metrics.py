"""Which metrics there are: PutMetricData, ListMetrics, and metrics that AWS's services publish, by the control API.

Control API: `POST metrics {"account", "region", "namespace", "metric_data": […]}`, where the data have the form of
PutMetricData's MetricData; namespaces of AWS, which that operation refuses, are what it is for. `age_seconds` makes the
data so old. API Reference: ListMetrics has pages of 500, by name or dimensions, those of the last three hours if wanted, and
those of linked accounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.exceptions import ServiceException

from ..api_call import ApiCall, AwsError
from ..control_api import ControlError, ControlRequest
from . import shapes
from .links import Links
from .pages import page
from .shapes import SERVICE

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

PAGE = 500
RECENT = timedelta(hours=3)
OF_AWS = "AWS/"


@dataclass(frozen=True)
class Metric:
    """One metric of an account."""

    account: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """What it is sorted by."""
        return repr((self.namespace, self.name, self.dimensions, self.account))


def install(hooks: Hooks, app: Emulator, links: Links) -> None:
    """Answer the operations and the route."""

    def put_metric_data(call: ApiCall) -> Any:
        shapes.check(call)
        namespace = call.parameters["Namespace"]
        if namespace.startswith(OF_AWS):
            raise invalid(f"The value {namespace} for parameter Namespace is invalid.")
        return call.forward()

    def list_metrics(call: ApiCall) -> dict[str, Any]:
        shapes.check(call)
        accounts = _accounts(call, links)
        found = {m.key: m for account in accounts for m in _metrics(account, call.region, call) if _matches(m, call)}
        shown = [found[key] for key in sorted(found)]
        refusal = invalid("Request parameter NextToken is invalid")
        shown, token = page(shown, lambda metric: metric.key, PAGE, call.parameter("NextToken"), refusal)
        answer: dict[str, Any] = {"Metrics": [_describe(metric) for metric in shown]}
        if call.parameter("IncludeLinkedAccounts"):
            answer["OwningAccounts"] = [metric.account for metric in shown]
        return answer | ({"NextToken": token} if token else {})

    hooks.operation(SERVICE, "PutMetricData", put_metric_data)
    hooks.operation(SERVICE, "ListMetrics", list_metrics)
    app.control("POST", "metrics", _publish)


def invalid(message: str) -> AwsError:
    """A parameter with a value that can't be."""
    return AwsError("InvalidParameterValue", message)


def publish(account: str, region: str, namespace: str, data: list[dict[str, Any]], age: float = 0) -> None:
    """Let a service of AWS publish data."""
    when = (datetime.now(UTC) - timedelta(seconds=age)).replace(tzinfo=None)
    backend = cloudwatch_backends[account][region]
    backend.put_metric_data(namespace, [{"Timestamp": when, **datum} for datum in data])


def _publish(request: ControlRequest) -> dict[str, Any]:
    wanted = request.fields("account", "region", "namespace", "metric_data", "age_seconds")
    texts = [wanted.get(name) for name in ("account", "region", "namespace")]
    data = wanted.get("metric_data")
    if not all(isinstance(text, str) and text for text in texts) or not isinstance(data, list):
        raise ControlError("needed are account, region, namespace and metric_data, a list")
    if not all(isinstance(datum, dict) and datum.get("MetricName") for datum in data):
        raise ControlError("each of metric_data needs a MetricName")
    account, region, namespace = (str(text) for text in texts)
    try:
        publish(account, region, namespace, data, wanted.get("age_seconds", 0))
    except (ServiceException, TypeError, ValueError) as error:
        raise ControlError(f"the data can't be published: {error}") from error
    return {"published": len(data)}


def _accounts(call: ApiCall, links: Links) -> list[str]:
    owner = call.parameter("OwningAccount")
    if not call.parameter("IncludeLinkedAccounts"):
        if owner not in (None, call.account):
            raise invalid("OwningAccount needs IncludeLinkedAccounts")
        return [call.account]
    accounts = [call.account, *links.sources(call.account, call.region)]
    return [account for account in accounts if owner in (None, account)]


def _metrics(account: str, region: str, call: ApiCall) -> Iterable[Metric]:
    recent = datetime.now(UTC) - RECENT if call.parameter("RecentlyActive") else None
    for datum in cloudwatch_backends[account][region].get_all_metrics():
        when = datum.timestamp if datum.timestamp.tzinfo else datum.timestamp.replace(tzinfo=UTC)
        if recent is None or when >= recent:
            dimensions = tuple(sorted((str(d.name), str(d.value)) for d in datum.dimensions))
            yield Metric(account, datum.namespace, datum.name, dimensions)


def _matches(metric: Metric, call: ApiCall) -> bool:
    present = dict(metric.dimensions)
    return (
        call.parameter("Namespace") in (None, metric.namespace)
        and call.parameter("MetricName") in (None, metric.name)
        and all(
            wanted["Name"] in present and wanted.get("Value") in (None, present[wanted["Name"]])
            for wanted in call.parameter("Dimensions", [])
        )
    )


def _describe(metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
