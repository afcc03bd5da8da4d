"""AWS::CloudWatch::*."""

from __future__ import annotations

from typing import Any

from .base import Made, Making, ResourceFailed, ResourceType, document, ignoring, resource_type, tag_list

SETTINGS = (
    "AlarmDescription",
    "ActionsEnabled",
    "AlarmActions",
    "OKActions",
    "InsufficientDataActions",
    "Namespace",
    "MetricName",
    "Dimensions",
    "Statistic",
    "ExtendedStatistic",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
    "ThresholdMetricId",
)


@resource_type
class Alarm(ResourceType):
    """An alarm; Ref is its name."""

    name = "AWS::CloudWatch::Alarm"
    properties = ("AlarmName", "Tags", *SETTINGS)
    required = ("ComparisonOperator", "EvaluationPeriods")
    replaced_by = ("AlarmName",)
    name_property = "AlarmName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """PutMetricAlarm, which would take an existing alarm for the new one."""
        name = properties.get("AlarmName") or making.name(255)
        if making.call("cloudwatch", "DescribeAlarms", AlarmNames=[name])["MetricAlarms"]:
            raise ResourceFailed(f"{name} already exists")
        self._put(making, name, properties)
        return Made(name, {"Arn": f"arn:aws:cloudwatch:{making.region}:{making.account}:alarm:{name}"})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """PutMetricAlarm replaces the whole configuration."""
        self._put(making, made.physical_id, new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteAlarms."""
        gone = ("ResourceNotFound",)
        ignoring(gone, lambda: making.call("cloudwatch", "DeleteAlarms", AlarmNames=[made.physical_id]))

    @staticmethod
    def _put(making: Making, name: str, properties: dict[str, Any]) -> None:
        settings = {key: properties[key] for key in SETTINGS if key in properties}
        tags = tag_list(making.all_tags(properties.get("Tags")))
        making.call("cloudwatch", "PutMetricAlarm", AlarmName=name, Tags=tags, **settings)


@resource_type
class Dashboard(ResourceType):
    """A dashboard; Ref is its name."""

    name = "AWS::CloudWatch::Dashboard"
    properties = ("DashboardName", "DashboardBody")
    required = ("DashboardBody",)
    replaced_by = ("DashboardName",)
    name_property = "DashboardName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """PutDashboard."""
        name = properties.get("DashboardName") or making.name(255)
        return self.update(making, Made(name), {}, properties)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Put it anew."""
        body = document(new["DashboardBody"])
        answer = making.call("cloudwatch", "PutDashboard", DashboardName=made.physical_id, DashboardBody=body)
        messages = answer.get("DashboardValidationMessages")
        if messages:
            raise ResourceFailed(f"the dashboard is not valid: {messages}")
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteDashboards."""
        gone = ("ResourceNotFound", "DashboardNotFoundError")
        ignoring(gone, lambda: making.call("cloudwatch", "DeleteDashboards", DashboardNames=[made.physical_id]))
