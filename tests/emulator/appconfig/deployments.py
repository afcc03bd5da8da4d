"""Deployments: a version of a configuration goes live in an environment, at once whatever the strategy's duration."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from .registry import Environment, Registry, bad_request, not_found
from .resources import page
from .validation import validate

if TYPE_CHECKING:
    from ..server import Emulator

OF_STRATEGY = ("DeploymentDurationInMinutes", "GrowthType", "GrowthFactor", "FinalBakeTimeInMinutes")
OF_SUMMARY = (
    "DeploymentNumber",
    "ConfigurationProfileId",
    "ConfigurationName",
    "ConfigurationVersion",
    *OF_STRATEGY,
    "State",
    "PercentageComplete",
    "StartedAt",
    "CompletedAt",
    "VersionLabel",
)


class Deployments:
    """The operations on deployments."""

    def __init__(self, registry: Registry, app: Emulator) -> None:
        self._registry = registry
        self._app = app

    def validate(self, call: ApiCall) -> Any:
        """ValidateConfiguration."""
        application = self._registry.of(call).application(call.parameter("ApplicationId"))
        profile = application.profile(call.parameter("ConfigurationProfileId"))
        validate(self._app, profile, profile.version(call.parameter("ConfigurationVersion")))
        return call.write({}, 204)

    def start(self, call: ApiCall) -> Any:
        """StartDeployment: answers that it has begun, and is complete when somebody looks."""
        space = self._registry.of(call)
        application = space.application(call.parameter("ApplicationId"))
        environment = application.environment(call.parameter("EnvironmentId"))
        profile = application.profile(call.parameter("ConfigurationProfileId"))
        strategy = space.strategy(call.parameter("DeploymentStrategyId"))
        version = profile.version(call.parameter("ConfigurationVersion"))
        for name in ("KmsKeyIdentifier", "DynamicExtensionParameters"):
            if call.parameter(name):
                raise AwsError("NotImplemented", f"the emulator has no {name} of deployments", 501)
        if call.parameter("LatestDeploymentNumber") not in (None, len(environment.deployments)):
            message = (
                f"The latest deployment of environment {environment.shown['Id']} is {len(environment.deployments)}."
            )
            raise AwsError("ConflictException", message, 409)
        validate(self._app, profile, version)
        now = datetime.now(UTC)
        begun = {
            "ApplicationId": application.shown["Id"],
            "EnvironmentId": environment.shown["Id"],
            "DeploymentStrategyId": strategy["Id"],
            "ConfigurationProfileId": profile.shown["Id"],
            "DeploymentNumber": len(environment.deployments) + 1,
            "ConfigurationName": profile.shown["Name"],
            "ConfigurationLocationUri": profile.shown["LocationUri"],
            "ConfigurationVersion": str(version["VersionNumber"]),
            **{name: strategy[name] for name in OF_STRATEGY},
            "State": "DEPLOYING",
            "PercentageComplete": 0.0,
            "StartedAt": now,
        }
        begun |= {name: value for name, value in (("VersionLabel", version.get("VersionLabel")),) if value}
        if call.parameter("Description"):
            begun["Description"] = call.parameter("Description")
        event = {"EventType": "DEPLOYMENT_COMPLETED", "TriggeredBy": "APPCONFIG", "OccurredAt": now}
        complete = begun | {"State": "COMPLETE", "PercentageComplete": 100.0, "CompletedAt": now, "EventLog": [event]}
        environment.deployments.append(complete)
        arn = f"{environment.arn}/deployment/{begun['DeploymentNumber']}"
        space.tags[arn] = dict(call.parameter("Tags", {}))
        return call.write(begun, 201)

    def get(self, call: ApiCall) -> dict[str, Any]:
        """GetDeployment."""
        return self._find(call)

    def list(self, call: ApiCall) -> dict[str, Any]:
        """ListDeployments, the newest first."""
        deployments = self._environment(call).deployments[::-1]
        return page(call, [{name: shown[name] for name in OF_SUMMARY if name in shown} for shown in deployments])

    def stop(self, call: ApiCall) -> Any:
        """StopDeployment: a complete one can only be reverted, to what was live before."""
        deployment = self._find(call)
        if not call.parameter("AllowRevert"):
            raise bad_request("Deployment cannot be stopped because it is not in progress.")
        now = datetime.now(UTC)
        event = {"EventType": "REVERT_COMPLETED", "TriggeredBy": "USER", "OccurredAt": now}
        deployment.update({"State": "REVERTED", "CompletedAt": now, "EventLog": [event, *deployment["EventLog"]]})
        return call.write(deployment, 202)

    def _environment(self, call: ApiCall) -> Environment:
        application = self._registry.of(call).application(call.parameter("ApplicationId"))
        return application.environment(call.parameter("EnvironmentId"))

    def _find(self, call: ApiCall) -> dict[str, Any]:
        number = int(call.parameter("DeploymentNumber"))
        deployments = self._environment(call).deployments
        if not 1 <= number <= len(deployments):
            raise not_found(f"Deployment {number} not found")
        return deployments[number - 1]


def live_deployment(environment: Environment, profile_id: str) -> dict[str, Any] | None:
    """The deployment whose configuration an environment serves for a profile."""
    for deployment in reversed(environment.deployments):
        if deployment["ConfigurationProfileId"] == profile_id and deployment["State"] == "COMPLETE":
            return deployment
    return None
