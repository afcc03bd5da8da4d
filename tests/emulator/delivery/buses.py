"""Event buses: from an event to the rules that take it and on to their targets.

EventBridge User Guide: "Sending and receiving events between AWS accounts / Regions / event buses", "Event bus
permissions", "Events from AWS services via CloudTrail", "PutEvents", "Archive and replay".
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.events.models import EventBus, EventsBackend, Rule, events_backends

from ..api_call import ApiCall, AwsError
from ..event_patterns import matches
from ..permissions import account_of, request_of
from ..policy_documents import Principal, judge
from . import archives
from .archives import keep
from .sender import Sender
from .targets import check_target, dead_letter, deliver_to_target
from .undeliverable import Undeliverable, no_permissions, no_resource

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

SERVICE = "events.amazonaws.com"
MOST_ENTRIES = 10
LARGEST_REQUEST = 1024 * 1024
MOST_TARGETS = 5


class Buses:
    """All event buses of all accounts and Regions."""

    def __init__(self, app: Emulator) -> None:
        self._app = app

    def put_service_event(
        self,
        account: str,
        region: str,
        source: str,
        detail_type: str,
        detail: dict[str, Any],
        resources: Iterable[str] = (),
        time: datetime | None = None,
    ) -> dict[str, Any]:
        """Put an event of an AWS service (`aws.ec2`, …) on an account's default bus, and return the event."""
        event = make_event(account, region, source, detail_type, detail, resources, time)
        self.publish(event, events_backends[account][region].event_buses["default"])
        return event

    def publish(self, event: dict[str, Any], bus: EventBus, hops: int = 0) -> None:
        """Give the event to every rule of the bus that takes it; `hops` counts the buses it came from."""
        self._offer(event, [*bus.rules.values()], hops)

    def republish(self, event: dict[str, Any], bus: EventBus, chosen: set[str]) -> None:
        """Give an event of a replay to the rules of the bus; to those of the chosen ARNs only, if there are any."""
        self._offer(event, [rule for rule in bus.rules.values() if not chosen or rule.arn in chosen])

    def _offer(self, event: dict[str, Any], rules: list[Rule], hops: int = 0) -> None:
        for rule in rules:
            if _takes(rule, event):
                self.fire(rule, event, hops)

    def fire(self, rule: Rule, event: dict[str, Any], hops: int = 0) -> None:
        """Give the event to every target of a rule; what can't be delivered becomes a dead letter, or is dropped."""
        if keep(rule, event):
            return
        for target in [*rule.targets]:
            sender = Sender(SERVICE, rule.arn, rule.account_id, target.get("RoleArn"))
            try:
                if ":event-bus/" in target["Arn"]:
                    self._forward(sender, target["Arn"], event, hops)
                else:
                    deliver_to_target(self._app, sender, target, event)
            except Undeliverable as failure:
                dead_letter(self._app, sender, target, event, failure)

    def _forward(self, sender: Sender, bus_arn: str, event: dict[str, Any], hops: int) -> None:
        """Hand the event to another bus, unchanged: it keeps its account, Region, id, time and resources."""
        _, _, _, region, account, _ = bus_arn.split(":", 5)
        here = sender.source.split(":")
        other = (account, region) != (here[4], here[3])
        if hops > 0:
            hop = "ACCOUNT" if account != here[4] or region == here[3] else "REGION"
            raise Undeliverable(
                f"THIRD_{hop}_HOP_DETECTED", f"the event came from another bus, {bus_arn} is one too many"
            )
        bus = find_bus(bus_arn)
        if bus is None:
            raise no_resource(bus_arn)
        if other and sender.role_arn is None:
            raise no_permissions(f"a target in another account or Region needs a RoleArn ({bus_arn})")
        if account != here[4] or sender.role_arn:
            sender.demand(
                "events:PutEvents", bus_arn, bus.policy, context_of(event) | {"events:eventBusInvocation": "true"}
            )
        self.publish(event, bus, hops + 1)

    def put_events(self, call: ApiCall) -> dict[str, Any]:
        """The PutEvents operation."""
        entries = call.parameter("Entries", [])
        if len(entries) > MOST_ENTRIES:
            message = (
                "Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10"
            )
            raise AwsError("ValidationException", f"1 validation error detected: {message}")
        if sum(len(str(entry.get("Detail", ""))) for entry in entries) > LARGEST_REQUEST:
            raise AwsError("ValidationException", "Total size of the entries in the request is over the limit.")
        if call.parameter("EndpointId"):
            raise AwsError("NotImplemented", "the emulator has no global endpoints of EventBridge", 501)
        buses = [self._demand_bus(call, entry) for entry in entries]
        answers = [self._put_entry(call, entry, bus) for entry, bus in zip(entries, buses, strict=True)]
        return {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}

    def _demand_bus(self, call: ApiCall, entry: dict[str, Any]) -> EventBus | None:
        """The bus of an entry, None if it doesn't exist; another account's bus has to allow the caller."""
        name = entry.get("EventBusName") or "default"
        arn = name if name.startswith("arn:") else bus_arn_of(call.account, call.region, name)
        bus = find_bus(arn)
        if account_of(arn) != call.account:
            principal = Principal(account=call.account, arns=call.caller.policy_arns)
            context = {"events:source": entry.get("Source", ""), "events:detail-type": entry.get("DetailType", "")}
            judgement = judge(bus.policy if bus else None, request_of(principal, "events:PutEvents", arn, context))
            if not judgement.allowed:
                message = f"User: {call.caller.arn} is not authorized to perform: events:PutEvents on resource: {arn}"
                reason = "because no resource-based policy allows the events:PutEvents action"
                raise AwsError("AccessDeniedException", f"{message} {reason} ({judgement.reason})", 400)
        return bus

    def _put_entry(self, call: ApiCall, entry: dict[str, Any], bus: EventBus | None) -> dict[str, Any]:
        for name in ("Source", "DetailType", "Detail"):
            if not entry.get(name):
                reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
                return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
        if entry["Source"].startswith("aws."):
            return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
        try:
            detail = json.loads(entry["Detail"])
        except ValueError:
            detail = None
        if not isinstance(detail, dict):
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        event = make_event(
            call.account, call.region, entry["Source"], entry["DetailType"], detail, entry.get("Resources") or (),
            entry.get("Time"),
        )  # fmt: skip
        if bus is None:
            # AWS answers as if all were well, and the event is gone.
            self._app.dropped.record("PutEvents", str(entry.get("EventBusName")), "the event bus does not exist", event)
        else:
            self.publish(event, bus)
        return {"EventId": event["id"]}


