"""AWS refuses, can't, or does half of it: what failed is told with its call, the rest is done, and the next run repairs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from deployment.developer import ROLE, Developer
from deployment.domains import Domains
from deployment.drawbridge import TAGS_ROLE, Drawbridge
from deployment.tags import Tags
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, SUSPENDED_MEMBER, EndpointService

from ..function_calls import MEMBER_ROLE, count_operations
from ..ordered_faults import UNTIL_CLEARED, clear, hits, order
from .conftest import CONSUMERS
from .rules import ENDPOINTS, WAVE, WRITE
from .tagged import await_everywhere, await_failure, calls_of, written

WAVES = count(1)
MANY = 8


@pytest.fixture
def wave(drawbridge: Drawbridge, changed_rules: None) -> str:
    """A tag that nothing has yet, on all endpoints and zones: the value. The next sweep writes it in batches."""
    # What has nothing to do with the wave is in step.
    drawbridge.sweep()
    drawbridge.settle()
    value = f"wave-{next(WAVES)}"
    drawbridge.reconfigure(tags={"write": WRITE | {WAVE: {"from": value, "on": [*ENDPOINTS, "hosted-zone"]}}})
    return value


@pytest.mark.usefixtures("changed_rules")
def test_key_that_the_role_may_not_write_is_refused_and_told_with_the_call(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags, since: int
) -> None:
    drawbridge.reconfigure(tags={"write": WRITE | {"smuggled": {"from": "{region}", "on": ["endpoint"]}}})
    endpoint = developer.create_endpoint(service)
    line = await_failure(drawbridge, since, "ec2:CreateTags", developer.account, "UnauthorizedOperation")
    assert line["level"] == "ERROR"
    assert tags.of_endpoint(endpoint) == {}
    # The key is for endpoints only: the interfaces have theirs by a call of their own.
    what = f"the interfaces of {endpoint} are tagged"
    wait_until(
        what,
        lambda: {found.get("creator") for found in tags.of_interfaces(endpoint).values()} == {ROLE},
        explain=drawbridge.explain,
    )
    drawbridge.forget_messages()
    drawbridge.reconfigure(tags={"write": WRITE})
    drawbridge.sweep()
    await_everywhere(drawbridge, tags, endpoint, unit="workloads")


@pytest.mark.usefixtures("changed_rules")
def test_member_without_the_role_is_told_and_the_others_are_served(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags, since: int
) -> None:
    drawbridge.reconfigure(tags={"write": WRITE}, consumers={"accounts": [*CONSUMERS, SUSPENDED_MEMBER]})
    drawbridge.tag_resources.enable_mapping(False)
    endpoint = developer.create_endpoint(service)
    drawbridge.await_state(developer.account, endpoint, "available")
    drawbridge.tag_resources.forget_messages()
    drawbridge.sweep()
    drawbridge.tag_resources.enable_mapping(True)
    await_everywhere(drawbridge, tags, endpoint, unit="workloads")
    line = await_failure(drawbridge, since, SUSPENDED_MEMBER)
    assert line["level"] == "ERROR"


def test_throttled_write_comes_back(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags, since: int
) -> None:
    fault = order(drawbridge, "ec2", "CreateTags", role=MEMBER_ROLE, code="RequestLimitExceeded", count=UNTIL_CLEARED)
    endpoint = developer.create_endpoint(service)
    await_failure(drawbridge, since, "ec2:CreateTags", "RequestLimitExceeded", endpoint)
    assert hits(drawbridge, fault) > 1, "the SDK tries again by itself"
    clear(drawbridge, fault)
    wait_until("nothing is in hand", lambda: not drawbridge.tag_resources.at_work())
    drawbridge.tag_resources.time_out_messages()
    # Who made it was in the message that has come back.
    await_everywhere(drawbridge, tags, endpoint, creator=ROLE, unit="workloads")


def test_half_of_a_batch_is_gone_when_it_is_written_and_the_other_half_gets_its_tags(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService, tags: Tags, wave: str
) -> None:
    endpoints = [developer.create_endpoint(service) for _ in range(MANY)]
    for endpoint in endpoints:
        await_everywhere(drawbridge, tags, endpoint, creator=ROLE, wave=wave)
    drawbridge.settle()
    value = f"{wave}-again"
    drawbridge.reconfigure(tags={"write": WRITE | {WAVE: {"from": value, "on": ENDPOINTS}}})
    fault = order(drawbridge, "ec2", "CreateTags", role=MEMBER_ROLE, account=developer.account, hold=True)
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    wait_until("the batch is about to be written", lambda: hits(drawbridge, fault), explain=drawbridge.explain)
    gone, there = endpoints[: MANY // 2], endpoints[MANY // 2 :]
    developer.client("ec2").delete_vpc_endpoints(VpcEndpointIds=gone)
    clear(drawbridge, fault)
    for endpoint in there:
        await_everywhere(drawbridge, tags, endpoint, wave=value)
    drawbridge.settle()
    calls = [call for call in calls_of(drawbridge, after) if call["account"] == developer.account]
    sizes = [len(call["parameters"]["Resources"]) for call in calls if call["operation"] == "CreateTags"]
    assert sizes[0] == MANY * (1 + len(developer.network.subnet_ids)), "all resources with equal tags in one call"
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.settle()
    assert written(drawbridge, after) == []


@pytest.fixture
def zones(drawbridge: Drawbridge, service: EndpointService) -> Iterator[list[str]]:
    """Two private zones that sync-dns has made."""
    domains, names = Domains(drawbridge.aws), ["one.corp.example", "two.corp.example"]
    endpoints = [drawbridge.request_connection(HUB, service, dns_name=name) for name in names]
    drawbridge.later_until(
        "both names have records",
        lambda: all(domains.zones(name) and domains.records(domains.zones(name)[0]) for name in names),
    )
    yield [domains.zones(name)[0] for name in names]
    drawbridge.aws.client("ec2", HUB).delete_vpc_endpoints(VpcEndpointIds=endpoints)
    drawbridge.later_until("both zones are gone", lambda: not any(domains.zones(name) for name in names))


def test_resource_that_an_answer_without_error_reports_as_failed_is_told_and_tagged_by_the_next_run(
    drawbridge: Drawbridge, zones: list[str], tags_of_hub: Tags, wave: str, since: int
) -> None:
    failing, other = zones
    arn = f"arn:aws:route53:::hostedzone/{failing}"
    order(
        drawbridge,
        "resourcegroupstaggingapi",
        "TagResources",
        role=TAGS_ROLE,
        unsuccessful=[arn],
        code="InternalServiceException",
    )
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    await_failure(drawbridge, since, "tag:TagResources", failing, "InternalServiceException")
    assert tags_of_hub.of_zone(other).get(WAVE) == wave
    assert WAVE not in tags_of_hub.of_zone(failing)
    assert count_operations(calls_of(drawbridge, after))["TagResources"] == 1, "both in one call"
    drawbridge.forget_messages()
    drawbridge.sweep()
    drawbridge.settle()
    assert tags_of_hub.of_zone(failing)[WAVE] == wave
