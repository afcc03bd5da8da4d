"""Targets of groups of type ip: what may be registered, and the states that they pass."""

import pytest
from botocore.exceptions import ClientError

from .load_balancing import make_balancer
from .waiting import wait_until


def states(party, group, **asked):
    found = party.client("elbv2").describe_target_health(TargetGroupArn=group, **asked)["TargetHealthDescriptions"]
    return {(item["Target"]["Id"], item["Target"]["Port"]): item["TargetHealth"]["State"] for item in found}


def register(party, group, *targets):
    party.client("elbv2").register_targets(TargetGroupArn=group, Targets=list(targets))


def test_a_target_answers_after_its_checks_and_drains_before_it_is_gone(provider):
    [group] = make_balancer(provider).target_groups
    register(provider, group, {"Id": "10.0.0.4"}, {"Id": "10.0.0.4", "Port": 8443})
    assert set(states(provider, group)) == {("10.0.0.4", 443), ("10.0.0.4", 8443)}
    wait_until("both answer", lambda: set(states(provider, group).values()) == {"healthy"})
    provider.client("elbv2").deregister_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.4", "Port": 8443}])
    assert states(provider, group)["10.0.0.4", 8443] == "draining"
    wait_until("one is gone", lambda: states(provider, group) == {("10.0.0.4", 443): "healthy"})
    provider.client("elbv2").deregister_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.9"}])


def test_checks_fail_when_they_are_told_to(provider, emulator):
    [group] = make_balancer(provider).target_groups
    register(provider, group, {"Id": "10.0.0.4"})
    told = {"target_group": group, "id": "10.0.0.4", "port": 443, "state": "unhealthy"}
    emulator.control("POST", "target-health", told)
    wait_until("it is unhealthy", lambda: states(provider, group) == {("10.0.0.4", 443): "unhealthy"})


@pytest.mark.parametrize(
    "target",
    [
        {"Id": "203.0.113.7", "AvailabilityZone": "all"},
        {"Id": "192.168.7.7"},
        {"Id": "10.0.0.4", "AvailabilityZone": "all"},
        {"Id": "i-0123456789abcdef0"},
    ],
)
def test_a_target_that_the_group_cannot_have_is_refused_with_all_that_come_with_it(provider, target):
    [group] = make_balancer(provider).target_groups
    with pytest.raises(ClientError):
        register(provider, group, {"Id": "10.0.0.5"}, target)
    assert states(provider, group) == {}


def test_an_address_of_a_peered_network_is_for_all_zones(provider):
    [group] = make_balancer(provider).target_groups
    register(provider, group, {"Id": "192.168.7.7", "AvailabilityZone": "all"})
    assert set(states(provider, group)) == {("192.168.7.7", 443)}


def test_a_target_that_is_unknown_is_not_registered(provider):
    [group] = make_balancer(provider).target_groups
    assert states(provider, group, Targets=[{"Id": "10.0.0.4"}]) == {("10.0.0.4", 443): "unused"}
