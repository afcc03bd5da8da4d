"""A Drawbridge of its own for these tests: it writes to Cloud Map, and its configuration changes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from deployment.developer import Developer
from deployment.discovery import Discovery, addresses_of
from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import local_aws
from deployment.target_groups import TargetGroup, put_behind
from emulator.organization_sample import HUB, WORKLOADS_MEMBER, EndpointService

from .found import NAMESPACE, left

NUMBERS = itertools.count(1)
# How long, in milliseconds, operations of Cloud Map are under way, and targets begin and drain.
SOON = {"cloud_map_operation_ms": 100, "target_initial_ms": 100, "target_draining_ms": 300}
SETTINGS = {
    "endpoints": "register",
    "namespace": NAMESPACE,
    "make": "http-namespace",
    "targets": "tagged",
    "take-up-zones": True,
}


@pytest.fixture(scope="package")
def drawbridge() -> Iterator[Drawbridge]:
    """A Drawbridge in mode enforce that may write to Cloud Map and register targets."""
    with local_aws() as aws:
        may = {"ConsumerAccounts": f"{HUB},{WORKLOADS_MEMBER}", "WriteCloudMap": "dns", "WriteTargets": "yes"}
        deployed = deploy(aws, sync_cloud_map=True, **may)
        deployed.reconfigure(**{"cloud-map": SETTINGS})
        yield deployed


@pytest.fixture(autouse=True)
def configured(drawbridge: Drawbridge, tidied: None) -> Iterator[None]:
    """Every test begins with operations that end soon, and with targets that answer and are gone soon."""
    drawbridge.aws.control("POST", "settings", SOON)
    yield
    drawbridge.aws.control("POST", "settings", SOON)


@pytest.fixture
def reconfigured(drawbridge: Drawbridge, configured: None) -> Iterator[Callable[..., None]]:
    """Puts other settings in force for the test, and other parts of the configuration."""

    def deploy_it(parts: dict[str, Any] | None = None, **settings: Any) -> None:
        named = {name.replace("_", "-"): value for name, value in settings.items()}
        drawbridge.reconfigure(**(parts or {}), **{"cloud-map": SETTINGS | named})

    yield deploy_it
    deploy_it()


@pytest.fixture
def offered(drawbridge: Drawbridge, configured: None) -> EndpointService:
    """A service of the hub account, for this test alone."""
    return drawbridge.offer_service(HUB)


@pytest.fixture
def developer(drawbridge: Drawbridge, discovery: Discovery, configured: None) -> Iterator[Developer]:
    """Somebody at work in a member account, whose endpoints are deleted in the end, and are found no more."""
    network = drawbridge.sample.networks[WORKLOADS_MEMBER]
    somebody = Developer(drawbridge.aws, WORKLOADS_MEMBER, network, "alice")
    yield somebody
    drawbridge.aws.control("DELETE", "faults")
    drawbridge.aws.control("POST", "settings", SOON)
    drawbridge.aws.control("POST", "cloud-map/operations/end")
    drawbridge.forget_messages()
    somebody.delete_endpoints()
    drawbridge.sweep()
    drawbridge.later_until("nothing is found any more", lambda: not left(discovery))


@pytest.fixture
def discovery(drawbridge: Drawbridge) -> Discovery:
    """Cloud Map of the member account."""
    return Discovery(drawbridge.aws, WORKLOADS_MEMBER)


@pytest.fixture
def at_provider(drawbridge: Drawbridge) -> Discovery:
    """Cloud Map of the hub account, where the services are."""
    return Discovery(drawbridge.aws, HUB)


@pytest.fixture
def tasks(at_provider: Discovery) -> dict[str, Any]:
    """A Cloud Map service of tasks, in a namespace of its own."""
    return at_provider.make_service(at_provider.make_namespace(f"inner-{next(NUMBERS)}"), "orders")


@pytest.fixture
def addresses(drawbridge: Drawbridge) -> list[str]:
    """Addresses in both zones, in turn."""
    return addresses_of(drawbridge.aws, HUB, drawbridge.sample.networks[HUB], 4)


@pytest.fixture
def make_group(drawbridge: Drawbridge, offered: EndpointService) -> Iterator[Callable[..., TargetGroup]]:
    """Puts target groups behind the service, with these tags (`cloud_map` is drawbridge:cloud-map)."""
    made: list[TargetGroup] = []

    def make(kind: str = "ip", **tags: str) -> TargetGroup:
        number, network = next(NUMBERS), drawbridge.sample.networks[HUB]
        group = put_behind(drawbridge.aws, offered, network, f"orders-{number}", 8080 + len(made), kind, **tags)
        made.append(group)
        return group

    yield make
    for group in made:
        group.delete()


@pytest.fixture
def group(make_group: Callable[..., TargetGroup], tasks: dict[str, Any]) -> TargetGroup:
    """A target group that follows the tasks."""
    return make_group(cloud_map=tasks["Arn"])
