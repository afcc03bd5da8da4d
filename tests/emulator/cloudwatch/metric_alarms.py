"""PutMetricAlarm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall
from . import metric_alarm_rules
from .alarm import METRIC, Alarm
from .putting import check_request, put
from .registry import Registry, is_query
from .shapes import SERVICE
from .states import States

if TYPE_CHECKING:
    from ..hooks import Hooks


def install(hooks: Hooks, registry: Registry, states: States) -> None:
    """Answer the operation."""

    def put_metric_alarm(call: ApiCall) -> dict[str, Any]:
        wanted = check_request(call)
        metric_alarm_rules.check(wanted)
        if wanted.get("Metrics"):
            wanted["Metrics"] = [query | {"ReturnData": query.get("ReturnData", True)} for query in wanted["Metrics"]]
            if any(is_query(query.get("Expression")) for query in wanted["Metrics"]):
                registry.check_quota_of_queries(call.account, call.region, wanted["AlarmName"])
        return put(call, registry, states, Alarm(call.account, call.region, wanted["AlarmName"], METRIC, wanted))

    hooks.operation(SERVICE, "PutMetricAlarm", put_metric_alarm)
