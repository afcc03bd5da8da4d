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


def _arn(making: Making, name: str) -> str:
    return f"arn:aws:cloudwatch:{making.region}:{making.account}:alarm:{name}"


def _exists(making: Making, name: str) -> bool:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    found = making.call("cloudwatch", "DescribeAlarms", AlarmNames=[name], AlarmTypes=kinds)
    return bool(found["MetricAlarms"] or found["CompositeAlarms"])


def _delete(making: Making, name: str) -> None:
    ignoring(("ResourceNotFound",), lambda: making.call("cloudwatch", "DeleteAlarms", AlarmNames=[name]))


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
        if _exists(making, name):
            raise ResourceFailed(f"{name} already exists")
        self._put(making, name, properties)
        return Made(name, {"Arn": _arn(making, name)})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """PutMetricAlarm replaces the whole configuration."""
        self._put(making, made.physical_id, new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteAlarms."""
        _delete(making, made.physical_id)

    @staticmethod
    def _put(making: Making, name: str, properties: dict[str, Any]) -> None:
        settings = {key: properties[key] for key in SETTINGS if key in properties}
        tags = tag_list(making.all_tags(properties.get("Tags")))
        making.call("cloudwatch", "PutMetricAlarm", AlarmName=name, Tags=tags, **settings)


COMPOSITE_SETTINGS = (
    "AlarmRule",
    "AlarmDescription",
    "ActionsEnabled",
    "AlarmActions",
    "OKActions",
    "InsufficientDataActions",
    "ActionsSuppressor",
    "ActionsSuppressorWaitPeriod",
    "ActionsSuppressorExtensionPeriod",
)


@resource_type
class CompositeAlarm(ResourceType):
    """A composite alarm; Ref is its name."""

    name = "AWS::CloudWatch::CompositeAlarm"
    properties = ("AlarmName", "Tags", *COMPOSITE_SETTINGS)
    required = ("AlarmRule",)
    replaced_by = ("AlarmName",)
    name_property = "AlarmName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """PutCompositeAlarm, which would take an existing alarm for the new one."""
        name = properties.get("AlarmName") or making.name(255)
        if _exists(making, name):
            raise ResourceFailed(f"{name} already exists")
        self._put(making, name, properties)
        return Made(name, {"Arn": _arn(making, name)})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """PutCompositeAlarm replaces the whole configuration."""
        self._put(making, made.physical_id, new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteAlarms."""
        _delete(making, made.physical_id)

    @staticmethod
    def _put(making: Making, name: str, properties: dict[str, Any]) -> None:
        settings = {key: properties[key] for key in COMPOSITE_SETTINGS if key in properties}
        tags = tag_list(making.all_tags(properties.get("Tags")))
        making.call("cloudwatch", "PutCompositeAlarm", AlarmName=name, Tags=tags, **settings)


@resource_type
class Dashboard(ResourceType):
    """A dashboard; Ref is its name."""

    name = "AWS::CloudWatch::Dashboard"
    properties = ("DashboardName", "DashboardBody")
    required = ("DashboardBody",)
    replaced_by = ("DashboardName",)
    name_property = "DashboardName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """PutDashboard; a name may not be taken yet."""
        name = properties.get("DashboardName") or making.name(255)
        found = making.call("cloudwatch", "ListDashboards", DashboardNamePrefix=name)["DashboardEntries"]
        if any(entry["DashboardName"] == name for entry in found):
            raise ResourceFailed(f"{name} already exists")
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
