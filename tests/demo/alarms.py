"""Alarms: an endpoint that is connected is watched, a service that breaks rings, and nothing is left of what is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deployment.alarms import Alarms, dimensions
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from deployment.topics import Topic
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, WORKLOADS_MEMBER, EndpointService

from .people import People
from .screen import RED, Screen

OWNER, PROVIDER, SESSION = WORKLOADS_MEMBER, HUB, "dana"
SERVICE = "orders"
# What has to be switched on for it, as parameters of the hub's stack.
PARAMETERS = {"WriteAlarms": "yes"}
PROFILES = ("packets-dropped", "resets-received")


def show_alarms(drawbridge: Drawbridge, people: People, screen: Screen) -> bool:
    """Have an endpoint and its service watched, and something go wrong; whether all was as it should be."""
    screen.title("Alarms: publish-alarms keeps alarms and dashboards in step with endpoints and services")
    critical, warning = (Topic(drawbridge.aws, f"on-call-{severity}") for severity in ("critical", "warning"))
    with screen.step("alarms for each endpoint that asks and for each service, by a new version in AppConfig"):
        topics = {"critical": [critical.arn], "warning": [warning.arn]}
        drawbridge.reconfigure(alarms={"endpoints": "each", "services": "each", "topics": topics})
        drawbridge.sweep()
        drawbridge.settle()
    story = Story(drawbridge, people, screen)
    story.connect()
    watched = story.show_alarms()
    drawn = story.show_dashboard()
    told = story.break_service(critical)
    return story.leave() and watched and drawn and told


@dataclass
class Story:
    """One endpoint, and the service that it is connected to."""

    drawbridge: Drawbridge
    people: People
    screen: Screen
    endpoint: str = ""
    developer: Developer = field(init=False)
    service: EndpointService = field(init=False)
    of_owner: Alarms = field(init=False)
    of_provider: Alarms = field(init=False)

    def __post_init__(self) -> None:
        aws, sample = self.drawbridge.aws, self.drawbridge.sample
        self.developer = Developer(aws, OWNER, sample.networks[OWNER], SESSION)
        self.service = sample.services[SERVICE]
        self.of_owner, self.of_provider = Alarms(aws, OWNER), Alarms(aws, PROVIDER)

    def connect(self) -> None:
        """Somebody creates an endpoint that asks for alarms."""
        self.endpoint = self.developer.create_endpoint(self.service, drawbridge_alarms="true")
        self.screen.happens(
            f"{self.people.name(OWNER)} creates {self.endpoint} to {SERVICE}, with drawbridge:alarms=true"
        )

        def look() -> bool:
            stands = self.of_owner.of_endpoint(self.endpoint).keys() == {*PROFILES}
            drawn = self.of_provider.dashboards(self.service.id)
            return stands and any(self.endpoint in str(self.of_provider.dashboard(name)) for name in drawn)

        self._await(f"{self.endpoint} is watched", look)

    def show_alarms(self) -> bool:
        """The alarms of both accounts; whether each of the endpoint's is on its metric."""
        prefix = self.of_owner.endpoint_prefix(self.endpoint)
        self.screen.heading(f"as {self.people.name(OWNER)} sees them, {prefix}...")
        found = self.of_owner.of_endpoint(self.endpoint)
        for profile, alarm in found.items():
            limit = f"{alarm['Statistic']} above {alarm['Threshold']:g}, {alarm['EvaluationPeriods']} minutes"
            self.screen.detail(f"{profile}: {alarm['Namespace']} {alarm['MetricName']}, {limit}")
        expected = {
            "Endpoint Type": "Interface",
            "Service Name": self.service.name,
            "VPC Endpoint Id": self.endpoint,
            "VPC Id": self.developer.network.vpc_id,
        }
        pairs = [f"{name}={value}" for name, value in expected.items()]
        self.screen.detail(f"each with {', '.join(pairs[:2])},")
        self.screen.detail(f"          {', '.join(pairs[2:])}")
        self.screen.heading(f"as {self.people.name(PROVIDER)} sees those of the service and of what is behind it")
        names = [name.split("/")[0] for name in self.of_provider.of_service(self.service.id)]
        over = [name for name in ("down", "degraded") if name in names]
        self.screen.detail(f"{', '.join(name for name in names if name not in over)}")
        self.screen.detail(f"over them: {', '.join(over)}")
        return bool(over) and all(dimensions(alarm) == expected for alarm in found.values())

    def show_dashboard(self) -> bool:
        """What the dashboard of the service shows; whether the account is on it by its name."""
        (name,) = self.of_provider.dashboards(self.service.id)
        widgets = self.of_provider.dashboard(name)["widgets"]
        self.screen.heading(f"dashboard {name}")
        self.screen.detail(" | ".join(title for widget in widgets if (title := widget["properties"].get("title"))))
        lines = [line for widget in widgets for line in widget["properties"].get("metrics", [])]
        labels = [line[-1].get("label", "") for line in lines if isinstance(line[-1], dict)]
        consumer = next((label for label in labels if self.endpoint in label), "WRONG: none")
        self.screen.detail(f"a consumer: {consumer}")
        return self.people.name(OWNER) in consumer

    def break_service(self, topic: Topic) -> bool:
        """The load balancer runs out of ports, and the person on call is told, once."""
        found = self.of_provider.of_service(self.service.id)
        broken = next(alarm for name, alarm in found.items() if name.startswith("port-allocation-errors"))
        self.screen.happens(f"the load balancer of {SERVICE} has no ports left: port-allocation-errors goes into ALARM")
        self.of_provider.set_state(broken["AlarmName"], "ALARM")
        message = topic.await_message(found["down"]["AlarmName"])
        self.screen.told("TOLD", f"{topic.name}: {message['AlarmName']}", RED)
        self.screen.detail(
            f"{message['OldStateValue']} -> {message['NewStateValue']} in account {message['AWSAccountId']}"
        )
        for sentence in message["AlarmDescription"].split(". "):
            self.screen.detail(f"{sentence.rstrip('.')}.")
        return len(topic.told()) == 1

    def leave(self) -> bool:
        """The endpoint is deleted; whether its alarms are gone, and the service's stand."""
        self.screen.happens(f"{self.people.name(OWNER)} deletes {self.endpoint}")
        self.developer.delete_endpoints()
        self._await("its alarms are gone", lambda: not self.of_owner.of_endpoint(self.endpoint))
        left = [name for name in self.of_owner.named() if self.endpoint in name]
        stands = "down" in self.of_provider.of_service(self.service.id)
        wrong = "" if stands and not left else f"{left} left, {SERVICE} has its own: {stands}"
        return self.screen.verdict(f"{self.endpoint} has no alarms, {SERVICE} has its own", wrong)

    def _await(self, what: str, look: Callable[[], Any]) -> None:
        wait_until(what, look, explain=self.drawbridge.explain)
        self.drawbridge.settle()
