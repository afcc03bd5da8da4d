"""Tags of Cloud Map's namespaces and services (API Reference: `ResourceNotFoundException`, `TooManyTagsException`)."""

from __future__ import annotations

from collections.abc import Iterable

from moto.servicediscovery.models import servicediscovery_backends

from ..api_call import AwsError
from ..identity.demand import Demand
from .keeper import Place, Tagged, keys_asked, lies_in, refuse_too_many, with_keys


class CloudMap:
    """The keeper."""

    service = "servicediscovery"
    locked_as = "servicediscovery"

    def list(self, place: Place) -> Iterable[Tagged]:
        """All of them."""
        backend = servicediscovery_backends[place.account][place.region]
        for resource in [*list(backend.namespaces.values()), *list(backend.services.values())]:
            yield self._tagged(place, resource.arn)

    def find(self, place: Place, arn: str) -> Tagged | None:
        """By kind and id."""
        backend = servicediscovery_backends[place.account][place.region]
        kind, _, identifier = arn.split(":", 5)[5].partition("/")
        known = {"namespace": backend.namespaces, "service": backend.services}.get(kind, {})
        return self._tagged(place, arn) if lies_in(arn, place) and identifier in known else None

    def _tagged(self, place: Place, arn: str) -> Tagged:
        tagger = servicediscovery_backends[place.account][place.region].tagger
        kind = arn.split(":", 5)[5].partition("/")[0]
        return Tagged(arn, f"{self.service}:{kind}", tagger.get_tag_dict_for_resource(arn))

    def _present(self, place: Place, arn: str) -> dict[str, str]:
        found = self.find(place, arn)
        return found.tags if found else {}

    def _must_exist(self, place: Place, arn: str) -> None:
        if self.find(place, arn) is None:
            raise AwsError("ResourceNotFoundException", f"Resource not found: {arn}")

    def write(self, place: Place, arn: str, tags: dict[str, str]) -> None:
        """As TagResource does."""
        self._must_exist(place, arn)
        refuse_too_many(self._present(place, arn) | tags, "TooManyTagsException")
        backend = servicediscovery_backends[place.account][place.region]
        backend.tag_resource(arn, [{"Key": key, "Value": value} for key, value in tags.items()])

    def take(self, place: Place, arn: str, keys: list[str]) -> None:
        """As UntagResource does."""
        self._must_exist(place, arn)
        servicediscovery_backends[place.account][place.region].untag_resource(arn, keys)

    def demands_of_writing(self, place: Place, arn: str, tags: dict[str, str]) -> Iterable[Demand]:
        """`servicediscovery:TagResource`."""
        yield Demand("servicediscovery:TagResource", arn, with_keys(tags, self._present(place, arn)))

    def demands_of_taking(self, place: Place, arn: str, keys: list[str]) -> Iterable[Demand]:
        """`servicediscovery:UntagResource`."""
        yield Demand("servicediscovery:UntagResource", arn, keys_asked(keys, self._present(place, arn)))
