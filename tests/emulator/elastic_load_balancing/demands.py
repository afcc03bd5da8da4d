"""What calls of Elastic Load Balancing demand of a role (Service Authorization Reference, "AWS Elastic Load Balancing V2").

Reads are judged on `*`; tags on each resource, with the keys and values that are asked for, and those that it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall
from ..identity.demand import Demand, of_everything
from . import tags

if TYPE_CHECKING:
    from ..server import Emulator

PREFIX = "elasticloadbalancing"
READS = (
    "DescribeListeners",
    "DescribeLoadBalancerAttributes",
    "DescribeLoadBalancers",
    "DescribeTags",
    "DescribeTargetGroupAttributes",
    "DescribeTargetGroups",
    "DescribeTargetHealth",
)
ON_TARGETS = ("RegisterTargets", "DeregisterTargets")


def install(app: Emulator) -> None:
    """Have the calls judged."""
    for name in READS:
        app.authorization.demand(tags.SERVICE, name, of_everything)
    for name in ON_TARGETS:
        app.authorization.demand(tags.SERVICE, name, _of_targets)
    app.authorization.demand(tags.SERVICE, "AddTags", _of_adding)
    app.authorization.demand(tags.SERVICE, "RemoveTags", _of_removing)


def _of_targets(call: ApiCall) -> Iterable[Demand]:
    arn = call.parameter("TargetGroupArn")
    yield Demand(f"{PREFIX}:{call.operation}", arn, _resource_tags(call.account, call.region, arn))


def _of_adding(call: ApiCall) -> Iterable[Demand]:
    wanted = {tag["Key"]: tag.get("Value") or "" for tag in call.parameter("Tags", [])}
    for arn in call.parameter("ResourceArns", []):
        yield adding(call.account, call.region, arn, wanted)


def _of_removing(call: ApiCall) -> Iterable[Demand]:
    for arn in call.parameter("ResourceArns", []):
        yield removing(call.account, call.region, arn, call.parameter("TagKeys", []))


def adding(account: str, region: str, arn: str, wanted: dict[str, str]) -> Demand:
    """What tags for a resource demand, also when they come by way of the tagging API."""
    asked: dict[str, Any] = {f"aws:RequestTag/{key}": value for key, value in wanted.items()}
    if wanted:
        asked["aws:TagKeys"] = list(wanted)
    return Demand(f"{PREFIX}:AddTags", arn, asked | _resource_tags(account, region, arn))


def removing(account: str, region: str, arn: str, keys: list[str]) -> Demand:
    """What the loss of tags demands."""
    asked: dict[str, Any] = {"aws:TagKeys": keys} if keys else {}
    return Demand(f"{PREFIX}:RemoveTags", arn, asked | _resource_tags(account, region, arn))


def _resource_tags(account: str, region: str, arn: str) -> dict[str, Any]:
    present = tags.tags_of(account, region, arn).items()
    return {f"{prefix}:ResourceTag/{key}": value for key, value in present for prefix in ("aws", PREFIX)}
