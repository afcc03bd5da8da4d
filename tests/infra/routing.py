"""The way of an event: from the default bus of an account over the hub bus to the queues that wake functions."""

import copy
import json
from pathlib import Path
from typing import Any

from infra.event_pattern import Event, Pattern, matches
from infra.rendering import Rendering

EVENTS = Path(__file__).parent / "events"


def event(name: str, **changes: Any) -> Event:
    """A sample event, with members replaced: `detail__eventName="…"` for a path, None to take the member away."""
    changed = copy.deepcopy(json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8")))
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = changed
        for parent in parents:
            place = place[parent]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return changed


def by_role(name: str, role: str) -> Event:
    """A sample event of a call that a role of this name made."""
    return event(name, detail__userIdentity__sessionContext__sessionIssuer__userName=role)


def own_event(kind: str, account: str, source: str = "drawbridge") -> Event:
    """A custom event such as Drawbridge puts on the hub bus."""
    return {
        "version": "0",
        "id": "0d9b6b57-7c5d-4c0a-9a4d-3a2a7f6a1f10",
        "detail-type": kind,
        "source": source,
        "account": account,
        "time": "2026-11-02T10:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {},
    }


def patterns(rendering: Rendering, bus: str | None) -> dict[str, Pattern]:
    """Patterns of the rules of a bus; None is the default bus."""
    rules = rendering.of_type("AWS::Events::Rule")
    return {name: rule["EventPattern"] for name, rule in rules.items() if rule.get("EventBusName") == bus}


def takes(rendering: Rendering, bus: str | None, happened: Event) -> set[str]:
    """Rules of the bus that match the event."""
    return {name for name, pattern in patterns(rendering, bus).items() if matches(pattern, happened)}


def wakes(rendering: Rendering, happened: Event) -> list[str]:
    """Functions, as we call them, that the event wakes once it is on the hub bus; one that it wakes twice stands twice."""
    mappings = rendering.of_type("AWS::Lambda::EventSourceMapping").values()
    return sorted(
        mapping["FunctionName"].removeprefix("drawbridge-")
        for rule in takes(rendering, "drawbridge", happened)
        for target in rendering.properties(rule)["Targets"]
        for mapping in mappings
        if mapping["EventSourceArn"] == target["Arn"]
    )
