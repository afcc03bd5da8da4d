"""Tags of EC2's resources, PrivateLink's among them."""

from __future__ import annotations

from collections.abc import Iterable

from moto.core.exceptions import ServiceException
from moto.ec2 import utils
from moto.ec2.models import ec2_backends

from ..identity.demand import Demand
from ..identity.demands import of_ec2_tags
from ..privatelink import tag_writes
from .keeper import Place, Tagged, lies_in


class Ec2Resources:
    """The keeper."""

    service = "ec2"
    locked_as = "ec2"

    def list(self, place: Place) -> Iterable[Tagged]:
        """All of moto's and the emulator's."""
        for found in ec2_backends[place.account][place.region].iter_tagged_resources():
            yield Tagged(found.arn, found.resource_type, found.tags)

    def find(self, place: Place, arn: str) -> Tagged | None:
        """By the id in the ARN, the kind of which must be the ARN's."""
        identifier = _id(arn)
        kind = utils.EC2_PREFIX_TO_RESOURCE.get(utils.get_prefix(identifier) or "")
        if not lies_in(arn, place) or arn.rpartition(":")[2] != f"{kind}/{identifier}":
            return None
        backend = ec2_backends[place.account][place.region]
        try:
            backend.do_resources_exist([identifier])
        except ServiceException:
            return None
        return Tagged(arn, f"ec2:{kind}", dict(backend.tags.get(identifier, {})))

    def write(self, place: Place, arn: str, tags: dict[str, str]) -> None:
        """As CreateTags does."""
        tag_writes.write(place.account, place.region, [_id(arn)], tags)

    def take(self, place: Place, arn: str, keys: list[str]) -> None:
        """As DeleteTags does."""
        backend = ec2_backends[place.account][place.region]
        backend.do_resources_exist([_id(arn)])
        backend.delete_tag_keys([_id(arn)], keys)

    def demands_of_writing(self, place: Place, arn: str, tags: dict[str, str]) -> Iterable[Demand]:
        """`ec2:CreateTags`."""
        yield of_ec2_tags("CreateTags", place.account, place.region, _id(arn), tags)

    def demands_of_taking(self, place: Place, arn: str, keys: list[str]) -> Iterable[Demand]:
        """`ec2:DeleteTags`, which has the keys with empty values."""
        yield of_ec2_tags("DeleteTags", place.account, place.region, _id(arn), dict.fromkeys(keys, ""))


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]
