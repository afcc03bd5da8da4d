"""What a decision costs in API calls. Publishing the decisions is counted apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, PROVIDER, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from .function_calls import count_operations, function_calls

LOOK = {"DescribeVpcEndpointServiceConfigurations": 1, "DescribeVpcEndpointConnections": 1}
ACCEPT = LOOK | {"AcceptVpcEndpointConnections": 1, "CreateTags": 1}
REPORT = {"PutEvents": 1}
OWNERS = [HUB, PROVIDER, WORKLOADS_MEMBER, SANDBOX_MEMBER]
REQUESTS = 100


@contextmanager
def one_batch(drawbridge: Drawbridge, messages: int) -> Iterator[None]:
    """What is asked for in the block comes to the function as one batch of so many messages."""
    drawbridge.accept_connections.enable_mapping(False)
    yield
    wait_until(f"{messages} messages wait", lambda: drawbridge.accept_connections.waiting_messages() == messages)
    drawbridge.accept_connections.enable_mapping(True)


@pytest.fixture
def warm_service(drawbridge: Drawbridge, single_environment: None) -> EndpointService:
    """A service that the one warm environment has accepted a connection of the member at.

    It notifies of requests only: the notification of our own acceptance is an event of its own (below).
    """
    service = drawbridge.offer_service(notified=["Connect"])
    with one_batch(drawbridge, messages=2):
        endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, service)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.settle()
    return service


@pytest.fixture
def patient_mapping(drawbridge: Drawbridge, warm_service: EndpointService) -> Iterator[None]:
    """A batch goes to the function when it is full, however slowly it fills."""
    client, mapping = drawbridge.aws.client("lambda"), drawbridge.outputs["MappingId"]
    usual = client.get_event_source_mapping(UUID=mapping)["MaximumBatchingWindowInSeconds"]
    client.update_event_source_mapping(UUID=mapping, MaximumBatchingWindowInSeconds=300)
    yield
    client.update_event_source_mapping(UUID=mapping, MaximumBatchingWindowInSeconds=usual)


@pytest.mark.parametrize(
    ("account", "lookups"), [(WORKLOADS_MEMBER, {}), (SANDBOX_MEMBER, {"DescribeAccount": 1})], ids=["known", "unknown"]
)
def test_acceptance_in_a_warm_function_costs_four_calls_and_a_tag(
    drawbridge: Drawbridge, warm_service: EndpointService, account: str, lookups: dict[str, int]
) -> None:
    after = drawbridge.aws.last_call()
    with one_batch(drawbridge, messages=2):  # the notification, and the forwarded call
        endpoint = drawbridge.request_connection(account, warm_service)
    drawbridge.await_state(account, endpoint, "available")
    drawbridge.settle()
    assert count_operations(function_calls(drawbridge, after)) == ACCEPT | lookups | REPORT


@pytest.mark.usefixtures("patient_mapping")
def test_hundred_requests_in_a_batch_cost_little_more_than_one(
    drawbridge: Drawbridge, warm_service: EndpointService
) -> None:
    after = drawbridge.aws.last_call()
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 0})
    endpoints = {}
    with one_batch(drawbridge, messages=REQUESTS):
        for number in range(REQUESTS):
            owner = OWNERS[number % len(OWNERS)]
            endpoints[drawbridge.request_connection(owner, warm_service)] = owner
    drawbridge.settle()
    states = {id: item["VpcEndpointState"] for id, item in drawbridge.connections(warm_service).items()}
    assert {states[endpoint] for endpoint in endpoints} == {"available"}
    counts = count_operations(function_calls(drawbridge, after))
    # Ten events fit into a publication.
    assert counts.pop("PutEvents") == REQUESTS / 10
    assert counts.pop("DescribeAccount") <= len(OWNERS)
    assert counts == ACCEPT


def test_notification_of_our_own_acceptance_costs_another_look_and_no_write(
    drawbridge: Drawbridge, warm_service: EndpointService
) -> None:
    drawbridge.notify_of(warm_service, ["Accept"])
    after = drawbridge.aws.last_call()
    with one_batch(drawbridge, messages=2):
        endpoint = drawbridge.request_connection(WORKLOADS_MEMBER, warm_service)
    drawbridge.await_state(WORKLOADS_MEMBER, endpoint, "available")
    drawbridge.settle()
    twice = {operation: 2 for operation in LOOK}
    assert count_operations(function_calls(drawbridge, after)) == ACCEPT | twice | REPORT
