"""`Tag Change on Resource`: EventBridge hears of changed tags of endpoints, services and VPCs, and of target groups.

AWS lists the event (source `aws.tag`), but not whether endpoint services are covered: setting `tag_change_events`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from moto.ec2.models import ec2_backends
from werkzeug.wrappers import Response

from ..api_call import ApiCall
from ..elastic_load_balancing import tags as load_balancing
from .tags import PREFIXES, prefix_of

if TYPE_CHECKING:
    from ..server import Emulator, Proceed

DETAIL_TYPE = "Tag Change on Resource"
COVERED = ("vpc", "vpc-endpoint", "vpc-endpoint-service", "targetgroup")
TARGET_GROUP = re.compile(r"arn:aws:elasticloadbalancing:[^:]+:\d+:targetgroup/.+")
# The operations that change tags, and the parameter that names the resources, by id or ARN.
CHANGES = {
    ("ec2", "CreateTags"): "Resources",
    ("ec2", "DeleteTags"): "Resources",
    (load_balancing.SERVICE, "AddTags"): "ResourceArns",
    (load_balancing.SERVICE, "RemoveTags"): "ResourceArns",
    ("resourcegroupstaggingapi", "TagResources"): "ResourceARNList",
    ("resourcegroupstaggingapi", "UntagResources"): "ResourceARNList",
}


@dataclass(frozen=True)
class Tagged:
    """A resource that the event covers; `service` and `kind` as the event has them."""

    account: str
    region: str
    service: str
    kind: str
    arn: str

    def tags(self) -> dict[str, str]:
        """Its tags."""
        if self.service == "ec2":
            return dict(ec2_backends[self.account][self.region].tags.get(self.arn.rpartition("/")[2], {}))
        return load_balancing.tags_of(self.account, self.region, self.arn)


class TagChanges:
    """Watches the operations that change tags; `version` counts a resource's changes, as in AWS's event."""

    def __init__(self, app: Emulator) -> None:
        app.settings.define(
            "tag_change_events",
            list(COVERED),
            lambda value: isinstance(value, list) and set(value) <= set(COVERED),
            f"resource types whose tag changes EventBridge hears of: some of {', '.join(COVERED)}, or none",
        )
        self._app = app
        self._versions: dict[str, int] = defaultdict(int)

    def install(self) -> None:
        """Watch every call."""
        self._app.on_reset(self._versions.clear)
        self._app.around(self.watch)

    def watch(self, call: ApiCall, proceed: Proceed) -> Response:
        """Compare the tags before and after."""
        parameter = CHANGES.get((call.service, call.operation))
        if parameter is None or call.caller.kind == "Unknown":
            return proceed(call)
        named = [_named(call, name) for name in call.parameter(parameter, [])]
        covered = self._app.settings["tag_change_events"]
        before = {resource: resource.tags() for resource in named if resource.kind in covered}
        response = proceed(call)
        for resource, old in before.items():
            new = resource.tags()
            if new != old:
                self._tell(resource, old, new)
        return response

    def _tell(self, resource: Tagged, old: dict[str, str], new: dict[str, str]) -> None:
        now = datetime.now(UTC)
        self._versions[resource.arn] += 1
        detail = {
            "changed-tag-keys": sorted(key for key in {*old, *new} if old.get(key) != new.get(key)),
            "tags": new,
            "service": resource.service,
            "resource-type": resource.kind,
            "version": self._versions[resource.arn],
            "version-timestamp": int(now.timestamp() * 1000),
        }
        self._app.buses.put_service_event(
            resource.account, resource.region, "aws.tag", DETAIL_TYPE, detail, resources=[resource.arn], time=now
        )


def _named(call: ApiCall, name: str) -> Tagged:
    """What an id or an ARN names; of a kind without a name where the event covers none such."""
    if TARGET_GROUP.fullmatch(name):
        return Tagged(call.account, call.region, "elasticloadbalancing", "targetgroup", name)
    resource_id = name.rpartition("/")[2]
    kind = "vpc" if resource_id.startswith("vpc-") else PREFIXES.get(prefix_of(resource_id) or "", "")
    arn = f"arn:aws:ec2:{call.region}:{call.account}:{kind}/{resource_id}"
    return Tagged(call.account, call.region, "ec2", kind, arn)
