"""Which resources had tags once: GetResources lists them without any, but not what was never tagged (API Reference)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from moto.ec2 import utils
from werkzeug.wrappers import Response

from ..api_call import ApiCall
from .keeper import Keepers, Place, is_arn

if TYPE_CHECKING:
    from ..server import Emulator, Proceed


def _of_ec2(call: ApiCall) -> list[str]:
    kinds = {i: utils.EC2_PREFIX_TO_RESOURCE.get(utils.get_prefix(i) or "") for i in call.parameter("Resources", [])}
    return [f"arn:aws:ec2:{call.region}:{call.account}:{kind}/{identifier}" for identifier, kind in kinds.items()]


def _of_route53(call: ApiCall) -> list[str]:
    return [f"arn:aws:route53:::{call.parameter('ResourceType')}/{call.parameter('ResourceId')}"]


def _named(parameter: str) -> Callable[[ApiCall], list[str]]:
    def arns(call: ApiCall) -> list[str]:
        value = call.parameter(parameter, [])
        return [value] if isinstance(value, str) else value

    return arns


# The operations that take tags away, and the ARNs of the resources that they name.
TAKING: dict[tuple[str, str], Callable[[ApiCall], list[str]]] = {
    ("cloudwatch", "UntagResource"): _named("ResourceARN"),
    ("ec2", "DeleteTags"): _of_ec2,
    ("elbv2", "RemoveTags"): _named("ResourceArns"),
    ("resourcegroupstaggingapi", "UntagResources"): _named("ResourceARNList"),
    ("route53", "ChangeTagsForResource"): _of_route53,
    ("servicediscovery", "UntagResource"): _named("ResourceARN"),
}


class FormerTags:
    """Watches the operations that take tags away."""

    def __init__(self, keepers: Keepers) -> None:
        self._keepers = keepers
        self._arns: set[tuple[Place, str]] = set()

    def install(self, app: Emulator) -> None:
        """Watch every call."""
        app.on_reset(self._arns.clear)
        app.around(self.watch)

    def knows(self, place: Place, arn: str) -> bool:
        """Whether a resource had tags when some were taken from it."""
        return (place, arn) in self._arns

    def watch(self, call: ApiCall, proceed: Proceed) -> Response:
        """Keep the resources that had tags before."""
        named = TAKING.get((call.service, call.operation))
        if named is None or call.caller.kind == "Unknown":
            return proceed(call)
        region = "us-east-1" if call.service == "route53" else call.region
        place = Place(call.account, region)
        tagged = [arn for arn in named(call) if is_arn(arn) and self._has_tags(place, arn)]
        response = proceed(call)
        if response.status_code < 400:
            self._arns.update((place, arn) for arn in tagged)
        return response

    def _has_tags(self, place: Place, arn: str) -> bool:
        keeper = self._keepers.of(arn)
        with self._keepers.lock(keeper):
            found = keeper.find(place, arn)
        return found is not None and bool(found.tags)
