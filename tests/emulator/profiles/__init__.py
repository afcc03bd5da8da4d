"""Route 53 Profiles: DNS settings that one account makes and many VPCs have, also of other accounts by RAM; moto has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import demands, lifecycle, resource_associations, sharing, tags, vpc_associations
from .registry import Profiles

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer Profiles' operations."""
    profiles = Profiles(app.settings, app.zones)
    app.resolver.profiles = profiles
    app.on_reset(profiles.clear)
    for module in (lifecycle, vpc_associations, resource_associations, tags):
        module.install(hooks, app, profiles)
    sharing.install(hooks)
    demands.install(app, profiles)
