"""Archives of event buses: what is kept, counted, and replayed.

EventBridge User Guide, "Archiving and replaying events". An archive hangs on its bus as a rule that AWS manages; the
rule's pattern leaves out what a replay brings, so that no event is kept twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.events.models import Archive, EventBus, EventPattern, EventsBackend, Replay, Rule, events_backends

from ..api_call import AwsError
from ..permissions import account_of

if TYPE_CHECKING:
    from ..hooks import Hooks

REPLAYED = {"replay-name": [{"exists": False}]}

# Gives an event to a bus's rules, or to those of the given ARNs only.
Publish = Callable[[dict[str, Any], EventBus, set[str]], None]


def install(hooks: Hooks, publish: Publish) -> None:
    """Count what is kept, keep to a changed pattern, and replay."""
    hooks.wrap(Archive, "describe_short", _describe)
    hooks.wrap(EventsBackend, "create_archive", _create)
    hooks.wrap(EventsBackend, "update_archive", _update)
    hooks.wrap(Replay, "replay_events", lambda _, replay, archive: _replay(publish, replay, archive))


def keep(rule: Rule, event: dict[str, Any]) -> bool:
    """Keep the event, if the rule is an archive's."""
    backend = events_backends[rule.account_id][rule.region_name]
    archive = next((archive for archive in backend.archives.values() if archive.rule is rule), None)
    if archive is not None:
        archive.events.append(event)  # type: ignore[arg-type]
    return archive is not None


def _describe(original: Any, archive: Archive) -> dict[str, Any]:
    """DescribeArchive and ListArchives; the size is that of the events as JSON."""
    return original(archive) | {"SizeBytes": sum(len(json.dumps(event)) for event in archive.events)}


def _create(original: Any, backend: EventsBackend, name: str, source_arn: str, *arguments: Any, **named: Any) -> Any:
    if account_of(source_arn) != backend.account_id:
        raise AwsError("ValidationException", f"The bus {source_arn} is in another account.")
    return original(backend, name, source_arn, *arguments, **named)


def _update(
    original: Any, backend: EventsBackend, name: str, description: Any, event_pattern: str | None, retention: Any
) -> Any:
    """UpdateArchive: what comes from now on is kept by the new pattern."""
    answer = original(backend, name, description, event_pattern, retention)
    archive = backend.archives[name]
    if event_pattern and archive.rule is not None:
        archive.rule.event_pattern = EventPattern.load(json.dumps(json.loads(event_pattern) | REPLAYED))
    return answer


def _replay(publish: Publish, replay: Replay, archive: Archive) -> None:
    """Put the kept events of the replay's window on their bus again, in the order in which they came."""
    _, _, _, region, account, resource = replay.destination["Arn"].split(":", 5)
    bus = events_backends[account][region].event_buses[resource.removeprefix("event-bus/")]
    chosen = set(replay.destination.get("FilterArns") or [])
    for event in [*archive.events]:
        at = datetime.fromisoformat(str(event["time"])).timestamp()
        if float(replay.event_start_time) <= at <= float(replay.event_end_time):
            publish({**event, "replay-name": replay.name}, bus, chosen)
    replay.state = type(replay.state).COMPLETED
    replay.end_time = datetime.now(UTC).timestamp()
