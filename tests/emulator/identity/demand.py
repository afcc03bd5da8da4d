"""What a call demands of its caller: one action on one resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..api_call import ApiCall

EVERYTHING = "*"
# The prefix of a service's actions, where it isn't botocore's name of the service.
ACTION_PREFIXES = {"elbv2": "elasticloadbalancing", "resourcegroupstaggingapi": "tag"}


@dataclass(frozen=True)
class Demand:
    """One action on one resource; `policy` is the resource's, which may be enough within an account."""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)
    policy: Any = None


Demands = Callable[[ApiCall], Iterable[Demand]]


def of_everything(call: ApiCall) -> Iterable[Demand]:
    """What a listing demands: the action on `*`."""
    context = {"ec2:Region": call.region} if call.service == "ec2" else {}
    yield Demand(f"{ACTION_PREFIXES.get(call.service, call.service)}:{call.operation}", EVERYTHING, context)
