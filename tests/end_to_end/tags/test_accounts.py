"""What tags say of an account follows the account: by events of the Organization, everywhere at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from deployment.developer import ROLE, Developer
from deployment.drawbridge import Drawbridge
from deployment.tags import Tags
from emulator.organization_sample import MANAGEMENT, ORGANIZATIONS_REGION, WORKLOADS_MEMBER, EndpointService

from .tagged import await_everywhere, await_on_connection

HOME, AWAY, INNER = "workloads", "sandbox", "payments"


@pytest.fixture
def endpoint(drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags) -> Iterator[str]:
    """An endpoint that is tagged, as its connection is; afterwards the account is where it was, as it was."""
    created = developer.create_endpoint(service)
    await_everywhere(drawbridge, tags, created, creator=ROLE, unit=HOME, cost_centre="unallocated")
    await_on_connection(drawbridge, service, created, consumer_unit=HOME)
    drawbridge.settle()
    yield created
    (parent,) = organizations(drawbridge).list_parents(ChildId=WORKLOADS_MEMBER)["Parents"]
    if parent["Id"] != drawbridge.sample.units[HOME]:
        drawbridge.sample.move(WORKLOADS_MEMBER, HOME)
    organizations(drawbridge).untag_resource(ResourceId=WORKLOADS_MEMBER, TagKeys=["cost-centre"])
    await_everywhere(drawbridge, tags, created, unit=HOME, cost_centre="unallocated")
    drawbridge.settle()


def organizations(drawbridge: Drawbridge) -> Any:
    """Organizations as the management account calls it."""
    return drawbridge.aws.client("organizations", MANAGEMENT, ORGANIZATIONS_REGION)


def test_account_that_moves_has_its_unit_changed_on_endpoint_interfaces_and_connection(
    drawbridge: Drawbridge, service: EndpointService, endpoint: str, tags: Tags
) -> None:
    drawbridge.sample.move(WORKLOADS_MEMBER, AWAY)
    await_everywhere(drawbridge, tags, endpoint, unit=AWAY, creator=ROLE)
    await_on_connection(drawbridge, service, endpoint, consumer_unit=AWAY)


def test_tag_of_the_account_is_followed_on_endpoint_and_interfaces(
    drawbridge: Drawbridge, endpoint: str, tags: Tags
) -> None:
    drawbridge.sample.tag(WORKLOADS_MEMBER, **{"cost-centre": "4711"})
    await_everywhere(drawbridge, tags, endpoint, cost_centre="4711")
    drawbridge.sample.tag(WORKLOADS_MEMBER, **{"cost-centre": "4712"})
    await_everywhere(drawbridge, tags, endpoint, cost_centre="4712")
    organizations(drawbridge).untag_resource(ResourceId=WORKLOADS_MEMBER, TagKeys=["cost-centre"])
    await_everywhere(drawbridge, tags, endpoint, cost_centre="unallocated")


def test_unit_within_a_unit_is_told_with_its_path_and_a_new_name_by_the_sweep(
    drawbridge: Drawbridge, service: EndpointService, endpoint: str, tags: Tags
) -> None:
    units, api = drawbridge.sample.units, organizations(drawbridge)
    made = api.create_organizational_unit(ParentId=units[HOME], Name=INNER)["OrganizationalUnit"]
    units[INNER] = made["Id"]
    drawbridge.sample.move(WORKLOADS_MEMBER, INNER)
    await_everywhere(drawbridge, tags, endpoint, unit=f"{HOME}/{INNER}")
    await_on_connection(drawbridge, service, endpoint, consumer_unit=f"{HOME}/{INNER}")
    api.update_organizational_unit(OrganizationalUnitId=made["Id"], Name="money")
    drawbridge.settle()
    drawbridge.sweep()
    await_everywhere(drawbridge, tags, endpoint, unit=f"{HOME}/money")
    await_on_connection(drawbridge, service, endpoint, consumer_unit=f"{HOME}/money")


def test_what_another_account_has_is_left_when_an_account_moves(
    drawbridge: Drawbridge, neighbour: Developer, service: EndpointService, endpoint: str, tags: Tags
) -> None:
    other = neighbour.create_endpoint(service)
    of_neighbour = Tags(drawbridge.aws, neighbour.account)
    await_everywhere(drawbridge, of_neighbour, other, session="bob", unit=AWAY)
    drawbridge.settle()
    before = of_neighbour.of_endpoint_and_interfaces(other)
    drawbridge.sample.move(WORKLOADS_MEMBER, "infrastructure")
    await_everywhere(drawbridge, tags, endpoint, unit="infrastructure")
    drawbridge.settle()
    assert of_neighbour.of_endpoint_and_interfaces(other) == before
