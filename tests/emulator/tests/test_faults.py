"""Faults on order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from ..clients import ControlRefused
from .parties import CONSUMER, Party, error_of
from .running import RunningEmulator
from .sample_functions import eventually


def test_fault_hits_as_often_as_ordered(emulator: RunningEmulator) -> None:
    emulator.control(
        "POST", "faults", {"service": "ec2", "operation": "DescribeVpcs", "code": "RequestLimitExceeded", "count": 2}
    )
    ec2 = emulator.client("ec2")
    for _ in range(2):
        with pytest.raises(ClientError) as raised:
            ec2.describe_vpcs()
        assert raised.value.response["Error"]["Code"] == "RequestLimitExceeded"
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    ec2.describe_vpcs()
    assert [call["error"] for call in emulator.calls()] == ["RequestLimitExceeded", "RequestLimitExceeded", None]


def test_retrying_client_gets_past_a_fault(emulator: RunningEmulator) -> None:
    emulator.control("POST", "faults", {"service": "sqs", "operation": "*", "code": "InternalFailure"})
    emulator.client("sqs", attempts=3).list_queues()
    assert len(emulator.calls(operation="ListQueues")) == 2


def test_fault_hits_only_the_account_and_region_it_is_meant_for(emulator: RunningEmulator) -> None:
    order = {"service": "ec2", "operation": "DescribeVpcs", "code": "Unavailable", "count": -1}
    emulator.control("POST", "faults", {**order, "account": CONSUMER, "region": "eu-west-1"})
    emulator.client("ec2").describe_vpcs()
    emulator.client("ec2", account=CONSUMER, region="us-east-1").describe_vpcs()
    assert error_of(emulator.client("ec2", account=CONSUMER).describe_vpcs) == "Unavailable"


def test_fault_without_end_lasts_until_it_is_cleared(emulator: RunningEmulator) -> None:
    order = {"service": "organizations", "operation": "*", "code": "TooManyRequestsException", "count": -1}
    fault = emulator.control("POST", "faults", order)
    organizations = emulator.client("organizations", account="111111111111")
    for _ in range(3):
        assert error_of(organizations.create_organization) == "TooManyRequestsException"
    assert emulator.control("GET", "faults")["faults"][0]["hits"] == 3
    emulator.control("DELETE", f"faults/{fault['id']}")
    organizations.create_organization()


def draw(emulator: RunningEmulator, **order: object) -> list[bool]:
    """Which of fifty calls fail under this fault."""
    fault = {"service": "ec2", "operation": "*", "code": "Unavailable", "count": -1, **order}
    identifier = emulator.control("POST", "faults", fault)["id"]
    ec2, failed = emulator.client("ec2"), []
    for _ in range(50):
        try:
            ec2.describe_vpcs()
            failed.append(False)
        except ClientError:
            failed.append(True)
    emulator.control("DELETE", f"faults/{identifier}")
    return failed


def test_share_of_the_calls_fails_as_its_seed_draws_it(emulator: RunningEmulator) -> None:
    drawn = draw(emulator, share=0.4, seed=1)
    assert 5 < sum(drawn) < 35
    assert draw(emulator, share=0.4, seed=1) == drawn
    assert draw(emulator, share=0.4, seed=2) != drawn


def test_share_counts_the_calls_that_it_hits_and_lets_the_next_fault_have_the_others(emulator: RunningEmulator) -> None:
    second = {"service": "*", "operation": "DescribeVpcs", "code": "InternalError", "count": -1}
    emulator.control("POST", "faults", {"service": "ec2", "operation": "*", "code": "A", "share": 0.5, "count": 3})
    emulator.control("POST", "faults", second)
    codes = [error_of(emulator.client("ec2").describe_vpcs) for _ in range(30)]
    assert codes.count("A") == 3
    assert codes.count("InternalError") == 27


def test_call_is_held_until_the_fault_is_cleared(emulator: RunningEmulator) -> None:
    fault = emulator.control("POST", "faults", {"service": "sqs", "operation": "CreateQueue", "hold": True})
    sqs = emulator.client("sqs")
    with ThreadPoolExecutor() as threads:
        made = threads.submit(sqs.create_queue, QueueName="work")
        eventually(lambda: emulator.calls(operation="CreateQueue"))
        assert "QueueUrls" not in sqs.list_queues()
        emulator.control("DELETE", f"faults/{fault['id']}")
        made.result()
    assert len(sqs.list_queues()["QueueUrls"]) == 1


def test_call_takes_effect_before_a_late_fault(emulator: RunningEmulator) -> None:
    emulator.control(
        "POST", "faults", {"service": "sqs", "operation": "CreateQueue", "code": "InternalFailure", "after": True}
    )
    sqs = emulator.client("sqs")
    assert error_of(sqs.create_queue, QueueName="work") == "InternalFailure"
    assert len(sqs.list_queues()["QueueUrls"]) == 1


def test_connection_breaks_after_the_call_took_effect(emulator: RunningEmulator) -> None:
    emulator.control(
        "POST", "faults", {"service": "sqs", "operation": "CreateQueue", "disconnect": True, "after": True}
    )
    sqs = emulator.client("sqs")
    with pytest.raises((ConnectionClosedError, ReadTimeoutError)):
        sqs.create_queue(QueueName="work")
    assert len(sqs.list_queues()["QueueUrls"]) == 1


def test_items_of_a_batch_fail_and_the_others_succeed(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    first, second = consumer.connect(service)["VpcEndpointId"], consumer.connect(service)["VpcEndpointId"]
    provider.emulator.control(
        "POST",
        "faults",
        {
            "service": "ec2",
            "operation": "AcceptVpcEndpointConnections",
            "code": "InternalError",
            "message": "try again",
            "unsuccessful": [first],
        },
    )
    answer = provider.ec2.accept_vpc_endpoint_connections(
        ServiceId=service["ServiceId"], VpcEndpointIds=[first, second]
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["Unsuccessful"] == [{"ResourceId": first, "Error": {"Code": "InternalError", "Message": "try again"}}]
    assert provider.states() == {first: "pendingAcceptance", second: "available"}


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"service": "ec2"}, "needs service and operation"),
        ({"service": "ec2", "operation": "DescribeVpcs"}, "needs a code, delay_ms, hold or disconnect"),
        ({"service": "ec2", "operation": "DescribeVpcs", "code": "A", "share": 0}, "share is above 0"),
        ({"service": "ec2", "operation": "DescribeVpcs", "code": "A", "share": 1.5}, "share is above 0"),
        ({"service": "ec2", "operation": "DescribeVpcs", "code": "A", "unsuccessful": ["x"]}, "unsuccessful needs"),
        ({"service": "ec2", "operation": "DescribeVpcs", "code": "A", "often": 3}, "unknown members"),
    ],
)
def test_order_that_makes_no_sense_is_refused(emulator: RunningEmulator, order: dict[str, object], reason: str) -> None:
    with pytest.raises(ControlRefused, match=reason):
        emulator.control("POST", "faults", order)
