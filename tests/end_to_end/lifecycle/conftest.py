"""A Drawbridge of its own for these tests: sweeps look at few services, and the Organization may change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import local_aws
from emulator.organization_sample import EndpointService

from ..bus_listener import BusListener


@pytest.fixture(scope="package")
def drawbridge() -> Iterator[Drawbridge]:
    """A Drawbridge in mode enforce, with a grace of a day."""
    with local_aws() as aws:
        yield deploy(aws)


@pytest.fixture(scope="package")
def listener(drawbridge: Drawbridge) -> BusListener:
    """A listener at its bus."""
    return BusListener(drawbridge)


@pytest.fixture
def service(drawbridge: Drawbridge) -> EndpointService:
    """A service of the test's own."""
    return drawbridge.offer_service(notified=["Connect"])
