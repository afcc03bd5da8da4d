"""The hub's configuration in AppConfig: new versions, deployed as infra/README.md says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from .local_aws import LocalAws

CONTENT_TYPES = {"ConfigurationProfileId": "application/x-yaml", "PolicyProfileId": "text/plain"}
CONFIGURATION = "ConfigurationProfileId"
POLICY = "PolicyProfileId"


@dataclass(frozen=True)
class HubConfiguration:
    """Both documents of the hub; `outputs` are those of its stack."""

    aws: LocalAws
    outputs: dict[str, str]

    def first_version(self, document: str = CONFIGURATION) -> str:
        """The text that the stack made."""
        got = self.aws.client("appconfig").get_hosted_configuration_version(
            ApplicationId=self.outputs["ApplicationId"], ConfigurationProfileId=self.outputs[document], VersionNumber=1
        )
        return got["Content"].read().decode()

    def changed(self, **parts: Any) -> str:
        """The stack's configuration with other values; a part that is a mapping keeps what isn't named."""
        configuration = yaml.safe_load(self.first_version())
        for name, value in parts.items():
            name = name.replace("_", "-")
            configuration[name] = configuration.get(name, {}) | value if isinstance(value, dict) else value
        return yaml.safe_dump(configuration)

    def in_mode(self, mode: str) -> str:
        """The stack's configuration with another mode."""
        return self.changed(mode=mode)

    def deploy(self, text: str, document: str = CONFIGURATION, description: str = "") -> int:
        """Make a version of a document and deploy it; its number."""
        appconfig = self.aws.client("appconfig")
        profile = {
            "ApplicationId": self.outputs["ApplicationId"],
            "ConfigurationProfileId": self.outputs[document],
        }
        made = appconfig.create_hosted_configuration_version(
            **profile, Content=text.encode(), ContentType=CONTENT_TYPES[document], Description=description
        )
        self.roll_to(made["VersionNumber"], document)
        return made["VersionNumber"]

    def roll_to(self, version: int, document: str = CONFIGURATION) -> None:
        """Deploy a version that is there."""
        self.aws.client("appconfig").start_deployment(
            ApplicationId=self.outputs["ApplicationId"],
            EnvironmentId=self.outputs["EnvironmentId"],
            ConfigurationProfileId=self.outputs[document],
            ConfigurationVersion=str(version),
            DeploymentStrategyId=self.outputs["DeploymentStrategyId"],
        )
