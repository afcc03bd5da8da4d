"""Connection notifications: endpoint events told to an SNS topic.

AWS documents the events and the topic's policy, but not the message. So the message changes its form from one
notification to the next on purpose, and whoever reads it must take it as a wake-up: setting `notification_forms`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..delivery import publish_as_service
from .operation import Operations, filtered, invalid_parameter, once, owned_service, page, refuse_dry_run, unsuccessful
from .registry import GATEWAY, Endpoint, Registry, new_id

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

EVENTS = ("Accept", "Connect", "Delete", "Reject")
FORMS = ("json", "text", "service-only")
PRINCIPAL = "vpce.amazonaws.com"
FILTERS = {
    "connection-notification-arn",
    "connection-notification-id",
    "connection-notification-state",
    "connection-notification-type",
    "service-id",
    "vpc-endpoint-id",
}
WORDS = {
    "Connect": "has requested a connection to",
    "Accept": "has been accepted by the owner of",
    "Reject": "has been rejected by the owner of",
    "Delete": "has been deleted; it was connected to",
}


@dataclass
class Notification:
    """A connection notification: of a service, or of one endpoint."""

    id: str
    number: int
    account: str
    region: str
    source_arn: str
    service_id: str | None
    endpoint_id: str | None
    topic_arn: str
    events: list[str]


class Notifications:
    """The operations on connection notifications, and their sending."""

    def __init__(self, registry: Registry, app: Emulator) -> None:
        self._registry = registry
        self._app = app
        self._numbers = itertools.count()
        app.settings.define(
            "notification_forms",
            list(FORMS),
            lambda value: isinstance(value, list) and value != [] and set(value) <= set(FORMS),
            f"forms of the SNS messages of connection notifications, in turn: some of {', '.join(FORMS)}",
        )
        app.on_reset(self._start_over)
        registry.send_notification = self.send

    def _start_over(self) -> None:
        self._numbers = itertools.count()

    def install(self, hooks: Hooks) -> None:
        """Answer the operations."""
        operations = Operations(hooks, self._registry)
        operations.add("CreateVpcEndpointConnectionNotification", create)
        operations.add("DescribeVpcEndpointConnectionNotifications", describe_all)
        operations.add("ModifyVpcEndpointConnectionNotification", modify)
        operations.add("DeleteVpcEndpointConnectionNotifications", delete)

    def send(self, notification: Notification, endpoint: Endpoint, event: str) -> None:
        """Publish to the topic; if its policy or its key forbids it, AWS says nothing, and the emulator writes it down."""
        forms = self._app.settings["notification_forms"]
        subject, message = compose(forms[next(self._numbers) % len(forms)], endpoint, event)
        publish_as_service(
            self._app,
            PRINCIPAL,
            notification.source_arn,
            notification.account,
            notification.topic_arn,
            message,
            subject,
        )


def notify(registry: Registry, endpoint: Endpoint, event: str, after: Callable[[Callable[[], None]], None]) -> None:
    """Tell an event to the notifications of the service and of the endpoint, once the operation is over (`after`)."""
    service = endpoint.service
    assert service is not None
    for notification in list(registry.notifications.values()):
        concerns = notification.endpoint_id == endpoint.id or notification.service_id == service.id
        if concerns and event in notification.events:
            after(lambda told=notification: registry.send_notification(told, endpoint, event))


def compose(form: str, endpoint: Endpoint, event: str) -> tuple[str | None, str]:
    """Subject and message in one of the invented forms."""
    service = endpoint.service
    assert service is not None
    if form == "text":
        words = f"VPC endpoint {endpoint.id} owned by {endpoint.account} {WORDS[event]} VPC endpoint service "
        return None, f"{words}{service.id} ({service.name})."
    if form == "service-only":
        return "AWS VPC Endpoint notification", json.dumps({"event": event, "service": service.name})
    body = {
        "eventName": event,
        "serviceId": service.id,
        "vpcEndpointId": endpoint.id,
        "vpcEndpointOwner": endpoint.account,
        "vpcEndpointState": endpoint.state[0].upper() + endpoint.state[1:],
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return "AWS VPC Endpoint notification", json.dumps(body)


def create(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """CreateVpcEndpointConnectionNotification."""

    def show(notification_id: str) -> dict[str, Any] | None:
        notification = _find(registry, call, notification_id)
        return {"ConnectionNotification": describe(notification)} if notification else None

    return once(registry, call, lambda: _make(registry, call).id, show)


def _make(registry: Registry, call: ApiCall) -> Notification:
    service_id, endpoint_id = call.parameter("ServiceId"), call.parameter("VpcEndpointId")
    if bool(service_id) == bool(endpoint_id):
        raise invalid_parameter("exactly one of service-id or vpc-endpoint-id is a required member")
    source = owned_service(registry, call, service_id) if service_id else None
    if source is None:
        source = registry.endpoint(endpoint_id, call.account, call.region)
    if source is None:
        raise AwsError("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{endpoint_id}' does not exist")
    if source.kind == GATEWAY:
        raise invalid_parameter("Connection notifications are for interface endpoints and their services only")
    topic_arn = _topic(call.parameter("ConnectionNotificationArn"))
    events = _events(call.parameter("ConnectionEvents", []))
    refuse_dry_run(call)
    notification = Notification(
        id=new_id("vpce-nfn"),
        number=registry.next_number(),
        account=call.account,
        region=call.region,
        source_arn=source.arn,
        service_id=service_id,
        endpoint_id=endpoint_id,
        topic_arn=topic_arn,
        events=events,
    )
    registry.notifications[notification.id] = notification
    return notification


def _topic(arn: str) -> str:
    if len(arn.split(":")) != 6 or not arn.startswith("arn:aws:sns:"):
        raise invalid_parameter(f"The ARN '{arn}' is not that of an SNS topic")
    return arn


def _events(events: list[str]) -> list[str]:
    if not events or set(events) - set(EVENTS):
        raise invalid_parameter(f"connection events must be some of {', '.join(EVENTS)}")
    return list(dict.fromkeys(events))


def describe(notification: Notification) -> dict[str, Any]:
    """A notification in AWS's words."""
    return {
        "ConnectionNotificationId": notification.id,
        "ServiceId": notification.service_id,
        "VpcEndpointId": notification.endpoint_id,
        "ConnectionNotificationType": "Topic",
        "ConnectionNotificationArn": notification.topic_arn,
        "ConnectionEvents": notification.events,
        "ConnectionNotificationState": "Enabled",
    }


