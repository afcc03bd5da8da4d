"""Tags of load balancers, listeners, rules and target groups."""

from __future__ import annotations

from collections.abc import Iterable

from moto.elbv2.models import elbv2_backends

from ..api_call import AwsError
from ..elastic_load_balancing import demands, tags
from ..identity.demand import Demand
from .keeper import Place, Tagged, lies_in


class LoadBalancing:
    """The keeper."""

    service = demands.PREFIX
    locked_as = tags.SERVICE

    def list(self, place: Place) -> Iterable[Tagged]:
        """All of them; a listener hangs on its load balancer, a rule on its listener."""
        backend = elbv2_backends[place.account][place.region]
        arns = [*backend.load_balancers, *backend.target_groups]
        for balancer in backend.load_balancers.values():
            for listener in balancer.listeners.values():
                # moto keeps the default rule under a number.
                arns += [listener.arn, *(key for key in listener.rules if isinstance(key, str))]
        return [self._tagged(place, arn) for arn in arns]

    def find(self, place: Place, arn: str) -> Tagged | None:
        """One of them."""
        try:
            found = lies_in(arn, place) and tags.exists(place.account, place.region, tags.kind_of(arn), arn)
        except AwsError:
            return None
        return self._tagged(place, arn) if found else None

    def _tagged(self, place: Place, arn: str) -> Tagged:
        present = dict(tags.tags_of(place.account, place.region, arn))
        return Tagged(arn, f"{self.service}:{tags.kind_of(arn)}", present)

    def write(self, place: Place, arn: str, wanted: dict[str, str]) -> None:
        """As AddTags does."""
        tags.write(place.account, place.region, [arn], wanted)

    def take(self, place: Place, arn: str, keys: list[str]) -> None:
        """As RemoveTags does."""
        tags.take(place.account, place.region, [arn], keys)

    def demands_of_writing(self, place: Place, arn: str, wanted: dict[str, str]) -> Iterable[Demand]:
        """`elasticloadbalancing:AddTags`."""
        yield demands.adding(place.account, place.region, arn, wanted)

    def demands_of_taking(self, place: Place, arn: str, keys: list[str]) -> Iterable[Demand]:
        """`elasticloadbalancing:RemoveTags`."""
        yield demands.removing(place.account, place.region, arn, keys)
