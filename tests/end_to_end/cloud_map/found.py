"""What the tests of Cloud Map do, wait for and count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from deployment.developer import Developer
from deployment.discovery import Discovery
from deployment.drawbridge import CLOUD_MAP_ROLE, Drawbridge
from deployment.target_groups import TargetGroup
from deployment.waiting import wait_until
from emulator.organization_sample import EndpointService

from ..function_calls import MEMBER_ROLE, function_calls, writing

DEPLOYMENT = "drawbridge"
NAMESPACE, NAME = "shop", "payments"
TAG = "drawbridge:cloud-map"
# How long an operation or a state lasts that is to end when a test says so.
UNTIL_ENDED_MS = 3_600_000
# What sync-cloud-map keeps in step. It also writes to queue and bus.
KEPT = ("ec2", "elbv2", "servicediscovery")


def connect(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, wanted: str = f"{NAME}:443/tcp", **tags: str
) -> str:
    """An endpoint that asks to be found, and is connected."""
    endpoint = developer.create_endpoint(service, **{TAG.replace(":", "_"): wanted}, **tags)
    drawbridge.await_state(developer.account, endpoint, "available")
    return endpoint


def untag(drawbridge: Drawbridge, developer: Developer, endpoint: str) -> None:
    """The endpoint asks no more to be found."""
    drawbridge.aws.client("ec2", developer.account).delete_tags(Resources=[endpoint], Tags=[{"Key": TAG}])


def await_found(drawbridge: Drawbridge, discovery: Discovery, endpoint: str) -> dict[str, dict[str, str]]:
    """Wait until an endpoint is found by each of its interfaces; what is told of them."""

    def look() -> dict[str, dict[str, str]]:
        found = discovery.found(NAMESPACE, NAME)
        of_it = {name: told for name, told in found.items() if name.startswith(endpoint)}
        return of_it if len(of_it) == 2 else {}

    return drawbridge.later_until(f"{endpoint} is found", look)


def await_targets(drawbridge: Drawbridge, group: TargetGroup, wanted: Iterable[str]) -> None:
    """Wait until these targets answer, there are no others, and nothing is left to do."""
    healthy = dict.fromkeys(wanted, "healthy")
    drawbridge.later_until(f"the targets are {sorted(healthy)}", lambda: group.states() == healthy)
    drawbridge.settle()
    assert group.states() == healthy


def service_of(discovery: Discovery, name: str = NAME) -> dict[str, Any]:
    """The service in which endpoints are registered."""
    namespace = discovery.namespace(NAMESPACE)
    assert namespace
    return discovery.services(namespace)[name]


def left(discovery: Discovery) -> list[str]:
    """What Drawbridge has made in Cloud Map and not taken away, but for namespaces: services and instances."""
    services = [service for one in discovery.namespaces() for service in discovery.services(one).values()]
    made = [service["Name"] for service in services if DEPLOYMENT in service.get("Description", "").split()]
    instances = [(name, told) for service in services for name, told in discovery.instances(service).items()]
    return made + [name for name, told in instances if "drawbridge.owner" in told]


def await_held(drawbridge: Drawbridge, since: int, reason: str, about: str) -> dict[str, Any]:
    """Wait until sync-cloud-map tells that it leaves something as it is; the line, of which `about` is a part."""

    def look() -> list[dict[str, Any]]:
        drawbridge.settle()
        held = drawbridge.sync_cloud_map.log.decisions(since, decision="hold", reason=reason)
        return [line for line in held if about in str(line)]

    return wait_until(f"{about} is held for {reason}", look, explain=drawbridge.explain)[0]


def calls_after(drawbridge: Drawbridge, after: int) -> list[dict[str, Any]]:
    """The calls of the function after that number, in whichever account."""
    calls = [call for role in (CLOUD_MAP_ROLE, MEMBER_ROLE) for call in function_calls(drawbridge, after, role)]
    return [call for call in calls if call["operation"] not in ("assume_role", "AssumeRole")]


def written(drawbridge: Drawbridge, after: int) -> list[str]:
    """The operations by which the function changed what it keeps in step, after that number."""
    kept = [call for call in calls_after(drawbridge, after) if call["service"] in KEPT]
    return [call["operation"] for call in writing(kept)]


def sweep(drawbridge: Drawbridge) -> None:
    """Let the schedule's time come, and all that comes of it."""
    drawbridge.sweep()
    drawbridge.settle()


@contextmanager
def unheard(drawbridge: Drawbridge) -> Iterator[None]:
    """What happens within the block, sync-cloud-map is never told of."""
    function = drawbridge.sync_cloud_map
    drawbridge.settle()
    function.enable_mapping(False)
    try:
        yield
        for other in drawbridge.functions:
            if other is not function:
                other.settle()
    finally:
        function.forget_messages()
        function.enable_mapping(True)
