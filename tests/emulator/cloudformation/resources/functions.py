"""AWS::Lambda::*."""

from __future__ import annotations

from typing import Any

from .base import Made, Making, ResourceFailed, ResourceType, changed_properties, ignoring, only, resource_type

GONE = ("ResourceNotFoundException",)
# Settings of a function, and what they are when a template doesn't name them.
SETTINGS: dict[str, Any] = {
    "Description": "",
    "Handler": None,
    "Runtime": None,
    "Role": None,
    "Timeout": 3,
    "MemorySize": 128,
    "Environment": {"Variables": {}},
    "LoggingConfig": {"LogFormat": "Text"},
    "TracingConfig": {"Mode": "PassThrough"},
    "EphemeralStorage": {"Size": 512},
    "DeadLetterConfig": {"TargetArn": ""},
    "KmsKeyArn": "",
    "Layers": [],
}
CODE = ("S3Bucket", "S3Key", "S3ObjectVersion")


@resource_type
class Function(ResourceType):
    """A function; Ref is its name."""

    name = "AWS::Lambda::Function"
    properties = (
        "FunctionName",
        "Code",
        "Architectures",
        "PackageType",
        "ReservedConcurrentExecutions",
        "Tags",
        *SETTINGS,
    )
    required = ("Code", "Role")
    replaced_by = ("FunctionName", "PackageType")
    name_property = "FunctionName"

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateFunction, and its concurrency."""
        name = properties.get("FunctionName") or making.name(64)
        settings = {key: properties[key] for key in SETTINGS if key in properties}
        arn = making.call(
            "lambda",
            "CreateFunction",
            FunctionName=name,
            Code=_code(properties),
            Tags=making.all_tags(properties.get("Tags")),
            **only(properties, "Architectures", "PackageType"),
            **_as_api(settings),
        )["FunctionArn"]
        self._limit(making, name, properties)
        return Made(name, {"Arn": arn})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Code, configuration, concurrency and tags, whichever changed."""
        changed = changed_properties(old, new)
        if changed & {"Code", "Architectures"}:
            architectures = new.get("Architectures", ["x86_64"])
            code = {"FunctionName": made.physical_id, "Architectures": architectures, **_code(new)}
            making.call("lambda", "UpdateFunctionCode", **code)
        if changed & set(SETTINGS):
            settings = {key: new.get(key, default) for key, default in SETTINGS.items()}
            making.call("lambda", "UpdateFunctionConfiguration", FunctionName=made.physical_id, **_as_api(settings))
        if "ReservedConcurrentExecutions" in changed:
            self._limit(making, made.physical_id, new)
        arn = made.attributes["Arn"]
        before = making.call("lambda", "ListTags", Resource=arn).get("Tags", {})
        after = making.all_tags(new.get("Tags"))
        if set(before) - set(after):
            making.call("lambda", "UntagResource", Resource=arn, TagKeys=sorted(set(before) - set(after)))
        if after:
            making.call("lambda", "TagResource", Resource=arn, Tags=after)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteFunction."""
        ignoring(GONE, lambda: making.call("lambda", "DeleteFunction", FunctionName=made.physical_id))

    @staticmethod
    def _limit(making: Making, name: str, properties: dict[str, Any]) -> None:
        limit = properties.get("ReservedConcurrentExecutions")
        if limit is None:
            making.call("lambda", "DeleteFunctionConcurrency", FunctionName=name)
        else:
            making.call("lambda", "PutFunctionConcurrency", FunctionName=name, ReservedConcurrentExecutions=limit)


def _as_api(settings: dict[str, Any]) -> dict[str, Any]:
    return {("KMSKeyArn" if key == "KmsKeyArn" else key): value for key, value in settings.items()}


def _code(properties: dict[str, Any]) -> dict[str, Any]:
    code = properties["Code"]
    if not isinstance(code, dict):
        raise ResourceFailed(
            f"Properties validation failed: Code is {code!r}, not an object: the template has to go through `aws cloudformation package`"
        )
    unknown = sorted(set(code) - set(CODE))
    if unknown:
        raise ResourceFailed(f"Properties validation failed: Code has {unknown}, but the emulator takes {CODE} only")
    return code


@resource_type
class EventSourceMapping(ResourceType):
    """An event source mapping; Ref is its id."""

    name = "AWS::Lambda::EventSourceMapping"
    settings = (
        "BatchSize",
        "MaximumBatchingWindowInSeconds",
        "FunctionResponseTypes",
        "ScalingConfig",
        "FilterCriteria",
        "Enabled",
    )
    properties = ("EventSourceArn", "FunctionName", "Tags", *settings)
    required = ("EventSourceArn", "FunctionName")
    replaced_by = ("EventSourceArn",)

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateEventSourceMapping."""
        settings = only(properties, "EventSourceArn", "FunctionName", *self.settings)
        tags = making.all_tags(properties.get("Tags"))
        answer = making.call("lambda", "CreateEventSourceMapping", Tags=tags, **settings)
        return Made(answer["UUID"], {"Id": answer["UUID"], "EventSourceMappingArn": answer["EventSourceMappingArn"]})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """UpdateEventSourceMapping, with the defaults for what is no longer named."""
        defaults = {
            "BatchSize": 10,
            "MaximumBatchingWindowInSeconds": 0,
            "FunctionResponseTypes": [],
            "ScalingConfig": {},
            "FilterCriteria": {},
            "Enabled": True,
        }
        settings = defaults | only(new, "FunctionName", *self.settings)
        making.call("lambda", "UpdateEventSourceMapping", UUID=made.physical_id, **settings)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteEventSourceMapping."""
        ignoring(GONE, lambda: making.call("lambda", "DeleteEventSourceMapping", UUID=made.physical_id))


@resource_type
class Permission(ResourceType):
    """A statement of a function's policy; Ref is its id."""

    name = "AWS::Lambda::Permission"
    properties = (
        "FunctionName",
        "Action",
        "Principal",
        "SourceAccount",
        "SourceArn",
        "PrincipalOrgID",
        "EventSourceToken",
    )
    required = ("FunctionName", "Action", "Principal")
    replaced_by = None

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """AddPermission."""
        identifier = making.name(100)
        making.call("lambda", "AddPermission", StatementId=identifier, **properties)
        return Made(identifier, {"Id": identifier})

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """RemovePermission."""
        arguments = {"FunctionName": properties["FunctionName"], "StatementId": made.physical_id}
        ignoring(GONE, lambda: making.call("lambda", "RemovePermission", **arguments))


@resource_type
class EventInvokeConfig(ResourceType):
    """The settings of asynchronous invocations."""

    name = "AWS::Lambda::EventInvokeConfig"
    settings = ("MaximumEventAgeInSeconds", "MaximumRetryAttempts", "DestinationConfig")
    properties = ("FunctionName", "Qualifier", *settings)
    required = ("FunctionName", "Qualifier")
    replaced_by = ("FunctionName", "Qualifier")

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """PutFunctionEventInvokeConfig."""
        making.call("lambda", "PutFunctionEventInvokeConfig", **properties)
        return Made(making.name(100))

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Put it anew."""
        making.call("lambda", "PutFunctionEventInvokeConfig", **new)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteFunctionEventInvokeConfig."""
        where = only(properties, "FunctionName", "Qualifier")
        ignoring(GONE, lambda: making.call("lambda", "DeleteFunctionEventInvokeConfig", **where))
