"""A Drawbridge of its own for these tests: it writes tags, and the Organization may change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployment.developer import Developer
from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import local_aws
from deployment.tags import Tags
from emulator.organization_sample import HUB, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from .rules import TAG_KEYS, WRITE

CONSUMERS = (HUB, WORKLOADS_MEMBER, SANDBOX_MEMBER)


@pytest.fixture(scope="package")
def drawbridge() -> Iterator[Drawbridge]:
    """A Drawbridge in mode enforce that keeps the tags of `rules` in step."""
    with local_aws() as aws:
        deployed = deploy(
            aws,
            tag_resources=True,
            ConsumerAccounts=",".join(CONSUMERS),
            DnsAccounts=HUB,
            WriteZones="yes",
            WriteTags="yes",
            TagKeys=",".join(TAG_KEYS),
        )
        deployed.reconfigure(tags={"write": WRITE})
        yield deployed


@pytest.fixture(scope="package")
def service(drawbridge: Drawbridge) -> EndpointService:
    """A service of the hub that everybody connects to."""
    return drawbridge.offer_service(notified=["Connect"])


@pytest.fixture
def developer(drawbridge: Drawbridge, tidied: None) -> Iterator[Developer]:
    """Somebody at work in a member account, whose endpoints are deleted in the end."""
    yield from at_work(drawbridge, WORKLOADS_MEMBER, "alice")


@pytest.fixture
def neighbour(drawbridge: Drawbridge, tidied: None) -> Iterator[Developer]:
    """Somebody at work in another member account."""
    yield from at_work(drawbridge, SANDBOX_MEMBER, "bob")


def at_work(drawbridge: Drawbridge, account: str, session: str) -> Iterator[Developer]:
    """Somebody at work, and the end of it."""
    somebody = Developer(drawbridge.aws, account, drawbridge.sample.networks[account], session)
    yield somebody
    somebody.delete_endpoints()
    drawbridge.settle()


@pytest.fixture
def tags(drawbridge: Drawbridge) -> Tags:
    """Tags of the member account."""
    return Tags(drawbridge.aws, WORKLOADS_MEMBER)


@pytest.fixture
def tags_of_hub(drawbridge: Drawbridge) -> Tags:
    """Tags of the hub account."""
    return Tags(drawbridge.aws, HUB)


@pytest.fixture
def changed_rules(drawbridge: Drawbridge, tidied: None) -> Iterator[None]:
    """Afterwards the rules of these tests are in force again, and the configuration beside them."""
    yield
    drawbridge.aws.control("DELETE", "faults")
    drawbridge.forget_messages()
    drawbridge.reconfigure(tags={"write": WRITE})
