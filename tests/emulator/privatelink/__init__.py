"""AWS PrivateLink: endpoint services, interface endpoints, connections, permissions, notifications and tags.

moto has services that anyone may use, endpoints that are available at once, and no connections. This package answers
all of EC2's VpcEndpoint operations itself and keeps the state of all accounts in one registry, as a connection is seen
from two accounts. Gateway endpoints stay moto's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    connections,
    discovery,
    dns_demands,
    endpoints,
    histories,
    interfaces,
    load_balancers,
    modification,
    notifications,
    permissions,
    private_dns,
    services,
    stacks,
    tag_writes,
    tags,
    vpcs,
)
from .endpoint_dns import EndpointDns
from .registry import Registry
from .tag_changes import TagChanges

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer PrivateLink's operations."""
    registry = Registry(app.settings)
    app.private_link = registry
    registry.zones, registry.resolver = app.zones, app.resolver
    app.zones.endpoints = EndpointDns(registry)
    app.on_reset(registry.clear)
    notifications.Notifications(registry, app).install(hooks)
    for module in (
        services,
        permissions,
        private_dns,
        endpoints,
        modification,
        connections,
        discovery,
        interfaces,
        tags,
        tag_writes,
        histories,
    ):
        module.install(hooks, app, registry)
    dns_demands.install(app)
    vpcs.install(hooks, registry)
    load_balancers.install(hooks, registry)
    stacks.install(hooks, registry)
    TagChanges(app).install()
