"""A Drawbridge of its own for these tests, with all that is done about names switched on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from deployment.configuration import POLICY
from deployment.domains import Domains
from deployment.drawbridge import Drawbridge, deploy
from deployment.local_aws import local_aws
from emulator.organization_sample import HUB, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from ..bus_listener import BusListener
from .names import NAMES, give_name, is_verified

ZONE = "example.com"
CONSUMERS = (HUB, WORKLOADS_MEMBER, SANDBOX_MEMBER)


@pytest.fixture(scope="package")
def drawbridge() -> Iterator[Drawbridge]:
    """A Drawbridge in mode enforce; names of one's own answer in the VPCs with the tag dns=yes."""
    with local_aws() as aws:
        deployed = deploy(
            aws,
            VerifyDomains="yes",
            ConsumerAccounts=",".join(CONSUMERS),
            PrivateNames="tagged",
            DnsAccounts=HUB,
            WriteZones="yes",
        )
        deployed.reconfigure(dns=NAMES)
        yield deployed


@pytest.fixture(scope="package")
def listener(drawbridge: Drawbridge) -> BusListener:
    """A listener at its bus."""
    return BusListener(drawbridge)


@pytest.fixture(scope="package")
def domains(drawbridge: Drawbridge) -> Domains:
    """Route 53 of the hub account."""
    return Domains(drawbridge.aws)


@pytest.fixture(scope="package")
def public_zone(drawbridge: Drawbridge, domains: Domains) -> str:
    """The public zone of `ZONE` in the hub account; its id."""
    zone = domains.make_zone(ZONE)
    domains.make_record(zone, f"www.{ZONE}", "A", "192.0.2.1")
    drawbridge.settle()
    return zone


@pytest.fixture(scope="package")
def named_service(drawbridge: Drawbridge, public_zone: str) -> EndpointService:
    """A service whose private DNS name, ready.`ZONE`, sync-dns had verified."""
    service = drawbridge.offer_service(notified=["Connect"])
    give_name(drawbridge, service, f"ready.{ZONE}")
    drawbridge.later_until(f"{service.id} is verified", lambda: is_verified(drawbridge, service))
    return service


@pytest.fixture(autouse=True)
def steady_states(drawbridge: Drawbridge, tidied: None) -> Iterator[None]:
    """Afterwards changes of state show at once again."""
    yield
    drawbridge.aws.control("POST", "settings", {"state_delay_ms": 0})


@pytest.fixture
def changed_configuration(drawbridge: Drawbridge, tidied: None) -> Iterator[None]:
    """Afterwards the configuration of these tests is in force again."""
    yield
    drawbridge.forget_messages()
    drawbridge.configuration.roll_to(1, POLICY)
    drawbridge.reconfigure(dns=NAMES)
