"""Schedules that fire when they are told to: EventBridge Scheduler's, and rules with a schedule expression.

Control API: `POST tick` fires all that are enabled, `POST tick {"name": …}` those of one name, as if their time had come.
Amazon EventBridge Scheduler User Guide: "Templated targets", "Context attributes", "Confused deputy prevention" (a role
trusts the schedule's group), "Dead-letter queues".
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.events.models import Rule, events_backends
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule, scheduler_backends

from .api_call import AwsError
from .control_api import ControlError, ControlRequest
from .delivery.buses import context_of, find_bus, make_event
from .delivery.sender import Sender
from .delivery.targets import dead_letter, deliver_text
from .delivery.undeliverable import Undeliverable, no_resource
from .permissions import account_of, service_may_assume

if TYPE_CHECKING:
    from .hooks import Hooks
    from .server import Emulator

SERVICE = "scheduler.amazonaws.com"
EXPRESSION = re.compile(
    r"rate\([1-9]\d* (minute|minutes|hour|hours|day|days)\)"
    r"|cron\(\S+ \S+ \S+ \S+ \S+ \S+\)"
    r"|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"
)
KINDS = ("sqs", "sns", "lambda", "events")


def install(hooks: Hooks, app: Emulator) -> None:
    """Check schedules when they are made, and fire them on demand."""
    hooks.wrap(EventBridgeSchedulerBackend, "create_schedule", _create_schedule)
    hooks.wrap(EventBridgeSchedulerBackend, "update_schedule", _update_schedule)
    hooks.wrap(EventBridgeSchedulerBackend, "create_schedule_group", _create_schedule_group)
    app.control("POST", "tick", lambda request: _tick(app, request))


def _create_schedule(original: Any, backend: EventBridgeSchedulerBackend, **settings: Any) -> Schedule:
    backend.get_schedule_group(settings.get("group_name"))
    _check(backend, settings)
    return original(backend, **settings)


def _update_schedule(original: Any, backend: EventBridgeSchedulerBackend, **settings: Any) -> Schedule:
    _check(backend, settings)
    # An update replaces everything: what it doesn't name goes back to its default.
    return original(backend, **(settings | {"state": settings.get("state") or "ENABLED"}))


def _create_schedule_group(original: Any, backend: EventBridgeSchedulerBackend, name: str, tags: Any) -> Any:
    if name in backend.schedule_groups:
        raise AwsError("ConflictException", f"Schedule group {name} already exists.", 409)
    return original(backend, name=name, tags=tags)


def _check(backend: EventBridgeSchedulerBackend, settings: dict[str, Any]) -> None:
    expression, target = settings["schedule_expression"], settings["target"]
    if not EXPRESSION.fullmatch(expression):
        raise AwsError("ValidationException", f"Invalid Schedule Expression {expression}.", 400)
    group = _group_arn(backend.account_id, backend.region_name, settings.get("group_name") or "default")
    if not service_may_assume(target["RoleArn"], SERVICE, group, backend.account_id).allowed:
        message = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        raise AwsError("ValidationException", message, 400)
    service = target["Arn"].split(":")[2]
    if service not in KINDS:
        raise AwsError("NotImplemented", f"the emulator has no schedules with target {target['Arn']}", 501)
    parameters = target.get("EventBridgeParameters") or {}
    if service == "events" and (not parameters or parameters["Source"].startswith("aws.")):
        raise AwsError("ValidationException", "EventBridgeParameters with a Source of your own must be provided.", 400)


def _group_arn(account: str, region: str, group: str) -> str:
    return f"arn:aws:scheduler:{region}:{account}:schedule-group/{group}"


def _tick(app: Emulator, request: ControlRequest) -> dict[str, Any]:
    name = request.fields("name").get("name")
    fired = []
    for schedule in [*_schedules()]:
        if name in (None, schedule.name):
            _fire_schedule(app, schedule)
            fired.append(schedule.arn)
    for rule in [*_scheduled_rules()]:
        if name in (None, rule.name):
            resources = [rule.arn]
            event = make_event(rule.account_id, rule.region_name, "aws.events", "Scheduled Event", {}, resources)
            app.buses.fire(rule, event)
            fired.append(rule.arn)
    if name is not None and not fired:
        raise ControlError(f"no enabled schedule or scheduled rule is called {name!r}", 404)
    return {"fired": fired}


def _schedules() -> Iterator[Schedule]:
    for _, _, backend in [*scheduler_backends.iter_backends()]:
        for group in [*backend.schedule_groups.values()]:
            yield from [schedule for schedule in group.schedules.values() if schedule.state == "ENABLED"]


def _scheduled_rules() -> Iterator[Rule]:
    for _, _, backend in [*events_backends.iter_backends()]:
        for bus in [*backend.event_buses.values()]:
            yield from [rule for rule in bus.rules.values() if rule.scheduled_expression and rule.state != "DISABLED"]


def _fire_schedule(app: Emulator, schedule: Schedule) -> None:
    account, region = account_of(schedule.arn), schedule.arn.split(":")[3]
    target, now, execution = schedule.target, datetime.now(UTC), str(uuid.uuid4())
    group = _group_arn(account, region, schedule.group_name)
    sender = Sender(SERVICE, schedule.arn, account, target["RoleArn"], assumes_for=group)
    text = _input(schedule, account, region, now, execution)
    try:
        if ":event-bus/" in target["Arn"]:
            _put_event(app, sender, target, account, region, text)
        else:
            deliver_text(app, sender, target, text)
    except Undeliverable as failure:
        time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        attributes = {"SCHEDULE_ARN": schedule.arn, "EXECUTION_ID": execution, "SCHEDULED_TIME": time}
        dead_letter(app, sender, target, text, failure, attributes)
    if schedule.action_after_completion == "DELETE" and schedule.schedule_expression.startswith("at("):
        scheduler_backends[account][region].delete_schedule(schedule.group_name, schedule.name)


def _input(schedule: Schedule, account: str, region: str, now: datetime, execution: str) -> str:
    """The target's input with its context attributes filled in, or Scheduler's own event when there is none."""
    text = schedule.target.get("Input")
    if text is None:
        event = make_event(account, region, "aws.scheduler", "Scheduled Event", {}, [schedule.arn], now)
        return json.dumps(event | {"detail": "{}"})
    values = {
        "schedule-arn": schedule.arn,
        "scheduled-time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": execution,
        "attempt-number": "1",
    }
    return re.sub(r"<aws\.scheduler\.([a-z-]+)>", lambda match: values.get(match[1], match[0]), text)


def _put_event(app: Emulator, sender: Sender, target: dict[str, Any], account: str, region: str, text: str) -> None:
    """PutEvents with the execution role; an input that isn't a JSON object can't be an event's detail."""
    bus = find_bus(target["Arn"])
    if bus is None:
        raise no_resource(target["Arn"])
    try:
        detail = json.loads(text)
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        raise Undeliverable("SDK_CLIENT_ERROR", "MalformedDetail: the input is not a JSON object")
    parameters = target["EventBridgeParameters"]
    event = make_event(account, region, parameters["Source"], parameters["DetailType"], detail, [sender.source])
    sender.demand("events:PutEvents", target["Arn"], bus.policy, context_of(event))
    app.buses.publish(event, bus)
