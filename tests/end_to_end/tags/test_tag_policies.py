"""Tag policies of the Organization: what would not be compliant isn't written, and that is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from deployment.developer import ROLE, Developer
from deployment.drawbridge import Drawbridge
from deployment.tags import Tags
from emulator.organization_sample import MANAGEMENT, ORGANIZATIONS_REGION, WORKLOADS_MEMBER, EndpointService

from .rules import WRITE
from .tagged import await_everywhere, await_held

KIND = "TAG_POLICY"
# Cost centres are numbers that begin with 47, and units are spelt with a capital letter.
POLICY = {
    "tags": {
        "cost-centre": {"tag_key": {"@@assign": "cost-centre"}, "tag_value": {"@@assign": ["47*"]}},
        "unit": {"tag_key": {"@@assign": "Unit"}},
    }
}


@pytest.fixture
def tag_policy(drawbridge: Drawbridge, tidied: None) -> Iterator[None]:
    """A tag policy is attached to the root of the Organization, and goes afterwards."""
    api = organizations(drawbridge)
    root = drawbridge.sample.root_id
    api.enable_policy_type(RootId=root, PolicyType=KIND)
    made = api.create_policy(Name="cost-centres", Description="", Type=KIND, Content=json.dumps(POLICY))
    policy = made["Policy"]["PolicySummary"]["Id"]
    api.attach_policy(PolicyId=policy, TargetId=root)
    # Policies are remembered for a while.
    drawbridge.end_environments()
    yield
    api.detach_policy(PolicyId=policy, TargetId=root)
    api.delete_policy(PolicyId=policy)
    api.disable_policy_type(RootId=root, PolicyType=KIND)
    api.untag_resource(ResourceId=WORKLOADS_MEMBER, TagKeys=["cost-centre"])
    drawbridge.end_environments()


def organizations(drawbridge: Drawbridge) -> Any:
    """Organizations as the management account calls it."""
    return drawbridge.aws.client("organizations", MANAGEMENT, ORGANIZATIONS_REGION)


@pytest.mark.usefixtures("tag_policy")
def test_value_and_key_that_would_not_be_compliant_are_held_and_told(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags, since: int
) -> None:
    endpoint = developer.create_endpoint(service)
    line = await_held(drawbridge, since, endpoint, reason="TAG_POLICY", tag_key="cost-centre")
    assert "47*" in line["detail"]
    line = await_held(drawbridge, since, endpoint, reason="TAG_POLICY", tag_key="unit")
    assert "Unit" in line["detail"]
    await_everywhere(drawbridge, tags, endpoint, creator=ROLE)
    drawbridge.settle()
    found = tags.of_endpoint_and_interfaces(endpoint)
    assert all(not each.keys() & {"cost-centre", "unit"} for each in found)

    drawbridge.sample.tag(WORKLOADS_MEMBER, **{"cost-centre": "4711"})
    await_everywhere(drawbridge, tags, endpoint, cost_centre="4711")
    drawbridge.sample.tag(WORKLOADS_MEMBER, **{"cost-centre": "none"})
    drawbridge.settle()
    assert {each["cost-centre"] for each in tags.of_endpoint_and_interfaces(endpoint)} == {"4711"}


@pytest.mark.usefixtures("tag_policy", "changed_rules")
def test_tag_policy_is_not_heeded_where_the_configuration_says_so(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags
) -> None:
    drawbridge.reconfigure(tags={"write": WRITE, "tag-policies": "ignore"})
    endpoint = developer.create_endpoint(service)
    await_everywhere(drawbridge, tags, endpoint, cost_centre="unallocated", unit="workloads")
