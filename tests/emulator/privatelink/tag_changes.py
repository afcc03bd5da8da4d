"""`Tag Change on Resource`: EventBridge hears of changed tags of endpoints, services and VPCs.

AWS lists the event (source `aws.tag`), but not whether endpoint services are covered: setting `tag_change_events`.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from moto.ec2.models import ec2_backends
from werkzeug.wrappers import Response

from ..api_call import ApiCall
from .tags import PREFIXES, prefix_of

if TYPE_CHECKING:
    from ..server import Emulator, Proceed

DETAIL_TYPE = "Tag Change on Resource"
COVERED = ("vpc", "vpc-endpoint", "vpc-endpoint-service")
# The operations that change tags, and the parameter that names the resources, by id or ARN.
CHANGES = {
    ("ec2", "CreateTags"): "Resources",
    ("ec2", "DeleteTags"): "Resources",
    ("resourcegroupstaggingapi", "TagResources"): "ResourceARNList",
    ("resourcegroupstaggingapi", "UntagResources"): "ResourceARNList",
}


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
        ids = [name.rpartition("/")[2] for name in call.parameter(parameter, [])]
        ids = [i for i in ids if _kind_of(i) in self._app.settings["tag_change_events"]]
        tags = ec2_backends[call.account][call.region].tags
        before = {resource_id: dict(tags.get(resource_id, {})) for resource_id in ids}
        response = proceed(call)
        for resource_id, old in before.items():
            new = dict(tags.get(resource_id, {}))
            if new != old:
                self._tell(call, resource_id, old, new)
        return response

    def _tell(self, call: ApiCall, resource_id: str, old: dict[str, str], new: dict[str, str]) -> None:
        kind = _kind_of(resource_id)
        now = datetime.now(UTC)
        self._versions[resource_id] += 1
        detail = {
            "changed-tag-keys": sorted(key for key in {*old, *new} if old.get(key) != new.get(key)),
            "tags": new,
            "service": "ec2",
            "resource-type": kind,
            "version": self._versions[resource_id],
            "version-timestamp": int(now.timestamp() * 1000),
        }
        arn = f"arn:aws:ec2:{call.region}:{call.account}:{kind}/{resource_id}"
        self._app.buses.put_service_event(
            call.account, call.region, "aws.tag", DETAIL_TYPE, detail, resources=[arn], time=now
        )


def _kind_of(resource_id: str) -> str | None:
    return "vpc" if resource_id.startswith("vpc-") else PREFIXES.get(prefix_of(resource_id) or "")
