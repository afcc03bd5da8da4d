"""AWS AppConfig: hosted configurations, deployed at once, and polled for. It takes the place of moto's, which has neither
environments, strategies and deployments nor the data plane.

The setting `appconfig_poll_seconds` is the poll interval of sessions that ask for none (60 at AWS).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall
from .data import Sessions
from .deployments import Deployments
from .registry import Registry
from .resources import Resources

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

POLL_SECONDS = 60


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer AppConfig's operations."""
    app.settings.define(
        "appconfig_poll_seconds",
        POLL_SECONDS,
        lambda value: isinstance(value, int) and value >= 0,
        "seconds between two polls of an AppConfig session that asks for no interval of its own (0 or more)",
    )
    registry = Registry()
    resources, deployments, sessions = Resources(registry), Deployments(registry, app), Sessions(registry, app)
    operations: dict[str, Callable[[ApiCall], Any]] = {
        "CreateApplication": resources.create_application,
        "GetApplication": resources.get_application,
        "ListApplications": resources.list_applications,
        "UpdateApplication": resources.update_application,
        "DeleteApplication": resources.delete_application,
        "CreateEnvironment": resources.create_environment,
        "GetEnvironment": resources.get_environment,
        "ListEnvironments": resources.list_environments,
        "UpdateEnvironment": resources.update_environment,
        "DeleteEnvironment": resources.delete_environment,
        "CreateConfigurationProfile": resources.create_configuration_profile,
        "GetConfigurationProfile": resources.get_configuration_profile,
        "ListConfigurationProfiles": resources.list_configuration_profiles,
        "UpdateConfigurationProfile": resources.update_configuration_profile,
        "DeleteConfigurationProfile": resources.delete_configuration_profile,
        "CreateHostedConfigurationVersion": resources.create_hosted_configuration_version,
        "GetHostedConfigurationVersion": resources.get_hosted_configuration_version,
        "ListHostedConfigurationVersions": resources.list_hosted_configuration_versions,
        "DeleteHostedConfigurationVersion": resources.delete_hosted_configuration_version,
        "CreateDeploymentStrategy": resources.create_deployment_strategy,
        "GetDeploymentStrategy": resources.get_deployment_strategy,
        "ListDeploymentStrategies": resources.list_deployment_strategies,
        "UpdateDeploymentStrategy": resources.update_deployment_strategy,
        "DeleteDeploymentStrategy": resources.delete_deployment_strategy,
        "ListTagsForResource": resources.list_tags_for_resource,
        "TagResource": resources.tag_resource,
        "UntagResource": resources.untag_resource,
        "ValidateConfiguration": deployments.validate,
        "StartDeployment": deployments.start,
        "GetDeployment": deployments.get,
        "ListDeployments": deployments.list,
        "StopDeployment": deployments.stop,
    }
    for name, function in operations.items():
        hooks.operation("appconfig", name, function)
    hooks.operation("appconfigdata", "StartConfigurationSession", sessions.start)
    hooks.operation("appconfigdata", "GetLatestConfiguration", sessions.latest)
    app.authorization.demand("appconfigdata", "StartConfigurationSession", sessions.demands)
    app.authorization.demand("appconfigdata", "GetLatestConfiguration", sessions.demands)
    app.on_reset(registry.reset)
    app.on_reset(sessions.reset)
