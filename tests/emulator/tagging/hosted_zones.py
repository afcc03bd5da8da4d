"""Tags of hosted zones: Route 53 is a global service, which the tagging API knows in us-east-1 only.

Service Authorization Reference, "Amazon Route 53": ChangeTagsForResource has no condition keys.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..api_call import AwsError
from ..identity.demand import Demand
from ..route53.zones import HostedZone, Zones
from .keeper import Place, Tagged, refuse_too_many

REGION = "us-east-1"


class HostedZones:
    """The keeper."""

    service = "route53"
    locked_as = "route53"

    def __init__(self, zones: Zones) -> None:
        self._zones = zones

    def list(self, place: Place) -> Iterable[Tagged]:
        """The account's zones."""
        if place.region != REGION:
            return []
        return [_tagged(zone) for zone in list(self._zones.zones.values()) if zone.account == place.account]

    def find(self, place: Place, arn: str) -> Tagged | None:
        """One of them."""
        zone = self._zone(arn)
        return _tagged(zone) if zone and (zone.account, REGION) == (place.account, place.region) else None

    def _zone(self, arn: str) -> HostedZone | None:
        zone = self._zones.zones.get(arn.rpartition("/")[2])
        return zone if zone is not None and zone.arn == arn else None

    def _own(self, place: Place, arn: str) -> HostedZone:
        zone = self._zone(arn)
        if place.region != REGION:
            raise AwsError("InvalidParameterException", f"{arn} can be tagged in {REGION} only.")
        if zone is None:
            raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {arn.rpartition('/')[2]}", 404)
        if zone.account != place.account:
            raise AwsError("AccessDeniedException", f"{arn} is another account's", 403)
        return zone

    def write(self, place: Place, arn: str, tags: dict[str, str]) -> None:
        """As ChangeTagsForResource does."""
        zone = self._own(place, arn)
        refuse_too_many(zone.tags | tags, "InvalidInput")
        zone.tags = zone.tags | tags

    def take(self, place: Place, arn: str, keys: list[str]) -> None:
        """As ChangeTagsForResource does."""
        zone = self._own(place, arn)
        zone.tags = {key: value for key, value in zone.tags.items() if key not in keys}

    def demands_of_writing(self, _place: Place, arn: str, _tags: dict[str, str]) -> Iterable[Demand]:
        """`route53:ChangeTagsForResource`."""
        yield Demand("route53:ChangeTagsForResource", arn)

    def demands_of_taking(self, _place: Place, arn: str, _keys: list[str]) -> Iterable[Demand]:
        """`route53:ChangeTagsForResource`, too."""
        yield Demand("route53:ChangeTagsForResource", arn)


def _tagged(zone: HostedZone) -> Tagged:
    return Tagged(zone.arn, "route53:hostedzone", dict(zone.tags))
