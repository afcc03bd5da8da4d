"""A target group belongs to the load balancers that forward to it, and to none any more when their listeners are gone."""

from __future__ import annotations

from .load_balancing import make_balancer
from .parties import Party


def groups_of(party: Party, balancer: str) -> list[str]:
    found = party.client("elbv2").describe_target_groups(LoadBalancerArn=balancer)["TargetGroups"]
    return [group["TargetGroupArn"] for group in found]


def test_target_group_of_a_deleted_listener_is_not_listed_any_more(provider: Party) -> None:
    balancer = make_balancer(provider, listeners=2)
    assert sorted(groups_of(provider, balancer.arn)) == sorted(balancer.target_groups)
    provider.client("elbv2").delete_listener(ListenerArn=balancer.listeners[0])
    assert groups_of(provider, balancer.arn) == balancer.target_groups[1:]


def test_target_group_follows_a_listener_that_forwards_elsewhere(provider: Party) -> None:
    balancer = make_balancer(provider, listeners=2)
    forward = [{"Type": "forward", "TargetGroupArn": balancer.target_groups[1]}]
    provider.client("elbv2").modify_listener(ListenerArn=balancer.listeners[0], DefaultActions=forward)
    assert groups_of(provider, balancer.arn) == balancer.target_groups[1:]
