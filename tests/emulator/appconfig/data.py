"""AppConfig's data plane: sessions that poll for the configuration of an environment.

AWS AppConfig API Reference, "StartConfigurationSession" and "GetLatestConfiguration": the body is empty when nothing has
changed since the session's last poll; each answer has the token for the next poll, which is good once, for 24 hours, and
not before the poll interval is over. The first token may be used again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..identity.demands import Demand
from .deployments import live_deployment
from .registry import Application, Environment, Profile, Registry

if TYPE_CHECKING:
    from ..server import Emulator

TOKEN_SECONDS = 24 * 3600


@dataclass
class Poll:
    """What a token stands for; `seen` is the version that the session had last."""

    application: Application
    environment: Environment
    profile: Profile
    interval: int
    seen: dict[str, Any] | None
    issued_at: float
    is_first: bool
    used: bool = False

    @property
    def subject(self) -> tuple[Application, Environment, Profile]:
        """Whose configuration it is."""
        return self.application, self.environment, self.profile


class Sessions:
    """The two operations of AppConfig Data."""

    def __init__(self, registry: Registry, app: Emulator) -> None:
        self._registry = registry
        self._settings = app.settings
        self._polls: dict[str, Poll] = {}

    def reset(self) -> None:
        """Forget all sessions."""
        self._polls.clear()

    def demands(self, call: ApiCall) -> Iterator[Demand]:
        """What both operations need: their permission on the configuration, named by ids. What isn't there needs none."""
        poll = self._polls.get(call.parameter("ConfigurationToken"))
        try:
            application, environment, profile = poll.subject if poll else self._named(call)
        except AwsError:
            return
        names = (application.shown["Id"], environment.shown["Id"], profile.shown["Id"])
        resource = "application/{}/environment/{}/configuration/{}".format(*names)
        arn = f"arn:aws:appconfig:{call.region}:{call.account}:{resource}"
        yield Demand(f"appconfig:{call.operation}", arn)

    def start(self, call: ApiCall) -> Any:
        """StartConfigurationSession; everything may be named by id or by name."""
        application, environment, profile = self._named(call)
        interval = call.parameter("RequiredMinimumPollIntervalInSeconds") or self._settings["appconfig_poll_seconds"]
        poll = Poll(application, environment, profile, interval, None, time.monotonic(), is_first=True)
        return call.write({"InitialConfigurationToken": self._issue(poll)}, 201)

    def latest(self, call: ApiCall) -> dict[str, Any]:
        """GetLatestConfiguration."""
        poll = self._polls.get(call.parameter("ConfigurationToken"))
        age = time.monotonic() - poll.issued_at if poll else 0.0
        if poll is None or (poll.used and not poll.is_first):
            raise _bad_token("Token not valid", "Corrupted")
        if age > TOKEN_SECONDS:
            raise _bad_token("Token expired", "Expired")
        if not poll.is_first and age < poll.interval:
            raise _bad_token("Request too early", "PollIntervalNotSatisfied")
        deployment = live_deployment(poll.environment, poll.profile.shown["Id"])
        if deployment is None:
            raise _not_found("Deployment")
        version = poll.profile.versions.get(int(deployment["ConfigurationVersion"]))
        if version is None:
            raise _not_found("Configuration")
        poll.used = True
        following = Poll(
            poll.application, poll.environment, poll.profile, poll.interval, version, time.monotonic(), is_first=False
        )
        answer = {
            "NextPollConfigurationToken": self._issue(following),
            "NextPollIntervalInSeconds": poll.interval,
            "ContentType": version["ContentType"],
            "Configuration": b"" if version is poll.seen else version["Content"],
        }
        return answer | ({"VersionLabel": version["VersionLabel"]} if version.get("VersionLabel") else {})

    def _named(self, call: ApiCall) -> tuple[Application, Environment, Profile]:
        applications = self._registry.of(call).applications
        application = _find(applications, call.parameter("ApplicationIdentifier"), "Application")
        environment = _find(application.environments, call.parameter("EnvironmentIdentifier"), "Environment")
        wanted = call.parameter("ConfigurationProfileIdentifier")
        return application, environment, _find(application.profiles, wanted, "ConfigurationProfile")

    def _issue(self, poll: Poll) -> str:
        token = secrets.token_urlsafe(64)
        self._polls[token] = poll
        return token


def _find(resources: dict[str, Any], identifier: str, kind: str) -> Any:
    """A resource by its id or its name."""
    if identifier in resources:
        return resources[identifier]
    for resource in resources.values():
        if resource.shown["Name"] == identifier:
            return resource
    raise _not_found(kind, identifier)


def _not_found(kind: str, identifier: str = "") -> AwsError:
    error = AwsError("ResourceNotFoundException", f"{kind} not found {identifier}".strip(), 404)
    error.ResourceType = kind  # type: ignore[attr-defined]
    return error


def _bad_token(message: str, problem: str) -> AwsError:
    error = AwsError("BadRequestException", message, 400)
    error.Reason = "InvalidParameters"  # type: ignore[attr-defined]
    error.Details = {"InvalidParameters": {"ConfigurationToken": {"Problem": problem}}}  # type: ignore[attr-defined]
    return error
