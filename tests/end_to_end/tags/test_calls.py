"""What tags cost in API calls: an endpoint that is created, and a sweep of a world in step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from deployment.developer import ROLE, Developer
from deployment.drawbridge import Drawbridge
from deployment.tags import Tags
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, PROVIDER, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from ..function_calls import count_operations
from .tagged import KEEPERS, await_everywhere, calls_of, written

PROVIDERS = (HUB, PROVIDER)
READ_ENDPOINT = {"DescribeVpcEndpoints": 1, "DescribeNetworkInterfaces": 1}
READ_CONNECTION = {"DescribeVpcEndpointConnections": 1, "DescribeVpcEndpointServiceConfigurations": 1}
# The endpoint with its interfaces, and the connection.
WRITE_BOTH = {"CreateTags": 2}
# What is asked once for each account, or once more where two resources of a batch ask at the same time.
FOR_AN_ACCOUNT = {
    "AssumeRole",
    "DescribeAccount",
    "ListTagsForResource",
    "DescribeOrganizationalUnit",
    "DescribeEffectivePolicy",
}


@pytest.fixture
def alone_in_members(drawbridge: Drawbridge, developer: Developer, neighbour: Developer) -> Iterator[None]:
    """Nothing but tag-resources acts in the consumers' accounts: it shares its role there with sync-dns.

    It ends before the people at work do, whose last endpoints go with sync-dns awake.
    """
    drawbridge.sync_dns.enable_mapping(False)
    yield
    drawbridge.sync_dns.forget_messages()
    drawbridge.sync_dns.enable_mapping(True)


def create_and_count(drawbridge: Drawbridge, developer: Developer, service: EndpointService) -> Counter[str]:
    """The calls for an endpoint whose creation and acceptance come in one batch, and for the change of its tags after that."""
    function = drawbridge.tag_resources
    function.enable_mapping(False)
    endpoint = developer.create_endpoint(service)
    drawbridge.await_state(developer.account, endpoint, "available")
    drawbridge.accept_connections.settle()
    wait_until("creation and acceptance wait", lambda: function.waiting_messages() == 2, explain=drawbridge.explain)
    after = drawbridge.aws.last_call()
    function.enable_mapping(True)
    await_everywhere(drawbridge, Tags(drawbridge.aws, developer.account), endpoint, creator=ROLE)
    function.settle()
    return count_operations(calls_of(drawbridge, after))


@pytest.mark.usefixtures("alone_in_members", "single_environment")
def test_creation_of_an_endpoint_costs_four_reads_two_writes_and_a_look_at_what_was_written(
    drawbridge: Drawbridge, developer: Developer, service: EndpointService
) -> None:
    known = Counter(READ_ENDPOINT) + Counter(READ_CONNECTION) + Counter(WRITE_BOTH)
    # Tags of an endpoint that change wake the function: also those that it wrote itself.
    known += Counter(READ_ENDPOINT)
    first = create_and_count(drawbridge, developer, service)
    about_accounts = Counter({operation: count for operation, count in first.items() if operation in FOR_AN_ACCOUNT})
    assert about_accounts.keys() == FOR_AN_ACCOUNT
    assert max(about_accounts.values()) <= 2
    assert first - about_accounts == known
    assert create_and_count(drawbridge, developer, service) == known


@pytest.mark.usefixtures("alone_in_members")
def test_sweep_of_a_world_in_step_reads_each_thing_once_and_writes_nothing(
    drawbridge: Drawbridge, developer: Developer, neighbour: Developer, service: EndpointService, tags: Tags
) -> None:
    for _ in range(2):
        await_everywhere(drawbridge, tags, developer.create_endpoint(service), creator=ROLE)
        of_neighbour = Tags(drawbridge.aws, neighbour.account)
        await_everywhere(drawbridge, of_neighbour, neighbour.create_endpoint(service), creator=ROLE)
    drawbridge.tag_resources.settle()
    drawbridge.sweep()
    drawbridge.tag_resources.settle()
    drawbridge.tag_resources.end_environments()
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.accept_connections.settle()
    drawbridge.tag_resources.settle()
    assert written(drawbridge, after) == []
    calls = calls_of(drawbridge, after)

    def count_in(account: str, *services: str) -> Counter[str]:
        return count_operations([call for call in calls if call["account"] == account and call["service"] in services])

    for consumer in (WORKLOADS_MEMBER, SANDBOX_MEMBER):
        assert count_in(consumer, *KEEPERS) == READ_ENDPOINT
    # The hub is both, and has the zones.
    assert count_in(HUB, "ec2", "route53") == READ_ENDPOINT | READ_CONNECTION | {"ListHostedZones": 1}
    for provider in PROVIDERS:
        found = drawbridge.sample.services.values()
        looked_after = sum(known.opted_in and known.account == provider for known in found)
        # The tags of up to twenty of them are one call.
        behind = {"DescribeListeners": looked_after, "DescribeTargetGroups": looked_after, "DescribeTags": 1}
        assert count_in(provider, "elbv2") == behind
    policies = [call["parameters"]["TargetId"] for call in calls if call["operation"] == "DescribeEffectivePolicy"]
    assert set(policies) == {*PROVIDERS, WORKLOADS_MEMBER, SANDBOX_MEMBER}