def install(hooks: Hooks, app: Emulator) -> None:
    """Take over what moto does with events once they are put."""
    buses = app.buses
    hooks.operation("events", "PutEvents", buses.put_events)
    hooks.wrap(Rule, "send_to_targets", lambda _, rule, event, **__: _takes(rule, event) and buses.fire(rule, event))
    hooks.wrap(EventsBackend, "put_targets", _put_targets)
    archives.install(hooks, buses.republish)


def _put_targets(
    original: Any, backend: EventsBackend, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]
) -> None:
    rule = backend._get_event_bus(backend._normalize_event_bus_arn(event_bus_arn)).rules.get(name)
    if rule is None or rule.managed_by is None:
        for target in targets:
            check_target(target)
        known = {target["Id"] for target in rule.targets} if rule else set()
        if len(known | {target["Id"] for target in targets}) > MOST_TARGETS:
            raise AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    original(backend, name, event_bus_arn, targets)


def make_event(
    account: str,
    region: str,
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    resources: Iterable[str] = (),
    time: datetime | None = None,
) -> dict[str, Any]:
    """An event in EventBridge's envelope."""
    at = (time or datetime.now(UTC)).astimezone(UTC)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [*resources],
        "detail": detail,
    }


def context_of(event: dict[str, Any]) -> dict[str, Any]:
    """The condition keys of PutEvents that an event fills."""
    return {"events:source": event["source"], "events:detail-type": event["detail-type"]}


def bus_arn_of(account: str, region: str, name: str) -> str:
    """The ARN of a bus."""
    return f"arn:aws:events:{region}:{account}:event-bus/{name}"


def find_bus(bus_arn: str) -> EventBus | None:
    """The bus of an ARN."""
    _, _, _, region, account, resource = bus_arn.split(":", 5)
    return events_backends[account][region].event_buses.get(resource.removeprefix("event-bus/"))


def _takes(rule: Rule, event: dict[str, Any]) -> bool:
    """Whether a rule takes an event; read-only CloudTrail management events need a state of their own."""
    if rule.state == "DISABLED" or rule.event_pattern.dump() is None:
        return False
    if rule.state == "ENABLED" and _is_read_only_call(event):
        return False
    return matches(rule.event_pattern.get_pattern(), event)


def _is_read_only_call(event: dict[str, Any]) -> bool:
    detail = event["detail"]
    return event["detail-type"].endswith("via CloudTrail") and detail.get("readOnly") is True
