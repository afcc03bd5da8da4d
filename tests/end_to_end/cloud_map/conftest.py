"""A Drawbridge of its own for these tests: it writes to Cloud Map and to target groups, and its configuration changes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from deployment.cloud_map import CloudMap
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import local_aws
from deployment.targets import TargetGroup
from emulator.organization_sample import HUB, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from ..alarms.watched import delete_service, put_behind
from . import rules

CONSUMERS = (HUB, WORKLOADS_MEMBER, SANDBOX_MEMBER)
NUMBERS = itertools.count(1)


@pytest.fixture(scope="package")
def drawbridge() -> Iterator[Drawbridge]:
    """A Drawbridge in mode enforce that may write to Cloud Map and to target groups."""
    with local_aws() as aws:
        may = {"ConsumerAccounts": ",".join(CONSUMERS), "WriteCloudMap": "dns", "WriteTargets": "yes"}
        deployed = deploy(aws, sync_cloud_map=True, **may)
        deployed.reconfigure(cloud_map=rules.cloud_map())
        yield deployed


@pytest.fixture
def changed_configuration(drawbridge: Drawbridge, tidied: None) -> Iterator[Callable[..., None]]:
    """Configures otherwise; afterwards the configuration of these tests is in force again, and all is as it says."""

    def configure(parts: dict[str, Any] | None = None, **cloud_map: Any) -> None:
        drawbridge.reconfigure(**(parts or {}), cloud_map=rules.cloud_map(**cloud_map))

    yield configure
    drawbridge.aws.control("DELETE", "faults")
    drawbridge.forget_messages()
    configure()
    drawbridge.sweep()
    drawbridge.settle()


@pytest.fixture(scope="package")
def service(drawbridge: Drawbridge) -> EndpointService:
    """A service of the hub that everybody connects to."""
    return drawbridge.offer_service(notified=["Connect"])


@pytest.fixture
def offered(drawbridge: Drawbridge, tidied: None) -> Iterator[EndpointService]:
    """A service of the hub for this test alone."""
    made = drawbridge.offer_service(notified=["Connect"])
    yield made
    delete_service(drawbridge, made)


@pytest.fixture
def name() -> str:
    """The name of a Cloud Map service for this test alone."""
    return f"payments-{next(NUMBERS)}"


@pytest.fixture
def developer(drawbridge: Drawbridge, tidied: None) -> Iterator[Developer]:
    """Somebody at work in a member account, whose endpoints are deleted in the end, and are found no more."""
    somebody = Developer(drawbridge.aws, WORKLOADS_MEMBER, drawbridge.sample.networks[WORKLOADS_MEMBER], "alice")
    yield somebody
    drawbridge.aws.control("DELETE", "faults")
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 1})
    somebody.delete_endpoints()
    of_consumer = CloudMap(drawbridge.aws, WORKLOADS_MEMBER)

    def is_tidy() -> bool:
        found = of_consumer.services(rules.NAMESPACE).values()
        return not any(known["InstanceCount"] and known.get("Description") for known in found)

    drawbridge.later_until("nothing of it is found", is_tidy)


@pytest.fixture
def of_consumer(drawbridge: Drawbridge) -> CloudMap:
    """Cloud Map of the member account."""
    return CloudMap(drawbridge.aws, WORKLOADS_MEMBER)


@pytest.fixture
def of_hub(drawbridge: Drawbridge) -> CloudMap:
    """Cloud Map of the hub account."""
    return CloudMap(drawbridge.aws, HUB)


@pytest.fixture(scope="package")
def tasks(drawbridge: Drawbridge) -> dict[str, Any]:
    """A namespace of the hub in which the tasks of ECS services are found."""
    return CloudMap(drawbridge.aws, HUB).make_namespace("tasks")


@pytest.fixture
def group(drawbridge: Drawbridge, offered: EndpointService) -> Iterator[TargetGroup]:
    """A target group of addresses behind that service."""
    behind = put_behind(drawbridge, offered)
    drawbridge.settle()
    made = TargetGroup(drawbridge.aws, offered.account, behind.target_group)
    yield made
    made.api.delete_listener(ListenerArn=behind.listener)
    made.api.delete_target_group(TargetGroupArn=made.arn)
    drawbridge.settle()
