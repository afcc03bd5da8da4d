"""A Drawbridge of its own for these tests: it writes to Cloud Map, and its configuration changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from deployment.developer import Developer
from deployment.discovery import Discovery
from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import local_aws
from emulator.organization_sample import HUB, WORKLOADS_MEMBER, EndpointService

NAMESPACE = "shop"
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
    """Every test begins with operations that end soon."""
    yield
    drawbridge.aws.control("POST", "settings", {"cloud_map_operation_ms": 100})


@pytest.fixture
def reconfigured(drawbridge: Drawbridge, configured: None) -> Iterator[Callable[..., None]]:
    """Puts other settings in force for the test."""

    def deploy_it(**settings: Any) -> None:
        named = {name.replace("_", "-"): value for name, value in settings.items()}
        drawbridge.reconfigure(**{"cloud-map": SETTINGS | named})

    yield deploy_it
    deploy_it()


@pytest.fixture
def offered(drawbridge: Drawbridge, configured: None) -> EndpointService:
    """A service of the hub account, for this test alone."""
    return drawbridge.offer_service(HUB)


@pytest.fixture
def developer(drawbridge: Drawbridge, configured: None) -> Iterator[Developer]:
    """Somebody at work in a member account, whose endpoints are deleted in the end."""
    network = drawbridge.sample.networks[WORKLOADS_MEMBER]
    somebody = Developer(drawbridge.aws, WORKLOADS_MEMBER, network, "alice")
    yield somebody
    somebody.delete_endpoints()
    discovery = Discovery(drawbridge.aws, WORKLOADS_MEMBER)
    drawbridge.later_until("nothing is found any more", lambda: not left(discovery))


def left(discovery: Discovery) -> list[str]:
    """The services that are in the namespace."""
    namespace = discovery.namespace(NAMESPACE)
    return sorted(discovery.services(namespace)) if namespace else []


@pytest.fixture
def discovery(drawbridge: Drawbridge) -> Discovery:
    """Cloud Map of the member account."""
    return Discovery(drawbridge.aws, WORKLOADS_MEMBER)


@pytest.fixture
def at_provider(drawbridge: Drawbridge) -> Discovery:
    """Cloud Map of the hub account, where the services are."""
    return Discovery(drawbridge.aws, HUB)
