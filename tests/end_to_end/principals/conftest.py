"""A Drawbridge of its own, which manages allowed principals by the parameter of its stack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import local_aws

from ..bus_listener import BusListener


@pytest.fixture(scope="package")
def drawbridge() -> Iterator[Drawbridge]:
    """A Drawbridge in mode enforce that manages principals."""
    with local_aws() as aws:
        yield deploy(aws, ManagePrincipals="yes")


@pytest.fixture(scope="package")
def listener(drawbridge: Drawbridge) -> BusListener:
    """A listener at its bus."""
    return BusListener(drawbridge)
