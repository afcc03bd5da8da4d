"""Tags of all other services, as far as moto's tagging API reaches them; what they demand of roles isn't known here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.core.resource_tagging import iter_taggable_backends
from moto.ec2.models import EC2Backend
from moto.elbv2.models import ELBv2Backend

from ..api_call import AwsError
from ..identity.demand import Demand
from .keeper import Place, Tagged

KEPT_ELSEWHERE = (CloudWatchBackend, EC2Backend, ELBv2Backend)
UNSUPPORTED = "InternalServiceException"


class Others:
    """The keeper of what has no other."""

    service = "*"
    locked_as = "resourcegroupstaggingapi"

    def list(self, place: Place) -> Iterable[Tagged]:
        """All that moto lists."""
        for backend in _backends(place):
            for found in backend.iter_tagged_resources():
                yield Tagged(found.arn, found.resource_type, dict(found.tags))

    def find(self, place: Place, arn: str) -> Tagged | None:
        """One of them."""
        return next((tagged for tagged in self.list(place) if tagged.arn == arn), None)

    def write(self, place: Place, arn: str, tags: dict[str, str]) -> None:
        """By moto's own way; not all of its services have one."""
        self._change(place, arn, "tag_resource", tags)

    def take(self, place: Place, arn: str, keys: list[str]) -> None:
        """By moto's own way."""
        self._change(place, arn, "untag_resource", keys)

    def _change(self, place: Place, arn: str, method: str, argument: Any) -> None:
        backend = next((one for one in _backends(place) if one.owns_arn(arn)), None)
        try:
            if backend is not None:
                getattr(backend, method)(arn, argument)
                return
        except NotImplementedError:
            pass
        raise AwsError(UNSUPPORTED, "The tagging API doesn't support this service here.", 500)

    def demands_of_writing(self, _place: Place, _arn: str, _tags: dict[str, str]) -> Iterable[Demand]:
        """Nothing that is known."""
        return ()

    def demands_of_taking(self, _place: Place, _arn: str, _keys: list[str]) -> Iterable[Demand]:
        """Nothing that is known."""
        return ()


def _backends(place: Place) -> list[Any]:
    found = iter_taggable_backends(place.account, place.region)
    return [backend for backend in found if not isinstance(backend, KEPT_ELSEWHERE)]
