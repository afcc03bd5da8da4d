"""Deliveries that AWS makes by itself: events through buses and rules, messages through topics, into queues and functions.

For other extensions: `app.buses.put_service_event(...)` puts an AWS service's event on an account's default bus;
`publish_as_service(app, ...)` publishes to a topic on behalf of a service. Both obey the policies on the way; what
these forbid goes to `app.dropped`, as it would vanish on AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import bus_policies, bus_settings, buses, queue_attributes, queues, redrive, subscriptions, time_outs, topics
from .buses import Buses
from .sender import Sender
from .topics import deliver_to_topic
from .undeliverable import Undeliverable

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

__all__ = ["Buses", "Sender", "Undeliverable", "install", "publish_as_service"]


def install(hooks: Hooks, app: Emulator) -> None:
    """Take deliveries over from moto."""
    app.buses = Buses(app)
    queue_attributes.install(hooks)
    queues.install(hooks)
    redrive.install(hooks, app)
    time_outs.install(hooks, app)
    topics.install(hooks, app)
    subscriptions.install(hooks, app)
    bus_policies.install(hooks)
    bus_settings.install(hooks)
    buses.install(hooks, app)


def publish_as_service(
    app: Emulator,
    service: str,
    source_arn: str,
    source_account: str,
    topic_arn: str,
    message: str,
    subject: str | None = None,
) -> bool:
    """Publish to a topic as an AWS service does for one of its resources; False (and written down) if forbidden."""
    try:
        deliver_to_topic(Sender(service, source_arn, source_account), topic_arn, message, subject)
    except Undeliverable as failure:
        app.dropped.record(source_arn, topic_arn, str(failure), message)
        return False
    return True
