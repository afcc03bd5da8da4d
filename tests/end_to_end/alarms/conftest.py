"""A Drawbridge of its own for these tests: it makes alarms, and its configuration changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from deployment.alarms import Alarms
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import local_aws
from deployment.topics import Topic
from emulator.organization_sample import HUB, PROVIDER, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from . import rules
from .watched import Behind, delete_service, put_behind

CONSUMERS = (HUB, WORKLOADS_MEMBER, SANDBOX_MEMBER)


@pytest.fixture(scope="package")
def drawbridge() -> Iterator[Drawbridge]:
    """A Drawbridge in mode enforce that may make alarms."""
    with local_aws() as aws:
        may = {"ConsumerAccounts": ",".join(CONSUMERS), "WriteAlarms": "yes", "MakeObservabilitySink": "yes"}
        yield deploy(aws, publish_alarms=True, **may)


@pytest.fixture(scope="package")
def topics(drawbridge: Drawbridge) -> dict[str, Topic]:
    """The topics that alarms tell, by severity."""
    return {severity: Topic(drawbridge.aws, f"alarms-{severity}") for severity in rules.SEVERITIES}


@pytest.fixture(scope="package")
def configure(drawbridge: Drawbridge, topics: dict[str, Topic]) -> Callable[..., None]:
    """Puts the configuration of these tests in force, in which some of `alarms` is otherwise."""

    def deploy_it(parts: dict[str, Any] | None = None, **alarms: Any) -> None:
        arns = {severity: topic.arn for severity, topic in topics.items()}
        drawbridge.reconfigure(**(parts or {}), alarms=rules.alarms(arns, **alarms))

    deploy_it()
    return deploy_it


@pytest.fixture(autouse=True)
def configured(drawbridge: Drawbridge, configure: Callable[..., None], tidied: None) -> Iterator[None]:
    """Every test begins with the configuration of these tests, and with the settings of none before it."""
    yield
    drawbridge.aws.control("POST", "settings", {"suppression_second_ms": 1000})


@pytest.fixture
def changed_configuration(
    drawbridge: Drawbridge, configure: Callable[..., None], configured: None
) -> Iterator[Callable[..., None]]:
    """Afterwards the configuration of these tests is in force again, and all is as it says."""
    yield configure
    drawbridge.aws.control("DELETE", "faults")
    drawbridge.forget_messages()
    configure()
    drawbridge.sweep()
    drawbridge.settle()


@pytest.fixture(scope="package")
def service(drawbridge: Drawbridge, configure: Callable[..., None]) -> EndpointService:
    """A service of the hub that everybody connects to."""
    return drawbridge.offer_service(notified=["Connect"])


@pytest.fixture
def offered(drawbridge: Drawbridge, configured: None) -> Iterator[EndpointService]:
    """A service of the hub for this test alone."""
    made = drawbridge.offer_service(notified=["Connect"])
    yield made
    delete_service(drawbridge, made)


@pytest.fixture
def behind(drawbridge: Drawbridge, offered: EndpointService) -> Behind:
    """A listener with a target group at that service's load balancer."""
    return put_behind(drawbridge, offered)


@pytest.fixture
def of_provider(drawbridge: Drawbridge, configured: None) -> Iterator[EndpointService]:
    """A service of another account than the hub, for this test alone."""
    made = drawbridge.offer_service(PROVIDER, notified=["Connect"])
    yield made
    delete_service(drawbridge, made)


@pytest.fixture
def developer(drawbridge: Drawbridge, configured: None) -> Iterator[Developer]:
    """Somebody at work in a member account, whose endpoints are deleted in the end."""
    yield from at_work(drawbridge, WORKLOADS_MEMBER, "alice")


@pytest.fixture
def neighbour(drawbridge: Drawbridge, configured: None) -> Iterator[Developer]:
    """Somebody at work in another member account."""
    yield from at_work(drawbridge, SANDBOX_MEMBER, "bob")


@pytest.fixture
def at_home(drawbridge: Drawbridge, configured: None) -> Iterator[Developer]:
    """Somebody at work in the hub account, where the services are, too."""
    yield from at_work(drawbridge, HUB, "carol")


def at_work(drawbridge: Drawbridge, account: str, session: str) -> Iterator[Developer]:
    """Somebody at work, and the end of it."""
    somebody = Developer(drawbridge.aws, account, drawbridge.sample.networks[account], session)
    yield somebody
    somebody.delete_endpoints()
    drawbridge.settle()


@pytest.fixture
def alarms(drawbridge: Drawbridge) -> Alarms:
    """Alarms of the member account."""
    return Alarms(drawbridge.aws, WORKLOADS_MEMBER)


@pytest.fixture
def alarms_of_hub(drawbridge: Drawbridge) -> Alarms:
    """Alarms of the hub account."""
    return Alarms(drawbridge.aws, HUB)


@pytest.fixture
def alarms_of_provider(drawbridge: Drawbridge) -> Alarms:
    """Alarms of the other provider's account."""
    return Alarms(drawbridge.aws, PROVIDER)
