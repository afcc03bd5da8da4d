"""An endpoint, its interfaces and its connection carry who made them, for whom and at whose cost; what people write stays."""

from __future__ import annotations

import pytest
from deployment.developer import ROLE, Developer
from deployment.drawbridge import Drawbridge
from deployment.tags import Tags
from emulator.organization_sample import NAMES, WORKLOADS_MEMBER, EndpointService

from .rules import ENDPOINTS, MARK, WRITE, mark
from .tagged import (
    await_everywhere,
    await_held,
    await_on_connection,
    tag_by_hand,
    untag_by_hand,
    written,
)

NAME = NAMES[WORKLOADS_MEMBER]
OF_ENDPOINTS = {
    "creator": ROLE,
    "session": "alice",
    "owner-account": NAME,
    "unit": "workloads",
    "cost-centre": "unallocated",
    MARK: mark("creator", "session", "owner-account", "unit", "cost-centre"),
}


def test_endpoint_of_an_assumed_role_and_its_interfaces_carry_creator_account_unit_and_cost_centre(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags
) -> None:
    endpoint = developer.create_endpoint(service)
    await_everywhere(drawbridge, tags, endpoint, creator=ROLE)
    drawbridge.settle()
    assert len(tags.of_interfaces(endpoint)) == len(developer.network.subnet_ids)
    assert tags.of_endpoint_and_interfaces(endpoint) == [OF_ENDPOINTS] * (1 + len(developer.network.subnet_ids))


def test_accepted_connection_carries_its_consumer_and_the_policy_that_accepted_it(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService
) -> None:
    endpoint = developer.create_endpoint(service)
    await_on_connection(drawbridge, service, endpoint, consumer=f"{NAME} {WORKLOADS_MEMBER}")
    found = drawbridge.tags_of(service, endpoint)
    assert drawbridge.state_of(WORKLOADS_MEMBER, endpoint) == "available"
    assert (found["accepted-by"], found["consumer-unit"]) == (found["drawbridge:policy"], "workloads")
    assert found[MARK] == mark("consumer", "consumer-unit", "accepted-by")


def test_tags_of_a_person_stay_beside_ours(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags
) -> None:
    endpoint = developer.create_endpoint(service, Name="payments", team="red")
    await_everywhere(drawbridge, tags, endpoint, creator=ROLE)
    assert tags.of_endpoint(endpoint) == OF_ENDPOINTS | {"Name": "payments", "team": "red"}
    interface = next(iter(tags.of_interfaces(endpoint)))
    tag_by_hand(drawbridge, interface, Name="left leg")
    tag_by_hand(drawbridge, endpoint, team="blue")
    drawbridge.settle()
    drawbridge.sweep()
    drawbridge.settle()
    assert tags.of_endpoint(endpoint) == OF_ENDPOINTS | {"Name": "payments", "team": "blue"}
    assert tags.of_interfaces(endpoint)[interface] == OF_ENDPOINTS | {"Name": "left leg"}


def test_value_of_a_person_in_the_place_of_ours_stays_and_is_told(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags, since: int
) -> None:
    endpoint = developer.create_endpoint(service, unit="my own")
    line = await_held(drawbridge, since, endpoint, reason="FOREIGN_VALUE", tag_key="unit")
    assert (line["account"], line["region"]) == (WORKLOADS_MEMBER, drawbridge.aws.client("ec2").meta.region_name)
    drawbridge.settle()
    assert tags.of_endpoint(endpoint)["unit"] == "my own"
    assert tags.of_endpoint(endpoint)[MARK] == mark("creator", "session", "owner-account", "cost-centre")
    assert {found["unit"] for found in tags.of_interfaces(endpoint).values()} == {"workloads"}


@pytest.mark.parametrize("change", ["removed", "changed"])
def test_tag_of_ours_that_a_person_took_away_or_changed_is_put_right_by_the_event(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags, change: str
) -> None:
    endpoint = developer.create_endpoint(service)
    await_everywhere(drawbridge, tags, endpoint, unit="workloads")
    drawbridge.settle()
    if change == "removed":
        untag_by_hand(drawbridge, endpoint, "unit", "cost-centre")
    else:
        tag_by_hand(drawbridge, endpoint, unit="elsewhere")
    await_everywhere(drawbridge, tags, endpoint, unit="workloads", cost_centre="unallocated")
    drawbridge.settle()
    assert tags.of_endpoint(endpoint) == OF_ENDPOINTS


def test_creator_stays_whoever_changes_the_endpoint_later(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags
) -> None:
    endpoint = developer.create_endpoint(service)
    await_everywhere(drawbridge, tags, endpoint, creator=ROLE)
    somebody_else = Developer(drawbridge.aws, WORKLOADS_MEMBER, developer.network, "mallory")
    somebody_else.client("ec2").modify_vpc_endpoint(VpcEndpointId=endpoint, ResetPolicy=True)
    tag_by_hand(drawbridge, endpoint, Name="changed")
    drawbridge.settle()
    assert tags.of_endpoint(endpoint) == OF_ENDPOINTS | {"Name": "changed"}


def test_ignored_endpoint_gets_no_tag_and_neither_do_its_interfaces(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags
) -> None:
    ignored = developer.create_endpoint(service, drawbridge_ignore="true")
    served = developer.create_endpoint(service)
    await_everywhere(drawbridge, tags, served, creator=ROLE)
    drawbridge.sweep()
    drawbridge.settle()
    assert tags.of_endpoint(ignored) == {"drawbridge:ignore": "true"}
    assert set(map(str, tags.of_interfaces(ignored).values())) == {"{}"}


@pytest.mark.usefixtures("changed_rules")
def test_mode_observe_says_what_would_be_written_and_writes_nothing(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags, since: int
) -> None:
    # What others have made by now is in step: nothing but the endpoint is to be told of.
    drawbridge.sweep()
    drawbridge.settle()
    drawbridge.reconfigure(tags={"write": WRITE}, modes={"tag-resources": "observe"})
    endpoint = developer.create_endpoint(service)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.settle()
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.settle()
    assert written(drawbridge, after) == []
    assert tags.of_endpoint_and_interfaces(endpoint) == [{}] * (1 + len(developer.network.subnet_ids))
    proposed = drawbridge.tag_resources.log.decisions(since, decision="tag", result="proposed")
    told = [line for line in proposed if endpoint in str(line)]
    assert {line["mode"] for line in told} == {"observe"}
    assert {line["resource_kind"] for line in proposed} >= {*ENDPOINTS, "connection"}
