"""Cloud Map: namespaces with services and instances, for one account and shared; moto's completes everything at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.utils import get_service_model

from ..api_call import ApiCall
from . import demands, discovery, instances, namespaces, operations, services, sharing, tags
from .call import PREFIX
from .registry import Registry

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer Cloud Map's operations; what is none of these is refused."""
    registry = app.cloud_map = Registry(app.settings, app.zones)
    app.on_reset(registry.clear)
    # Records of instances are there as soon as somebody asks Route 53.
    app.zones.before_reads.append(registry.settle)
    for module in (namespaces, services, instances, discovery, operations, tags):
        module.install(hooks, app, registry)
    sharing.install(hooks)
    demands.install(app, registry)
    for name in get_service_model(PREFIX).operation_names:
        if hooks.find(PREFIX, name) is None:
            hooks.operation(PREFIX, name, _refuse)


def _refuse(_: ApiCall) -> None:
    raise NotImplementedError
