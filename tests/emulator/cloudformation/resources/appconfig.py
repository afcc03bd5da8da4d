"""AWS::AppConfig::*."""

from __future__ import annotations

from typing import Any

from .base import Made, Making, ResourceFailed, ResourceType, ignoring, only, resource_type

GONE = ("ResourceNotFoundException",)


class Named(ResourceType):
    """What the simple types have in common: create, update and delete by operations of one pattern, Ref is the id."""

    kind: str
    id_parameter: str
    settings: tuple[str, ...]
    update_settings: tuple[str, ...]
    inside: tuple[str, ...] = ()

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """Create it."""
        given = only(properties, *self.inside, *self.settings)
        tags = making.all_tags(properties.get("Tags"))
        identifier = making.call("appconfig", f"Create{self.kind}", Tags=tags, **given)["Id"]
        return Made(identifier, {self.id_parameter: identifier})

    def update(self, making: Making, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Update it."""
        given = only(new, *self.inside, *self.update_settings)
        making.call("appconfig", f"Update{self.kind}", **{self.id_parameter: made.physical_id}, **given)
        return made

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """Delete it."""
        given = only(properties, *self.inside) | {self.id_parameter: made.physical_id}
        ignoring(GONE, lambda: making.call("appconfig", f"Delete{self.kind}", **given))


@resource_type
class Application(Named):
    """An application."""

    name = "AWS::AppConfig::Application"
    kind, id_parameter = "Application", "ApplicationId"
    settings = update_settings = ("Name", "Description")
    properties = (*settings, "Tags")
    required = ("Name",)


@resource_type
class Environment(Named):
    """An environment."""

    name = "AWS::AppConfig::Environment"
    kind, id_parameter = "Environment", "EnvironmentId"
    inside = ("ApplicationId",)
    settings = update_settings = ("Name", "Description", "Monitors")
    properties = (*inside, *settings, "Tags")
    required = ("ApplicationId", "Name")
    replaced_by = inside


@resource_type
class ConfigurationProfile(Named):
    """A configuration profile."""

    name = "AWS::AppConfig::ConfigurationProfile"
    kind, id_parameter = "ConfigurationProfile", "ConfigurationProfileId"
    inside = ("ApplicationId",)
    settings = ("Name", "Description", "LocationUri", "RetrievalRoleArn", "Validators", "Type")
    update_settings = ("Name", "Description", "RetrievalRoleArn", "Validators")
    properties = (*inside, *settings, "Tags")
    required = ("ApplicationId", "Name", "LocationUri")
    replaced_by = ("ApplicationId", "LocationUri", "Type")


@resource_type
class DeploymentStrategy(Named):
    """A deployment strategy."""

    name = "AWS::AppConfig::DeploymentStrategy"
    kind, id_parameter = "DeploymentStrategy", "DeploymentStrategyId"
    update_settings = (
        "Description",
        "DeploymentDurationInMinutes",
        "GrowthFactor",
        "GrowthType",
        "FinalBakeTimeInMinutes",
    )
    settings = ("Name", "ReplicateTo", *update_settings)
    properties = (*settings, "Tags")
    required = ("Name", "DeploymentDurationInMinutes", "GrowthFactor", "ReplicateTo")
    replaced_by = ("Name", "ReplicateTo")


@resource_type
class HostedConfigurationVersion(ResourceType):
    """A hosted version; Ref is its number. New content is a new version."""

    name = "AWS::AppConfig::HostedConfigurationVersion"
    inside = ("ApplicationId", "ConfigurationProfileId")
    properties = (*inside, "Content", "ContentType", "Description", "LatestVersionNumber", "VersionLabel")
    required = (*inside, "Content", "ContentType")
    replaced_by = None

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """CreateHostedConfigurationVersion."""
        given = properties | {"Content": str(properties["Content"]).encode()}
        number = str(making.call("appconfig", "CreateHostedConfigurationVersion", **given)["VersionNumber"])
        return Made(number, {"VersionNumber": number})

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """DeleteHostedConfigurationVersion."""
        given = only(properties, *self.inside) | {"VersionNumber": made.physical_id}
        ignoring(GONE, lambda: making.call("appconfig", "DeleteHostedConfigurationVersion", **given))


@resource_type
class Deployment(ResourceType):
    """A deployment; Ref is its number. It is complete when its resource is, and deleting it changes nothing."""

    name = "AWS::AppConfig::Deployment"
    properties = (
        "ApplicationId",
        "EnvironmentId",
        "ConfigurationProfileId",
        "ConfigurationVersion",
        "DeploymentStrategyId",
        "Description",
        "Tags",
    )
    required = properties[:5]
    replaced_by = None

    def create(self, making: Making, properties: dict[str, Any]) -> Made:
        """StartDeployment, and look whether it is complete."""
        given = properties | {"Tags": making.all_tags(properties.get("Tags"))}
        number = making.call("appconfig", "StartDeployment", **given)["DeploymentNumber"]
        where = only(properties, "ApplicationId", "EnvironmentId")
        state = making.call("appconfig", "GetDeployment", DeploymentNumber=number, **where)["State"]
        if state != "COMPLETE":
            raise ResourceFailed(f"deployment {number} is {state}")
        return Made(str(number), {"DeploymentNumber": str(number), "State": state})

    def delete(self, making: Making, made: Made, properties: dict[str, Any]) -> None:
        """A complete deployment stays in the history."""
