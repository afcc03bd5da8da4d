"""Tags of load balancers, listeners and target groups: for all resources of a call, or for none.

API Reference 2015-12-01: DescribeTags takes 20 resources, and so do AddTags and RemoveTags; errors `DuplicateTagKeys` and
`TooManyTags`; User Guide, "Tags for your Network Load Balancer": 50 tags, keys of 128 and values of 256 characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.elbv2.models import elbv2_backends

from ..api_call import ApiCall, AwsError

if TYPE_CHECKING:
    from ..hooks import Hooks

SERVICE = "elbv2"
MOST_RESOURCES = 20
MOST_TAGS = 50
LONGEST_KEY = 128
LONGEST_VALUE = 256
RESERVED = "aws:"
ARN_PREFIX = "arn:aws:elasticloadbalancing:"
# What AWS says of a resource that isn't there, by the kind in its ARN.
NOT_FOUND = {
    "loadbalancer": ("LoadBalancerNotFound", "One or more load balancers not found"),
    "listener": ("ListenerNotFound", "One or more listeners not found"),
    "listener-rule": ("RuleNotFound", "One or more rules not found"),
    "targetgroup": ("TargetGroupNotFound", "One or more target groups not found"),
}


def install(hooks: Hooks) -> None:
    """Answer the operations."""
    hooks.operation(SERVICE, "DescribeTags", describe)
    hooks.operation(SERVICE, "AddTags", add)
    hooks.operation(SERVICE, "RemoveTags", remove)


def describe(call: ApiCall) -> dict[str, Any]:
    """DescribeTags."""
    arns = _resources(call)
    shown = {arn: tags_of(call.account, call.region, arn) for arn in arns}
    return {
        "TagDescriptions": [
            {"ResourceArn": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            for arn, tags in shown.items()
        ]
    }


def add(call: ApiCall) -> dict[str, Any]:
    """AddTags."""
    wanted = call.parameter("Tags", [])
    keys = [tag["Key"] for tag in wanted]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise AwsError("DuplicateTagKeys", f"Tag key was specified more than once: {twice}")
    write(call.account, call.region, _resources(call), {tag["Key"]: tag.get("Value") or "" for tag in wanted})
    return {}


def remove(call: ApiCall) -> dict[str, Any]:
    """RemoveTags; a key that isn't there is no error."""
    take(call.account, call.region, _resources(call), call.parameter("TagKeys", []))
    return {}


def write(account: str, region: str, arns: list[str], tags: dict[str, str]) -> None:
    """Give tags to resources that exist."""
    for key, value in tags.items():
        if not 1 <= len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            raise _invalid(
                f"The tag '{key}' is longer than {LONGEST_KEY} characters, or its value than {LONGEST_VALUE}"
            )
        if key.lower().startswith(RESERVED):
            raise _invalid(f"The tag key '{key}' begins with '{RESERVED}', which is reserved")
    for arn in arns:
        check_exists(account, region, arn)
        after = tags_of(account, region, arn) | tags
        if sum(not key.startswith(RESERVED) for key in after) > MOST_TAGS:
            raise AwsError("TooManyTags", f"The resource '{arn}' can't have more than {MOST_TAGS} tags")
    for arn in arns:
        tagger = elbv2_backends[account][region].tagging_service
        tagger.tag_resource(arn, [{"Key": key, "Value": value} for key, value in tags.items()])


def take(account: str, region: str, arns: list[str], keys: list[str]) -> None:
    """Take tags from resources that exist."""
    for arn in arns:
        check_exists(account, region, arn)
        elbv2_backends[account][region].tagging_service.untag_resource_using_names(arn, keys)


def tags_of(account: str, region: str, arn: str) -> dict[str, str]:
    """The tags of a resource."""
    return elbv2_backends[account][region].tagging_service.get_tag_dict_for_resource(arn)


def _resources(call: ApiCall) -> list[str]:
    arns = list(dict.fromkeys(call.parameter("ResourceArns", [])))
    if len(arns) > MOST_RESOURCES:
        raise _invalid(f"Cannot have more than {MOST_RESOURCES} resources described")
    for arn in arns:
        check_exists(call.account, call.region, arn)
    return arns


def kind_of(arn: str) -> str:
    """`loadbalancer`, `listener`, `listener-rule` or `targetgroup`."""
    kind = arn.split(":", 5)[5].partition("/")[0] if arn.startswith(ARN_PREFIX) and arn.count(":") > 4 else ""
    if kind not in NOT_FOUND:
        raise _invalid(f"'{arn}' must be in ARN format")
    return kind


def check_exists(account: str, region: str, arn: str) -> None:
    """Refuse what isn't there, by its kind."""
    kind = kind_of(arn)
    if not exists(account, region, kind, arn):
        raise AwsError(*NOT_FOUND[kind])


def exists(account: str, region: str, kind: str, arn: str) -> bool:
    """Whether an account has the resource in a Region; a listener's ARN holds its load balancer's, a rule's both."""
    backend = elbv2_backends[account][region]
    if kind == "targetgroup":
        return arn in backend.target_groups
    if kind == "loadbalancer":
        return arn in backend.load_balancers
    above = arn if kind == "listener" else arn.rpartition("/")[0].replace(":listener-rule/", ":listener/")
    balancer = backend.load_balancers.get(above.rpartition("/")[0].replace(":listener/", ":loadbalancer/"))
    listener = balancer.listeners.get(above) if balancer is not None else None
    return listener is not None and (kind == "listener" or arn in listener.rules)


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
