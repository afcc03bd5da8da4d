"""All alarms, by account and Region; metric and composite alarms share their names (CloudWatch quotas: 5,000 a Region)."""

from __future__ import annotations

from collections.abc import Iterable

from ..api_call import AwsError
from ..settings import Settings
from .alarm import COMPOSITE, Alarm, arn_of

QUOTAS = {
    "alarms_per_region": (5000, "metric and composite alarms"),
    "insights_alarms_per_region": (200, "alarms on Metrics Insights queries"),
}


class Registry:
    """The alarms and their tags."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._alarms: dict[tuple[str, str], dict[str, Alarm]] = {}
        self._tags: dict[str, dict[str, str]] = {}
        for name, (default, what) in QUOTAS.items():
            settings.define(
                name, default, lambda value: isinstance(value, int) and value >= 0, f"the quota of {what} in a Region"
            )

    def clear(self) -> None:
        """Forget them all."""
        self._alarms.clear()
        self._tags.clear()

    def of(self, account: str, region: str) -> list[Alarm]:
        """The alarms of an account and Region, by name."""
        return sorted(self._alarms.get((account, region), {}).values(), key=lambda alarm: alarm.name)

    def all(self) -> Iterable[Alarm]:
        """All of all accounts."""
        return [alarm for alarms in list(self._alarms.values()) for alarm in list(alarms.values())]

    def find(self, account: str, region: str, name: str) -> Alarm | None:
        """An alarm by its name."""
        return self._alarms.get((account, region), {}).get(name)

    def parents(self, alarm: Alarm) -> list[Alarm]:
        """The composite alarms whose rule names an alarm."""
        return [other for other in self._composites(alarm) if alarm.name in other.children]

    def suppressed_by(self, alarm: Alarm) -> list[Alarm]:
        """The composite alarms that an alarm suppresses the actions of."""
        return [other for other in self._composites(alarm) if other.suppressor == alarm.name]

    def _composites(self, alarm: Alarm) -> list[Alarm]:
        """The composite alarms of an alarm's account and Region, by name."""
        own = self._alarms.get((alarm.account, alarm.region), {}).values()
        return sorted((other for other in own if other.kind == COMPOSITE), key=lambda other: other.name)

    def add(self, alarm: Alarm, tags: dict[str, str]) -> None:
        """A new alarm with its tags, within the quota."""
        own = self._alarms.setdefault((alarm.account, alarm.region), {})
        if len(own) >= self._settings["alarms_per_region"]:
            raise limit_exceeded("The maximum number of alarms in this Region has been reached")
        own[alarm.name] = alarm
        self._tags[alarm.arn] = dict(tags)

    def check_quota_of_queries(self, account: str, region: str, name: str) -> None:
        """Refuse one more alarm on a query than there may be."""
        others = [a for a in self.of(account, region) if a.name != name and _has_query(a)]
        if len(others) >= self._settings["insights_alarms_per_region"]:
            raise limit_exceeded("The maximum number of Metrics Insights alarms in this Region has been reached")

    def remove(self, alarm: Alarm) -> None:
        """Forget an alarm and its tags."""
        self._alarms[alarm.account, alarm.region].pop(alarm.name, None)
        self._tags.pop(alarm.arn, None)

    def tags(self, account: str, region: str, name: str) -> dict[str, str]:
        """The tags of an alarm."""
        return dict(self._tags.get(arn_of(account, region, name), {}))

    def write_tags(self, alarm: Alarm, tags: dict[str, str]) -> None:
        """Give an alarm tags."""
        self._tags.setdefault(alarm.arn, {}).update(tags)

    def take_tags(self, alarm: Alarm, keys: list[str]) -> None:
        """Take tags from an alarm."""
        for key in keys:
            self._tags.get(alarm.arn, {}).pop(key, None)


def limit_exceeded(message: str) -> AwsError:
    """A quota is used up."""
    return AwsError("LimitExceeded", message)


def is_query(expression: str | None) -> bool:
    """Whether an expression is a Metrics Insights query, and not metric math."""
    return (expression or "").lstrip().upper().startswith("SELECT")


def _has_query(alarm: Alarm) -> bool:
    return any(is_query(query.get("Expression")) for query in alarm.configuration.get("Metrics", []))
