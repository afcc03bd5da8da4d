"""Tags of CloudWatch's alarms and Contributor Insights rules (API Reference, TagResource)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from moto.cloudwatch.models import cloudwatch_backends

from ..api_call import AwsError
from ..identity.demand import Demand
from .keeper import Place, Tagged, keys_asked, lies_in, refuse_too_many, with_keys

if TYPE_CHECKING:
    from ..cloudwatch.alarm import Alarm
    from ..cloudwatch.registry import Registry

ALARM = ":alarm:"
ALARM_KIND = "cloudwatch:alarm"


class CloudWatch:
    """The keeper."""

    service = "cloudwatch"
    locked_as = "cloudwatch"

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def list(self, place: Place) -> Iterable[Tagged]:
        """All of them; rules are moto's."""
        for alarm in self._registry.of(place.account, place.region):
            yield self._tagged(place, alarm)
        for found in list(cloudwatch_backends[place.account][place.region].iter_tagged_resources()):
            yield Tagged(found.arn, found.resource_type, found.tags)

    def find(self, place: Place, arn: str) -> Tagged | None:
        """An alarm by its name, a rule by its ARN."""
        alarm = self._alarm(place, arn)
        if alarm is not None:
            return self._tagged(place, alarm)
        return next((tagged for tagged in self.list(place) if tagged.arn == arn), None)

    def _alarm(self, place: Place, arn: str) -> Alarm | None:
        if ALARM not in arn or not lies_in(arn, place):
            return None
        return self._registry.find(place.account, place.region, arn.partition(ALARM)[2])

    def _tagged(self, place: Place, alarm: Alarm) -> Tagged:
        return Tagged(alarm.arn, ALARM_KIND, self._registry.tags(place.account, place.region, alarm.name))

    def _present(self, place: Place, arn: str) -> dict[str, str]:
        found = self.find(place, arn)
        return found.tags if found else {}

    def _must_exist(self, place: Place, arn: str) -> None:
        if self.find(place, arn) is None:
            raise AwsError("ResourceNotFoundException", f"{arn} does not exist", 404)

    def write(self, place: Place, arn: str, tags: dict[str, str]) -> None:
        """As TagResource does."""
        self._must_exist(place, arn)
        refuse_too_many(self._present(place, arn) | tags, "InvalidParameterValue")
        alarm = self._alarm(place, arn)
        if alarm is not None:
            self._registry.write_tags(alarm, tags)
            return
        tagger = cloudwatch_backends[place.account][place.region].tagger
        tagger.tag_resource(arn, [{"Key": key, "Value": value} for key, value in tags.items()])

    def take(self, place: Place, arn: str, keys: list[str]) -> None:
        """As UntagResource does."""
        self._must_exist(place, arn)
        alarm = self._alarm(place, arn)
        if alarm is not None:
            self._registry.take_tags(alarm, keys)
            return
        cloudwatch_backends[place.account][place.region].tagger.untag_resource_using_names(arn, keys)

    def demands_of_writing(self, place: Place, arn: str, tags: dict[str, str]) -> Iterable[Demand]:
        """`cloudwatch:TagResource`."""
        yield Demand("cloudwatch:TagResource", arn, with_keys(tags, self._present(place, arn)))

    def demands_of_taking(self, place: Place, arn: str, keys: list[str]) -> Iterable[Demand]:
        """`cloudwatch:UntagResource`."""
        yield Demand("cloudwatch:UntagResource", arn, keys_asked(keys, self._present(place, arn)))
