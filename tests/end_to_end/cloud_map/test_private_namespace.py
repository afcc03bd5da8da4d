"""A private DNS namespace that Drawbridge makes: Cloud Map writes to Route 53 in the name of the role, and takes it away again."""

from __future__ import annotations

from collections.abc import Callable

from deployment.developer import Developer
from deployment.discovery import Discovery
from deployment.domains import Domains
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import EndpointService

from .test_endpoints import connect

PRIVATE = "shop.internal"


def test_namespace_is_made_with_its_zone_and_goes_when_nothing_is_to_be_found(
    drawbridge: Drawbridge,
    reconfigured: Callable[..., None],
    developer: Developer,
    offered: EndpointService,
    discovery: Discovery,
    since: int,
) -> None:
    domains = Domains(drawbridge.aws, developer.account)
    reconfigured(namespace=PRIVATE, make="private-dns-namespace")
    endpoint = connect(drawbridge, developer, offered)
    drawbridge.later_until("it is found", lambda: endpoint in discovery.found(PRIVATE, "payments"))
    (zone,) = domains.zones(PRIVATE)
    assert (f"payments.{PRIVATE}", "CNAME") in domains.records(zone)

    reconfigured(namespace=PRIVATE, make="private-dns-namespace", most_removals=0)
    developer.delete_endpoints()
    drawbridge.settle()
    drawbridge.sweep()
    drawbridge.settle()
    assert endpoint in discovery.found(PRIVATE, "payments")

    reconfigured(namespace=PRIVATE, make="private-dns-namespace", endpoints="remove")
    drawbridge.sweep()
    drawbridge.later_until("the namespace is gone", lambda: discovery.namespace(PRIVATE) is None)
    assert domains.zones(PRIVATE) == []
