"""SetAlarmState, EnableAlarmActions and DisableAlarmActions; and evaluation states, by the control API.

Control API: `POST alarms/evaluation {"account", "region", "alarm", "state": "PARTIAL_DATA" | … | null}`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..api_call import ApiCall, AwsError
from ..control_api import ControlError, ControlRequest
from . import shapes
from .registry import Registry
from .shapes import SERVICE
from .states import States

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

EVALUATION_STATES = (None, "PARTIAL_DATA", "EVALUATION_FAILURE", "EVALUATION_ERROR")


def install(hooks: Hooks, app: Emulator, registry: Registry, states: States) -> None:
    """Answer the operations and the route."""

    def set_state(call: ApiCall) -> dict[str, Any]:
        shapes.check(call)
        alarm = registry.find(call.account, call.region, call.parameters["AlarmName"])
        if alarm is None:
            raise AwsError("ResourceNotFound", "The specified alarm does not exist", 404)
        data = call.parameter("StateReasonData")
        if data and not _is_json(data):
            raise AwsError("InvalidFormat", "StateReasonData must be JSON")
        for delivery in states.set(alarm, call.parameters["StateValue"], call.parameters["StateReason"], data):
            call.after(delivery)
        return {}

    def switch(enabled: bool) -> Any:
        def answer(call: ApiCall) -> dict[str, Any]:
            shapes.check(call)
            for name in call.parameter("AlarmNames", []):
                alarm = registry.find(call.account, call.region, name)
                if alarm is not None:
                    alarm.configuration = alarm.configuration | {"ActionsEnabled": enabled}
            return {}

        return answer

    def evaluation(request: ControlRequest) -> dict[str, Any]:
        wanted = request.fields("account", "region", "alarm", "state")
        if wanted.get("state") not in EVALUATION_STATES:
            raise ControlError(f"state is one of {EVALUATION_STATES}")
        alarm = registry.find(wanted.get("account", ""), wanted.get("region", ""), wanted.get("alarm", ""))
        if alarm is None:
            raise ControlError("there is no such alarm", 404)
        alarm.evaluation_state = wanted.get("state")
        return {"alarm": alarm.arn, "state": alarm.evaluation_state}

    hooks.operation(SERVICE, "SetAlarmState", set_state)
    hooks.operation(SERVICE, "EnableAlarmActions", switch(True))
    hooks.operation(SERVICE, "DisableAlarmActions", switch(False))
    app.control("POST", "alarms/evaluation", evaluation)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
