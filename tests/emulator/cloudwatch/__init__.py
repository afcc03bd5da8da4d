"""CloudWatch: metric and composite alarms with their states, actions and events, dashboards, and which metrics there are.

moto keeps the data points (GetMetricData and GetMetricStatistics stay its own) and Contributor Insights rules; alarms,
dashboards and listings are from here. No alarm is evaluated on data: states are set by SetAlarmState, for composite alarms
by their children, and for alarms on queues by the control API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    composite_alarms,
    dashboards,
    demands,
    listing,
    metric_alarms,
    metrics,
    queue_alarms,
    removal,
    setting,
    tags,
    traffic,
)
from .actions import Actions
from .links import Links
from .registry import Registry
from .sinks import Sinks
from .states import States

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer the operations, and have them judged."""
    registry = Registry(app.settings)
    app.on_reset(registry.clear)
    states = States(registry, Actions(app), app)
    links = Links()
    links.install(app)
    Sinks(links).install(hooks, app)
    metric_alarms.install(hooks, registry, states)
    composite_alarms.install(hooks, registry, states)
    listing.install(hooks, app, registry)
    removal.install(hooks, registry, states)
    setting.install(hooks, app, registry, states)
    tags.install(hooks, registry)
    dashboards.install(hooks, app)
    metrics.install(hooks, app, links)
    traffic.install(app)
    queue_alarms.install(app, registry, states)
    demands.install(app, registry)
    app.alarms = registry
