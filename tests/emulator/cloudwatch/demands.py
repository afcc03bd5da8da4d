"""What calls of CloudWatch demand of a role (Service Authorization Reference; API Reference, PutCompositeAlarm).

Composite alarms need a permission on `*`; listings of alarms one on all alarms of the Region; tags that come along with a
new alarm `cloudwatch:TagResource`, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall
from ..identity.demand import EVERYTHING, Demand, Demands, of_everything
from ..tagging.keeper import keys_asked, with_keys
from .alarm import ACTIONS, arn_of
from .putting import tags_of
from .registry import Registry
from .shapes import SERVICE

if TYPE_CHECKING:
    from ..server import Emulator

ON_EVERYTHING = ("ListDashboards", "ListMetrics")
LISTINGS = ("DescribeAlarms", "DescribeAlarmsForMetric")
ON_NAMES = ("DeleteAlarms", "DisableAlarmActions", "EnableAlarmActions", "SetAlarmState")


def install(app: Emulator, registry: Registry) -> None:
    """Have the calls judged."""

    def present(call: ApiCall, name: str) -> dict[str, Any]:
        tags = registry.tags(call.account, call.region, name)
        return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}

    def of_names(call: ApiCall) -> Iterable[Demand]:
        names = call.parameter("AlarmNames") or [call.parameter("AlarmName", "")]
        for name in names:
            yield Demand(_action(call), arn_of(call.account, call.region, name), present(call, name))

    def of_putting(call: ApiCall) -> Iterable[Demand]:
        name = call.parameter("AlarmName", "")
        arn, tags = arn_of(call.account, call.region, name), tags_of(call)
        actions = [arn for kind in ACTIONS.values() for arn in call.parameter(kind, [])]
        context = with_keys(tags, registry.tags(call.account, call.region, name))
        context |= {"cloudwatch:AlarmActions": actions} if actions else {}
        yield Demand(_action(call), EVERYTHING if call.operation == "PutCompositeAlarm" else arn, context)
        if tags:
            yield Demand("cloudwatch:TagResource", arn, with_keys(tags, registry.tags(call.account, call.region, name)))

    def of_tags(call: ApiCall) -> Iterable[Demand]:
        arn = call.parameter("ResourceARN", "")
        known = registry.tags(call.account, call.region, arn.partition(":alarm:")[2])
        tags = tags_of(call)
        asked = with_keys(tags, known) if tags else keys_asked(call.parameter("TagKeys", []), known)
        yield Demand(_action(call), arn, asked)

    judged: dict[str, Demands] = dict.fromkeys(ON_EVERYTHING, of_everything)
    judged |= dict.fromkeys(LISTINGS, _of_listing) | dict.fromkeys(ON_NAMES, of_names)
    judged |= dict.fromkeys(("PutMetricAlarm", "PutCompositeAlarm"), of_putting)
    judged |= dict.fromkeys(("ListTagsForResource", "TagResource", "UntagResource"), of_tags)
    judged |= dict.fromkeys(("DeleteDashboards", "GetDashboard", "PutDashboard"), _of_dashboards)
    judged["PutMetricData"] = _of_data
    for operation, demands in judged.items():
        app.authorization.demand(SERVICE, operation, demands)


def _action(call: ApiCall) -> str:
    return f"{SERVICE}:{call.operation}"


def _of_listing(call: ApiCall) -> Iterable[Demand]:
    yield Demand(_action(call), arn_of(call.account, call.region, EVERYTHING))


def _of_dashboards(call: ApiCall) -> Iterable[Demand]:
    names = call.parameter("DashboardNames") or [call.parameter("DashboardName", "")]
    for name in names:
        yield Demand(_action(call), f"arn:aws:cloudwatch::{call.account}:dashboard/{name}")


def _of_data(call: ApiCall) -> Iterable[Demand]:
    yield Demand(_action(call), EVERYTHING, {"cloudwatch:namespace": call.parameter("Namespace", "")})
