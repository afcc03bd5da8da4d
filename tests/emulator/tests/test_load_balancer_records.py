"""CloudTrail's records of load balancers, as EventBridge gets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .load_balancing import Balancer, make_balancer
from .parties import Party, error_of
from .queues import subscribe_queue

PATTERN = {
    "source": ["aws.elasticloadbalancing"],
    "detail-type": ["AWS API Call via CloudTrail"],
    "detail": {"eventSource": ["elasticloadbalancing.amazonaws.com"], "apiVersion": ["2015-12-01"]},
}


def forward(balancer: Balancer) -> list[dict[str, str]]:
    return [{"Type": "forward", "TargetGroupArn": balancer.target_groups[0]}]


# What is called, with which parameters, and which requestParameters come of it.
CALLS: dict[str, tuple[str, Callable[[Party, Balancer], dict[str, Any]], tuple[str, ...]]] = {
    "CreateListener": (
        "create_listener",
        lambda _, b: {"LoadBalancerArn": b.arn, "Protocol": "TCP", "Port": 8443, "DefaultActions": forward(b)},
        ("defaultActions", "loadBalancerArn", "port", "protocol"),
    ),
    "ModifyListener": (
        "modify_listener",
        lambda _, b: {"ListenerArn": b.listeners[0], "DefaultActions": forward(b)},
        ("defaultActions", "listenerArn"),
    ),
    "DeleteListener": ("delete_listener", lambda _, b: {"ListenerArn": b.listeners[0]}, ("listenerArn",)),
    "SetSubnets": (
        "set_subnets",
        lambda party, b: {"LoadBalancerArn": b.arn, "Subnets": party.network.subnet_ids},
        ("loadBalancerArn", "subnets"),
    ),
    "DeleteLoadBalancer": ("delete_load_balancer", lambda _, b: {"LoadBalancerArn": b.arn}, ("loadBalancerArn",)),
}


@pytest.mark.parametrize("name", CALLS)
def test_call_is_told_with_its_parameters(provider: Party, name: str) -> None:
    method, parameters, members = CALLS[name]
    balancer = make_balancer(provider)
    queue = subscribe_queue(provider, PATTERN)
    request = parameters(provider, balancer)
    getattr(provider.client("elbv2"), method)(**request)
    event = json.loads(queue.read(1)[0])
    record = event["detail"]
    assert (event["account"], event["region"]) == (provider.account, provider.region)
    assert (record["eventName"], record["recipientAccountId"]) == (name, provider.account)
    assert tuple(sorted(record["requestParameters"])) == members
    assert record["requestParameters"][members[-1]] == request[members[-1][:1].upper() + members[-1][1:]]


def test_deletion_of_a_target_group_is_told(provider: Party) -> None:
    balancer = make_balancer(provider)
    elbv2 = provider.client("elbv2")
    elbv2.delete_listener(ListenerArn=balancer.listeners[0])
    queue = subscribe_queue(provider, PATTERN)
    elbv2.delete_target_group(TargetGroupArn=balancer.target_groups[0])
    record = json.loads(queue.read(1)[0])["detail"]
    assert record["eventName"] == "DeleteTargetGroup"
    assert record["requestParameters"] == {"targetGroupArn": balancer.target_groups[0]}
    assert record["responseElements"] is None


def test_new_listener_is_in_the_record(provider: Party) -> None:
    queue = subscribe_queue(provider, PATTERN | {"detail": {"eventName": ["CreateListener"]}})
    balancer = make_balancer(provider)
    (listener,) = json.loads(queue.read(1)[0])["detail"]["responseElements"]["listeners"]
    assert (listener["listenerArn"], listener["loadBalancerArn"]) == (balancer.listeners[0], balancer.arn)


def test_refused_call_is_told_with_its_error(provider: Party) -> None:
    balancer = provider.make_service()["NetworkLoadBalancerArns"][0]
    queue = subscribe_queue(provider, PATTERN)
    assert error_of(provider.client("elbv2").delete_load_balancer, LoadBalancerArn=balancer) == "ResourceInUse"
    record = json.loads(queue.read(1)[0])["detail"]
    assert (record["errorCode"], record["responseElements"]) == ("ResourceInUse", None)