def _find(registry: Registry, call: ApiCall, notification_id: str) -> Notification | None:
    found = registry.notifications.get(notification_id)
    return found if found and (found.account, found.region) == (call.account, call.region) else None


def _not_found(notification_id: str) -> tuple[str, str]:
    message = f"The ConnectionNotification Id '{notification_id}' does not exist"
    return "InvalidConnectionNotification", message


def describe_all(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DescribeVpcEndpointConnectionNotifications."""
    wanted = call.parameter("ConnectionNotificationId")
    if wanted and _find(registry, call, wanted) is None:
        raise AwsError(*_not_found(wanted))
    refuse_dry_run(call)
    mine = [
        n
        for n in registry.notifications.values()
        if (n.account, n.region) == (call.account, call.region) and wanted in (None, n.id)
    ]
    matching = filtered(call, mine, _filter_values, FILTERS)
    shown, token = page(registry, call, matching, lambda notification: notification.number)
    return {"ConnectionNotificationSet": [describe(n) for n in shown], "NextToken": token}


def _filter_values(notification: Notification) -> dict[str, Any]:
    return {
        "connection-notification-arn": notification.topic_arn,
        "connection-notification-id": notification.id,
        "connection-notification-state": "Enabled",
        "connection-notification-type": "Topic",
        "service-id": notification.service_id,
        "vpc-endpoint-id": notification.endpoint_id,
    }


def modify(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """ModifyVpcEndpointConnectionNotification."""
    notification_id = call.parameter("ConnectionNotificationId")
    notification = _find(registry, call, notification_id)
    if notification is None:
        raise AwsError(*_not_found(notification_id))
    topic_arn = _topic(call.parameter("ConnectionNotificationArn", notification.topic_arn))
    events = _events(call.parameter("ConnectionEvents", notification.events))
    refuse_dry_run(call)
    notification.topic_arn, notification.events = topic_arn, events
    return {"ReturnValue": True}


def delete(registry: Registry, call: ApiCall) -> dict[str, Any]:
    """DeleteVpcEndpointConnectionNotifications."""
    refuse_dry_run(call)
    failed = []
    for notification_id in call.parameter("ConnectionNotificationIds", []):
        if _find(registry, call, notification_id) is None:
            failed.append(unsuccessful(notification_id, *_not_found(notification_id)))
        else:
            del registry.notifications[notification_id]
    return {"Unsuccessful": failed}
