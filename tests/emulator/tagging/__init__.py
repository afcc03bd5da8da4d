"""The Resource Groups Tagging API: tags of many services by their ARNs.

moto's leaves out hosted zones, Cloud Map and listeners, shows what never had a tag, and asks nobody for permission. Here each
service's tags are reached by a `Keeper`; what has none of its own is reached by moto's way (`others`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import cloud_map, cloudwatch, ec2_resources, hosted_zones, load_balancing, others
from .former_tags import FormerTags
from .keeper import Keepers
from .reading import Reading
from .writing import Writing

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator


def install(hooks: Hooks, app: Emulator) -> None:
    """Answer GetResources, TagResources and UntagResources."""
    keepers = Keepers(
        [
            ec2_resources.Ec2Resources(),
            load_balancing.LoadBalancing(),
            hosted_zones.HostedZones(app.zones),
            cloud_map.CloudMap(app.cloud_map),
            cloudwatch.CloudWatch(app.alarms),
        ],
        others.Others(),
        app,
    )
    former = FormerTags(keepers)
    former.install(app)
    Reading(keepers, former).install(hooks, app)
    Writing(keepers, app).install(hooks, app)
