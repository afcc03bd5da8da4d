"""Cloud Map: an endpoint that is connected is found by name, and a target group follows the tasks behind it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deployment.cloud_map import CloudMap
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge
from deployment.targets import TargetGroup
from deployment.tasks import Tasks
from emulator.organization_sample import HUB, WORKLOADS_MEMBER, EndpointService

from .people import People
from .screen import DIM, GREEN, RED, Screen

OWNER, PROVIDER, SESSION = WORKLOADS_MEMBER, HUB, "dana"
SERVICE, NAMESPACE, NAME, PORT = "orders", "shop", "orders", 443
TASKS = "tasks"
SETTINGS = {"endpoints": "register", "namespace": NAMESPACE, "make": "http-namespace", "targets": "tagged"}
# What has to be switched on for it, as parameters of the hub's stack.
PARAMETERS = {"WriteCloudMap": "api", "WriteTargets": "yes"}


def show_cloud_map(drawbridge: Drawbridge, people: People, screen: Screen) -> bool:
    """Have an endpoint found, and tasks come and go; whether all was as it should be."""
    screen.title("Cloud Map: sync-cloud-map has endpoints found by name, and target groups follow tasks")
    with screen.step("endpoints that ask are found in the namespace shop, by a new version in AppConfig"):
        drawbridge.reconfigure(cloud_map=SETTINGS)
    story = Story(drawbridge, people, screen)
    found = story.connect()
    followed = story.follow_tasks()
    return story.leave() and found and followed


@dataclass
class Story:
    """One endpoint that is found, and one target group that follows."""

    drawbridge: Drawbridge
    people: People
    screen: Screen
    endpoint: str = ""
    developer: Developer = field(init=False)
    service: EndpointService = field(init=False)
    of_owner: CloudMap = field(init=False)
    of_provider: CloudMap = field(init=False)

    def __post_init__(self) -> None:
        aws, sample = self.drawbridge.aws, self.drawbridge.sample
        self.developer = Developer(aws, OWNER, sample.networks[OWNER], SESSION)
        self.service = sample.services[SERVICE]
        self.of_owner, self.of_provider = CloudMap(aws, OWNER), CloudMap(aws, PROVIDER)

    def connect(self) -> bool:
        """Somebody creates an endpoint that asks to be found; whether each of its interfaces is."""
        tag = f"{NAME}:{PORT}/tcp"
        self.endpoint = self.developer.create_endpoint(self.service, **{"drawbridge_cloud-map": tag})
        who = self.people.name(OWNER)
        self._happens(f"{who} creates {self.endpoint} to {SERVICE}, with drawbridge:cloud-map={tag}")
        wanted = len(self.developer.network.subnet_ids)
        self._await(f"{self.endpoint} is found", lambda: len(self._found()) == wanted)
        self._heading(f"as {who} finds it: aws servicediscovery discover-instances")
        self.screen.line(f"            # --namespace-name {NAMESPACE} --service-name {NAME}")
        found = self._found()
        for instance, told in sorted(found.items()):
            self._line(f"{instance}: {told['AWS_INSTANCE_IPV4']} port {told['AWS_INSTANCE_PORT']}")
            self._line(f"  in {told['availability-zone-id']}, {told['endpoint-name']}")
        return {told["endpoint-id"] for told in found.values()} == {self.endpoint}

    def follow_tasks(self) -> bool:
        """A task starts and another one stops; whether the target group has those that run."""
        group, tasks, (first, second, third) = self._make_group(), self._make_tasks(), self._addresses()
        for address in (first, second):
            tasks.start(address)
        group.follow(tasks.arn)
        self._happens(f"{self.people.name(PROVIDER)} tags its target group drawbridge:cloud-map={tasks.arn}")
        self._show_targets(group, {first, second})
        tasks.start(third)
        self._happens(f"ECS starts a task with address {third}")
        self._show_targets(group, {first, second, third})
        tasks.stop(first)
        self._happens(f"the task with address {first} stops")
        self._show_targets(group, {second, third})
        return group.targets() == {second, third}

    def leave(self) -> bool:
        """The endpoint is deleted; whether it is found no more."""
        self._happens(f"{self.people.name(OWNER)} deletes {self.endpoint}")
        self.developer.delete_endpoints()
        self._await("it is found no more", lambda: NAME not in self.of_owner.services(NAMESPACE))
        left = sorted(self._found())
        said = f"  WRONG: {left}" if left else f"  now       {NAME} is found no more, and its service is gone"
        self.screen.line(self.screen.paint(said, RED if left else GREEN))
        return not left

    def _found(self) -> dict[str, dict[str, str]]:
        return self.of_owner.discover(NAMESPACE, NAME)

    def _make_group(self) -> TargetGroup:
        balancing, vpc = self.drawbridge.aws.client("elbv2", PROVIDER), self.drawbridge.sample.networks[PROVIDER].vpc_id
        made = balancing.create_target_group(Name="orders-tasks", Protocol="TCP", Port=PORT, VpcId=vpc, TargetType="ip")
        group = made["TargetGroups"][0]["TargetGroupArn"]
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        balancer = self.service.load_balancer_arn
        balancing.create_listener(LoadBalancerArn=balancer, Protocol="TCP", Port=PORT + 1, DefaultActions=forward)
        return TargetGroup(self.drawbridge.aws, PROVIDER, group)

    def _make_tasks(self) -> Tasks:
        service = self.of_provider.make_service(self.of_provider.make_namespace(TASKS), NAME, checked=True)
        return Tasks(self.of_provider, NAME, service["Arn"])

    def _addresses(self) -> list[str]:
        network = self.drawbridge.sample.networks[PROVIDER]
        found = self.drawbridge.aws.client("ec2", PROVIDER).describe_subnets(SubnetIds=network.subnet_ids[:1])
        block = ipaddress.ip_network(found["Subnets"][0]["CidrBlock"])
        return [str(block[200 + number]) for number in range(3)]

    def _show_targets(self, group: TargetGroup, wanted: set[str]) -> None:
        self._await(f"the targets are {sorted(wanted)}", lambda: group.targets() == wanted)
        states = ", ".join(f"{address} {state}" for address, state in sorted(group.states().items()))
        self.screen.line(f"  now       {group.name}: {states}")

    def _await(self, what: str, look: Callable[[], Any]) -> None:
        self.drawbridge.later_until(what, look)
        self.drawbridge.settle()

    def _happens(self, what: str) -> None:
        self.screen.line(f"  happens   {what}")

    def _line(self, what: str) -> None:
        self.screen.line(f"            {what}")

    def _heading(self, what: str) -> None:
        self.screen.line(self.screen.paint(f"            # {what}", DIM))
