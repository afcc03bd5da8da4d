"""What AppConfig holds: applications with their environments and profiles, hosted versions, strategies, deployments."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from typing import Any

from ..api_call import ApiCall, AwsError

IDENTIFIER = string.ascii_lowercase + string.digits
# AppConfig User Guide, "Working with deployment strategies": the predefined ones.
PREDEFINED_STRATEGIES = {
    "AppConfig.AllAtOnce": (0, "LINEAR", 100.0, 10),
    "AppConfig.Linear50PercentEvery30Seconds": (1, "LINEAR", 50.0, 1),
    "AppConfig.Linear20PercentEvery6Minutes": (30, "LINEAR", 20.0, 30),
    "AppConfig.Canary10Percent20Minutes": (20, "EXPONENTIAL", 10.0, 10),
}


@dataclass
class Profile:
    """A configuration profile with its hosted versions; `shown` has AWS's names, as in the other classes."""

    arn: str
    shown: dict[str, Any]
    versions: dict[int, dict[str, Any]] = field(default_factory=dict)
    latest: int = 0

    def version(self, text: str) -> dict[str, Any]:
        """A hosted version by its number or its label."""
        for number, version in self.versions.items():
            if text in (str(number), version.get("VersionLabel")):
                return version
        raise not_found(f"HostedConfigurationVersion {text} of {self.shown['Id']} could not be found")


@dataclass
class Environment:
    """An environment with its deployments, the newest last."""

    arn: str
    shown: dict[str, Any]
    deployments: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Application:
    """An application."""

    arn: str
    shown: dict[str, Any]
    environments: dict[str, Environment] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)

    def environment(self, identifier: str) -> Environment:
        """An environment by its id."""
        if identifier not in self.environments:
            raise not_found(f"Environment not found for application: {self.shown['Id']} ({identifier})")
        return self.environments[identifier]

    def profile(self, identifier: str) -> Profile:
        """A profile by its id."""
        if identifier not in self.profiles:
            raise not_found(f"ConfigurationProfile not found for application: {self.shown['Id']} ({identifier})")
        return self.profiles[identifier]


@dataclass
class Space:
    """AppConfig of one account and Region."""

    account: str
    region: str
    applications: dict[str, Application] = field(default_factory=dict)
    strategies: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def arn(self, resource: str) -> str:
        """The ARN of a resource."""
        return f"arn:aws:appconfig:{self.region}:{self.account}:{resource}"

    def application(self, identifier: str) -> Application:
        """An application by its id."""
        if identifier not in self.applications:
            raise not_found(f"Application not found ({identifier})")
        return self.applications[identifier]

    def strategy(self, identifier: str) -> dict[str, Any]:
        """A deployment strategy by its id, the predefined ones included."""
        if identifier in PREDEFINED_STRATEGIES:
            duration, growth, factor, bake = PREDEFINED_STRATEGIES[identifier]
            return {
                "Id": identifier,
                "Name": identifier,
                "DeploymentDurationInMinutes": duration,
                "GrowthType": growth,
                "GrowthFactor": factor,
                "FinalBakeTimeInMinutes": bake,
                "ReplicateTo": "NONE",
            }
        if identifier not in self.strategies:
            raise not_found(f"DeploymentStrategy not found ({identifier})")
        return self.strategies[identifier]


class Registry:
    """AppConfig of all accounts and Regions."""

    def __init__(self) -> None:
        self._spaces: dict[tuple[str, str], Space] = {}

    def space(self, account: str, region: str) -> Space:
        """AppConfig of one account and Region."""
        return self._spaces.setdefault((account, region), Space(account, region))

    def of(self, call: ApiCall) -> Space:
        """AppConfig as a call sees it."""
        return self.space(call.account, call.region)

    def reset(self) -> None:
        """Forget everything."""
        self._spaces.clear()


def new_id() -> str:
    """An id as AppConfig gives them: seven lower-case letters and digits."""
    return "".join(secrets.choice(IDENTIFIER) for _ in range(7))


def not_found(message: str) -> AwsError:
    """The error for something that isn't there."""
    return AwsError("ResourceNotFoundException", message, 404)


def bad_request(message: str) -> AwsError:
    """The error for something that can't be done."""
    return AwsError("BadRequestException", message, 400)
