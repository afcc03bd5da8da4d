"""Tags of Cloud Map's namespaces and services (API Reference: `ResourceNotFoundException`, `TooManyTagsException`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..api_call import AwsError
from ..cloud_map import tags as cloud_map_tags
from ..identity.demand import Demand
from .keeper import Place, Tagged, keys_asked, with_keys

if TYPE_CHECKING:
    from ..cloud_map.registry import Namespace, Registry, Service


class CloudMap:
    """The keeper."""

    service = "servicediscovery"
    locked_as = "servicediscovery"

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def list(self, place: Place) -> Iterable[Tagged]:
        """All of them."""
        self._registry.settle()
        found = cloud_map_tags.taggable(self._registry, place.account, place.region)
        return [self._tagged(resource) for resource in found]

    def find(self, place: Place, arn: str) -> Tagged | None:
        """By its ARN."""
        try:
            return self._tagged(self._own(place, arn))
        except AwsError:
            return None

    def _own(self, place: Place, arn: str) -> Namespace | Service:
        self._registry.settle()
        return cloud_map_tags.find(self._registry, place.account, place.region, arn)

    def _tagged(self, resource: Namespace | Service) -> Tagged:
        kind = resource.arn.split(":", 5)[5].partition("/")[0]
        return Tagged(resource.arn, f"{self.service}:{kind}", dict(resource.tags))

    def _present(self, place: Place, arn: str) -> dict[str, str]:
        found = self.find(place, arn)
        return found.tags if found else {}

    def write(self, place: Place, arn: str, tags: dict[str, str]) -> None:
        """As TagResource does."""
        cloud_map_tags.write(self._own(place, arn), tags)

    def take(self, place: Place, arn: str, keys: list[str]) -> None:
        """As UntagResource does."""
        cloud_map_tags.take(self._own(place, arn), keys)

    def demands_of_writing(self, place: Place, arn: str, tags: dict[str, str]) -> Iterable[Demand]:
        """`servicediscovery:TagResource`."""
        yield Demand("servicediscovery:TagResource", arn, with_keys(tags, self._present(place, arn)))

    def demands_of_taking(self, place: Place, arn: str, keys: list[str]) -> Iterable[Demand]:
        """`servicediscovery:UntagResource`."""
        yield Demand("servicediscovery:UntagResource", arn, keys_asked(keys, self._present(place, arn)))
