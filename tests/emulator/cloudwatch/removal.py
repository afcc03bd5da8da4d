"""DeleteAlarms: 100 names, one composite alarm among them; wrong names don't keep the others.

An alarm that a composite alarm depends on can't be deleted, and then nothing is. AWS's refusal says so; that its documents
don't speak of suppressors, nor of a composite alarm together with its children, is taken to the careful side here: both
are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from . import shapes
from .alarm import COMPOSITE
from .registry import Registry
from .shapes import SERVICE, validation_error
from .states import States

if TYPE_CHECKING:
    from ..hooks import Hooks


def install(hooks: Hooks, registry: Registry, states: States) -> None:
    """Answer the operation."""

    def delete(call: ApiCall) -> Any:
        shapes.check(call)
        names = list(dict.fromkeys(call.parameter("AlarmNames", [])))
        found = {name: registry.find(call.account, call.region, name) for name in names}
        alarms = [alarm for alarm in found.values() if alarm is not None]
        if sum(alarm.kind == COMPOSITE for alarm in alarms) > 1:
            raise validation_error("You can delete only one composite alarm in one operation")
        needed = [alarm.name for alarm in alarms if registry.parents(alarm) or registry.suppressed_by(alarm)]
        if needed:
            which = "it" if len(needed) == 1 else "them"
            listed = ",".join(needed)
            raise validation_error(f"Cannot delete {listed} as there are composite alarm(s) depending on {which}.")
        for alarm in alarms:
            registry.remove(alarm)
            for delivery in states.configured(alarm, "delete"):
                call.after(delivery)
        missing = [name for name, alarm in found.items() if alarm is None]
        if missing:
            # What was deleted is told all the same, which an exception would prevent.
            refusal = AwsError("ResourceNotFound", f"The alarms {', '.join(missing)} do not exist", 404)
            return call.write(refusal, refusal.status)
        return {}

    hooks.operation(SERVICE, "DeleteAlarms", delete)
