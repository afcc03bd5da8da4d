"""One deployed Drawbridge for the whole session; each test has services and endpoints of its own.

`lifecycle` and `principals`, which change the Organization and the configuration, have one each: it ends with its folder.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import local_aws

from .guests import Guests

# The quota of endpoints of a VPC: the tests share the VPCs of the sample.
MANY_ENDPOINTS = 10_000


@pytest.fixture(scope="session")
def drawbridge() -> Iterator[Drawbridge]:
    """A Drawbridge in mode enforce."""
    with local_aws() as aws:
        deployed = deploy(aws)
        aws.control("POST", "settings", {"endpoints_per_vpc": MANY_ENDPOINTS})
        yield deployed


@pytest.fixture(autouse=True)
def tidied(drawbridge: Drawbridge) -> Iterator[None]:
    """Leaves nothing to the next test: no fault, no setting, no message that waits to come back."""
    yield
    drawbridge.aws.control("DELETE", "faults")
    drawbridge.aws.control("DELETE", "calls")
    drawbridge.forget_messages()
    drawbridge.forget_dead_letters()
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 1, "environments_of_a_function": 1000})
    drawbridge.accept_connections.enable_mapping(True)
    drawbridge.watch_organization.enable_mapping(True)


@pytest.fixture
def guests(drawbridge: Drawbridge, tidied: None) -> Iterator[Guests]:
    """Accounts of the test's own."""
    guests = Guests(drawbridge)
    yield guests
    guests.end()


@pytest.fixture
def since() -> int:
    """Now, as the log counts time: for what the log says from here on."""
    return int(time.time() * 1000)


@pytest.fixture
def single_environment(drawbridge: Drawbridge, tidied: None) -> None:
    """At most one environment of each function, so that it is known which one answers."""
    drawbridge.end_environments()
    drawbridge.aws.control("POST", "settings", {"environments_of_a_function": 1})


@pytest.fixture
def changed_configuration(drawbridge: Drawbridge, tidied: None) -> Iterator[None]:
    """Afterwards, the configuration of the stack is in force again."""
    yield
    for document in ("PolicyProfileId", "ConfigurationProfileId"):
        drawbridge.configuration.roll_to(1, document)
    drawbridge.forget_messages()
    drawbridge.end_environments()
