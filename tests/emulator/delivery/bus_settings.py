"""UpdateEventBus, which moto lacks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from moto.events.models import events_backends

from ..api_call import ApiCall

if TYPE_CHECKING:
    from ..hooks import Hooks


def install(hooks: Hooks) -> None:
    """Answer it."""
    hooks.operation("events", "UpdateEventBus", _update_event_bus)


def _update_event_bus(call: ApiCall) -> dict[str, Any]:
    """What isn't named goes back to nothing, as at AWS."""
    bus = events_backends[call.account][call.region].describe_event_bus(call.parameter("Name", "default"))
    bus.description = call.parameter("Description")
    bus.kms_key_identifier = call.parameter("KmsKeyIdentifier")
    bus.dead_letter_config = call.parameter("DeadLetterConfig")
    bus.last_modified_time = time.time()
    shown = {
        "Arn": bus.arn,
        "Name": bus.name,
        "Description": bus.description,
        "KmsKeyIdentifier": bus.kms_key_identifier,
        "DeadLetterConfig": bus.dead_letter_config,
    }
    return {name: value for name, value in shown.items() if value is not None}
