"""Load balancers with listeners and target groups, for the tests of what hangs on them."""

from __future__ import annotations

from dataclasses import dataclass

from .parties import Party


@dataclass
class Balancer:
    """A load balancer with what belongs to it."""

    arn: str
    listeners: list[str]
    target_groups: list[str]

    @property
    def arns(self) -> list[str]:
        """All of it."""
        return [self.arn, *self.listeners, *self.target_groups]


def make_balancer(party: Party, name: str = "orders", listeners: int = 1) -> Balancer:
    """A network load balancer with listeners, each with a target group of its own."""
    elbv2, arn = party.client("elbv2"), party.make_balancer(name)
    made = Balancer(arn, [], [])
    for number in range(listeners):
        group = elbv2.create_target_group(
            Name=f"{name}-{number}", Protocol="TCP", Port=443, VpcId=party.network.vpc_id, TargetType="ip"
        )["TargetGroups"][0]["TargetGroupArn"]
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        listener = elbv2.create_listener(LoadBalancerArn=arn, Protocol="TCP", Port=443 + number, DefaultActions=forward)
        made.target_groups.append(group)
        made.listeners.append(listener["Listeners"][0]["ListenerArn"])
    return made
