"""The operations on applications, environments, profiles, hosted versions, strategies and tags.

AWS AppConfig API Reference. Unlike AWS, everything a call creates is there at once.
"""

from __future__ import annotations

from typing import Any

from ..api_call import ApiCall, AwsError
from .registry import PREDEFINED_STRATEGIES, Application, Environment, Profile, Registry, Space, bad_request, new_id

LARGEST_CONFIGURATION = 2 * 1024 * 1024
PAGE = 50
HOSTED = "hosted"
STRATEGY = (
    "Name",
    "Description",
    "DeploymentDurationInMinutes",
    "GrowthType",
    "GrowthFactor",
    "FinalBakeTimeInMinutes",
    "ReplicateTo",
)
UPDATABLE_STRATEGY = (
    "Description",
    "DeploymentDurationInMinutes",
    "GrowthType",
    "GrowthFactor",
    "FinalBakeTimeInMinutes",
)


class Resources:
    """The operations, each taking the call and returning what AWS shows."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    # Applications.

    def create_application(self, call: ApiCall) -> Any:
        """CreateApplication."""
        space, identifier = self._registry.of(call), new_id()
        shown = {"Id": identifier} | _given(call, "Name", "Description")
        application = Application(space.arn(f"application/{identifier}"), shown)
        space.applications[identifier] = application
        space.tags[application.arn] = dict(call.parameter("Tags", {}))
        return call.write(shown, 201)

    def get_application(self, call: ApiCall) -> dict[str, Any]:
        """GetApplication."""
        return self._application(call).shown

    def list_applications(self, call: ApiCall) -> dict[str, Any]:
        """ListApplications."""
        return page(call, [application.shown for application in self._registry.of(call).applications.values()])

    def update_application(self, call: ApiCall) -> dict[str, Any]:
        """UpdateApplication."""
        return _update(self._application(call).shown, call, "Name", "Description")

    def delete_application(self, call: ApiCall) -> Any:
        """DeleteApplication: what is in it has to be deleted first."""
        application = self._application(call)
        for kind, inside in (("environments", application.environments), ("profiles", application.profiles)):
            if inside:
                raise bad_request(f"Cannot delete application {application.shown['Id']}: it still has {kind}.")
        self._registry.of(call).applications.pop(application.shown["Id"])
        return call.write({}, 204)

    # Environments.

    def create_environment(self, call: ApiCall) -> Any:
        """CreateEnvironment."""
        application, identifier = self._application(call), new_id()
        shown = {"ApplicationId": application.shown["Id"], "Id": identifier, "State": "READY_FOR_DEPLOYMENT"}
        shown |= _given(call, "Name", "Description", "Monitors")
        environment = Environment(f"{application.arn}/environment/{identifier}", shown)
        application.environments[identifier] = environment
        self._registry.of(call).tags[environment.arn] = dict(call.parameter("Tags", {}))
        return call.write(shown, 201)

    def get_environment(self, call: ApiCall) -> dict[str, Any]:
        """GetEnvironment."""
        return self._application(call).environment(call.parameter("EnvironmentId")).shown

    def list_environments(self, call: ApiCall) -> dict[str, Any]:
        """ListEnvironments."""
        return page(call, [environment.shown for environment in self._application(call).environments.values()])

    def update_environment(self, call: ApiCall) -> dict[str, Any]:
        """UpdateEnvironment."""
        environment = self._application(call).environment(call.parameter("EnvironmentId"))
        return _update(environment.shown, call, "Name", "Description", "Monitors")

    def delete_environment(self, call: ApiCall) -> Any:
        """DeleteEnvironment."""
        application = self._application(call)
        del application.environments[application.environment(call.parameter("EnvironmentId")).shown["Id"]]
        return call.write({}, 204)

    # Profiles.

    def create_configuration_profile(self, call: ApiCall) -> Any:
        """CreateConfigurationProfile, for hosted configurations."""
        application, identifier = self._application(call), new_id()
        if call.parameter("LocationUri") != HOSTED:
            raise AwsError(
                "NotImplemented", f"the emulator has no configurations at {call.parameter('LocationUri')}", 501
            )
        shown = {"ApplicationId": application.shown["Id"], "Id": identifier, "Type": "AWS.Freeform"}
        shown |= _given(call, "Name", "Description", "LocationUri", "RetrievalRoleArn", "Validators", "Type")
        profile = Profile(f"{application.arn}/configurationprofile/{identifier}", shown)
        application.profiles[identifier] = profile
        self._registry.of(call).tags[profile.arn] = dict(call.parameter("Tags", {}))
        return call.write(shown, 201)

    def get_configuration_profile(self, call: ApiCall) -> dict[str, Any]:
        """GetConfigurationProfile."""
        return self._profile(call).shown

    def list_configuration_profiles(self, call: ApiCall) -> dict[str, Any]:
        """ListConfigurationProfiles."""
        names = ("ApplicationId", "Id", "Name", "LocationUri", "Type")
        items = []
        for profile in self._application(call).profiles.values():
            if call.parameter("Type") in (None, profile.shown["Type"]):
                kinds = [validator["Type"] for validator in profile.shown.get("Validators") or []]
                items.append({name: profile.shown[name] for name in names} | {"ValidatorTypes": kinds})
        return page(call, items)

    def update_configuration_profile(self, call: ApiCall) -> dict[str, Any]:
        """UpdateConfigurationProfile."""
        return _update(self._profile(call).shown, call, "Name", "Description", "RetrievalRoleArn", "Validators")

    def delete_configuration_profile(self, call: ApiCall) -> Any:
        """DeleteConfigurationProfile: its hosted versions have to be deleted first."""
        profile = self._profile(call)
        identifier = profile.shown["Id"]
        if profile.versions:
            message = f"Cannot delete configuration profile {identifier} because there are still hosted configuration"
            raise bad_request(f"{message} versions existing under it.")
        del self._application(call).profiles[identifier]
        return call.write({}, 204)

    # Hosted versions.

    def create_hosted_configuration_version(self, call: ApiCall) -> Any:
        """CreateHostedConfigurationVersion."""
        profile, content = self._profile(call), call.parameter("Content") or b""
        content = content.encode() if isinstance(content, str) else bytes(content)
        if len(content) > LARGEST_CONFIGURATION:
            raise AwsError("PayloadTooLargeException", "The configuration size is too large.", 413)
        if call.parameter("LatestVersionNumber") not in (None, profile.latest):
            raise AwsError("ConflictException", f"The latest version number is {profile.latest}.", 409)
        label = call.parameter("VersionLabel")
        if label and any(version.get("VersionLabel") == label for version in profile.versions.values()):
            raise bad_request(f"VersionLabel {label} is in use.")
        profile.latest += 1
        version = {
            "ApplicationId": profile.shown["ApplicationId"],
            "ConfigurationProfileId": profile.shown["Id"],
            "VersionNumber": profile.latest,
            "Content": content,
        } | _given(call, "ContentType", "Description", "VersionLabel")
        profile.versions[profile.latest] = version
        return call.write(version, 201)

    def get_hosted_configuration_version(self, call: ApiCall) -> dict[str, Any]:
        """GetHostedConfigurationVersion."""
        return self._profile(call).version(str(call.parameter("VersionNumber")))

    def list_hosted_configuration_versions(self, call: ApiCall) -> dict[str, Any]:
        """ListHostedConfigurationVersions, the newest first."""
        versions = [*self._profile(call).versions.values()][::-1]
        label = call.parameter("VersionLabel")
        if label:
            versions = [
                version for version in versions if str(version.get("VersionLabel", "")).startswith(label.rstrip("*"))
            ]
        return page(
            call, [{name: value for name, value in version.items() if name != "Content"} for version in versions]
        )

    def delete_hosted_configuration_version(self, call: ApiCall) -> Any:
        """DeleteHostedConfigurationVersion."""
        profile = self._profile(call)
        del profile.versions[profile.version(str(call.parameter("VersionNumber")))["VersionNumber"]]
        return call.write({}, 204)

    # Strategies.

    def create_deployment_strategy(self, call: ApiCall) -> Any:
        """CreateDeploymentStrategy."""
        space, identifier = self._registry.of(call), new_id()
        defaults = {"GrowthType": "LINEAR", "FinalBakeTimeInMinutes": 0, "ReplicateTo": "NONE"}
        strategy = {"Id": identifier} | defaults | _given(call, *STRATEGY)
        space.strategies[identifier] = strategy
        space.tags[space.arn(f"deploymentstrategy/{identifier}")] = dict(call.parameter("Tags", {}))
        return call.write(strategy, 201)

    def get_deployment_strategy(self, call: ApiCall) -> dict[str, Any]:
        """GetDeploymentStrategy."""
        return self._registry.of(call).strategy(call.parameter("DeploymentStrategyId"))

    def list_deployment_strategies(self, call: ApiCall) -> dict[str, Any]:
        """ListDeploymentStrategies."""
        space = self._registry.of(call)
        return page(call, [space.strategy(identifier) for identifier in [*PREDEFINED_STRATEGIES, *space.strategies]])

    def update_deployment_strategy(self, call: ApiCall) -> dict[str, Any]:
        """UpdateDeploymentStrategy."""
        return _update(self._own_strategy(call), call, *UPDATABLE_STRATEGY)

    def delete_deployment_strategy(self, call: ApiCall) -> Any:
        """DeleteDeploymentStrategy."""
        del self._registry.of(call).strategies[self._own_strategy(call)["Id"]]
        return call.write({}, 204)

    # Tags.

    def list_tags_for_resource(self, call: ApiCall) -> dict[str, Any]:
        """ListTagsForResource."""
        return {"Tags": self._tags(call)}

    def tag_resource(self, call: ApiCall) -> Any:
        """TagResource."""
        self._tags(call).update(call.parameter("Tags", {}))
        return call.write({}, 204)

    def untag_resource(self, call: ApiCall) -> Any:
        """UntagResource."""
        for key in call.parameter("TagKeys", []):
            self._tags(call).pop(key, None)
        return call.write({}, 204)

    def _application(self, call: ApiCall) -> Application:
        return self._registry.of(call).application(call.parameter("ApplicationId"))

    def _profile(self, call: ApiCall) -> Profile:
        return self._application(call).profile(call.parameter("ConfigurationProfileId"))

    def _own_strategy(self, call: ApiCall) -> dict[str, Any]:
        identifier = call.parameter("DeploymentStrategyId")
        if identifier in PREDEFINED_STRATEGIES:
            raise bad_request(f"{identifier} is predefined by AppConfig.")
        return self._registry.of(call).strategy(identifier)

    def _tags(self, call: ApiCall) -> dict[str, str]:
        space: Space = self._registry.of(call)
        return space.tags.setdefault(call.parameter("ResourceArn"), {})


def _given(call: ApiCall, *names: str) -> dict[str, Any]:
    return {name: call.parameters[name] for name in names if call.parameters.get(name) is not None}


def _update(shown: dict[str, Any], call: ApiCall, *names: str) -> dict[str, Any]:
    shown.update(_given(call, *names))
    return shown


def page(call: ApiCall, items: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of a listing."""
    begin = int(call.parameter("NextToken", 0))
    end = begin + min(int(call.parameter("MaxResults", PAGE)), PAGE)
    answer: dict[str, Any] = {"Items": items[begin:end]}
    if end < len(items):
        answer["NextToken"] = str(end)
    return answer
