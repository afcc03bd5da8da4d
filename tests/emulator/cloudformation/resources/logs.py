"""AWS::Logs::*."""

from __future__ import annotations

from typing import Any

from .base import Made, Making, ResourceType, changed_properties, document, ignoring, resource_type

GONE = ("ResourceNotFoundException",)


@resource_type
class LogGroup(ResourceType):
    """A log group; Ref is its name, its ARN ends with `:*`."""

    name = "AWS::Logs::LogGroup"
    properties = ("LogGroupName", "RetentionInDays", "KmsKeyId", "LogGroupClass", "Tags")
    replaced_by = ("LogGroupName", "LogGroupClass")
    name_property = "LogGroupName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateLogGroup, and its retention."""
        name = properties.get("LogGroupName") or making.name(255)
        making.call(
            "logs",
            "CreateLogGroup",
            logGroupName=name,
            kmsKeyId=properties.get("KmsKeyId"),
            logGroupClass=properties.get("LogGroupClass"),
            tags=making.all_tags(properties.get("Tags")) or None,
        )
        self._retain(making, name, properties)
        return Made(name, {"Arn": f"arn:aws:logs:{making.region}:{making.account}:log-group:{name}:*"})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Retention, key and tags, whichever changed."""
        changed = changed_properties(old, new)
        if "RetentionInDays" in changed:
            self._retain(making, made.physical_id, new)
        if "KmsKeyId" in changed:
            if new.get("KmsKeyId"):
                making.call("logs", "AssociateKmsKey", logGroupName=made.physical_id, kmsKeyId=new["KmsKeyId"])
            else:
                making.call("logs", "DisassociateKmsKey", logGroupName=made.physical_id)
        arn = made.attributes["Arn"].removesuffix(":*")
        before = making.call("logs", "ListTagsForResource", resourceArn=arn).get("tags", {})
        after = making.all_tags(new.get("Tags"))
        if set(before) - set(after):
            making.call("logs", "UntagResource", resourceArn=arn, tagKeys=sorted(set(before) - set(after)))
        if after:
            making.call("logs", "TagResource", resourceArn=arn, tags=after)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteLogGroup."""
        ignoring(GONE, lambda: making.call("logs", "DeleteLogGroup", logGroupName=made.physical_id))

    @staticmethod
    def _retain(making: Making, name: str, properties: dict[str, Any]) -> None:
        days = properties.get("RetentionInDays")
        if days is None:
            making.call("logs", "DeleteRetentionPolicy", logGroupName=name)
        else:
            making.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=days)


@resource_type
class MetricFilter(ResourceType):
    """A metric filter; Ref is its name."""

    name = "AWS::Logs::MetricFilter"
    properties = ("FilterName", "FilterPattern", "LogGroupName", "MetricTransformations")
    required = ("FilterPattern", "LogGroupName", "MetricTransformations")
    replaced_by = ("FilterName", "LogGroupName")
    name_property = "FilterName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """PutMetricFilter."""
        name = properties.get("FilterName") or making.name(512)
        self._put(making, name, properties)
        return Made(name)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Put it anew."""
        self._put(making, made.physical_id, new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteMetricFilter."""
        arguments = {"logGroupName": properties["LogGroupName"], "filterName": made.physical_id}
        ignoring(GONE, lambda: making.call("logs", "DeleteMetricFilter", **arguments))

    def _put(self, making: Making, name: str, properties: dict[str, Any]) -> None:
        transformations = []
        for transformation in properties["MetricTransformations"]:
            shown = {key[0].lower() + key[1:]: value for key, value in transformation.items()}
            if "dimensions" in shown:
                shown["dimensions"] = {item["Key"]: item["Value"] for item in shown["dimensions"]}
            transformations.append(shown)
        making.call(
            "logs",
            "PutMetricFilter",
            logGroupName=properties["LogGroupName"],
            filterName=name,
            filterPattern=properties["FilterPattern"],
            metricTransformations=transformations,
        )


@resource_type
class QueryDefinition(ResourceType):
    """A saved query of Logs Insights; Ref is its id."""

    name = "AWS::Logs::QueryDefinition"
    properties = ("Name", "QueryString", "LogGroupNames", "QueryLanguage")
    required = ("Name", "QueryString")

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """PutQueryDefinition."""
        identifier = self._put(making, None, properties)
        return Made(identifier, {"QueryDefinitionId": identifier})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Put it anew under its id."""
        self._put(making, made.physical_id, new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteQueryDefinition."""
        ignoring(GONE, lambda: making.call("logs", "DeleteQueryDefinition", queryDefinitionId=made.physical_id))

    @staticmethod
    def _put(making: Making, identifier: str | None, properties: dict[str, Any]) -> str:
        return making.call(
            "logs",
            "PutQueryDefinition",
            queryDefinitionId=identifier,
            name=properties["Name"],
            queryString=properties["QueryString"],
            logGroupNames=properties.get("LogGroupNames"),
            queryLanguage=properties.get("QueryLanguage"),
        )["queryDefinitionId"]


@resource_type
class ResourcePolicy(ResourceType):
    """A policy that lets services write to log groups; Ref is its name."""

    name = "AWS::Logs::ResourcePolicy"
    properties = ("PolicyName", "PolicyDocument")
    required = properties
    replaced_by = ("PolicyName",)
    name_property = "PolicyName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """PutResourcePolicy."""
        name, policy = properties["PolicyName"], document(properties["PolicyDocument"])
        making.call("logs", "PutResourcePolicy", policyName=name, policyDocument=policy)
        return Made(name)

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Put it anew."""
        return self.create(making, new)

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteResourcePolicy."""
        ignoring(GONE, lambda: making.call("logs", "DeleteResourcePolicy", policyName=made.physical_id))
