"""Cloud Map: an endpoint that is connected is found by the name of its service, and a load balancer follows tasks."""

from __future__ import annotations

from dataclasses import dataclass, field

from deployment.developer import Developer
from deployment.discovery import Discovery, addresses_of
from deployment.drawbridge import Drawbridge
from deployment.target_groups import TargetGroup, put_behind
from emulator.organization_sample import HUB, WORKLOADS_MEMBER, EndpointService

from .people import People
from .screen import Screen

OWNER, PROVIDER, SESSION = WORKLOADS_MEMBER, HUB, "dana"
SERVICE, NAMESPACE, NAME = "orders", "shop", "orders"
# What has to be switched on for it, as parameters of the hub's stack.
PARAMETERS = {"WriteCloudMap": "api", "WriteTargets": "yes"}
SETTINGS = {"endpoints": "register", "namespace": NAMESPACE, "make": "http-namespace", "targets": "tagged"}


def show_cloud_map(drawbridge: Drawbridge, people: People, screen: Screen) -> bool:
    """Have an endpoint be found, and targets follow tasks; whether all was as it should be."""
    screen.title("Cloud Map: sync-cloud-map has endpoints be found, and targets follow what runs behind a service")
    with screen.step("endpoints that ask for it are registered, by a new version in AppConfig"):
        drawbridge.reconfigure(**{"cloud-map": SETTINGS})
    story = Story(drawbridge, people, screen)
    found = story.find()
    return story.follow() and story.leave() and found


@dataclass
class Story:
    """One endpoint that is found, and the tasks behind its service."""

    drawbridge: Drawbridge
    people: People
    screen: Screen
    endpoint: str = ""
    developer: Developer = field(init=False)
    service: EndpointService = field(init=False)
    consumer: Discovery = field(init=False)
    provider: Discovery = field(init=False)

    def __post_init__(self) -> None:
        aws, sample = self.drawbridge.aws, self.drawbridge.sample
        self.developer = Developer(aws, OWNER, sample.networks[OWNER], SESSION)
        self.service = sample.services[SERVICE]
        self.consumer, self.provider = Discovery(aws, OWNER), Discovery(aws, PROVIDER)

    def find(self) -> bool:
        """Somebody creates an endpoint that asks to be found; whether it is, with its addresses."""
        self.endpoint = self.developer.create_endpoint(self.service, **{"drawbridge_cloud-map": f"{NAME}:443/tcp"})
        who = self.people.name(OWNER)
        self.screen.happens(f"{who} creates {self.endpoint} to {SERVICE}, with drawbridge:cloud-map={NAME}:443/tcp")
        self.drawbridge.later_until("it is found", lambda: len(self._found()) == len(self.developer.network.subnet_ids))
        self.screen.heading(
            f"aws servicediscovery discover-instances --namespace-name {NAMESPACE} --service-name {NAME}"
        )
        found = self._found()
        for name, told in sorted(found.items()):
            self.screen.detail(f"{name}: {told['AWS_INSTANCE_IPV4']}:{told['AWS_INSTANCE_PORT']}, {told['protocol']}")
        first = next(iter(found.values()))
        self.screen.detail(f"endpoint-name {first['endpoint-name']}")
        self.screen.detail(f"service-name {first['service-name']}, account {first['account']}")
        return all(told["endpoint-id"] == self.endpoint for told in found.values())

    def follow(self) -> bool:
        """Tasks begin and end behind the service; whether the targets of its load balancer are those that run."""
        service = self.provider.make_service(self.provider.make_namespace("inner"), "orders-tasks")
        network = self.drawbridge.sample.networks[PROVIDER]
        group = put_behind(self.drawbridge.aws, self.service, network, "orders-tasks", 8080, cloud_map=service["Arn"])
        first, second, third = addresses_of(self.drawbridge.aws, PROVIDER, network, 3)
        self.screen.heading(f"target group orders-tasks, with drawbridge:cloud-map={service['Arn']}")
        went_well = True
        for what, change, wanted in (
            (
                f"tasks at {first} and {second} run",
                [(self.provider.run_task, first), (self.provider.run_task, second)],
                {first, second},
            ),
            (
                f"the task at {first} stops, one at {third} runs",
                [(self.provider.run_task, third), (self.provider.stop_task, first)],
                {second, third},
            ),
        ):
            self.screen.happens(what)
            for act, address in change:
                act(service, address)
            self.drawbridge.later_until("the targets follow", lambda wanted=wanted: healthy(group) == wanted)
            self.screen.detail(f"targets: {', '.join(sorted(healthy(group)))}")
            went_well = went_well and healthy(group) == wanted
        return went_well

    def leave(self) -> bool:
        """The endpoint is deleted; whether it is found no more."""
        self.screen.happens(f"{self.people.name(OWNER)} deletes {self.endpoint}")
        self.developer.delete_endpoints()
        self.drawbridge.later_until("it is found no more", lambda: not self._found())
        left = self._found()
        return self.screen.verdict(f"{NAME} leads to no endpoint", str(left) if left else "")

    def _found(self) -> dict[str, dict[str, str]]:
        return self.consumer.found(NAMESPACE, NAME)


def healthy(group: TargetGroup) -> set[str]:
    """The targets of a group that answer."""
    return {address for address, state in group.states().items() if state == "healthy"}
