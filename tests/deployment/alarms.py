"""Alarms and dashboards as the account that has them sees them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from emulator.clients import REGION

from .local_aws import LocalAws

DEPLOYMENT = "drawbridge"
OF_ALL = f"drawbridge/{DEPLOYMENT}/"
KINDS = ("MetricAlarm", "CompositeAlarm")


@dataclass(frozen=True)
class Alarms:
    """CloudWatch of one account; `of` is the account whose things are watched, the same unless it says another."""

    aws: LocalAws
    account: str
    of: str = ""

    @property
    def api(self) -> Any:
        """CloudWatch as the account calls it."""
        return self.aws.client("cloudwatch", self.account)

    def named(self, prefix: str = OF_ALL) -> dict[str, dict[str, Any]]:
        """The alarms whose names begin so, by the rest of the name."""
        pages = self.api.get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix, AlarmTypes=[*KINDS])
        found = [alarm for page in pages for kind in KINDS for alarm in page[f"{kind}s"]]
        return {alarm["AlarmName"].removeprefix(prefix): alarm for alarm in found}

    def of_endpoint(self, endpoint: str) -> dict[str, dict[str, Any]]:
        """The alarms of an endpoint, by profile."""
        return self.named(self.endpoint_prefix(endpoint))

    def of_service(self, service: str) -> dict[str, dict[str, Any]]:
        """The alarms of an endpoint service, by profile and part."""
        return self.named(self.service_prefix(service))

    def of_fleet(self) -> dict[str, dict[str, Any]]:
        """The alarms over all endpoints, by profile."""
        return self.named(f"{OF_ALL}{self.watched}/endpoints/")

    def endpoint_prefix(self, endpoint: str) -> str:
        """What the names of an endpoint's alarms begin with."""
        return f"{OF_ALL}{self.watched}/endpoint/{endpoint}/"

    def service_prefix(self, service: str) -> str:
        """What the names of a service's alarms begin with."""
        return f"{OF_ALL}{self.watched}/service/{service}/"

    @property
    def watched(self) -> str:
        """The account whose things are watched."""
        return self.of or self.account

    def tags(self, alarm: dict[str, Any]) -> dict[str, str]:
        """The tags of an alarm."""
        tags = self.api.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}

    def set_state(self, name: str, state: str) -> None:
        """Give an alarm a state, as CloudWatch would by its metric."""
        self.api.set_alarm_state(AlarmName=name, StateValue=state, StateReason="said by hand")

    def state_of(self, name: str) -> str:
        """The state of an alarm."""
        return self.named(name)[""]["StateValue"]

    def dashboard_name(self, service: str) -> str:
        """The name of a service's dashboard."""
        return f"drawbridge-{DEPLOYMENT}-{REGION}-{self.watched}-{service}"

    def dashboards(self, service: str = "") -> list[str]:
        """The names of the dashboards of a service, or of all services."""
        pages = self.api.get_paginator("list_dashboards").paginate(DashboardNamePrefix=self.dashboard_name(service))
        return [entry["DashboardName"] for page in pages for entry in page["DashboardEntries"]]

    def dashboard(self, name: str) -> dict[str, Any]:
        """The body of a dashboard."""
        return json.loads(self.api.get_dashboard(DashboardName=name)["DashboardBody"])


def queries(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """What an alarm watches: namespace, metric and dimensions of each of its metrics; expressions and composites have none."""
    if "AlarmRule" in alarm:
        return []
    stats = [query.get("MetricStat", {}).get("Metric") for query in alarm.get("Metrics", [])]
    return [metric for metric in (stats if "Metrics" in alarm else [alarm]) if metric]


def dimensions(metric: dict[str, Any]) -> dict[str, str]:
    """The dimensions of a metric, or of an alarm on one metric."""
    return {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
